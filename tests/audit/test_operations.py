"""The audit trail stands or falls with the act it tells of."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from campaigns.audit import operations
from tests.make import World, appeal


def records(world: World) -> list[Any]:
    with world.engine.connect() as connection:
        return list(connection.execute(text("SELECT * FROM audit_record ORDER BY at")).mappings())


def test_a_record_says_who_did_what_to_which_subject_and_when(world: World) -> None:
    with world.work() as session:
        operations.record(
            session, "desk:7", "fund.closed", "fund-1", now=world.clock(), reason="full", gifts=3, final=True
        )
    (record,) = records(world)
    assert (record["actor"], record["act"], record["subject"]) == ("desk:7", "fund.closed", "fund-1")
    facts = record["facts"] if isinstance(record["facts"], dict) else json.loads(record["facts"])
    assert facts == {"reason": "full", "gifts": 3, "final": True}
    assert str(record["at"]).startswith("2026-05-04 15:00:00")


def test_an_act_that_fails_leaves_no_record(world: World) -> None:
    def act() -> None:
        with world.work() as session:
            operations.record(session, "system", "tried", "1", now=world.clock())
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert records(world) == []


def test_making_and_publishing_a_campaign_is_told_in_that_order(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    assert [record["act"] for record in records(sqlite_world)] == ["campaign.created", "campaign.published"]
    assert {record["actor"] for record in records(sqlite_world)} == {"test"}


def test_what_supporters_do_leaves_nobodys_data_in_the_trail(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.sign_and_confirm()
    sqlite_world.pay(sqlite_world.give(name="Maria Ortiz"))
    assert "maria" not in str([dict(record) for record in records(sqlite_world)]).lower()
