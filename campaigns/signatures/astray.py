"""The doors for mail that went astray: have it sent again, or say that it was not you."""

from http import HTTPStatus

from flask import Blueprint, Response, make_response, render_template, request

from campaigns.campaign import queries as campaigns
from campaigns.campaign.answers import published_petition_at
from campaigns.signatures import confirming, queries
from campaigns.signatures.forms import ResendForm
from campaigns.signatures.rules import State
from campaigns.web.caching import kept_page, with_holes
from campaigns.web.context import now, session
from campaigns.web.headers import private

blueprint = Blueprint("astray", __name__)


@blueprint.get("/campaigns/<slug>/sign/resend")
@kept_page
def resend_page(slug: str) -> Response:
    """Ask for the address."""
    return make_response(
        render_template("signatures/resend.html", campaign=published_petition_at(slug), form=ResendForm())
    )


@blueprint.post("/campaigns/<slug>/sign/resend", endpoint="resend")
def resend(slug: str) -> Response:
    """Say to check the mail: the same answer for every address, and the one that signing gives."""
    campaign = published_petition_at(slug)
    form = ResendForm(request.form)
    if not form.validate():
        page = render_template("signatures/resend.html", campaign=campaign, form=form)
        return make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY)
    confirming.resend(session(), campaign, form.email.data or "", now=now())
    page = with_holes(
        ("sent again", slug),
        {"email": form.email.data or ""},
        lambda marks: render_template(
            "signatures/check_mail.html", campaign=campaign, email=marks["email"], is_again=True
        ),
    )
    return private(page)


@blueprint.get("/not-me/<token>")
def not_me_page(token: str) -> Response:
    """Show one button. Opening the link does nothing."""
    found = queries.behind_link(session(), token, now())
    if found is None or found.state is State.WITHDRAWN:
        return _nothing_to_undo(is_undone=found is not None)
    campaign = campaigns.find(session(), found.campaign_id, now())
    return private(render_template("signatures/not_me.html", signature=found, campaign=campaign))


@blueprint.post("/not-me/<token>", endpoint="not_me")
def not_me(token: str) -> Response:
    """Delete what waits, or withdraw what was confirmed; pressing twice is harmless."""
    return _nothing_to_undo(is_undone=confirming.disown(session(), token, now=now()))


def _nothing_to_undo(*, is_undone: bool) -> Response:
    """What a link shows once it has done its work, and a link that can do none: that one claims nothing."""
    return private(render_template("signatures/not_me_done.html", is_undone=is_undone))
