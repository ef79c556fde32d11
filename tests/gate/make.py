"""Short words for what happens at the gate: give from somewhere, decline cards, solve sums."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from campaigns.donations import watching
from campaigns.gate.models import PaymentTry
from campaigns.payments.models import Payment, PaymentEvent
from tests.make import GIVE, World

NETWORK = "203.0.113.7"


def give(world: World, number: int = 0, *, network: str | None = None, **typed: str) -> TestResponse:
    """Send the donation form as giver `number`, from a network of their own unless one is named."""
    address = network or f"198.51.{number // 250 % 250}.{number % 250 + 1}"
    fields = GIVE | {"email": f"giver{number}@example.org", "attempt": f"a{number}"} | typed
    return world.client.post("/campaigns/rescind/donate", data=fields, environ_base={"REMOTE_ADDR": address})


def opened(world: World) -> int:
    """How many payment pages were opened."""
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(PaymentTry)) or 0


def fund_of(world: World) -> str:
    return str(world.ask().fund.id)


def decline(world: World, times: int, payment_id: UUID | None = None) -> None:
    """Let the provider tell of declined cards at one payment page."""
    with world.work() as session:
        payment_id = payment_id or session.scalars(select(Payment.id).order_by(Payment.created_at)).first()
        before = session.scalar(select(func.count()).select_from(PaymentEvent)) or 0
        body = json.dumps({"data": {"object": {"metadata": {"payment": str(payment_id)}}}})
        for number in range(times):
            session.add(_event(f"evt_declined_{before + number}", body, world))


def _event(event_id: str, body: str, world: World) -> PaymentEvent:
    values: dict[str, Any] = {"api_version": None, "subject_kind": "payment_intent", "subject_id": "pi_1"}
    return PaymentEvent(
        id=event_id, type=watching.DECLINED, body=body, received_at=world.clock(), deliveries=1, is_ignored=False,
        **values,
    )  # fmt: skip


def watch(world: World) -> int:
    with world.work() as session:
        return watching.watch(session, world.clock(), contact="treasurer@example.org")
