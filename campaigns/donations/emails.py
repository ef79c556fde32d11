"""Mails to givers."""

from datetime import date

from babel import Locale

from campaigns.donations.rules import GIFT
from campaigns.kernel.money import Money
from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.mailboxes.rules import LINK_LIFETIME
from campaigns.rendering import formats
from campaigns.rendering.mails import render_mail

LOCALE = Locale.parse("en")


def receipt_mail(payload: Payload, links: Links, legal_name: str) -> Message:
    """Return the receipt: what was given, when, to whom, for what."""
    # Mails that were queued before lines had taxes and kinds, or gifts a dedication, still wait to be sent.
    lines = [{"tax": "", "kind": GIFT, **line, "amount": _money(line["amount"])} for line in payload["lines"]]
    values = {
        "amount": _money(payload["amount"]),
        "date": formats.long_date(date.fromisoformat(payload["date"]), LOCALE),
        "lines": lines,
        "link": links.donation(payload["public_id"]),
        "own_page": links.own_page(payload.get("own_page", "")),
        "days": LINK_LIFETIME.days,
        "legal_name": legal_name,
        "public_id": payload["public_id"],
        "manage": links.monthly_manage(payload["manage"]) if payload.get("manage") else "",
        "is_first_month": payload.get("is_first_month", False),
        "dedication": payload.get("dedication", ""),
    }
    return render_mail("donations/receipt", payload["to"], values)


def failed_mail(payload: Payload, links: Links) -> Message:
    """Return the mail that tells a giver that their bank did not send the money."""
    return render_mail("donations/failed", payload["to"], _short(payload, links))


def refund_failed_mail(payload: Payload, links: Links) -> Message:
    """Return the mail that tells a giver that money could not be given back."""
    return render_mail("donations/refund_failed", payload["to"], _short(payload, links))


def _short(payload: Payload, links: Links) -> dict[str, str]:
    public_id = payload["public_id"]
    return {"amount": _money(payload["amount"]), "link": links.donation(public_id), "public_id": public_id}


def _money(pair: list[object]) -> str:
    return formats.money(Money(*pair), LOCALE)  # type: ignore[arg-type]  # [minor, currency], as the operation wrote it
