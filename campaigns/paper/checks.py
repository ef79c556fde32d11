"""What of a typed row can be entered: the same questions for a sheet and for a table, and more lenient than online.

Handwriting is what it is: a postcode that does not fit its country is entered as it was read.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from email_validator import EmailNotValidError, validate_email

from campaigns.kernel.addresses import InvalidAddress
from campaigns.mailboxes.operations import hash_of
from campaigns.paper.rules import Problem, Typed
from campaigns.rendering.countries import codes, countries
from campaigns.rendering.typed import has_letter, holds_address, is_showable, one_line

LONGEST = {"name": 100, "town": 100, "postcode": 20, "email": 254}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that can be entered; `email_hash` is None where no address was left."""

    typed: Typed
    email_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not entered, and why; `field` is the one to put right."""

    row: int
    problem: Problem
    field: str


def tidied(typed: Typed) -> Typed:
    """Return a row with each field on one line, as it would be stored."""
    return replace(
        typed,
        name=one_line(typed.name),
        town=one_line(typed.town),
        postcode=one_line(typed.postcode),
        country=one_line(typed.country),
        email=one_line(typed.email),
    )


def check(typed: Typed) -> Entry | Refused:
    """Return a tidied row as it can be entered, or what is wrong with it."""
    for name, longest in LONGEST.items():
        text = getattr(typed, name)
        if len(text) > longest:
            return Refused(typed.row, Problem.LONG, name)
        if not is_showable(text):
            return Refused(typed.row, Problem.UNREADABLE, name)
    if not has_letter(typed.name) or holds_address(typed.name):
        return Refused(typed.row, Problem.NAME, "name")
    country = _country(typed.country)
    if not country:
        return Refused(typed.row, Problem.COUNTRY, "country")
    return _with_address(replace(typed, country=country))


def _with_address(typed: Typed) -> Entry | Refused:
    if not typed.email:
        return Entry(typed, None)
    try:
        email = validate_email(typed.email, check_deliverability=False).normalized
        return Entry(replace(typed, email=email), hash_of(email))
    except (EmailNotValidError, InvalidAddress):
        return Refused(typed.row, Problem.EMAIL, "email")


def _country(text: str) -> str:
    """Return the ISO 3166 code of a country given by code or English name, "" for no country."""
    return text.upper() if text.upper() in codes() else _by_name().get(_plain(text), "")


@cache
def _by_name() -> dict[str, str]:
    return {_plain(name): code for code, name in countries("en")} | {"usa": "US", "uk": "GB"}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).casefold().strip()


def check_all(rows: Iterable[Typed]) -> Iterator[Entry | Refused]:
    """Yield each row checked; one that says the same as a row before it stands twice."""
    seen: set[bytes | tuple[str, str, str]] = set()
    for typed in rows:
        checked = check(tidied(typed))
        if isinstance(checked, Entry):
            mark = checked.email_hash or checked.typed.person
            if mark in seen:
                checked = Refused(typed.row, Problem.TWICE, "email" if checked.email_hash else "name")
            seen.add(mark)
        yield checked
