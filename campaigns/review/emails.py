"""Mails to organizers."""

from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.rendering.mails import render_mail


def alarm_mail(payload: Payload, links: Links) -> Message:
    """Return the mail that tells of a domain or place that stands out."""
    values = {name: payload[name] for name in ("headline", "kind", "label", "number")}
    return render_mail("review/alarm", payload["to"], values | {"link": links.desk_review(payload["slug"])})
