"""Reads: which entries of the journal are about a payment, by what its charge, refunds and disputes moved."""

from typing import Any

from sqlalchemy import Select, Subquery, literal, select, union_all

from campaigns.payments.models import Payment, PaymentDispute, PaymentRefund

_MIRRORED = (
    (PaymentRefund.payment_id, PaymentRefund.movement_id),
    (PaymentRefund.payment_id, PaymentRefund.failure_id),
    (PaymentDispute.payment_id, PaymentDispute.withdrawn_id),
    (PaymentDispute.payment_id, PaymentDispute.reinstated_id),
)


def sources(kind: str) -> Subquery:
    """Return `subject_id` and `source_key` of the entries that the payments of a kind may have in the journal.

    They are the charge's recognition, and every balance transaction that took of it or gave back: all that moves
    what is kept, and no fee. What is not booked yet has no entry under its key.
    """
    charges = select(Payment.subject_id, _key("charge", Payment.charge_id)).where(
        Payment.kind == kind, Payment.charge_id.is_not(None)
    )
    return union_all(charges, *(_moved(kind, *columns) for columns in _MIRRORED)).subquery("source")


def _moved(kind: str, payment_id: Any, movement_id: Any) -> Select[Any]:
    return (
        select(Payment.subject_id, _key("bt", movement_id))
        .join_from(Payment, payment_id.class_, payment_id == Payment.id)
        .where(Payment.kind == kind, movement_id.is_not(None))
    )


def _key(realm: str, its_id: Any) -> Any:
    return (literal(f"{realm}:") + its_id).label("source_key")
