"""Mails to members."""

from datetime import date

from babel import Locale

from campaigns.kernel.money import Money
from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.mailboxes.rules import LINK_LIFETIME
from campaigns.rendering import formats
from campaigns.rendering.mails import render_mail


def receipt_mail(payload: Payload, links: Links, legal_name: str) -> Message:
    """Return the receipt of a month's dues, with the link by which the membership is changed or ended."""
    locale = Locale.parse("en")
    values = {
        **{name: payload[name] for name in ("tier", "purpose", "recipient", "public_id", "is_first_month")},
        "amount": formats.money(Money(*payload["amount"]), locale),
        "date": formats.long_date(date.fromisoformat(payload["date"]), locale),
        "manage": links.monthly_manage(payload["manage"]),
        "own_page": links.own_page(payload["own_page"]),
        "days": LINK_LIFETIME.days,
        "legal_name": legal_name,
    }
    return render_mail("membership/receipt", payload["to"], values)
