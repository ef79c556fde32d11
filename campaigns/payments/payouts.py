"""Use-cases: take in what the provider says of a payout."""

from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.campaign import queries as campaigns
from campaigns.kernel.ports import BalanceMovement, RemotePayout
from campaigns.ledger import operations as ledger
from campaigns.ledger import queries as journal
from campaigns.ledger import rules as ledger_rules
from campaigns.ledger.rules import Bearer
from campaigns.outbox.operations import insert_ignoring
from campaigns.payments import machines, suspense
from campaigns.payments.alarms import alarm
from campaigns.payments.mirroring import movement_id
from campaigns.payments.models import Payout
from campaigns.payments.rules import Word


def take_in(session: Session, remote: RemotePayout, now: datetime) -> None:
    """Move the mirror of a payout forward and book what it moved: out to the bank, and back where it failed."""
    row = _locked(session, remote)
    state = machines.next_payout(row.state, remote.status)
    if state.value != row.state:
        row.state, row.ended_at = state.value, now if state in machines.OVER else None
    row.movement_id = row.movement_id or movement_id(remote.movement)
    row.failure_id = row.failure_id or movement_id(remote.failure)
    if remote.parts is not None and remote.parts != remote.amount:
        alarm(session, Word.PAYOUT_PARTS, remote.id, now)
    if state is machines.Payout.FAILED:
        alarm(session, Word.PAYOUT_FAILED, remote.id, now)
    for movement in (remote.movement, remote.failure):
        if movement:
            _book(session, movement, now)


def _locked(session: Session, remote: RemotePayout) -> Payout:
    values = {
        "id": remote.id, "state": machines.Payout.UNKNOWN.value, "is_automatic": remote.is_automatic,
        "opened_at": remote.created_at,
    }  # fmt: skip
    insert_ignoring(session, Payout, values)
    return session.get_one(Payout, remote.id, with_for_update=True)


def _book(session: Session, movement: BalanceMovement, now: datetime) -> None:
    """An instant payout costs a fee, which the general fund bears; without one it is nobody's yet."""
    if journal.record(session, f"bt:{movement.id}"):
        return
    general = campaigns.general_fund(session, movement.net.currency)
    if movement.fee and general is None:
        suspense.keep(session, movement, now)
        return
    bearers = [Bearer(general.id, 1)] if general else []
    ledger.post(session, ledger_rules.payout(movement, bearers), now)
