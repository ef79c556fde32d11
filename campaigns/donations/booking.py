"""Use-cases: book a gift when its payment moves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.campaign.operations import ensure_general_fund
from campaigns.donations import queries
from campaigns.donations.queries import GiftLine
from campaigns.kernel.ports import BalanceMovement, RemoteCharge, RemoteRefund
from campaigns.ledger import operations as ledger
from campaigns.ledger import queries as journal
from campaigns.ledger import rules as ledger_rules
from campaigns.ledger.rules import Bearer, EarmarkLine
from campaigns.mailboxes import operations as mailboxes
from campaigns.outbox import operations as outbox
from campaigns.payments.booking import Paid

RECEIPT_MAIL = "donations.receipt_mail"


class DonationPayments:
    """What a donation does when its payment moves: a PaymentHandler, whose calls may come any number of times."""

    def recognised(self, session: Session, paid: Paid, charge: RemoteCharge, now: datetime) -> None:
        """Book the gift to its funds and queue the receipt."""
        lines = queries.lines_of(session, paid.subject_id)
        earmarks = [EarmarkLine(line.fund_id, line.line_id, line.amount, line.is_fee_cover) for line in lines]
        ledger.post(session, ledger_rules.recognised(charge.id, earmarks, charge.created_at), now)
        _queue_receipt(session, paid, lines, charge, now)

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


def _bearers(session: Session, lines: tuple[GiftLine, ...], currency: str, now: datetime) -> list[Bearer]:
    """Each gift's fee is borne by its fund or by the general fund, as the fund says. What covers a fee bears none."""
    general = ensure_general_fund(session, currency, lines[0].recipient, now)
    weights: dict[UUID, int] = {}
    for line in (line for line in lines if not line.is_fee_cover):
        bearer = line.fund_id if line.fees_borne_by == "fund" else general
        weights[bearer] = weights.get(bearer, 0) + line.amount.minor
    return [Bearer(fund_id, weight) for fund_id, weight in weights.items()]


def _queue_receipt(
    session: Session, paid: Paid, lines: tuple[GiftLine, ...], charge: RemoteCharge, now: datetime
) -> None:
    (email, dedication), link = queries.receipt_words(session, paid.subject_id), mailboxes.new_link(now)
    if not email:  # the giver had it erased while the payment was under way
        return
    payload = {
        "to": email,
        "own_page": link.secret,
        "public_id": queries.public_id_of(session, paid.subject_id),
        "amount": [paid.amount.minor, paid.amount.currency],
        "date": charge.created_at.date().isoformat(),
        "dedication": dedication,
        "lines": [_receipt_line(line) for line in lines],
    }
    if outbox.enqueue(session, RECEIPT_MAIL, str(paid.subject_id), payload, now=now):
        mailboxes.keep_link(session, mailboxes.hash_of(email), link, now=now)


def _receipt_line(line: GiftLine) -> dict[str, object]:
    return {
        "fund": line.fund_name,
        "purpose": line.purpose,
        "beyond": line.beyond,
        "recipient": line.recipient,
        "tax": line.tax,
        "kind": line.kind,
        "amount": [line.amount.minor, line.amount.currency],
    }
