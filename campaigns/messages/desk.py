"""The desk's door to what givers let everybody read."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from campaigns.accounts.guard import actor, for_roles
from campaigns.accounts.rules import ORGANIZER
from campaigns.campaign.answers import campaign_at
from campaigns.comments.rules import parse_reading
from campaigns.donations.rules import MessageState
from campaigns.messages import operations, queries
from campaigns.web.context import now, session

blueprint = Blueprint("message_desk", __name__, url_prefix="/desk/campaigns/<slug>/messages")
PAGE = 50
LAST_PAGE = 1_000_000  # more than any database would be asked to skip


@blueprint.get("")
@for_roles(ORGANIZER)
def index(slug: str) -> str:
    """List what is in one state, what waits first."""
    campaign = campaign_at(slug)
    state = _state(request.args.get("state", ""))
    number = min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)
    rows = queries.desk_page(session(), campaign.id, state, offset=(number - 1) * PAGE, limit=PAGE + 1)
    return render_template(
        "desk/messages.html",
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
    """Show or hide the ticked ones, as they stood on the page that was sent."""
    campaign = campaign_at(slug)
    readings = [reading for text in request.form.getlist("message")[:PAGE] if (reading := parse_reading(text))]
    wanted = MessageState.SHOWN if request.form.get("act") == "show" else MessageState.HIDDEN
    changed = operations.review(session(), campaign.id, readings, wanted, actor=actor(), now=now())
    if wanted is MessageState.SHOWN:
        flash(ngettext("%(num)d message may stand on the page.", "%(num)d messages may stand on the page.", changed))
    else:
        flash(ngettext("%(num)d message is hidden.", "%(num)d messages are hidden.", changed))
    state = _state(request.form.get("state", ""))
    return redirect(url_for("message_desk.index", slug=slug, state=state.value), 303)


def _state(text: str) -> MessageState:
    try:
        return MessageState(text)
    except ValueError:
        return MessageState.WAITING
