"""Mails to treasurers."""

from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.rendering.mails import render_mail


def alarm_mail(payload: Payload, links: Links) -> Message:
    """Return the mail that tells of many declined payments."""
    values = {name: payload[name] for name in ("fund", "declined", "paid")}
    return render_mail("gate/alarm", payload["to"], values | {"link": f"{links.site_url}/desk/money"})
