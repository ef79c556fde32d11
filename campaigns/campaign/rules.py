"""Pure decisions about a campaign: is it open, what it still lacks, what people agree to."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

DRAFT: Final = "draft"
PUBLISHED: Final = "published"
OPEN: Final = "open"
LAST_DAY: Final = "last_day"
CLOSED: Final = "closed"
Phase = Literal["open", "last_day", "closed"]
# What a fund may be kept in; each is what card payments are settled in somewhere.
CURRENCIES: Final = tuple(
    "USD EUR GBP CAD AUD CHF SEK NOK DKK ISK PLN CZK HUF RON MXN BRL JPY KRW TWD HKD SGD NZD ZAR UGX KWD TND".split()
)

UNCONFIRMED_KEPT: Final = timedelta(days=30)
LATE_CONFIRMATION: Final = timedelta(hours=24)
# Counted from the last list of a closed petition, unless the campaign chose less or more before anybody signed.
ANONYMISED_AFTER: Final = timedelta(days=180)
MAX_SLUG: Final = 60
# The desk has a page of its own at /desk/campaigns/new.
RESERVED_SLUGS: Final = frozenset({"new"})
GOALS: Final = (
    25,
    50,
    100,
    250,
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
)


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand: what is demanded, and a sentence of detail (may be empty)."""

    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Text:
    """What a petition says: its headline and its demands."""

    headline: str
    demands: tuple[Demand, ...]


def phase(deadline: datetime | None, now: datetime) -> Phase:
    """Return whether a published campaign is open, in its last 24 hours, or closed."""
    if deadline is None:
        return OPEN
    if now >= deadline:
        return CLOSED
    return LAST_DAY if deadline - now <= timedelta(days=1) else OPEN


def days_left(deadline: datetime | None, now: datetime, zone: str) -> int | None:
    """Return how many midnights of the campaign's zone lie before the deadline, or None without one."""
    if deadline is None:
        return None
    place = ZoneInfo(zone)
    return max(0, (deadline.astimezone(place).date() - now.astimezone(place).date()).days)


def hours_left(deadline: datetime | None, now: datetime) -> int | None:
    """Return the whole hours before the deadline, or None without one."""
    return None if deadline is None else max(0, int((deadline - now) / timedelta(hours=1)))


def takes_confirmations(deadline: datetime | None, now: datetime) -> bool:
    """A mail that was under way when the campaign closed may still be answered for a day."""
    return deadline is None or now < deadline + LATE_CONFIRMATION


def next_goal(total: int, goal: int) -> int:
    """Return the goal to show: the campaign's own, then the next step of the ladder."""
    if total < goal:
        return goal
    return next((step for step in GOALS if step > total), (total // GOALS[-1] + 1) * GOALS[-1])


def slug_for(headline: str) -> str:
    """Return an address made of the headline's Latin letters and digits; "campaign" where it has none.

    Whole words, at most MAX_SLUG characters; a first word longer than that is cut.
    """
    plain = unicodedata.normalize("NFKD", headline).encode("ascii", "ignore").decode()
    slug = ""
    for word in re.findall(r"[a-z0-9]+", plain.lower()):
        if slug and len(slug) + 1 + len(word) > MAX_SLUG:
            break
        slug = f"{slug}-{word}" if slug else word[:MAX_SLUG]
    return slug if slug and slug not in RESERVED_SLUGS else "campaign"


def is_same_name(before: str, after: str) -> bool:
    """Tell whether two names differ at most in capitals, spaces and punctuation: then they name the same party.

    No other likeness is judged. One letter can be another company, and people agreed to be handed to this one alone.
    """
    words = _words_of(before)
    return before == after or (bool(words) and words == _words_of(after))


def _words_of(name: str) -> list[str]:
    """Marks stay: in many scripts a vowel is one."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return "".join(" " if unicodedata.category(each)[0] in "ZP" else each for each in folded).split()


def may_be_slug(text: str) -> bool:
    """Tell whether a campaign could have this address: the database is not asked for others (nor fed their NULs)."""
    return re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) is not None


def may_be_page(text: str) -> bool:
    """Tell whether `text` is the whole address of a page: http or https, a host with a dot, nothing that signs in."""
    try:
        place = urlsplit(text)
        host = place.hostname or ""
    except ValueError:
        return False
    return place.scheme in ("https", "http") and "." in host.strip(".") and "@" not in place.netloc and " " not in text


@lru_cache(maxsize=256)
def text_mark(number: int, headline: str, demands: tuple[Demand, ...], consent: str) -> str:
    """Return what the sign form carries to say what it showed: the version, and eight digits of a digest.

    The digest tells apart the texts that one version may have had before the first signature froze it, and the
    consents that stood under them.
    """
    text = json.dumps([headline, [[demand.title, demand.detail] for demand in demands], consent])
    return f"{number}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def consent_wording(
    organisation: str,
    target: str,
    kept: timedelta = UNCONFIRMED_KEPT,
    *,
    asks_more: bool = False,
    delivers_more: bool = False,
    anonymised_after: timedelta = ANONYMISED_AFTER,
) -> str:
    """Return the sentences a signatory agrees to. The text is stored; each signature points to it."""
    answers = ", and what else you fill in" if asks_more else ""
    beside = " What is marked for the list stands beside your name there, nothing else does." if delivers_more else ""
    return (
        f"{organisation} keeps your name, e-mail address, town and postcode{answers} to count your signature once "
        f"and to hand a list to {target}. Your name is on that list only if you choose so; your e-mail address and "
        f"postcode never are.{beside} Without your confirmation everything is deleted after {kept.days} days. "
        f"{anonymised_after.days} days after the last list of the closed petition is made, all of it is deleted and "
        "only the count stays."
    )


def missing_for_publication(
    *,
    headline: str,
    target_name: str,
    has_petition: bool,
    demands: Sequence[Demand],
    has_appeal: bool,
    purpose: str,
    is_over: bool = False,
) -> list[str]:
    """Return what a draft still lacks, each as a sentence for the organizer; empty when it may be published.

    `is_over`: its deadline has passed. A petition would have closed before it began.
    """
    wants = [
        (not headline.strip(), "Write a headline."),
        (not target_name.strip(), "Say who is asked."),
        (not (has_petition or has_appeal), "Choose a petition, an appeal, or both."),
        (has_petition and not demands, "Write at least one demand."),
        (has_petition and is_over, "The deadline has passed. Choose a later one, or none."),
        (has_appeal and not purpose.strip(), "Say what the fund's money is for."),
    ]
    return [sentence for lacks, sentence in wants if lacks]
