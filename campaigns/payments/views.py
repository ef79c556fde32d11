"""Stripe's doorbell."""

import logging

from flask import Blueprint, Response, request

from campaigns.kernel.ports import NotGenuine
from campaigns.payments import operations
from campaigns.payments.rules import Word
from campaigns.web.context import now, services, session
from campaigns.web.guard import takes_posts_from_elsewhere

log = logging.getLogger(__name__)
blueprint = Blueprint("payments", __name__)
REFUSED = {Word.OTHER_MODE: "wrong mode\n", Word.OTHER_ACCOUNT: "wrong account\n"}


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
    if word := operations.refusal_of(session(), bell, livemode=services().settings.livemode):
        operations.refuse_event(session(), word, now=now())
        log.error("webhook refused", extra={"problem": word.value})
        return _plain(REFUSED[word], 400)
    operations.store_event(session(), bell, body, now=now())
    return _plain("stored\n", 200)


def _plain(text: str, status: int) -> Response:
    return Response(text, status, mimetype="text/plain")
