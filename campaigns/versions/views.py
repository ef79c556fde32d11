"""The public page of a petition's versions."""

from flask import Blueprint, Response, make_response, render_template

from campaigns.campaign.answers import published_petition_at
from campaigns.versions.queries import corrections
from campaigns.web.caching import kept_page
from campaigns.web.context import session

blueprint = Blueprint("versions", __name__)


@blueprint.get("/campaigns/<slug>/versions")
@kept_page
def page(slug: str) -> Response:
    """Show each text that people have signed, and what each correction changed."""
    campaign = published_petition_at(slug)
    shown = corrections(session(), campaign.id)
    return make_response(render_template("versions/page.html", campaign=campaign, corrections=shown))
