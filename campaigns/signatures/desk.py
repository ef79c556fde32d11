"""The desk's door to a campaign's signatures."""

from flask import Blueprint, render_template, request

from campaigns.accounts.guard import for_roles
from campaigns.accounts.rules import ORGANIZER
from campaigns.campaign.answers import campaign_at
from campaigns.signatures import queries
from campaigns.signatures.answers import words_of
from campaigns.signatures.rules import read_source
from campaigns.web.context import session

blueprint = Blueprint("signature_desk", __name__, url_prefix="/desk/campaigns/<slug>/signatures")
PAGE = 50
LAST_PAGE = 1_000_000  # more than any database would be asked to skip


@blueprint.get("/sources")
@for_roles(ORGANIZER)
def sources(slug: str) -> str:
    """Count signatures by the code they came with, and make a link for another (?code=)."""
    campaign = campaign_at(slug)
    typed = request.args.get("code", "")[:80]
    code = read_source(typed)
    return render_template(
        "desk/sources.html",
        campaign=campaign,
        sources=queries.sources(session(), campaign.id),
        code=code,
        typed=typed,
        refused=bool(typed) and not code,
    )


@blueprint.get("/")
@for_roles(ORGANIZER)
def index(slug: str) -> str:
    """List a campaign's signatures by page; "counted" ones without their names."""
    campaign = campaign_at(slug)
    number = min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)
    rows = queries.desk_page(session(), campaign.id, offset=(number - 1) * PAGE, limit=PAGE + 1)
    return render_template(
        "desk/signatures.html",
        campaign=campaign,
        rows=rows[:PAGE],
        tallies=queries.tallies(session(), campaign.id),
        count=queries.count_of(session(), campaign.id),
        page=number,
        questions=[(question, words_of(question)) for question in campaign.asked],
        has_next=len(rows) > PAGE,
    )
