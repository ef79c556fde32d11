"""Use-cases: book a gift when its payment moves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.campaign.operations import ensure_general_fund
from campaigns.donations import queries, receipting
from campaigns.donations.queries import GiftLine
from campaigns.kernel.ports import BalanceMovement, RemoteCharge, RemoteRefund
from campaigns.ledger import operations as ledger
from campaigns.ledger import queries as journal
from campaigns.ledger import rules as ledger_rules
from campaigns.ledger.rules import Bearer, EarmarkLine
from campaigns.payments.booking import Paid
from campaigns.receipts.rules import Issuer


@dataclass(frozen=True, slots=True)
class DonationPayments:
    """What a donation does when its payment moves: a PaymentHandler, whose calls may come any number of times.

    After each posting the receipts follow (`receipting.keep_receipt`), whatever moved the money.
    """

    issuer: Issuer

    def recognised(self, session: Session, paid: Paid, charge: RemoteCharge, now: datetime) -> None:
        """Book the gift to its funds; the receipt follows."""
        lines = queries.lines_of(session, paid.subject_id)
        earmarks = [EarmarkLine(line.fund_id, line.line_id, line.amount) for line in lines]
        ledger.post(session, ledger_rules.recognised(charge.id, earmarks, charge.created_at), now)
        receipting.keep_receipt(session, paid.subject_id, self.issuer, now)

    def settled(self, session: Session, paid: Paid, movement: BalanceMovement, now: datetime) -> None:
        """Book the balance transaction; the fee goes to the funds that bear it now, and stays with them."""
        if journal.record(session, f"bt:{movement.id}"):
            return
        bearers = _bearers(session, queries.lines_of(session, paid.subject_id), movement.fee.currency, now)
        ledger.post(session, ledger_rules.settled(movement, bearers), now)

    def refunded(self, session: Session, paid: Paid, refund: RemoteRefund, now: datetime) -> None:
        """Book money that went back, in proportion to what each earmark still held."""
        movement = refund.movement
        if movement is None or journal.record(session, f"bt:{movement.id}"):
            return
        bearers = _bearers(session, queries.lines_of(session, paid.subject_id), movement.fee.currency, now)
        held = queries.still_held(session, paid.subject_id)
        ledger.post(session, ledger_rules.refunded(movement, held, bearers), now)
        receipting.keep_receipt(session, paid.subject_id, self.issuer, now)


def _bearers(session: Session, lines: tuple[GiftLine, ...], currency: str, now: datetime) -> list[Bearer]:
    """Each line's fee is borne by its fund or by the general fund, as the fund says."""
    general = ensure_general_fund(session, currency, lines[0].recipient, now)
    weights: dict[UUID, int] = {}
    for line in lines:
        bearer = line.fund_id if line.fees_borne_by == "fund" else general
        weights[bearer] = weights.get(bearer, 0) + line.amount.minor
    return [Bearer(fund_id, weight) for fund_id, weight in weights.items()]
