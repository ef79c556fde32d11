"""Use-cases: hand what the provider says of a charge to the feature whose payment it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.kernel.money import Money
from campaigns.kernel.ports import BalanceMovement, RemoteCharge, RemoteDispute, RemoteRefund, RemoteSession
from campaigns.payments import suspense
from campaigns.payments.mirroring import note_dispute, note_refund
from campaigns.payments.models import Payment


@dataclass(frozen=True, slots=True)
class Paid:
    """What a handler is told about its payment."""

    payment_id: UUID
    subject_id: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class Restored:
    """What a payment was for whose row is lost, and how much was promised."""

    subject_id: UUID
    amount: Money


class PaymentHandler(Protocol):
    """What a feature does when its payment moves. Each call must be idempotent."""

    def recognised(self, session: Session, paid: Paid, charge: RemoteCharge, now: datetime) -> None:
        """Book the gift and promise the receipt."""

    def settled(self, session: Session, paid: Paid, movement: BalanceMovement, now: datetime) -> None:
        """Book the provider's balance transaction with its fee."""

    def refunded(self, session: Session, paid: Paid, refund: RemoteRefund, now: datetime) -> None:
        """Book money that went back, and that came back to us where the refund failed."""

    def disputed(self, session: Session, paid: Paid, dispute: RemoteDispute, now: datetime) -> None:
        """Book money that the bank took back, and that came back to us where the dispute was won."""

    def failed(self, session: Session, paid: Paid, now: datetime) -> None:
        """Tell who paid that money which was on its way will not come."""

    def restored(self, session: Session, remote: RemoteSession, now: datetime) -> Restored | None:
        """Make the subject of a paid session again, from what the session itself says; None where it is not ours."""


Handlers = Mapping[str, PaymentHandler]


def book(
    session: Session,
    payment: Payment,
    intent_id: str | None,
    charge: RemoteCharge,
    handler: PaymentHandler,
    now: datetime,
) -> None:
    """Note the charge of a payment that is paid and book all of it that is not booked yet; idempotent.

    Our own rows come first: the ledger's head is held from the first posting on.
    """
    paid = as_paid(payment)
    payment.intent_id, payment.charge_id = intent_id, charge.id
    payment.paid_at = payment.paid_at or charge.created_at
    for refund in charge.refunds:
        note_refund(session, payment.id, refund, now)
    for dispute in charge.disputes:
        note_dispute(session, payment.id, dispute, now)
    handler.recognised(session, paid, charge, now)
    if foreign := _in_other_currencies(charge, paid.amount.currency):
        for movement in foreign:
            suspense.keep(session, movement, now, payment_id=payment.id)
        return
    if charge.movement:
        handler.settled(session, paid, charge.movement, now)
        payment.is_settled = True
    _give_back(session, paid, charge, handler, now)


def _give_back(session: Session, paid: Paid, charge: RemoteCharge, handler: PaymentHandler, now: datetime) -> None:
    """Book refunds and disputes in the order in which they began, however late we heard of them.

    Times are whole seconds; within one, refunds come first: what is disputed cannot be refunded any more.
    """
    backs: list[RemoteRefund | RemoteDispute] = [*charge.refunds, *charge.disputes]
    for back in sorted(backs, key=lambda each: (each.created_at, isinstance(each, RemoteDispute), each.id)):
        if isinstance(back, RemoteRefund):
            handler.refunded(session, paid, back, now)
        else:
            handler.disputed(session, paid, back, now)


def as_paid(payment: Payment) -> Paid:
    """Return what a handler is told of a payment."""
    return Paid(payment.id, payment.subject_id, Money(payment.amount_minor, payment.currency))


def _in_other_currencies(charge: RemoteCharge, currency: str) -> list[BalanceMovement]:
    """Return all of a charge's balance transactions where any is in another currency: a fund keeps one alone."""
    found = [charge.movement]
    found += [each for refund in charge.refunds for each in (refund.movement, refund.failure)]
    found += [each for dispute in charge.disputes for each in dispute.movements]
    there = [each for each in found if each]
    return there if any(each.net.currency != currency for each in there) else []
