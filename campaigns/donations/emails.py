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


def receipt_mail(payload: Payload, links: Links, legal_name: str) -> Message:
    """Return the receipt: what was given, when, to whom, for what."""
    locale = Locale.parse("en")

    def money(pair: list[object]) -> str:
        return formats.money(Money(*pair), locale)  # type: ignore[arg-type]  # [minor, currency], as the operation wrote it

    # Mails that were queued before lines had taxes and kinds, or gifts a dedication, still wait to be sent.
    lines = [{"tax": "", "kind": GIFT, **line, "amount": money(line["amount"])} for line in payload["lines"]]
    values = {
        "amount": money(payload["amount"]),
        "date": formats.long_date(date.fromisoformat(payload["date"]), locale),
        "lines": lines,
        "link": links.donation(payload["public_id"]),
        "own_page": links.own_page(payload.get("own_page", "")),
        "days": LINK_LIFETIME.days,
        "legal_name": legal_name,
        "public_id": payload["public_id"],
        "dedication": payload.get("dedication", ""),
    }
    return render_mail("donations/receipt", payload["to"], values)
