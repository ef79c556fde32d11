"""The desk's door: how many want news of a campaign. No address stands there."""

from flask import Blueprint, render_template

from campaigns.accounts.guard import for_roles
from campaigns.accounts.rules import ORGANIZER
from campaigns.campaign.answers import campaign_at
from campaigns.subscriptions import queries
from campaigns.subscriptions.rules import PENDING_KEPT
from campaigns.web.context import session

blueprint = Blueprint("subscription_desk", __name__, url_prefix="/desk/campaigns/<slug>/news")


@blueprint.get("")
@for_roles(ORGANIZER)
def index(slug: str) -> str:
    """Count who gets news of a campaign, and by which way."""
    campaign = campaign_at(slug)
    return render_template(
        "desk/news.html",
        campaign=campaign,
        numbers=queries.numbers(session(), campaign.id),
        days=PENDING_KEPT.days,
    )
