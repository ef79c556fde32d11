"""Use-cases: keep each gift's receipt in step with its money, catch up on older gifts, prove that all fit."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Subquery, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from campaigns.donations import monthly, movements, queries
from campaigns.donations.models import Donation, DonationLine
from campaigns.donations.movements import Kept
from campaigns.donations.rules import KIND
from campaigns.kernel.money import Money
from campaigns.ledger import operations as ledger
from campaigns.ledger.checks import Finding
from campaigns.ledger.models import LedgerPosting
from campaigns.ledger.rules import Meaning
from campaigns.outbox.models import OutboxItem
from campaigns.receipts import operations as receipts
from campaigns.receipts import rules
from campaigns.receipts.models import Receipt
from campaigns.receipts.operations import Mails
from campaigns.receipts.rules import Content, Issuer, Line

RECEIPT_MAIL = "donations.receipt_mail"
CORRECTED_MAIL = "donations.corrected_receipt_mail"
VOID_MAIL = "donations.void_receipt_mail"
MAILS = Mails(RECEIPT_MAIL, CORRECTED_MAIL, VOID_MAIL)
_LANGUAGE = "en"  # of a gift that does not say in which it was given


def keep_receipt(
    session: Session, donation_id: UUID, issuer: Issuer, now: datetime, *, moved_at: datetime | None = None
) -> None:
    """Let the valid receipt of a gift state what the journal says is kept of it, and mail what changed; idempotent.

    Call it after each posting about the gift, whatever moved the money, and whenever (`moved_at`, where that was not
    just now). What is kept is read under the head's lock.
    """
    ledger.hold(session)
    kept = movements.kept_of(session, donation_id)
    if kept is None:
        return
    content = _content(session, donation_id, kept, issuer)
    change = receipts.keep_in_step(session, KIND, donation_id, kept.total, content, now)
    if not (change.is_first and _was_mailed_without_a_number(session, donation_id)):
        happened_at = kept.given_at if change.is_first else moved_at or now
        more = _more(session, donation_id, now) if change.issued else {}
        receipts.queue_mail(session, change, content, MAILS, more, happened_at=happened_at, now=now)


def _content(session: Session, donation_id: UUID, kept: Kept, issuer: Issuer) -> Content:
    donation = session.get_one(Donation, donation_id)
    nothing = Money(0, kept.given.currency)
    held = {line_id: amount for line_id, amount in kept.by_line.items() if amount}
    lines = [
        Line(
            line.fund_name,
            line.purpose,
            line.beyond,
            line.recipient,
            held.get(line.line_id, nothing),
            line.tax,
            line.is_fee_cover,
        )
        for line in queries.lines_of(session, donation_id)
        if line.line_id in held
    ]
    return Content(
        issuer=issuer.legal_name, contact=issuer.contact, email=donation.email, name=donation.name or "",
        given_on=issuer.day_of(kept.given_at), given=kept.given, refunded=kept.refunded, disputed=kept.disputed,
        reference=donation.public_id, language=donation.language or _LANGUAGE,
        zone=issuer.zone, lines=tuple(lines),
    )  # fmt: skip


def _more(session: Session, donation_id: UUID, now: datetime) -> dict[str, object]:
    """What the mail says besides, and no receipt keeps."""
    dedication = session.get_one(Donation, donation_id).dedication or ""
    return {"dedication": dedication, **monthly.receipt_facts(session, donation_id, now)}


def _was_mailed_without_a_number(session: Session, donation_id: UUID) -> bool:
    """Before receipts had numbers, the mail was queued under the gift itself; it is not sent a second time."""
    mail = (OutboxItem.kind == RECEIPT_MAIL, OutboxItem.subject == str(donation_id))
    return session.execute(select(OutboxItem.id).where(*mail)).first() is not None


def catch_up(session: Session, now: datetime, limit: int, *, issuer: Issuer) -> int:
    """Number gifts that were booked before receipts had numbers; return how many."""
    held = _held()
    numbered = exists().where(Receipt.subject_kind == KIND, Receipt.subject_id == held.c.donation_id)
    ids = session.scalars(select(held.c.donation_id).where(held.c.kept > 0, ~numbered).limit(limit)).all()
    for donation_id in ids:
        keep_receipt(session, donation_id, issuer, now)
    return len(ids)


def _held() -> Subquery:
    """What the journal says is kept of each gift it knows."""
    return (
        select(
            DonationLine.donation_id,
            LedgerPosting.currency,
            cast(-func.sum(LedgerPosting.amount), BigInteger).label("kept"),
        )
        .join(LedgerPosting, LedgerPosting.donation_line_id == DonationLine.id)
        .group_by(DonationLine.donation_id, LedgerPosting.currency)
        .subquery("held")
    )


def verify(session: Session) -> list[Finding]:
    """Return each gift whose receipts do not fit its money; empty where all do. Writes nothing."""
    return [*_unfit(session), *_unfounded(session)]


def _unfit(session: Session) -> Iterator[Finding]:
    held = _held()
    mine = and_(Receipt.subject_kind == KIND, Receipt.subject_id == held.c.donation_id, Receipt.voided_at.is_(None))
    stated = func.coalesce(Receipt.amount_minor, 0)
    differs = or_(stated != case((held.c.kept > 0, held.c.kept), else_=0), Receipt.currency != held.c.currency)
    query = select(held, Receipt.amount_minor, Receipt.currency.label("stated_in")).outerjoin(Receipt, mine)
    for row in session.execute(query.where(differs)):
        kept = Money(row.kept, row.currency)
        valid = f"states {Money(row.amount_minor, row.stated_in)}" if row.amount_minor else "is missing"
        yield Finding("receipts of gifts", f"gift {row.donation_id}", f"{kept} is kept, its valid receipt {valid}")


def _unfounded(session: Session) -> Iterator[Finding]:
    given = exists().where(
        DonationLine.donation_id == Receipt.subject_id,
        LedgerPosting.donation_line_id == DonationLine.id,
        LedgerPosting.meaning == Meaning.GIVEN,
    )
    for row in session.execute(select(Receipt.series, Receipt.number).where(Receipt.subject_kind == KIND, ~given)):
        where = rules.shown_number(row.series, row.number)
        yield Finding("receipts of gifts", f"receipt {where}", "no gift that was paid stands behind it")
