"""The receipt of a month of dues follows the journal, whatever moved the money and however often it is told."""

from typing import Any

import pytest
from sqlalchemy import delete, select

from campaigns.kernel.money import Money
from campaigns.membership import erasing, receipting
from campaigns.membership.models import Dues, MembershipTier
from campaigns.membership.rules import RECEIPT_KEPT
from campaigns.outbox.models import OutboxItem
from campaigns.receipts.rules import Issuer, VoidReason
from tests.make import World
from tests.membership.make import LEE, Union, make_tier
from tests.receipts.test_checks import tamper

ISSUER = Issuer("Hub Workers e. V.", "hub@example.org", "UTC")
FIFTEEN = Money(1500, "USD")


def joined(union: Union) -> str:
    """Somebody joins and pays a month; return its invoice's id."""
    return union.month(union.join(make_tier(union.world)))


def told(union: Union, invoice_id: str) -> None:
    union.world.clock.move(seconds=1)
    union.tell("invoice", invoice_id)


def test_a_paid_month_has_a_receipt_that_says_it_is_dues_and_for_what(short_union: Union) -> None:
    joined(short_union)
    (receipt,) = short_union.issued()
    assert (receipt.shown, receipt.amount, receipt.is_valid) == ("2026-00001", FIFTEEN, True)
    said = receipt.content
    assert said is not None
    assert (said.tier, said.email, said.name, said.given) == ("Standard", LEE, "Lee Park", FIFTEEN)
    (line,) = said.lines
    assert (line.purpose, line.recipient, line.amount) == (
        "Costs that no other fund bears, card fees first.", "Hub Workers", FIFTEEN,
    )  # fmt: skip


def test_its_mail_has_number_file_and_the_links_of_the_month_and_of_the_own_page(short_union: Union) -> None:
    joined(short_union)
    (mail,) = short_union.world.mailer.to(LEE)
    for words in ("Welcome to Hub Workers e. V.", "dues of $15.00 (Standard)", "receipt no. 2026-00001", "attached"):
        assert words in mail.text, words
    assert "gift" not in mail.text
    (file,) = mail.attachments
    assert file.name == "receipt-2026-00001.pdf"
    for said in (b"2026-00001", b"Membership dues", b"Standard", b"$15.00"):
        assert said in file.data
    assert short_union.world.client.get(short_union.manage(LEE)).status_code == 200
    assert short_union.world.client.get(short_union.world.mailer.link(LEE, "/my/")).status_code == 200


def test_each_month_has_a_number_of_its_own_in_the_one_series_with_gifts(union: Union) -> None:
    subscription_id = union.join(make_tier(union.world))
    union.world.pay(union.world.give())
    union.renew(subscription_id)
    assert [receipt.shown for receipt in union.issued()] == ["2026-00001", "2026-00003"]


def test_the_same_month_told_often_has_one_receipt_and_one_mail(union: Union) -> None:
    invoice_id = joined(union)
    for _ in range(3):
        told(union, invoice_id)
    assert [receipt.shown for receipt in union.issued()] == ["2026-00001"]
    assert len(union.world.mailer.to(LEE)) == 1


# What moves, and the receipts after it: each with what it states and why it is void.
MOVED: dict[str, tuple[list[tuple[str, int]], list[tuple[int, VoidReason | None]], list[str]]] = {
    "given back in part": (
        [("refund", 500)],
        [(1500, VoidReason.REFUNDED), (1000, None)],
        ["Your dues: corrected receipt for $10.00"],
    ),
    "given back": ([("refund", 1500)], [(1500, VoidReason.REFUNDED)], ["Receipt 2026-00001 is void"]),
    "given back in two parts": (
        [("refund", 500), ("refund", 1000)],
        [(1500, VoidReason.REFUNDED), (1000, VoidReason.REFUNDED)],
        ["Your dues: corrected receipt for $10.00", "Receipt 2026-00002 is void"],
    ),
    "given back in vain": (
        [("refund", 500), ("fail_refund", 0)],
        [(1500, VoidReason.REFUNDED), (1000, VoidReason.RESTORED), (1500, None)],
        ["Your dues: corrected receipt for $10.00", "Your dues: corrected receipt for $15.00"],
    ),
    "disputed": ([("dispute", 1500)], [(1500, VoidReason.DISPUTED)], ["Receipt 2026-00001 is void"]),
    "disputed and won": (
        [("dispute", 1500), ("win_dispute", 0)],
        [(1500, VoidReason.DISPUTED), (1500, None)],
        ["Receipt 2026-00001 is void", "Your dues: corrected receipt for $15.00"],
    ),
    "given back in part, and the rest disputed": (
        [("refund", 500), ("dispute", 1000)],
        [(1500, VoidReason.REFUNDED), (1000, VoidReason.DISPUTED)],
        ["Your dues: corrected receipt for $10.00", "Receipt 2026-00002 is void"],
    ),
    "disputed for more than it was": (
        [("dispute", 1600)],
        [(1500, VoidReason.DISPUTED)],
        ["Receipt 2026-00001 is void"],
    ),
}


@pytest.mark.parametrize(("moves", "issued", "subjects"), MOVED.values(), ids=MOVED)
def test_the_receipt_states_what_is_kept_and_the_member_hears_of_it(
    union: Union, moves: list[tuple[str, int]], issued: list[tuple[int, VoidReason | None]], subjects: list[str]
) -> None:
    invoice_id = joined(union)
    for name, minor in moves:
        union.world.clock.move(seconds=1)
        deed: Any = getattr(union.vendor, name)
        _ = deed(invoice_id, minor) if minor else deed(invoice_id)
        told(union, invoice_id)
        union.prove()
        told(union, invoice_id)
    assert [(each.amount.minor, each.void_reason) for each in union.issued()] == issued
    assert union.subjects(LEE)[1:] == subjects
    assert all(receipt.content and receipt.content.tier == "Standard" for receipt in union.issued())


def test_all_that_moved_before_we_hear_of_it_makes_the_same_receipts(union: Union) -> None:
    tier = make_tier(union.world)
    session_id = str(union.ask(tier).headers["Location"]).rpartition("/")[2]
    invoice_id = union.month(union.vendor.pay(session_id))
    union.vendor.refund(invoice_id, 500)
    union.world.clock.move(seconds=1)
    union.vendor.dispute(invoice_id, 1000)
    union.tell("checkout.session", session_id)
    assert [(each.amount.minor, each.void_reason) for each in union.issued()] == [
        (1500, VoidReason.REFUNDED), (1000, VoidReason.DISPUTED),
    ]  # fmt: skip


def test_a_corrected_mail_has_words_of_dues_the_file_and_the_links(short_union: Union) -> None:
    invoice_id = joined(short_union)
    short_union.vendor.refund(invoice_id, 500)
    told(short_union, invoice_id)
    mail = short_union.world.mailer.to(LEE)[-1]
    for words in ("your dues of $15.00 (Standard)", "Of it $5.00 went back", "Receipt no. 2026-00002 for $10.00 holds"):
        assert words in mail.text, words
    assert "gift" not in mail.text
    assert [file.name for file in mail.attachments] == ["receipt-2026-00002.pdf"]
    assert short_union.world.client.get(short_union.manage(LEE)).status_code == 200


@pytest.mark.parametrize(("deed", "words"), [("refund", "were returned to the card"), ("dispute", "Your bank took")])
def test_a_void_mail_says_why_in_words_of_dues(short_union: Union, deed: str, words: str) -> None:
    invoice_id = joined(short_union)
    getattr(short_union.vendor, deed)(invoice_id, 1500)
    told(short_union, invoice_id)
    mail = short_union.world.mailer.to(LEE)[-1]
    assert words in mail.text
    assert "dues" in mail.text
    assert "gift" not in mail.text
    assert mail.attachments == ()


def test_a_corrected_receipt_names_the_tier_that_was_paid_though_its_member_changed_since(union: Union) -> None:
    invoice_id = joined(union)
    make_tier(union.world, name="Solidarity", amount="30")
    union.world.client.post(f"{union.manage(LEE)}/amount", data={"amount": "30.00"})
    union.vendor.refund(invoice_id, 500)
    told(union, invoice_id)
    assert [each.content and each.content.tier for each in union.issued()] == ["Standard", "Standard"]


def test_a_tier_that_is_renamed_leaves_what_was_issued_as_it_was(union: Union) -> None:
    joined(union)
    with union.world.work() as session:
        for tier in session.scalars(select(MembershipTier)):
            tier.name = "Other"
    assert [each.content and each.content.tier for each in union.issued()] == ["Standard"]


def test_what_was_told_before_a_backup_came_back_is_booked_and_not_mailed_again(short_union: Union) -> None:
    tier = make_tier(short_union.world)
    subscription_id = short_union.join(tier)
    kept = short_union.snapshot()
    first = short_union.month(subscription_id)
    short_union.vendor.refund(first, 500)
    told(short_union, first)
    second = short_union.renew(subscription_id)
    sent = len(short_union.world.mailer.to(LEE))
    short_union.world.clock.move(minutes=5)
    short_union.restore(kept)
    for invoice_id in (first, second):
        told(short_union, invoice_id)
    assert {each.amount.minor for each in short_union.issued() if each.is_valid} == {1000, 1500}
    assert len(short_union.world.mailer.to(LEE)) == sent == 3
    short_union.vendor.refund(second, 500)
    told(short_union, second)
    assert len(short_union.world.mailer.to(LEE)) == sent + 1, "what happens after it is told"


def test_months_of_before_receipts_had_numbers_are_numbered_and_not_mailed_twice(union: Union) -> None:
    subscription_id = union.join(make_tier(union.world))
    union.renew(subscription_id)
    tamper(union.world, "DELETE FROM receipt_print", "DELETE FROM receipt", "DELETE FROM receipt_series")
    with union.world.work() as session:
        session.execute(delete(OutboxItem).where(OutboxItem.kind == receipting.RECEIPT_MAIL))
        first = min(_dues_ids(union))
        session.add(_mailed_without_a_number(union, first))
    union.world.mailer.sent.clear()
    for _ in range(2):
        with union.world.work() as session:
            receipting.DUES.catch_up(session, union.world.clock(), 10, issuer=ISSUER)
        union.world.run_worker()
    assert [each.shown for each in union.issued()] == ["2026-00001", "2026-00002"]
    assert union.subjects(LEE) == ["Your dues: receipt for $15.00"]


def _dues_ids(union: Union) -> list[Any]:
    with union.world.reading() as session:
        return list(session.scalars(select(Dues.id)))


def _mailed_without_a_number(union: Union, dues_id: Any) -> OutboxItem:
    values = {"kind": receipting.RECEIPT_MAIL, "subject": str(dues_id), "state": "done", "attempts": 1}
    return OutboxItem(id=dues_id, created_at=union.world.clock(), **values)


def test_the_worker_numbers_what_is_not_yet(union: Union) -> None:
    joined(union)
    tamper(union.world, "DELETE FROM receipt_print", "DELETE FROM receipt", "DELETE FROM receipt_series")
    union.world.clock.move(days=2)
    union.world.run_worker()
    assert [each.shown for each in union.issued()] == ["2026-00001"]


def test_who_is_erased_keeps_the_receipts_that_the_law_wants_and_they_stay_in_step(union: Union) -> None:
    invoice_id = joined(union)
    own = union.world.mailer.link(LEE, "/my/")
    assert union.world.client.post(f"{own}/erase").status_code == 200
    (receipt,) = union.issued()
    assert receipt.content is not None
    assert (receipt.content.email, receipt.content.name) == (LEE, "Lee Park")
    union.vendor.refund(invoice_id, 500)
    told(union, invoice_id)
    assert [each.amount.minor for each in union.issued() if each.is_valid] == [1000]


def test_what_a_receipt_says_is_emptied_after_ten_years_though_its_member_stays(union: Union) -> None:
    subscription_id = union.join(make_tier(union.world))
    union.renew(subscription_id)
    with union.world.reading() as session:
        first, second = session.scalars(select(Dues.created_at).order_by(Dues.created_at))
    with union.world.work() as session:
        assert erasing.empty_receipts(session, first + RECEIPT_KEPT, 10) == 0
    with union.world.work() as session:
        assert erasing.empty_receipts(session, second + RECEIPT_KEPT, 10) == 1
    with union.world.work() as session:
        assert erasing.empty_receipts(session, second + RECEIPT_KEPT, 10) == 0
    assert [(each.content is None, each.amount) for each in union.issued()] == [(True, FIFTEEN), (False, FIFTEEN)]


def test_the_worker_empties_receipts_of_dues(short_union: Union) -> None:
    joined(short_union)
    short_union.world.clock.move(days=RECEIPT_KEPT.days + 1)
    short_union.world.run_worker()
    assert [each.content for each in short_union.issued()] == [None]


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        (["UPDATE receipt SET amount_minor = 1499"], "15.00 USD is kept, its valid receipt states 14.99 USD"),
        (["UPDATE receipt SET currency = 'EUR'"], "its valid receipt states 15.00 EUR"),
        (["DELETE FROM receipt_print", "DELETE FROM receipt"], "its valid receipt is missing"),
        (
            ["UPDATE receipt SET voided_at = issued_at, void_reason = 'refunded'"],
            "15.00 USD is kept, its valid receipt is missing",
        ),
        (["UPDATE receipt SET subject_id = id"], "no month of dues that was paid stands behind it"),
    ],
)
def test_a_receipt_that_does_not_fit_its_month_is_found(world: World, statements: list[str], sentence: str) -> None:
    joined(Union(world))
    tamper(world, *statements)
    with world.reading() as session:
        assert any(sentence in str(finding) for finding in receipting.DUES.verify(session))
    result = world.app.test_cli_runner().invoke(args=["ledger", "verify"])
    assert (result.exit_code, sentence in result.output) == (1, True)
