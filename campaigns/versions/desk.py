"""The desk's doors for a petition's versions: who signed which, and telling people of a correction."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from campaigns.accounts.guard import actor, for_roles
from campaigns.accounts.rules import ORGANIZER
from campaigns.campaign.answers import petition_at
from campaigns.versions import queries, telling
from campaigns.versions.telling import NamesDeleted, NothingToTell, OtherText
from campaigns.web.context import now, session

blueprint = Blueprint("version_desk", __name__, url_prefix="/desk/campaigns/<slug>/versions")


@blueprint.get("")
@for_roles(ORGANIZER)
def index(slug: str) -> str:
    """List the versions with who signed them, and offer to tell people."""
    return _index(slug)


@blueprint.post("/tell")
@for_roles(ORGANIZER)
def tell(slug: str) -> str | tuple[str, int] | Response:
    """Have those who signed an earlier text told of the one that the page showed."""
    number = request.form.get("version", 0, type=int)
    try:
        is_new = telling.tell(session(), slug, number, actor=actor(), now=now())
    except (NamesDeleted, NothingToTell, OtherText) as refused:
        return _index(slug, sentence=str(refused)), refused.status
    flash(gettext("They are being told.") if is_new else gettext("They are told already; nobody is told twice."))
    return redirect(url_for("version_desk.index", slug=slug), HTTPStatus.SEE_OTHER)


def _index(slug: str, sentence: str = "") -> str:
    campaign = petition_at(slug)
    shown = queries.corrections(session(), campaign.id)
    signed = queries.signed(session(), campaign.id)
    return render_template(
        "desk/versions.html",
        campaign=campaign,
        corrections=shown,
        signed=signed,
        earlier=sum(signed.get(each.version.id, 0) for each in shown[1:]),
        notices=queries.notices(session(), campaign.id),
        sentence=sentence,
    )
