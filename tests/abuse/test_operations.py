"""Networks that are vouched for, pressure and proofs."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns.abuse import operations, queries
from campaigns.abuse.models import SharedNetwork
from campaigns.abuse.operations import AlreadyShared, NoNetwork, NoSuchNetwork
from campaigns.abuse.rules import PRESSURE_LASTS, PRESSURE_RATE
from campaigns.audit.models import AuditRecord
from campaigns.kernel.ids import row_id
from tests.make import World


def vouch(world: World, address: str, label: str = "The plant's Wi-Fi") -> None:
    with world.work() as session:
        operations.vouch(session, address, label, actor="organizer", now=world.clock())


def test_a_network_is_kept_by_its_key_and_its_label_alone(world: World) -> None:
    vouch(world, "203.0.113.7")
    with world.engine.connect() as connection:
        raw = repr(connection.exec_driver_sql("SELECT * FROM shared_network").all())
    assert "203.0" not in raw
    with world.reading() as session:
        assert [network.label for network in queries.shared_networks(session)] == ["The plant's Wi-Fi"]
        assert "203.0" not in repr([record.facts for record in session.scalars(select(AuditRecord))])


def test_the_same_network_stands_there_once(world: World) -> None:
    vouch(world, "2001:db8::1")
    with pytest.raises(AlreadyShared):
        vouch(world, "2001:db8::2")


@pytest.mark.parametrize("address", ["", "the plant", "127.0.0.1", "192.168.0.1", "203.0.113.0/24"])
def test_what_is_no_visitors_address_is_refused(sqlite_world: World, address: str) -> None:
    with pytest.raises(NoNetwork):
        vouch(sqlite_world, address)


def test_a_network_is_taken_off_again(world: World) -> None:
    vouch(world, "203.0.113.7")
    with world.work() as session:
        network_id = session.scalars(select(SharedNetwork.id)).one()
        operations.stop_vouching(session, network_id, actor="organizer", now=world.clock())
    with world.work() as session:
        assert queries.shared_keys(session) == []
        with pytest.raises(NoSuchNetwork):
            operations.stop_vouching(session, row_id(world.clock()), actor="organizer", now=world.clock())


def rate(world: World, number: int) -> bool:
    with world.work() as session:
        operations.note_rates(session, {"a": number}, now=world.clock())
    with world.reading() as session:
        return queries.is_under_pressure(session, "a", world.clock())


def test_pressure_begins_with_the_rate_and_ends_by_itself(world: World) -> None:
    assert not rate(world, PRESSURE_RATE)
    assert rate(world, PRESSURE_RATE + 1)
    world.clock.move(seconds=PRESSURE_LASTS.seconds - 1)
    assert rate(world, PRESSURE_RATE + 1)
    world.clock.move(seconds=PRESSURE_LASTS.seconds - 1)
    assert rate(world, 0)
    world.clock.move(seconds=1)
    assert not rate(world, 0)
    assert rate(world, PRESSURE_RATE + 1)
    with world.reading() as session:
        acts = list(session.scalars(select(AuditRecord.act)))
        assert not queries.is_under_pressure(session, "b", world.clock())
    assert acts == ["pressure.began", "pressure.began"]


def test_a_proof_is_used_up_once_and_forgotten_when_its_time_is_over(world: World) -> None:
    with world.work() as session:
        spent = [operations.spend(session, proof, now=world.clock()) for proof in (b"one", b"one", b"two")]
        operations.forget_proofs(session, now=world.clock())
        assert not operations.spend(session, b"two", now=world.clock())
        operations.forget_proofs(session, now=world.clock() + operations.PROOFS_KEPT + timedelta(seconds=1))
        assert operations.spend(session, b"two", now=world.clock())
    assert spent == [True, False, True]
