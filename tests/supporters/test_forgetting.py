"""What is forgotten by itself, and what is told of an erasure."""

from sqlalchemy import select, update

from campaigns.audit.models import AuditRecord
from campaigns.donations.models import Donation
from campaigns.kernel.ports import MailNotAccepted
from campaigns.mailboxes.models import MailboxLink
from campaigns.outbox.models import OutboxItem
from campaigns.payments.models import PaymentEvent
from tests.make import World, appeal
from tests.supporters.pages import OwnPage


def test_promises_that_were_never_paid_are_emptied_after_thirty_days(world: World) -> None:
    world.publish(appeal())
    world.give(email="never@example.org", name="Never Paid")
    world.pay(world.give(email="paid@example.org", name="Did Pay"))
    world.clock.move(days=29)
    world.run_worker()
    assert _givers(world) == {"Never Paid", "Did Pay"}
    world.clock.move(days=2)
    world.run_worker()
    assert _givers(world) == {None, "Did Pay"}
    with world.reading() as session:
        assert set(session.scalars(select(PaymentEvent.body))) == {""}
    world.clock.move(days=3650)
    world.run_worker()
    assert _givers(world) == {None}


def _givers(world: World) -> set[str | None]:
    with world.reading() as session:
        return set(session.scalars(select(Donation.name)))


def test_mails_that_were_given_up_are_emptied_after_thirty_days(world: World) -> None:
    world.publish()
    world.mailer.refusing = MailNotAccepted("no such mailbox", final=True)
    world.sign()
    world.run_worker()
    assert "maria@example.org" in _payloads(world)
    world.clock.move(days=31)
    world.run_worker()
    with world.reading() as session:
        states = session.execute(
            select(OutboxItem.state, OutboxItem.payload).where(OutboxItem.kind.like("sign%"))
        ).all()
    assert ("failed", None) in [tuple(row) for row in states]
    assert "maria@example.org" not in _payloads(world)


def _payloads(world: World) -> str:
    with world.reading() as session:
        return repr(session.scalars(select(OutboxItem.payload)).all())


def test_gifts_of_before_are_found_by_their_address_once_a_job_has_run(world: World) -> None:
    world.publish(appeal())
    world.pay(world.give())
    with world.work() as session:
        session.execute(update(Donation).values(email_hash=None))
    world.clock.move(days=1)
    world.run_worker()
    assert "$30" in OwnPage.asked(world).see().text


def test_chunks_that_no_list_has_wanted_for_a_week_are_forgotten(sqlite_world: World) -> None:
    sqlite_world.clock.move(hours=6)
    sqlite_world.run_worker()
    (before,) = sqlite_world.printer.forgotten
    assert before is not None
    assert (sqlite_world.clock() - before).days == 7


def test_an_erasure_is_noted_without_saying_whose(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    OwnPage.asked(world).post("erase")
    with world.reading() as session:
        record = session.scalars(select(AuditRecord).where(AuditRecord.act == "supporter.erased")).one()
        assert session.scalars(select(MailboxLink)).all() == []
    assert (record.subject, record.facts) == ("", {"signatures": 1, "gifts_kept": 0})
