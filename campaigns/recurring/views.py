"""The owner's doors to a monthly payment: a mailed link opens them, and nothing changes without pressing a button."""

import logging
from http import HTTPStatus

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for

from campaigns.kernel.errors import NotFound
from campaigns.recurring import operations
from campaigns.recurring.booking import About
from campaigns.recurring.flows import Recurring
from campaigns.recurring.forms import AmountForm
from campaigns.recurring.operations import LinkTooOld
from campaigns.recurring.queries import Monthly
from campaigns.recurring.rules import Act
from campaigns.switches.guard import standing
from campaigns.web.context import now, services
from campaigns.web.headers import private

log = logging.getLogger(__name__)
blueprint = Blueprint("recurring", __name__)
EXTENSION = "undersigned.recurring"
DONE = ("amount", "pause", "resume", "cancel")


class NothingMonthly(NotFound):
    """There is no monthly payment at this address."""


@blueprint.get("/monthly/<public_id>")
def show(public_id: str) -> Response:
    """Tell whether a monthly payment has begun, right whether or not a webhook has come. No person's data."""
    monthly = _recurring().look_up(public_id, may_write=not standing().read_only)
    if monthly is None:
        raise NothingMonthly
    return private(render_template("recurring/begun.html", monthly=monthly, about=_about(monthly)))


@blueprint.get("/monthly/manage/<token>")
def manage_page(token: str) -> Response:
    """Show a monthly payment to its owner. Opening it changes nothing."""
    monthly, about = _opened(token)
    return _page(token, monthly, about, _form(monthly, about))


@blueprint.post("/monthly/manage/<token>/amount", endpoint="change_amount")
def change_amount(token: str) -> Response:
    """Let each month cost another amount, from the next one on."""
    monthly, about = _opened(token)
    form = AmountForm(request.form, about=about)
    if not form.validate() or form.chosen is None:
        return _page(token, monthly, about, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    if form.chosen != monthly.amount or Act.AMOUNT in monthly.waits:  # typing it again takes back what waits
        _recurring().act(monthly.id, Act.AMOUNT, form.chosen)
    return _back(token, "amount")


@blueprint.post("/monthly/manage/<token>/pause", endpoint="pause")
def pause(token: str) -> Response:
    """Take no money until it is resumed."""
    return _done(token, Act.PAUSE)


@blueprint.post("/monthly/manage/<token>/resume", endpoint="resume")
def resume(token: str) -> Response:
    """Let it go on."""
    return _done(token, Act.RESUME)


@blueprint.post("/monthly/manage/<token>/cancel", endpoint="cancel")
def cancel(token: str) -> Response:
    """End it; pressed twice, it has ended all the same."""
    return _done(token, Act.CANCEL)


@blueprint.post("/monthly/manage/<token>/card", endpoint="card")
def card(token: str) -> Response:
    """Send the owner to the provider's page on which a new card is entered."""
    monthly, _ = _opened(token)
    address = _recurring().portal(monthly, services().links.monthly_manage(token))
    return make_response(redirect(address, HTTPStatus.SEE_OTHER))


def _done(token: str, act: Act) -> Response:
    monthly, _ = _opened(token)
    try:
        _recurring().act(monthly.id, act)
    except operations.NotNow:
        if act in _wanted_already(monthly):
            return _back(token, act.value)
        raise
    return _back(token, act.value)


def _wanted_already(monthly: Monthly) -> tuple[Act, ...]:
    """Return the acts whose end is reached already: a button pressed twice is no mistake."""
    return {"ended": (Act.CANCEL,), "paused": (Act.PAUSE,), "active": (Act.RESUME,)}.get(monthly.state.value, ())


def _opened(token: str) -> tuple[Monthly, About]:
    """Return what a link opens, read in a session of its own: the flows write in others. Raises LinkTooOld."""
    with services().reading() as session:
        monthly = operations.opened_by(session, token, now())
        return monthly, _recurring().handlers[monthly.kind].about(session, monthly.subject_id)


def _about(monthly: Monthly) -> About:
    with services().reading() as session:
        return _recurring().handlers[monthly.kind].about(session, monthly.subject_id)


def _form(monthly: Monthly, about: About) -> AmountForm:
    return AmountForm(formdata=None, about=about, data={"amount": f"{monthly.amount.decimal():f}"})


def _page(token: str, monthly: Monthly, about: About, form: AmountForm, status: int = HTTPStatus.OK) -> Response:
    done = request.args.get("done", "")
    values = {"token": token, "monthly": monthly, "about": about, "form": form, "done": done if done in DONE else ""}
    return private(render_template("recurring/manage.html", **values), status)


def _back(token: str, done: str) -> Response:
    return make_response(redirect(url_for("recurring.manage_page", token=token, done=done), HTTPStatus.SEE_OTHER))


@blueprint.errorhandler(LinkTooOld)
def _too_old(_refusal: LinkTooOld) -> Response:
    return private(render_template("recurring/too_old.html"), LinkTooOld.status)


def _recurring() -> Recurring:
    recurring: Recurring = current_app.extensions[EXTENSION]
    return recurring
