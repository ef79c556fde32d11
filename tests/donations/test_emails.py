"""The receipt says what was given, when, to whom, for what; and keeps to plain text."""

from typing import Any

import pytest

from campaigns.donations.emails import receipt_mail
from campaigns.kernel.ports import Message
from campaigns.links import Links

LINE = {
    "fund": "Jo Hill and the hub",
    "purpose": "Jo Hill's costs & rent <while> the firing is fought.",
    "beyond": "Organizing at the hub.",
    "recipient": "Hub Workers e. V.",
    "amount": [3000, "USD"],
}
PAYLOAD: dict[str, Any] = {
    "to": "maria@example.org",
    "public_id": "abc",
    "amount": [3000, "USD"],
    "date": "2026-05-04",
    "lines": [LINE],
}


def receipt(**changes: Any) -> Message:
    return receipt_mail(PAYLOAD | changes, Links("https://example.org"), "Hub Workers e. V.")


def test_a_receipt_says_everything_a_treasurer_would_ask_for() -> None:
    mail = receipt()
    assert (mail.to, mail.subject) == ("maria@example.org", "Thank you: receipt for $30.00")
    for words in (
        "$30.00 on May 4, 2026",
        "Jo Hill's costs & rent <while> the firing is fought.",
        "Organizing at the hub.",
        "Hub Workers e. V.",
        "https://example.org/donations/abc",
        "abc",
    ):
        assert words in mail.text


def test_a_receipt_names_each_fund_with_its_part() -> None:
    lines = [LINE | {"amount": [2000, "USD"]}, LINE | {"fund": "Strike kitchen", "amount": [1000, "USD"]}]
    text = receipt(lines=lines).text
    assert "$20.00  Jo Hill and the hub" in text
    assert "$10.00  Strike kitchen" in text


@pytest.mark.parametrize(
    ("amount", "words"), [([500, "JPY"], "¥500"), ([5120, "KWD"], "KWD\u00a05.120"), ([1, "USD"], "$0.01")]
)
def test_money_is_written_with_its_own_decimals(amount: list[Any], words: str) -> None:
    assert words in receipt(amount=amount, lines=[LINE | {"amount": amount}]).text


def test_a_fund_without_a_beyond_says_nothing_of_it() -> None:
    assert "beyond that" not in receipt(lines=[LINE | {"beyond": ""}]).text


def test_a_fund_name_cannot_add_a_line_to_the_subject() -> None:
    assert "\n" not in receipt(lines=[LINE | {"fund": "Kitchen\nBcc: boss@example.com"}]).subject
