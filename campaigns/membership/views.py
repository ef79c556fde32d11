"""The public door of membership: join."""

import logging
from dataclasses import replace

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask_babel import get_locale, gettext

from campaigns.campaign import queries as campaigns
from campaigns.campaign.employer import Employer
from campaigns.campaign.guard import danger_from, warned
from campaigns.gate.guard import visit
from campaigns.kernel.ports import PaymentsUnavailable
from campaigns.membership import queries
from campaigns.membership.flows import Joining
from campaigns.membership.forms import JoinForm
from campaigns.membership.operations import NoSuchTier
from campaigns.web.context import now, services

log = logging.getLogger(__name__)
blueprint = Blueprint("membership", __name__)
EXTENSION = "undersigned.joining"
_AWAY = "The payment page cannot be reached at the moment. No money has moved. Please try again in a few minutes."


@blueprint.get("/join")
def join_page() -> Response:
    """Show the tiers and the form; ?via= is the code of who sent the visitor."""
    form = _form()
    return _page(form, 200 if form.tiers else 404)


@blueprint.post("/join", endpoint="join")
def join() -> Response:
    """Keep who wants to join, and send them to the hosted payment page.

    Before anything is stored, ask again where something typed is wrong (422), and where an employer would read of it
    (409).
    """
    form = _form()
    if not form.tiers:
        raise NoSuchTier
    if not form.validate_on_submit():
        return _page(form, 422)
    email = form.email.data or ""
    if danger := danger_from(_employers(), email):
        return warned("membership/at_work.html", danger, email)
    try:
        tier_id, fields = form.fields()
        url = _joining().join(tier_id, replace(fields, visit=visit()), str(get_locale() or "auto"))
    except PaymentsUnavailable as away:
        log.error("payments not available", extra={"problem": str(away), "path": request.endpoint})
        form.tier.errors = [*form.tier.errors, gettext(_AWAY)]
        return _page(form, 503)
    return make_response(redirect(url, 303))


def _form() -> JoinForm:
    """A form of what was typed; read in a session of its own, for the flow writes in another."""
    with services().reading() as session:
        offered = queries.tiers(session, open_only=True)
    if request.method == "POST":
        return JoinForm(request.form, tiers=offered)
    return JoinForm(None, tiers=offered, via=request.args.get("via", ""))


def _employers() -> Employer:
    with services().reading() as session:
        return campaigns.every_employer(session, now())


def _page(form: JoinForm, status: int) -> Response:
    return make_response(render_template("membership/join.html", form=form), status)


def _joining() -> Joining:
    joining: Joining = current_app.extensions[EXTENSION]
    return joining
