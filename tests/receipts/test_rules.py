"""When a receipt is void, which number it has, and that what it says survives being kept."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from campaigns.kernel.money import Money
from campaigns.receipts import rules
from campaigns.receipts.rules import Issuer, Line, NotTheSum, Step, VoidReason
from tests.receipts.make import content, usd


@pytest.mark.parametrize(
    ("valid", "kept", "disputed", "step"),
    [
        (None, 3000, 0, Step(None, True)),
        (None, 0, 0, Step(None, False)),
        (None, -1, 3001, Step(None, False)),
        (3000, 3000, 0, Step(None, False)),
        (3000, 1000, 0, Step(VoidReason.REFUNDED, True)),
        (3000, 1000, 2000, Step(VoidReason.DISPUTED, True)),
        (3000, 0, 0, Step(VoidReason.REFUNDED, False)),
        (3000, 0, 3000, Step(VoidReason.DISPUTED, False)),
        (3000, -500, 3500, Step(VoidReason.DISPUTED, False)),
        (1000, 3000, 0, Step(VoidReason.RESTORED, True)),
    ],
)
def test_the_valid_receipt_states_what_is_kept_or_there_is_none(
    valid: int | None, kept: int, disputed: int, step: Step
) -> None:
    before = content(valid) if valid else None
    found = rules.next_step(usd(valid) if valid else None, before, usd(kept), content(kept, disputed=disputed))
    assert found == step


def test_a_refund_after_a_dispute_is_a_refund() -> None:
    before = content(2000, disputed=1000)
    assert rules.next_step(usd(2000), before, usd(1500), content(1500, disputed=1000)).void is VoidReason.REFUNDED


def test_lines_that_are_not_what_is_kept_are_a_mistake() -> None:
    with pytest.raises(NotTheSum):
        rules.next_step(None, None, usd(2000), content(1999))


@pytest.mark.parametrize(
    ("zone", "moment", "day", "series"),
    [
        ("UTC", datetime(2026, 12, 31, 23, 59, tzinfo=UTC), date(2026, 12, 31), "2026"),
        ("Asia/Tokyo", datetime(2026, 12, 31, 15, 0, tzinfo=UTC), date(2027, 1, 1), "2027"),
        ("America/New_York", datetime(2027, 1, 1, 4, 59, tzinfo=UTC), date(2026, 12, 31), "2026"),
        ("America/New_York", datetime(2026, 7, 1, 3, 59, tzinfo=UTC), date(2026, 6, 30), "2026"),
    ],
)
def test_day_and_series_are_those_of_the_zone_the_books_are_kept_in(
    zone: str, moment: datetime, day: date, series: str
) -> None:
    found = Issuer("Hub Workers", "hub@example.org", zone).day_of(moment)
    assert (found, rules.series_of(found)) == (day, series)


@pytest.mark.parametrize(("series", "number"), [("2026", 1), ("2026", 99_999), ("2027", 100_000), ("2026", 7_000_000)])
def test_a_number_is_read_as_it_was_written(series: str, number: int) -> None:
    assert rules.read_number(rules.shown_number(series, number)) == (series, number)


@pytest.mark.parametrize("text", ["", "2026", "2026-1", "2026-000001", "26-00001", "2026-00001x", "2026-٠٠٠٠١", "../x"])
def test_nothing_else_is_a_number(text: str) -> None:
    assert rules.read_number(text) is None


def test_what_a_receipt_says_survives_being_kept_in_one_spelling() -> None:
    lines = (
        Line("Køkken", "Suppe & brød", "", "Hub e. V.", Money(5_120, "KWD"), tax="No goods were received."),
        Line("مطبخ", "حساء", "خبز", "王小明", Money(1, "KWD")),
    )
    said = replace(content(), lines=lines, name="Иван Петров", language="ar", given=Money(5_121, "KWD"))
    assert rules.read(rules.written(said)) == said
    assert rules.written(rules.read(rules.written(said))) == rules.written(said)


@pytest.mark.parametrize(("currency", "paper"), [("USD", "letter"), ("EUR", "a4"), ("JPY", "a4")])
def test_the_paper_is_that_of_those_who_pay_in_the_currency(currency: str, paper: str) -> None:
    assert rules.paper_of(currency) == paper
