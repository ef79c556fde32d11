"""A gift's receipt follows the journal, whatever moved the money and however often it is told."""

from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import delete, select, text

from campaigns.donations import erasing, receipting
from campaigns.donations import queries as gifts
from campaigns.donations.erasing import RECEIPT_KEPT
from campaigns.donations.models import Donation
from campaigns.donations.rules import KIND
from campaigns.kernel.money import Money
from campaigns.kernel.ports import BalanceMovement
from campaigns.ledger import operations as ledger
from campaigns.ledger import rules as ledger_rules
from campaigns.outbox.models import OutboxItem
from campaigns.receipts import queries
from campaigns.receipts.queries import ReceiptFacts
from campaigns.receipts.rules import Issuer, VoidReason
from tests.donations.make import GIVEN, MARIA, Story
from tests.make import World, appeal, at_once, fund
from tests.receipts.test_checks import tamper

ISSUER = Issuer("Hub Workers e. V.", "hub@example.org", "UTC")


def receipts(story: Story) -> list[ReceiptFacts]:
    with story.world.reading() as session:
        ids = session.scalars(select(Donation.id).order_by(Donation.created_at)).all()
        return [receipt for each in ids for receipt in queries.of_subject(session, KIND, each)]


def given(story: Story, **typed: str) -> str:
    session_id = story.world.give(**typed)
    story.world.pay(session_id)
    return session_id


def test_a_paid_gift_has_a_receipt_with_all_that_was_read_when_it_was_given(short_story: Story) -> None:
    given(short_story, name="Maria Ortiz", show_name="y")
    (receipt,) = receipts(short_story)
    assert (receipt.shown, receipt.amount, receipt.is_valid) == ("2026-00001", GIVEN, True)
    said = receipt.content
    assert said is not None
    assert (said.issuer, said.contact, said.email, said.name) == (
        "Hub Workers e. V.", "hub@example.org", MARIA, "Maria Ortiz",
    )  # fmt: skip
    (line,) = said.lines
    assert (line.fund, line.purpose, line.beyond, line.recipient, line.amount) == (
        fund().name, fund().purpose, fund().beyond, fund().recipient, GIVEN,
    )  # fmt: skip
    (mail,) = short_story.world.mailer.to(MARIA)
    assert "2026-00001" in mail.text
    assert mail.attachments[0].name == "receipt-2026-00001.pdf"
    assert b"2026-00001" in mail.attachments[0].data


def test_what_a_receipt_says_stays_when_the_fund_is_told_anew(short_story: Story) -> None:
    session_id = given(short_story)
    short_story.change(appeal(fund=fund(name="Another name", purpose="Something else.")))
    short_story.world.checkout.refund(session_id, 1000)
    short_story.completed(session_id, "evt_refund")
    contents = [receipt.content for receipt in receipts(short_story)]
    assert [content and content.lines[0].purpose for content in contents] == [fund().purpose] * 2
    assert next(content.lines[0].fund for content in contents if content) == fund().name


def test_a_gift_that_is_not_paid_has_no_receipt(short_story: Story) -> None:
    session_id = short_story.world.give()
    short_story.world.checkout.expire(session_id)
    short_story.completed(session_id)
    assert receipts(short_story) == []


def test_the_same_told_often_and_in_any_order_gives_one_receipt(story: Story) -> None:
    session_id = given(story)
    for number in range(3):
        story.completed(session_id, f"evt_again_{number}")
    assert [receipt.shown for receipt in receipts(story)] == ["2026-00001"]
    assert story.receipts() == 1


def test_a_refund_in_part_replaces_the_receipt_and_a_whole_one_voids_it(story: Story) -> None:
    session_id = given(story)
    for minor in (1000, 2000):
        story.world.checkout.refund(session_id, minor)
        story.completed(session_id, f"evt_{minor}")
    first, second = receipts(story)
    assert (first.void_reason, first.successor) == (VoidReason.REFUNDED, "2026-00002")
    assert (second.amount, second.void_reason, second.successor) == (Money(2000, "USD"), VoidReason.REFUNDED, "")
    subjects = [mail.subject for mail in story.world.mailer.to(MARIA)]
    assert subjects == [
        "Thank you: receipt for $30.00", "Your corrected receipt: $20.00", "Receipt 2026-00002 is void",
    ]  # fmt: skip


def moved(story: Story, kind: str, minor: int) -> None:
    """Book a movement of the one gift's money straight into the journal, as the books' own flows do."""
    nothing, gross = Money(0, "USD"), Money(minor, "USD")
    with story.world.work() as session:
        now = story.world.clock.move(seconds=1)
        donation_id = session.scalars(select(Donation.id)).one()
        held = gifts.still_held(session, donation_id)
        shares = held if any(line.amount for line in held) else [
            line._replace(amount=Money(1, "USD")) for line in held
        ]  # fmt: skip
        draft = ledger_rules.disputed if kind == "disputed" else ledger_rules.refunded
        movement = BalanceMovement(f"txn_{now.timestamp()}", kind, gross, nothing, gross, now)
        ledger.post(session, draft(movement, shares), now)
        receipting.GIFTS.keep_receipt(session, donation_id, ISSUER, now)
    story.world.run_worker()


def test_a_dispute_voids_and_winning_it_issues_a_new_number(story: Story) -> None:
    given(story)
    moved(story, "disputed", -3000)
    moved(story, "disputed", 3000)
    first, second = receipts(story)
    assert (first.void_reason, first.successor) == (VoidReason.DISPUTED, second.shown)
    assert (second.amount, second.is_valid) == (GIVEN, True)
    assert [mail.subject for mail in story.world.mailer.to(MARIA)][1:] == [
        "Receipt 2026-00001 is void", "Your corrected receipt: $30.00",
    ]  # fmt: skip


def test_a_refund_that_fails_replaces_the_smaller_receipt(short_story: Story) -> None:
    given(short_story)
    moved(short_story, "refunded", -1000)
    moved(short_story, "refunded", 1000)
    assert [(each.amount.minor, each.void_reason) for each in receipts(short_story)] == [
        (3000, VoidReason.REFUNDED), (2000, VoidReason.RESTORED), (3000, None),
    ]  # fmt: skip


def test_a_dispute_of_more_than_was_given_leaves_no_receipt(short_story: Story) -> None:
    given(short_story)
    moved(short_story, "disputed", -3100)
    (only,) = receipts(short_story)
    assert only.void_reason is VoidReason.DISPUTED


@pytest.mark.parametrize(("zone", "series"), [("Asia/Tokyo", "2027"), ("America/New_York", "2026")])
def test_the_year_of_the_number_is_that_of_the_books(sqlite_world: World, zone: str, series: str) -> None:
    sqlite_world.clock.now = datetime(2026, 12, 31, 20, tzinfo=UTC)
    sqlite_world.publish(appeal())
    story = Story(sqlite_world)
    sqlite_world.checkout.pay(session_id := sqlite_world.give())
    payments = sqlite_world.app.extensions["undersigned.payments"]
    handler = payments.handlers[KIND]
    object.__setattr__(handler, "issuer", Issuer("Hub Workers e. V.", "hub@example.org", zone))
    story.completed(session_id)
    (receipt,) = receipts(story)
    assert receipt.series == series


def test_a_gift_of_before_receipts_had_numbers_is_numbered_later_and_not_mailed_twice(story: Story) -> None:
    given(story)
    given(story, preset="50")
    old, new = (row["id"] for row in story.rows("SELECT id FROM donation ORDER BY created_at, id"))
    tamper(story.world, "DELETE FROM receipt_print", "DELETE FROM receipt", "DELETE FROM receipt_series")
    with story.world.work() as session:
        session.execute(delete(OutboxItem).where(OutboxItem.kind == receipting.RECEIPT_MAIL))
        first = session.scalars(select(Donation).order_by(Donation.created_at, Donation.id)).first()
        assert first is not None
        values = {"kind": receipting.RECEIPT_MAIL, "subject": str(first.id), "state": "done", "attempts": 1}
        session.add(OutboxItem(id=first.id, created_at=first.created_at, **values))
    assert old != new
    story.world.mailer.sent.clear()
    for _ in range(2):
        with story.world.work() as session:
            receipting.GIFTS.catch_up(session, story.world.clock(), 10, issuer=ISSUER)
    story.world.run_worker()
    assert len(receipts(story)) == 2
    assert [mail.subject for mail in story.world.mailer.to(MARIA)] == ["Thank you: receipt for $50.00"]


def test_what_a_receipt_says_is_emptied_with_the_gift_after_ten_years(story: Story) -> None:
    given(story)
    with story.world.work() as session:
        erasing.empty_old(session, story.world.clock() + RECEIPT_KEPT, 10)
    (left,) = receipts(story)
    assert (left.content, left.shown, left.amount) == (None, "2026-00001", GIVEN)


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        (["UPDATE receipt SET amount_minor = 2999"], "30.00 USD is kept, its valid receipt states 29.99 USD"),
        (["UPDATE receipt SET currency = 'EUR'"], "its valid receipt states 30.00 EUR"),
        (["DELETE FROM receipt_print", "DELETE FROM receipt"], "its valid receipt is missing"),
        (
            ["UPDATE receipt SET voided_at = issued_at, void_reason = 'refunded'"],
            "30.00 USD is kept, its valid receipt is missing",
        ),
        (["UPDATE receipt SET subject_id = id"], "no gift that was paid stands behind it"),
    ],
)
def test_a_receipt_that_does_not_fit_its_gift_is_found(world: World, statements: list[str], sentence: str) -> None:
    world.publish(appeal())
    world.pay(world.give())
    tamper(world, *statements)
    with world.reading() as session:
        assert any(sentence in str(finding) for finding in receipting.GIFTS.verify(session))
    result = world.app.test_cli_runner().invoke(args=["ledger", "verify"])
    assert (result.exit_code, sentence in result.output) == (1, True)


def test_receipts_and_journal_are_locked_in_one_order(world: World) -> None:
    """Gifts and refunds at once on both databases: nobody waits for ever, and every number is used."""
    world.publish(appeal())
    sessions = [world.give(email=f"giver{number}@example.org") for number in range(6)]
    for session_id in sessions:
        world.checkout.pay(session_id)
        world.checkout.refund(session_id, 500)
    payments = world.app.extensions["undersigned.payments"]
    at_once([partial(payments.sync, each) for each in sessions * 2])
    with world.engine.connect() as connection:
        numbers = list(connection.execute(text("SELECT number FROM receipt ORDER BY number")).scalars())
    assert numbers == list(range(1, 13))
    Story(world).prove()
