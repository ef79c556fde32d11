"""The desk's door to a campaign's comments."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from campaigns.accounts.guard import actor, for_roles
from campaigns.accounts.rules import ORGANIZER
from campaigns.campaign.answers import campaign_at
from campaigns.comments import operations, queries
from campaigns.comments.rules import parse_reading
from campaigns.signatures.rules import CommentState
from campaigns.web.context import now, session

blueprint = Blueprint("comment_desk", __name__, url_prefix="/desk/campaigns/<slug>/comments")
PAGE = 50
LAST_PAGE = 1_000_000  # more than any database would be asked to skip


@blueprint.get("")
@for_roles(ORGANIZER)
def index(slug: str) -> str:
    """List the comments in one state, those that wait first."""
    campaign = campaign_at(slug)
    state = _state(request.args.get("state", ""))
    number = min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)
    rows = queries.desk_page(session(), campaign.id, state, offset=(number - 1) * PAGE, limit=PAGE + 1)
    return render_template(
        "desk/comments.html",
        campaign=campaign,
        state=state,
        rows=rows[:PAGE],
        tallies=queries.tallies(session(), campaign.id),
        page=number,
        has_next=len(rows) > PAGE,
    )


@blueprint.post("")
@for_roles(ORGANIZER)
def review(slug: str) -> Response:
    """Show or hide the ticked comments, as their words stood on the page that was sent."""
    campaign = campaign_at(slug)
    readings = [reading for text in request.form.getlist("comment")[:PAGE] if (reading := parse_reading(text))]
    wanted = CommentState.SHOWN if request.form.get("act") == "show" else CommentState.HIDDEN
    changed = operations.review(session(), campaign.id, readings, wanted, actor=actor(), now=now())
    if wanted is CommentState.SHOWN:
        flash(ngettext("%(num)d comment may stand on the page.", "%(num)d comments may stand on the page.", changed))
    else:
        flash(ngettext("%(num)d comment is hidden.", "%(num)d comments are hidden.", changed))
    state = _state(request.form.get("state", ""))
    return redirect(url_for("comment_desk.index", slug=slug, state=state.value), 303)


def _state(text: str) -> CommentState:
    try:
        return CommentState(text)
    except ValueError:
        return CommentState.WAITING
