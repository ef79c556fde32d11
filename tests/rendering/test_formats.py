"""Money, numbers and dates in several languages."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from babel import Locale

from campaigns.kernel.money import Money
from campaigns.rendering import formats

NO_BREAK = {"\u00a0": " ", "\u202f": " ", "\u200f": ""}


def plain(text: str) -> str:
    """The text with ordinary spaces and without direction marks."""
    for mark, instead in NO_BREAK.items():
        text = text.replace(mark, instead)
    return text


@pytest.mark.parametrize(
    ("money", "locale", "short", "shown"),
    [
        (Money(1048200, "USD"), "en", False, "$10,482.00"),
        (Money(1048200, "USD"), "en", True, "$10,482"),
        (Money(1250, "USD"), "en", True, "$12.50"),
        (Money(-3000, "EUR"), "en", True, "-€30"),
        (Money(1048250, "EUR"), "es", False, "10.482,50 €"),
        (Money(1048250, "EUR"), "fr", True, "10 482,50 €"),
        (Money(500, "JPY"), "en", False, "¥500"),
        (Money(5120, "KWD"), "en", True, "KWD 5.120"),
        (Money(0, "USD"), "it", True, "0 USD"),
    ],
)
def test_money_is_written_as_the_reader_writes_it(money: Money, locale: str, short: bool, shown: str) -> None:
    assert plain(formats.money(money, Locale.parse(locale), short=short)) == shown


@pytest.mark.parametrize(("locale", "shown"), [("en", "7,114"), ("es", "7114"), ("it", "7.114"), ("fr", "7 114")])
def test_numbers_are_grouped_as_the_reader_groups_them(locale: str, shown: str) -> None:
    assert plain(formats.number(7114, Locale.parse(locale))) in {shown, shown.replace("7114", "7.114")}


@pytest.mark.parametrize(("fraction", "shown"), [(0.0, "0%"), (0.58, "58%"), (0.999, "99%"), (1.0, "100%")])
def test_a_share_never_reads_as_finished_before_it_is(fraction: float, shown: str) -> None:
    assert formats.percent(fraction, Locale.parse("en")) == shown


@pytest.mark.parametrize(
    ("value", "zone", "shown"),
    [
        (date(2023, 12, 15), "UTC", "December 15, 2023"),
        (datetime(2023, 12, 16, 4, 59, tzinfo=UTC), "UTC", "December 16, 2023"),
        (datetime(2023, 12, 16, 4, 59, tzinfo=UTC), "America/New_York", "December 15, 2023"),
    ],
)
def test_a_moment_falls_on_the_day_of_its_zone(value: date, zone: str, shown: str) -> None:
    assert formats.long_date(value, Locale.parse("en"), zone) == shown


@pytest.mark.parametrize(
    ("locale", "zone", "shown"),
    [
        ("en", "America/New_York", "December 15, 2023, 4:12 AM EST"),
        ("en", "UTC", "December 15, 2023, 9:12 AM UTC"),
        ("it", "Europe/Rome", "15 dicembre 2023 10:12 CET"),
        ("en", "Asia/Riyadh", "December 15, 2023, 12:12 PM UTC+03"),
    ],
)
def test_a_time_is_never_without_its_zone(locale: str, zone: str, shown: str) -> None:
    value = datetime(2023, 12, 15, 9, 12, tzinfo=UTC)
    assert plain(formats.moment(value, Locale.parse(locale), zone)) == shown


@pytest.mark.parametrize(
    ("day", "shown"),
    [(date(2023, 12, 15), "in 4 days"), (date(2023, 12, 9), "2 days ago"), (date(2024, 12, 11), "in 366 days")],
)
def test_days_are_counted_from_today(day: date, shown: str) -> None:
    assert formats.relative_days(day, date(2023, 12, 11), Locale.parse("en")) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(date(2023, 12, 15), "2023-12-15"), (datetime(2023, 12, 15, 9, 12, tzinfo=UTC), "2023-12-15T09:12:00+00:00")],
)
def test_machines_read_iso(value: date, shown: str) -> None:
    assert formats.machine_time(value) == shown


def test_filters_ask_for_the_locale_when_they_run() -> None:
    reader = {"locale": Locale.parse("en")}
    filters: dict[str, Any] = formats.filters(lambda: reader["locale"])
    assert filters["number"](7114) == "7,114"
    assert filters["money"](Money(3000, "USD"), short=True) == "$30"
    reader["locale"] = Locale.parse("it")
    assert filters["number"](7114) == "7.114"
    assert filters["date"](datetime(2023, 12, 16, 4, 59, tzinfo=UTC), "America/New_York") == "15 dicembre 2023"
