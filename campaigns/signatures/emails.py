"""Mails to signatories."""

from typing import Any

from campaigns.campaign.rules import UNCONFIRMED_KEPT
from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.mailboxes.rules import LINK_LIFETIME
from campaigns.rendering.mails import render_mail
from campaigns.signatures.rules import REMINDED_AFTER


def confirm_mail(payload: Payload, links: Links) -> Message:
    """Return the mail with the one link that confirms a signature."""
    return render_mail("signatures/confirm", payload["to"], _confirm_values(payload, links))


def reminder_mail(payload: Payload, links: Links) -> Message:
    """Return the one reminder, with a fresh link."""
    return render_mail("signatures/reminder", payload["to"], _confirm_values(payload, links))


def _confirm_values(payload: Payload, links: Links) -> dict[str, Any]:
    return {
        "name": payload["name"],
        "campaign": payload["campaign"],
        "link": links.confirm(payload["secret"]),
        "not_me": links.not_me(payload["secret"]),
        "own_page": links.own_page(""),
        "days_kept": UNCONFIRMED_KEPT.days,
        "days_reminded": REMINDED_AFTER.days,
    }


def already_signed_mail(payload: Payload, links: Links) -> Message:
    """Return the mail that tells an existing signatory what the web page must not tell anybody.

    That a signature is being checked or is not counted it says, as the page after confirming does, and never why.
    """
    campaign = payload["campaign"]
    values = {
        "campaign": campaign,
        "link": links.sign(campaign["slug"]),
        "own_page": links.own_page(payload.get("own_page", "")),
        "review": payload["review"],
        "days": LINK_LIFETIME.days,
    }
    return render_mail("signatures/already_signed", payload["to"], values)


def count_repaired_mail(payload: Payload, links: Links) -> Message:
    """Return the mail that tells whoever runs the site that a count was wrong and is repaired."""
    values = {name: payload[name] for name in ("slug", "told", "rows")}
    return render_mail("signatures/count_repaired", payload["to"], values | {"link": links.campaign(payload["slug"])})
