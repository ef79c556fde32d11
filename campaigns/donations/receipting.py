"""Use-cases: keep each gift's receipt in step with its money, catch up on older gifts, prove that all fit."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Subquery, case, cast, func, select
from sqlalchemy.orm import Session

from campaigns.donations import monthly, movements, queries
from campaigns.donations.models import Donation, DonationLine
from campaigns.donations.movements import Kept
from campaigns.donations.rules import KIND
from campaigns.ledger.models import LedgerPosting
from campaigns.ledger.rules import Meaning
from campaigns.receipts.operations import Mails
from campaigns.receipts.receipting import Feature
from campaigns.receipts.rules import Content, Issuer, Line, Stated

RECEIPT_MAIL = "donations.receipt_mail"
CORRECTED_MAIL = "donations.corrected_receipt_mail"
VOID_MAIL = "donations.void_receipt_mail"
MAILS = Mails(RECEIPT_MAIL, CORRECTED_MAIL, VOID_MAIL)
_LANGUAGE = "en"  # of a gift that does not say in which it was given


def _stated(session: Session, donation_id: UUID, issuer: Issuer) -> Stated | None:
    kept = movements.kept_of(session, donation_id)
    return Stated(_content(session, donation_id, kept, issuer), kept.moved_at) if kept else None


def _content(session: Session, donation_id: UUID, kept: Kept, issuer: Issuer) -> Content:
    donation = session.get_one(Donation, donation_id)
    return Content(
        issuer=issuer.legal_name, contact=issuer.contact, email=donation.email, name=donation.name or "",
        given_on=issuer.day_of(kept.given_at), given=kept.given, refunded=kept.refunded, disputed=kept.disputed,
        reference=donation.public_id, language=donation.language or _LANGUAGE,
        zone=issuer.zone, lines=_lines(session, donation_id, kept),
    )  # fmt: skip


def _lines(session: Session, donation_id: UUID, kept: Kept) -> tuple[Line, ...]:
    """Return what each line still holds; one that holds nothing is left out."""
    return tuple(
        Line(line.fund_name, line.purpose, line.beyond, line.recipient, held, line.tax, line.is_fee_cover)
        for line in queries.lines_of(session, donation_id)
        if (held := kept.by_line.get(line.line_id))
    )


def _besides(session: Session, donation_id: UUID, now: datetime) -> dict[str, object]:
    """What the mail says besides, and no receipt keeps."""
    dedication = session.get_one(Donation, donation_id).dedication or ""
    return {"dedication": dedication, **monthly.receipt_facts(session, donation_id, now)}


def _held() -> Subquery:
    """What the journal says of each gift it knows."""
    given = case((LedgerPosting.meaning == Meaning.GIVEN, LedgerPosting.amount), else_=0)
    return (
        select(
            DonationLine.donation_id.label("subject_id"),
            LedgerPosting.currency,
            cast(-func.sum(given), BigInteger).label("given"),
            cast(-func.sum(LedgerPosting.amount), BigInteger).label("kept"),
        )
        .join(LedgerPosting, LedgerPosting.donation_line_id == DonationLine.id)
        .group_by(DonationLine.donation_id, LedgerPosting.currency)
        .subquery("held")
    )


GIFTS: Final = Feature(KIND, "gift", MAILS, _stated, _besides, _held)
