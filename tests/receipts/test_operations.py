"""Numbers without a gap, whoever asks at once and whatever breaks off; one receipt valid at a time; one mail each."""

from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

from sqlalchemy import select

from campaigns.outbox.models import OutboxItem
from campaigns.receipts import checks, operations, queries
from campaigns.receipts.models import Receipt, ReceiptSeries
from campaigns.receipts.operations import Change, Mails
from campaigns.receipts.rules import VoidReason
from tests.make import World, at_once
from tests.receipts.make import KIND, content, keep, keep_in, usd

MAILS = Mails("test.first_mail", "test.corrected_mail", "test.void_mail")


class BrokenOff(Exception):
    """Somebody's unit of work failed after the number was taken."""


def numbers(world: World) -> list[int]:
    with world.reading() as session:
        return list(session.scalars(select(Receipt.number).order_by(Receipt.number)))


def assert_sound(world: World) -> None:
    with world.reading() as session:
        assert checks.verify(session) == []


def test_the_first_receipt_of_a_year_has_number_one_and_the_next_follows(world: World) -> None:
    for _ in range(3):
        keep(world, 3000)
    assert numbers(world) == [1, 2, 3]
    assert_sound(world)


def test_each_year_of_the_books_has_numbers_of_its_own(world: World) -> None:
    for year in (2026, 2027, 2026):
        keep(world, 3000, given_on=content().given_on.replace(year=year))
    with world.reading() as session:
        found = session.execute(select(Receipt.series, Receipt.number).order_by(Receipt.series, Receipt.number)).all()
        assert [tuple(row) for row in found] == [("2026", 1), ("2026", 2), ("2027", 1)]
        assert {row.name: row.next_number for row in session.scalars(select(ReceiptSeries))} == {"2026": 3, "2027": 2}


def test_the_same_again_issues_nothing(world: World) -> None:
    subject = uuid4()
    assert keep(world, 3000, subject).is_first
    assert [keep(world, 3000, subject) for _ in range(3)] == [Change()] * 3
    assert numbers(world) == [1]


def test_a_refund_in_part_voids_and_issues_a_new_number(world: World) -> None:
    subject = uuid4()
    first, change = keep(world, 3000, subject), keep(world, 1000, subject)
    with world.reading() as session:
        old, new = queries.of_subject(session, KIND, subject)
    assert (old.id, old.void_reason, old.successor) == (first.issued, VoidReason.REFUNDED, "2026-00002")
    assert (new.id, new.is_valid, new.amount, new.shown) == (change.issued, True, usd(1000), "2026-00002")
    assert (change.voided, change.is_first) == (first.issued, False)


def test_a_refund_of_all_voids_and_a_refund_that_fails_issues_a_new_number(world: World) -> None:
    subject = uuid4()
    keep(world, 3000, subject)
    gone, back = keep(world, 0, subject), keep(world, 3000, subject)
    assert (gone.issued, back.voided, back.is_first) == (None, None, False)
    with world.reading() as session:
        old, new = queries.of_subject(session, KIND, subject)
    assert (old.is_valid, old.successor, new.amount, new.is_valid) == (False, new.shown, usd(3000), True)
    assert_sound(world)


def _breaks_off(world: World) -> None:
    try:
        with world.work() as session:
            keep_in(session, world, 3000)
            raise BrokenOff
    except BrokenOff:
        return


def test_many_at_once_and_some_that_break_off_leave_no_gap(world: World) -> None:
    """Eight threads, each of which issues, breaks off, and voids in turn."""

    def deeds(subject: UUID) -> None:
        for kept in (3000, 2000, 0, 1500):
            keep(world, kept, subject)
            _breaks_off(world)

    calls: list[Callable[[], None]] = [partial(deeds, uuid4()) for _ in range(8)]
    at_once(calls)
    assert numbers(world) == list(range(1, 25))
    assert_sound(world)


def test_many_at_once_about_one_subject_issue_one_receipt(world: World) -> None:
    subject = uuid4()
    changes = at_once([partial(keep, world, 3000, subject) for _ in range(8)])
    assert sum(change.issued is not None for change in changes) == 1
    assert numbers(world) == [1]


def test_a_unit_of_work_that_breaks_off_uses_no_number_up(world: World) -> None:
    _breaks_off(world)
    keep(world, 3000)
    assert numbers(world) == [1]


def mails(world: World) -> list[tuple[str, str]]:
    with world.reading() as session:
        rows = session.execute(select(OutboxItem.kind, OutboxItem.subject).order_by(OutboxItem.id)).all()
    return [(row.kind, row.subject) for row in rows if row.kind.startswith("test.")]


def test_one_mail_is_queued_for_each_receipt_and_one_where_none_is_left(world: World) -> None:
    subject = uuid4()
    for kept in (3000, 3000, 1000, 0, 0, 3000):
        with world.work() as session:
            change = keep_in(session, world, kept, subject)
            operations.queue_mail(
                session, change, content(kept), MAILS, {}, happened_at=world.clock(), now=world.clock()
            )
            operations.queue_mail(
                session, change, content(kept), MAILS, {}, happened_at=world.clock(), now=world.clock()
            )
        world.clock.move(seconds=1)
    kinds = [kind for kind, _ in mails(world)]
    assert kinds == [MAILS.first, MAILS.corrected, MAILS.void, MAILS.corrected]
    assert len(set(mails(world))) == 4


def test_whoever_was_erased_meanwhile_has_a_receipt_and_no_mail(world: World) -> None:
    with world.work() as session:
        change = keep_in(session, world, 3000, email="")
        operations.queue_mail(
            session, change, content(email=""), MAILS, {}, happened_at=world.clock(), now=world.clock()
        )
    assert (numbers(world), mails(world)) == ([1], [])


def test_what_the_law_no_longer_keeps_is_emptied_and_the_number_stays(world: World) -> None:
    subject = uuid4()
    keep(world, 3000, subject)
    with world.work() as session:
        operations.empty(session, KIND, [subject])
        operations.empty(session, KIND, [subject])
    with world.reading() as session:
        (left,) = queries.of_subject(session, KIND, subject)
    assert (left.content, left.shown, left.amount) == (None, "2026-00001", usd(3000))
    assert_sound(world)
