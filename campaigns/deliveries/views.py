"""Is this list genuine? No name can be looked up here."""

from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from campaigns.campaign import queries as campaigns
from campaigns.deliveries import queries
from campaigns.deliveries.operations import NoSuchDelivery
from campaigns.deliveries.queries import DeliveryFacts
from campaigns.deliveries.rules import State
from campaigns.web.context import now, session

blueprint = Blueprint("deliveries", __name__)


@blueprint.get("/verify")
def verify_index() -> Response:
    """Say what can be checked; lead to the list whose id was typed, or say that no list has it."""
    typed = request.args.get("id", "").strip()[:64]
    if typed and _in_hand(typed):
        return make_response(redirect(url_for("deliveries.verify", public_id=typed), 303))
    page = render_template("deliveries/verify_index.html", unknown=typed)
    return make_response(page, NoSuchDelivery.status if typed else HTTPStatus.OK)


@blueprint.get("/verify/<public_id>")
def verify(public_id: str) -> Response:
    """Show a list's number, date, totals and digests."""
    delivery = _in_hand(public_id)
    if delivery is None:
        raise NoSuchDelivery
    campaign = campaigns.find(session(), delivery.campaign_id, now())
    return make_response(render_template("deliveries/verify.html", delivery=delivery, campaign=campaign))


def _in_hand(public_id: str) -> DeliveryFacts | None:
    """Return the list that somebody may hold in their hand: one whose file is made."""
    delivery = queries.find(session(), public_id)
    return delivery if delivery and delivery.state is State.READY else None
