"""The mail with the link to a supporter's own page."""

from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.mailboxes.rules import LINK_LIFETIME
from campaigns.rendering.mails import render_mail


def own_page_mail(payload: Payload, links: Links, site_name: str) -> Message:
    """Return the mail with the link that somebody asked for."""
    values = {"link": links.own_page(payload["secret"]), "days": LINK_LIFETIME.days, "site_name": site_name}
    return render_mail("supporters/own_page", payload["to"], values)
