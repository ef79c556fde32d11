"""Mails to signatories."""

from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.rendering.mails import render_mail


def confirm_mail(payload: Payload, links: Links) -> Message:
    """Return the mail with the one link that confirms a signature."""
    values = {"name": payload["name"], "campaign": payload["campaign"], "link": links.confirm(payload["secret"])}
    return render_mail("signatures/confirm", payload["to"], values)


def already_signed_mail(payload: Payload, links: Links) -> Message:
    """Return the mail that tells an existing signatory what the web page must not tell anybody."""
    campaign = payload["campaign"]
    return render_mail(
        "signatures/already_signed", payload["to"], {"campaign": campaign, "link": links.campaign(campaign["slug"])}
    )


def count_repaired_mail(payload: Payload, links: Links) -> Message:
    """Return the mail that tells whoever runs the site that a count was wrong and is repaired."""
    values = {name: payload[name] for name in ("slug", "told", "rows")}
    return render_mail("signatures/count_repaired", payload["to"], values | {"link": links.campaign(payload["slug"])})
