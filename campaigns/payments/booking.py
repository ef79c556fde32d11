"""Use-cases: hand what the provider says of a charge to the feature whose payment it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.kernel.money import Money
from campaigns.kernel.ports import BalanceMovement, RemoteCharge, RemoteRefund
from campaigns.payments.models import Payment


@dataclass(frozen=True, slots=True)
class Paid:
    """What a handler is told about its payment."""

    payment_id: UUID
    subject_id: UUID
    amount: Money


class PaymentHandler(Protocol):
    """What a feature does when its payment moves. Each call must be idempotent."""

    def recognised(self, session: Session, paid: Paid, charge: RemoteCharge, now: datetime) -> None:
        """Book the gift and promise the receipt."""

    def settled(self, session: Session, paid: Paid, movement: BalanceMovement, now: datetime) -> None:
        """Book the provider's balance transaction with its fee."""

    def refunded(self, session: Session, paid: Paid, refund: RemoteRefund, now: datetime) -> None:
        """Book money that went back."""


Handlers = Mapping[str, PaymentHandler]


def book(
    session: Session,
    payment: Payment,
    intent_id: str | None,
    charge: RemoteCharge,
    handler: PaymentHandler,
    now: datetime,
) -> None:
    """Note the charge of a payment that is paid and book all of it that is not booked yet; idempotent."""
    paid = Paid(payment.id, payment.subject_id, Money(payment.amount_minor, payment.currency))
    payment.intent_id, payment.charge_id = intent_id, charge.id
    payment.paid_at = payment.paid_at or charge.created_at
    handler.recognised(session, paid, charge, now)
    if charge.movement:
        handler.settled(session, paid, charge.movement, now)
        payment.is_settled = True
    for refund in charge.refunds:
        if refund.movement:
            handler.refunded(session, paid, refund, now)
