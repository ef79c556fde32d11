"""Mails to those who pay monthly. Each has a link to what it is about, which opens without a password."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from babel import Locale

from campaigns.kernel.money import Money
from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.recurring.rules import CARD_MAIL, CHANGED_MAIL, FAILED_MAIL
from campaigns.rendering import formats
from campaigns.rendering.mails import render_mail


def failed_mail(payload: Payload, links: Links, legal_name: str) -> Message:
    """Return the mail about a month that the card refused, with the day it is tried again."""
    facts = {"asked": _money(payload["asked"]), "again": _day(payload["again"])}
    return _mail("failed", payload, links, legal_name, facts)


def card_mail(payload: Payload, links: Links, legal_name: str) -> Message:
    """Return the mail about a card that stops working soon, with its last day."""
    return _mail("card", payload, links, legal_name, {"last_day": _day(payload["month"])})


def changed_mail(payload: Payload, links: Links, legal_name: str) -> Message:
    """Return the mail that confirms a change: amount, paused, resumed, ended or ended_unpaid."""
    return _mail("changed", payload, links, legal_name, {"word": payload["word"]})


def _mail(name: str, payload: Payload, links: Links, legal_name: str, facts: Mapping[str, object]) -> Message:
    values = {
        "title": payload["title"],
        "is_gift": payload["is_gift"],
        "amount": _money(payload["amount"]),
        "link": links.monthly_manage(payload["manage"]),
        "days": payload["days"],
        "legal_name": legal_name,
    }
    return render_mail(f"recurring/{name}", payload["to"], {**values, **facts})


def _money(pair: list[object]) -> str:
    return formats.money(Money(*pair), Locale("en"))  # type: ignore[arg-type]  # [minor, currency], as it was queued


def _day(text: str) -> str:
    return formats.long_date(date.fromisoformat(text), Locale("en")) if text else ""


def builders(links: Links, legal_name: str) -> dict[str, Callable[[Payload], Message]]:
    """Return who writes each mail, by its kind."""
    known = {FAILED_MAIL: failed_mail, CARD_MAIL: card_mail, CHANGED_MAIL: changed_mail}
    return {kind: partial(write, links=links, legal_name=legal_name) for kind, write in known.items()}
