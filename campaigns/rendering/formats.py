"""Money, numbers and dates in the reader's language. Pure: the locale is always handed in.

Patterns are the Unicode CLDR's, by way of Babel.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent, parse_pattern

from campaigns.kernel.money import Money
from campaigns.kernel.money import exponent as exponent_of

# CLDR's currency spacing, which Babel leaves out: "KWD 5.120", but "$5.12".
_LETTER_BEFORE_DIGIT = re.compile(r"([^\W\d_])(\d)")


def money(value: Money, locale: Locale, *, short: bool = False) -> str:
    """Return `value` with its currency sign; `short` leaves out the decimals of a whole amount."""
    amount = value.decimal()
    places = 0 if short and amount == amount.to_integral_value() else exponent_of(value.currency)
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (places, places)
    text = str(pattern.apply(amount, locale, currency=value.currency, currency_digits=False))
    return _LETTER_BEFORE_DIGIT.sub("\\1\u00a0\\2", text)


def number(value: int | Decimal, locale: Locale) -> str:
    """Return `value` with the locale's grouping."""
    return format_decimal(value, locale=locale)


def percent(fraction: float, locale: Locale) -> str:
    """Return `fraction` (0..1) as whole per cent, rounded down so that nothing reads as finished before it is."""
    return format_percent(int(fraction * 100 + 1e-9) / 100, locale=locale)


def long_date(value: date | datetime, locale: Locale, zone: str = "UTC") -> str:
    """Return the day in words. A moment (aware) is shown as the day it falls on in `zone` (IANA name)."""
    day = value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value
    return format_date(day, "long", locale=locale)


def moment(value: datetime, locale: Locale, zone: str = "UTC") -> str:
    """Return day, hour, minute and the abbreviation of `zone` (IANA name) for an aware moment."""
    local = value.astimezone(ZoneInfo(zone))
    clock = format_time(local, "short", tzinfo=local.tzinfo, locale=locale)
    joined = str(locale.datetime_formats["long"]).replace("'", "")
    return joined.format(f"{clock} {_abbreviation(local)}", format_date(local.date(), "long", locale=locale))


def _abbreviation(local: datetime) -> str:
    """The tz database's own abbreviation, or the distance from UTC where it has none ("+03")."""
    name = local.tzname() or ""
    return f"UTC{name}" if name[:1] in ("+", "-") else name


def machine_time(value: date | datetime) -> str:
    """Return what belongs in a `<time datetime="">`: ISO 8601, moments in UTC."""
    return value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def relative_days(day: date, today: date, locale: Locale) -> str:
    """Return how far `day` is from `today` in words, like "in 4 days" or "2 days ago"."""
    return format_timedelta(day - today, granularity="day", threshold=99999, add_direction=True, locale=locale)


def filters(current: Callable[[], Locale]) -> dict[str, Callable[..., str]]:
    """Return the template filters by name, each asking `current` for the reader's locale as it runs."""

    def bound(format_: Callable[..., str]) -> Callable[..., str]:
        def run(value: Any, *more: Any, **named: Any) -> str:
            return format_(value, current(), *more, **named)

        return run

    named: dict[str, Callable[..., str]] = {
        "money": money,
        "number": number,
        "percent": percent,
        "date": long_date,
        "moment": moment,
    }
    return {name: bound(format_) for name, format_ in named.items()} | {"machine_time": machine_time}
