"""The gate's doors: the page for who is held, with all that was typed, and the sums that let them through."""

from uuid import UUID

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from campaigns.abuse.checks import new_challenge, waited, waiting_ticket
from campaigns.gate.operations import Held, ProofWanted
from campaigns.gate.rules import WAIT
from campaigns.web.context import now

blueprint = Blueprint("gate", __name__)
OURS = frozenset({"altcha", "ticket"})


@blueprint.get("/payments/challenge/<uuid:subject>")
def challenge(subject: UUID) -> Response:
    """Hand out a sum to do."""
    response = jsonify(new_challenge(str(subject), now()))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.app_errorhandler(Held)
def held(refusal: Held) -> Response:
    """Show what to do, with a button that sends the form again as it was typed. Which rule held is not said."""
    typed = [pair for pair in request.form.items(multi=True) if pair[0] not in OURS]
    can_go_on = isinstance(refusal, ProofWanted)
    page = render_template(
        "gate/held.html", typed=typed, path=request.path, can_go_on=can_go_on, subject=refusal.subject,
        ticket=_ticket(refusal) if can_go_on else "", minutes=refusal.seconds // 60,
    )  # fmt: skip
    response = make_response(page, refusal.status)
    response.headers["Retry-After"] = str(refusal.seconds)
    response.headers["Cache-Control"] = "no-store"
    return response


def _ticket(refusal: Held) -> str:
    """Return the ticket that was handed in too early, else a new one: pressing again makes nobody wait longer."""
    given, ripe = request.form.get("ticket", ""), now() + WAIT
    is_good = waited(given, refusal.subject, refusal.address_key, ripe) and not _is_ripe(given, refusal)
    return given if is_good else waiting_ticket(refusal.subject, refusal.address_key, ripe)


def _is_ripe(ticket: str, refusal: Held) -> bool:
    return waited(ticket, refusal.subject, refusal.address_key, now()) is not None
