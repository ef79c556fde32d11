"""Mails to givers."""

from babel import Locale

from campaigns.kernel.money import Money
from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.rendering import formats
from campaigns.rendering.mails import render_mail

LOCALE = Locale.parse("en")


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
