"""Use-case: watch how many payments of each fund are declined, and have its brake pulled (card testing)."""

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Fund
from campaigns.donations.models import DonationLine
from campaigns.donations.rules import KIND
from campaigns.gate import operations as gate
from campaigns.gate.rules import BRAKE_WINDOW
from campaigns.payments.models import Payment, PaymentEvent
from campaigns.payments.rules import State

WATCH_EVERY = timedelta(seconds=10)
DECLINED: Final = "payment_intent.payment_failed"  # one for each card that is tried on a payment page
_MOST_EVENTS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many payments of a fund were declined, and how many paid."""

    declined: int
    paid: int


def watch(session: Session, now: datetime, *, contact: str) -> int:
    """Look at each fund whose payments were declined lately; return how many brakes are pulled.

    Funds are taken in one order, as their brakes are locked.
    """
    found = outcomes(session, now)
    names = {fund.id: fund.name for fund in session.scalars(select(Fund).where(Fund.id.in_(found)))}
    levels = [
        gate.look_at(
            session, str(fund_id), names[fund_id], declined=found[fund_id].declined, paid=found[fund_id].paid,
            contact=contact, now=now,
        )
        for fund_id in sorted(found)
    ]  # fmt: skip
    return sum(bool(level) for level in levels)


def outcomes(session: Session, now: datetime) -> dict[UUID, Outcomes]:
    """Return what became of payments in the last window, for each fund of which some were declined."""
    since = now - BRAKE_WINDOW
    told = _declined_events(session, since)
    failed = session.scalars(_payments().where(Payment.state == State.FAILED, Payment.created_at > since)).all()
    declined = told + Counter(payment_id for payment_id in failed if payment_id not in told)
    paid = session.scalars(_payments().where(Payment.paid_at > since)).all()
    funds = _funds_of(session, {*declined, *paid})
    by_fund, paid_by_fund = Counter[UUID](), Counter[UUID]()
    for payment_id, number in declined.items():
        by_fund.update(dict.fromkeys(funds.get(payment_id, ()), number))
    for payment_id in paid:
        paid_by_fund.update(funds.get(payment_id, ()))
    return {fund_id: Outcomes(number, paid_by_fund[fund_id]) for fund_id, number in by_fund.items()}


def _payments() -> Select[UUID]:
    return select(Payment.id).where(Payment.kind == KIND)


def _declined_events(session: Session, since: datetime) -> Counter[UUID]:
    """The provider's news of declines, by our payment's id in the metadata. No figure of the books is read here."""
    bodies = session.scalars(
        select(PaymentEvent.body)
        .where(PaymentEvent.type == DECLINED, PaymentEvent.received_at > since)
        .order_by(PaymentEvent.received_at.desc())
        .limit(_MOST_EVENTS)
    )
    return Counter(payment_id for body in bodies if (payment_id := _payment_in(body)))


def _payment_in(body: str) -> UUID | None:
    try:
        return UUID(json.loads(body)["data"]["object"]["metadata"]["payment"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _funds_of(session: Session, payment_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    rows = session.execute(
        select(Payment.id, DonationLine.fund_id)
        .join(DonationLine, DonationLine.donation_id == Payment.subject_id)
        .where(Payment.id.in_(payment_ids), Payment.kind == KIND)
        .distinct()
    )
    funds: dict[UUID, list[UUID]] = {}
    for payment_id, fund_id in rows:
        funds.setdefault(payment_id, []).append(fund_id)
    return funds
