"""Stripe's doorbell."""

import logging

from flask import Blueprint, Response, request

from campaigns.kernel.ports import NotGenuine
from campaigns.payments import operations
from campaigns.web.context import now, services, session
from campaigns.web.guard import takes_posts_from_elsewhere

log = logging.getLogger(__name__)
blueprint = Blueprint("payments", __name__)


@blueprint.post("/webhooks/stripe")
@takes_posts_from_elsewhere
def stripe_webhook() -> Response:
    """Verify the raw bytes, store the event once, answer 200. Everything else happens in the worker."""
    body = request.get_data()
    try:
        bell = services().checkout.read_doorbell(body, request.headers.get("Stripe-Signature", ""), now())
    except NotGenuine as refused:
        log.warning("webhook not genuine", extra={"problem": str(refused)})
        return _plain(f"not genuine: {refused}\n", 400)
    if bell.livemode != services().settings.livemode:
        log.error("webhook of the other mode: test and live keys are mixed")
        return _plain("wrong mode\n", 400)
    operations.store_event(session(), bell, body, now=now())
    return _plain("stored\n", 200)


def _plain(text: str, status: int) -> Response:
    return Response(text, status, mimetype="text/plain")
