"""Use-cases: book a gift when its payment moves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.campaign.operations import ensure_general_fund
from campaigns.donations import queries, receipting, restoring
from campaigns.donations.queries import GiftLine
from campaigns.kernel.money import Money
from campaigns.kernel.ports import BalanceMovement, RemoteCharge, RemoteDispute, RemoteRefund, RemoteSession
from campaigns.ledger import operations as ledger
from campaigns.ledger import queries as journal
from campaigns.ledger import rules as ledger_rules
from campaigns.ledger.rules import Bearer, Draft, EarmarkLine, Meaning
from campaigns.outbox import operations as outbox
from campaigns.payments import returning
from campaigns.payments.alarms import alarm
from campaigns.payments.booking import Paid, Restored
from campaigns.payments.returning import Return, Stake
from campaigns.payments.rules import Word
from campaigns.receipts.rules import Issuer

FAILED_MAIL = "donations.failed_mail"
REFUND_FAILED_MAIL = "donations.refund_failed_mail"
_GONE_BACK = frozenset({Meaning.REFUNDED, Meaning.DISPUTED})


@dataclass(frozen=True, slots=True)
class DonationPayments:
    """What a donation does when its payment moves: a PaymentHandler, whose calls may come any number of times.

    `site` is the mark of this installation on every session that it opens. After each posting the receipts follow
    (`receipting.GIFTS`), whatever moved the money.
    """

    site: str
    issuer: Issuer

    def recognised(self, session: Session, paid: Paid, charge: RemoteCharge, now: datetime) -> None:
        """Book the gift to its funds; the receipt follows."""
        lines = queries.lines_of(session, paid.subject_id)
        draft = ledger_rules.recognised(charge.id, _given(lines), charge.created_at)
        if journal.record(session, draft.source_key) is None:
            _tell_what_is_odd(session, paid, now)
        self._post(session, paid, draft, now)
        receipting.GIFTS.keep_receipt(session, paid.subject_id, self.issuer, now)

    def settled(self, session: Session, paid: Paid, movement: BalanceMovement, now: datetime) -> None:
        """Book the balance transaction; the fee goes to the funds that bear it now, and stays with them."""
        if journal.record(session, f"bt:{movement.id}"):
            return
        bearers = _bearers(session, queries.lines_of(session, paid.subject_id), movement.fee.currency, now)
        self._post(session, paid, ledger_rules.settled(movement, bearers), now)

    def refunded(self, session: Session, paid: Paid, refund: RemoteRefund, now: datetime) -> None:
        """Book money that went back, in proportion to what each earmark still held; where it failed, undo just that."""
        for back in returning.of_refund(refund):
            self._returned(session, paid, back, now)
        if refund.status == "failed":
            _queue_word(session, paid, REFUND_FAILED_MAIL, refund.id, refund.amount, now)

    def disputed(self, session: Session, paid: Paid, dispute: RemoteDispute, now: datetime) -> None:
        """Book what the bank withdrew, with its fee, and what it reinstated. An inquiry has moved nothing."""
        for back in returning.of_dispute(dispute):
            self._returned(session, paid, back, now)

    def failed(self, session: Session, paid: Paid, now: datetime) -> None:
        """Tell the giver that the bank did not send what it had begun to."""
        _queue_word(session, paid, FAILED_MAIL, str(paid.payment_id), paid.amount, now)

    def restored(self, session: Session, remote: RemoteSession, now: datetime) -> Restored | None:
        """Make a lost gift again. Its receipt is mailed only if it was paid after the restore: `keep_receipt` knows."""
        return restoring.restored(session, remote, self.site, now)

    def _returned(self, session: Session, paid: Paid, back: Return, now: datetime) -> None:
        """Book money that went back, or came back: then each earmark gets just what it had lost."""
        if returning.is_booked(session, back):
            return
        lines = queries.lines_of(session, paid.subject_id)
        held = queries.still_held(session, paid.subject_id)
        stake = Stake(_given(lines), held, _bearers(session, lines, back.movement.fee.currency, now))
        if draft := returning.draft_of(session, paid, back, stake, now):
            self._post(session, paid, draft, now)
            receipting.GIFTS.keep_receipt(session, paid.subject_id, self.issuer, now)

    def _post(self, session: Session, paid: Paid, draft: Draft, now: datetime) -> None:
        """Every posting about a gift goes through here."""
        if ledger.post(session, draft, now).is_new:
            self._after_booking(session, paid, draft, now)

    def _after_booking(self, session: Session, paid: Paid, draft: Draft, now: datetime) -> None:
        """Do what follows from a new entry: a fund that a refund or dispute takes below zero is told, once a day.

        That fees take the general fund below zero until somebody gives to it is no news; the desk shows it.
        """
        for fund_id in dict.fromkeys(posting.fund_id for posting in draft.postings if posting.meaning in _GONE_BACK):
            assert fund_id is not None  # these meanings stand on funds alone
            if journal.figures_of(session, fund_id, draft.currency).left.minor < 0:
                about = f"{fund_id} {now.date().isoformat()}"
                alarm(session, Word.OVERDRAWN, about, now, payment_id=paid.payment_id)


def _given(lines: tuple[GiftLine, ...]) -> list[EarmarkLine]:
    return [EarmarkLine(line.fund_id, line.line_id, line.amount, line.is_fee_cover) for line in lines]


def _tell_what_is_odd(session: Session, paid: Paid, now: datetime) -> None:
    """A gift is booked as it was promised; what a person may want to look at is told."""
    if queries.has_changed_fund(session, paid.subject_id):
        alarm(session, Word.FUND_CHANGED, str(paid.payment_id), now, payment_id=paid.payment_id)
    if queries.has_twin(session, paid.subject_id):
        alarm(session, Word.DUPLICATE, str(paid.payment_id), now, payment_id=paid.payment_id)


def _bearers(session: Session, lines: tuple[GiftLine, ...], currency: str, now: datetime) -> list[Bearer]:
    """Each gift's fee is borne by its fund or by the general fund, as the fund says. What covers a fee bears none."""
    general = ensure_general_fund(session, currency, lines[0].recipient, now)
    weights: dict[UUID, int] = {}
    for line in (line for line in lines if not line.is_fee_cover):
        bearer = line.fund_id if line.fees_borne_by == "fund" else general
        weights[bearer] = weights.get(bearer, 0) + line.amount.minor
    return [Bearer(fund_id, weight) for fund_id, weight in weights.items()]


def _queue_word(session: Session, paid: Paid, kind: str, subject: str, amount: Money, now: datetime) -> None:
    """Queue a short mail to the giver: what became of their money, and where its page is."""
    if email := queries.email_of(session, paid.subject_id):
        public_id = queries.public_id_of(session, paid.subject_id)
        payload = {"to": email, "public_id": public_id, "amount": [amount.minor, amount.currency]}
        outbox.enqueue(session, kind, subject, payload, now=now)
