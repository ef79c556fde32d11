"""The desk's door to the switches."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from campaigns.accounts.guard import NotForYou, actor, for_roles, roles_held
from campaigns.accounts.rules import ADMIN, ORGANIZER
from campaigns.kernel.errors import NotFound
from campaigns.outbox import queries as outbox
from campaigns.switches import operations, queries
from campaigns.switches.forms import SwitchForm
from campaigns.switches.operations import NoWords, TooManyWords, Unreadable
from campaigns.switches.rules import Switch
from campaigns.web.context import now, session

blueprint = Blueprint("switches_desk", __name__, url_prefix="/desk/switches")


class NoSuchSwitch(NotFound):
    """There is no switch of this name."""


@blueprint.get("/")
@for_roles(ORGANIZER)
def index() -> Response:
    """Show every switch with what it does."""
    return _page({}, 200)


@blueprint.post("/<name>")
@for_roles(ORGANIZER)
def turn(name: str) -> AnyResponse:
    """Turn one switch on or off."""
    switch = _switch(name)
    is_on = request.form.get("turn") == "on"
    words = SwitchForm().words.data or ""
    try:
        operations.turn(session(), switch, is_on=is_on, words=words, actor=actor(), now=now())
    except (NoWords, TooManyWords, Unreadable) as refused:
        return _page({switch: (words, gettext(str(refused)))}, refused.status)
    flash(gettext("It is on.") if is_on else gettext("It is off."))
    return redirect(url_for("switches_desk.index"), 303)


def _page(refused: dict[Switch, tuple[str, str]], status: int) -> Response:
    waiting = sum(kind.due for kind in outbox.backlog(session(), now()) if kind.kind.endswith("mail"))
    page = render_template(
        "desk/switches.html",
        switches=queries.every(session()),
        refused=refused,
        is_admin=ADMIN in roles_held(),
        mails_waiting=waiting,
    )
    return make_response(page, status)


def _switch(name: str) -> Switch:
    try:
        switch = Switch(name)
    except ValueError as unknown:
        raise NoSuchSwitch from unknown
    if switch.is_for_admins and ADMIN not in roles_held():
        raise NotForYou
    return switch
