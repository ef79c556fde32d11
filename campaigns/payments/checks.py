"""Proofs that our mirrors, our books and the provider's say the same. Each law has a test that breaks it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.kernel.money import Money
from campaigns.kernel.ports import RemoteBalance, SourcedMovement
from campaigns.ledger import queries as journal
from campaigns.ledger.checks import Finding
from campaigns.ledger.rules import Account, Meaning
from campaigns.payments.machines import Dispute, Refund
from campaigns.payments.models import Payment, PaymentDispute, PaymentRefund
from campaigns.payments.rules import State

SETTLES_WITHIN = timedelta(hours=24)


def verify(session: Session, now: datetime) -> list[Finding]:
    """Return every law that is broken and needs nobody's answer to be seen: S3, L8, L9."""
    return [*uncollected(session, now), *_refunds(session, now), *_disputes(session, now)]


def uncollected(session: Session, now: datetime) -> Iterator[Finding]:
    """S3: what was recognised has reached the provider's balance within a day."""
    late = (Payment.state == State.PAID, Payment.is_settled.is_(False), Payment.paid_at < now - SETTLES_WITHIN)
    for charge_id in session.scalars(select(Payment.charge_id).where(*late).order_by(Payment.paid_at)):
        yield Finding("S3", str(charge_id), "it was charged more than a day ago and is not on the provider's balance")


def _refunds(session: Session, now: datetime) -> Iterator[Finding]:
    """L8: a refund that succeeded is booked; one that failed has left nothing behind."""
    rows = session.scalars(select(PaymentRefund)).all()
    moved = _moved(session, [id_ for row in rows for id_ in (row.movement_id, row.failure_id)], Meaning.REFUNDED)
    for row in rows:
        ids = [id_ for id_ in (row.movement_id, row.failure_id) if id_]
        if missing := [id_ for id_ in ids if id_ not in moved]:
            yield Finding("L8", row.id, f"{missing[0]} is not booked")
        elif row.state == Refund.SUCCEEDED and not ids and _is_long_ago(row.ended_at, now):
            yield Finding("L8", row.id, "it succeeded more than a day ago and has moved no money")
        elif row.state == Refund.FAILED and sum(moved[id_] for id_ in ids) != 0:
            yield Finding("L8", row.id, "it failed, and the funds have not got back what it took")


def _disputes(session: Session, now: datetime) -> Iterator[Finding]:
    """L9: a dispute has an entry for each balance transaction; an inquiry has none, and one that was won nets zero."""
    rows = session.scalars(select(PaymentDispute)).all()
    moved = _moved(session, [id_ for row in rows for id_ in (row.withdrawn_id, row.reinstated_id)], Meaning.DISPUTED)
    for row in rows:
        ids = [id_ for id_ in (row.withdrawn_id, row.reinstated_id) if id_]
        if missing := [id_ for id_ in ids if id_ not in moved]:
            yield Finding("L9", row.id, f"{missing[0]} is not booked")
        elif row.state in (Dispute.INQUIRY, Dispute.INQUIRY_CLOSED) and ids:
            yield Finding("L9", row.id, "it is an inquiry, and has moved money")
        elif row.state == Dispute.WON and _is_long_ago(row.ended_at, now) and sum(moved[id_] for id_ in ids) != 0:
            yield Finding("L9", row.id, "it was won more than a day ago, and the funds have not got back what it took")


def _moved(session: Session, ids: Sequence[str | None], meaning: Meaning) -> dict[str, int]:
    keys = [f"bt:{id_}" for id_ in ids if id_]
    return {key.removeprefix("bt:"): total for key, total in journal.moved(session, keys, meaning).items()}


def _is_long_ago(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment < now - SETTLES_WITHIN


def transactions(session: Session, listed: Sequence[SourcedMovement], now: datetime) -> Iterator[Finding]:
    """S1: each balance transaction has its entry, with the same net; a young one may still wait for its own."""
    keys = [f"bt:{each.movement.id}" for each in listed]
    booked = journal.on_account(session, keys, Account.BALANCE)
    for each in listed:
        net, ours = each.movement.net.minor, booked.get(f"bt:{each.movement.id}")
        if ours is None and _is_long_ago(each.movement.created_at, now) and (net or each.movement.fee):
            yield Finding("S1", each.movement.id, "it is more than a day old and not booked")
        elif ours not in (None, net):
            yield Finding("S1", each.movement.id, f"it is booked as {ours}, and moved {net}")


def balance(session: Session, remote: RemoteBalance, listed: Sequence[SourcedMovement]) -> Iterator[Finding]:
    """S2: our `stripe:balance` is what lies with the provider, less what it has listed and we have not booked yet."""
    booked = journal.booked(session, [f"bt:{each.movement.id}" for each in listed])
    theirs = {each.currency: each.minor for each in remote.sums}
    for each in listed:
        if f"bt:{each.movement.id}" not in booked:
            theirs[each.movement.net.currency] = theirs.get(each.movement.net.currency, 0) - each.movement.net.minor
    ours = {
        each.balance.currency: each.balance.minor
        for each in journal.balances(session)
        if each.account == Account.BALANCE
    }
    for currency in sorted(ours.keys() | theirs.keys()):
        mine, its = Money(ours.get(currency, 0), currency), Money(theirs.get(currency, 0), currency)
        if mine != its:
            yield Finding("S2", currency, f"our books say {mine}, the provider's {its}")
