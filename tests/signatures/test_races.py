"""Many people in the same moment, and many clicks on the same button."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from campaigns.outbox.models import OutboxItem
from campaigns.signatures import checks, operations, queries
from campaigns.signatures.models import CountChange, Signature
from campaigns.signatures.rules import MAILS_A_DAY, State
from tests.make import SIGN, World, at_once

MARIA = SIGN["email"]
# A race that SQLite cannot run: it has one writer at a time.
on_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


def rows(world: World) -> list[Signature]:
    with world.reading() as session:
        return list(session.scalars(select(Signature)))


def total(world: World) -> int:
    world.run_worker()
    with world.reading() as session:
        counted = queries.count_of(session, world.campaign().id)
        assert counted == queries.recount(session, world.campaign().id)
    return counted.total


def link(world: World, email: str = MARIA) -> str:
    world.run_worker()
    return world.mailer.link(email, "/confirm/")


def test_fifty_clicks_on_one_link_have_one_effect(world: World) -> None:
    world.publish()
    world.sign(visibility="public")
    address = link(world)
    answers = at_once([lambda: world.client.post(address)] * 50)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    with world.reading() as session:
        assert session.scalar(select(func.count()).select_from(CountChange)) == 1
    assert total(world) == 1


def test_thirty_people_sign_in_the_same_moment(world: World) -> None:
    world.publish()
    emails = [f"person{number}@example.org" for number in range(30)]
    answers = at_once([_signing(world, email) for email in emails])
    assert set(answers) == {200}
    assert len(rows(world)) == 30
    world.run_worker()
    assert sorted(message.to for message in world.mailer.sent) == sorted(emails)
    at_once([_confirming(world, email) for email in emails])
    assert total(world) == 30


def _signing(world: World, email: str) -> Callable[[], int]:
    return lambda: world.sign(email=email).status_code


def _confirming(world: World, email: str) -> Callable[[], int]:
    return lambda: world.client.post(world.mailer.link(email, "/confirm/")).status_code


def test_one_address_typed_many_times_at_once_makes_one_row_with_one_working_link(world: World) -> None:
    world.publish()
    spellings = ["maria@gmail.com", "m.aria@gmail.com", "maria+a@googlemail.com", "MARIA@gmail.com"] * 3
    assert set(at_once([_signing(world, email) for email in spellings])) == {200}
    assert len(rows(world)) == 1
    world.run_worker()
    links = [message.text.split("/confirm/")[1].split()[0] for message in world.mailer.sent]
    assert len(links) == MAILS_A_DAY < len(spellings)
    works = [world.client.get(f"/confirm/{secret}").status_code for secret in links]
    assert sorted(works) == [200, *[404] * (MAILS_A_DAY - 1)]


def test_signing_again_while_confirming_never_undoes_the_confirmation(world: World) -> None:
    world.publish()
    world.sign()
    address = link(world)
    calls = [lambda: world.client.post(address).status_code, *[_signing(world, MARIA)] * 5]
    confirmed, *_signed = at_once(calls)
    (row,) = rows(world)
    assert (confirmed == 200) is (row.state == State.CONFIRMED)
    assert total(world) == (1 if confirmed == 200 else 0)


@on_postgresql
def test_a_link_never_confirms_what_somebody_typed_over_it_meanwhile(world: World) -> None:
    """The mailbox's owner saw one name; between reading and writing, another was put in its place."""
    world.publish()
    world.sign(name="Maria Ortiz", visibility="counted")
    secret = link(world).rpartition("/")[2]
    new = {"name": "An Impostor", "visibility": "public", "token_digest": b"another"}

    typed = threading.Event()

    def confirm() -> str:
        assert typed.wait(30)
        try:
            with world.work() as session:
                operations.confirm(session, secret, now=world.clock())
        except operations.LinkGone:
            return "gone"
        return "confirmed"

    def type_over() -> str:
        with world.work() as session:
            session.execute(update(Signature).values(**new))
            session.flush()
            typed.set()
            until_somebody_waits(world)
        return "typed over"

    assert at_once([type_over, confirm]) == ["typed over", "gone"]
    (row,) = rows(world)
    assert row.state == State.PENDING
    assert total(world) == 0


@on_postgresql
def test_who_confirms_while_newcomers_are_judged_is_judged_once_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.publish()
    world.sign()
    address = link(world)
    with world.work() as session:
        session.execute(update(Signature).values(judged_at=None))
    look = checks._crowds

    def confirmed_meanwhile(*read: Any) -> Any:
        assert world.client.post(address).status_code == 200
        return look(*read)

    monkeypatch.setattr(checks, "_crowds", confirmed_meanwhile)
    with world.work() as session:
        assert checks.judge(session, world.clock()) == 1
    (row,) = rows(world)
    assert (row.state, row.judged_at) == (State.CONFIRMED, None)


def until_somebody_waits(world: World) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with world.engine.connect() as connection:
        for _ in range(100_000):
            if connection.execute(waiting).scalar():
                return
            connection.rollback()
    raise AssertionError("nobody waits for the row")


def test_many_mails_are_queued_once_each(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    assert set(at_once([_signing(world, MARIA)] * 8)) == {200}
    with world.reading() as session:
        told = session.scalars(select(OutboxItem).where(OutboxItem.kind == operations.ALREADY_MAIL)).all()
    assert len(told) == 1
