"""The mail about a correction."""

from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.mailboxes.rules import LINK_LIFETIME
from campaigns.rendering.mails import render_mail


def correction_mail(payload: Payload, links: Links) -> Message:
    """Return the mail that shows a signatory both texts, with the way to withdraw."""
    values = {
        "name": payload["name"],
        "campaign": payload["campaign"],
        "old": payload["old"],
        "new": payload["new"],
        "own_page": links.own_page(payload["own_page"]),
        "page": links.campaign(payload["campaign"]["slug"]),
        "days": LINK_LIFETIME.days,
    }
    return render_mail("versions/correction", payload["to"], values)
