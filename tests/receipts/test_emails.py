"""The mails say what was given, when, to whom, for what, under which number; and keep to plain text."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from campaigns.kernel.money import Money
from campaigns.kernel.ports import Message
from campaigns.links import Links
from campaigns.receipts.emails import receipt_mail
from campaigns.receipts.queries import ReceiptFacts
from campaigns.receipts.rules import Content, Line, VoidReason
from tests.receipts.make import KIND, content

LINE = Line(
    "Jo Hill and the hub", "Jo Hill's costs & rent <while> the firing is fought.", "Organizing at the hub.",
    "Hub Workers e. V.", Money(3000, "USD"), tax="No goods or services were received.",
)  # fmt: skip
WHEN = datetime(2026, 5, 4, 15, tzinfo=UTC)
SAID = replace(content(), lines=(LINE,))


def facts(said: Content, **changes: Any) -> ReceiptFacts:
    whole = ReceiptFacts(UUID(int=1), "2026", 17, KIND, UUID(int=2), said.kept, said, WHEN, None, None)
    return replace(whole, **changes)


def mail(template: str = "first", said: Content = SAID, pdf: bytes | None = None, **changes: Any) -> Message:
    payload = {"to": "maria@example.org", "own_page": "s3cret"}
    return receipt_mail(
        f"receipts/{template}", payload, facts(said, **changes), said, Links("https://example.org"), pdf
    )


def test_a_receipt_says_everything_a_treasurer_would_ask_for() -> None:
    found = mail()
    assert (found.to, found.subject) == ("maria@example.org", "Thank you: receipt for $30.00")
    for words in (
        "$30.00 on May 4, 2026",
        "receipt no. 2026-00017",
        "Jo Hill's costs & rent <while> the firing is fought.",
        "Organizing at the hub.",
        "Hub Workers e. V.",
        "No goods or services were received.",
        "https://example.org/donations/abc",
        "https://example.org/my/s3cret",
    ):
        assert words in found.text


def test_the_file_goes_with_it_under_its_number() -> None:
    (file,) = mail(pdf=b"%PDF").attachments
    assert (file.name, file.type, file.data) == ("receipt-2026-00017.pdf", "application/pdf", b"%PDF")
    assert "attached" in mail(pdf=b"%PDF").text
    assert "attached" not in mail().text


def test_a_receipt_names_each_fund_with_its_part() -> None:
    lines = (replace(LINE, amount=Money(2000, "USD")), replace(LINE, fund="Strike kitchen", amount=Money(1000, "USD")))
    text = mail(said=replace(SAID, lines=lines)).text
    assert "$20.00  Jo Hill and the hub" in text
    assert "$10.00  Strike kitchen" in text


@pytest.mark.parametrize(
    ("amount", "words"),
    [(Money(500, "JPY"), "¥500"), (Money(5120, "KWD"), "KWD\u00a05.120"), (Money(1, "USD"), "$0.01")],
)
def test_money_is_written_with_its_own_decimals(amount: Money, words: str) -> None:
    said = replace(SAID, given=amount, refunded=amount - amount, disputed=amount - amount)
    assert words in mail(said=replace(said, lines=(replace(LINE, amount=amount),))).text


def test_a_fund_without_a_beyond_or_a_tax_wording_says_nothing_of_it() -> None:
    text = mail(said=replace(SAID, lines=(replace(LINE, beyond="", tax=""),))).text
    assert "beyond that" not in text
    assert "\n\n\n\n" not in text


def test_a_fund_name_cannot_add_a_line_to_the_subject() -> None:
    assert "\n" not in mail(said=replace(SAID, lines=(replace(LINE, fund="Kitchen\nBcc: boss@example.com"),))).subject


def test_a_corrected_receipt_says_what_went_back_and_that_it_alone_holds() -> None:
    said = content(1000)
    text = mail("corrected", said).text
    assert "your gift of $30.00 on May 4, 2026" in text
    assert "Of it $20.00 went back" in text
    assert "Receipt no. 2026-00017 for $10.00 holds from now on" in text


def test_a_corrected_receipt_after_a_failed_refund_says_that_all_stays() -> None:
    assert "all of it stays" in mail("corrected", content()).text


@pytest.mark.parametrize(
    ("reason", "words"), [(VoidReason.REFUNDED, "was returned to the card"), (VoidReason.DISPUTED, "Your bank took")]
)
def test_a_void_receipt_says_why_and_that_it_does_not_hold(reason: VoidReason, words: str) -> None:
    found = mail("void", voided_at=WHEN, void_reason=reason)
    assert found.subject == "Receipt 2026-00017 is void"
    assert words in found.text
    assert "receipt no. 2026-00017 no longer holds" in found.text
