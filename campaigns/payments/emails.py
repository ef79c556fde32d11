"""Mails to whoever keeps the money."""

from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.rendering.mails import render_mail


def alarm_mail(payload: Payload, to: str, links: Links) -> Message:
    """Return the mail that asks a treasurer to look at something."""
    values = {name: payload[name] for name in ("word", "about", "payment")}
    return render_mail("payments/alarm", to, values | {"link": links.desk_money})
