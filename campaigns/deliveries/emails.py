"""The mail before a list is made."""

from datetime import datetime

from babel import Locale

from campaigns.campaign.rules import ANONYMISED_AFTER
from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.mailboxes.rules import LINK_LIFETIME
from campaigns.rendering import formats
from campaigns.rendering.mails import render_mail


def announce_mail(payload: Payload, links: Links) -> Message:
    """Return the mail that tells a named signatory of the list, with the way to hide the name."""
    campaign = payload["campaign"]
    moment = datetime.fromisoformat(payload["freeze_from"])
    values = {
        "name": payload["name"],
        "campaign": campaign,
        "moment": formats.moment(moment, Locale.parse("en"), campaign["zone"]),
        "own_page": links.own_page(payload["own_page"]),
        "days": LINK_LIFETIME.days,
        "kept_days": payload.get("kept_days", ANONYMISED_AFTER.days),  # none in older mails that wait
    }
    return render_mail("deliveries/announce", payload["to"], values)
