"""Use-cases: keep each month of dues and its receipt in step, catch up on older months, prove that all fit."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.kernel.money import Money
from campaigns.membership import movements, queries, rules
from campaigns.membership.movements import Kept
from campaigns.membership.queries import DuesFacts
from campaigns.receipts import queries as receipts
from campaigns.receipts.operations import Mails
from campaigns.receipts.receipting import Feature
from campaigns.receipts.rules import Content, Issuer, Line, Stated
from campaigns.recurring import operations as recurring
from campaigns.recurring import queries as standing

RECEIPT_MAIL = "membership.receipt_mail"
CORRECTED_MAIL = "membership.corrected_receipt_mail"
VOID_MAIL = "membership.void_receipt_mail"
MAILS = Mails(RECEIPT_MAIL, CORRECTED_MAIL, VOID_MAIL, words="membership")
_LANGUAGE = "en"  # members are not asked for theirs


def _stated(session: Session, dues_id: UUID, issuer: Issuer) -> Stated | None:
    kept = movements.kept_of(session, dues_id)
    return Stated(_content(session, dues_id, kept, issuer), kept.moved_at) if kept else None


def _content(session: Session, dues_id: UUID, kept: Kept, issuer: Issuer) -> Content:
    dues = queries.dues(session, dues_id)
    return Content(
        issuer=issuer.legal_name, contact=issuer.contact, email=dues.email, name=dues.name,
        given_on=issuer.day_of(kept.given_at), given=kept.given, refunded=kept.refunded, disputed=kept.disputed,
        reference=dues.public_id, language=_LANGUAGE, zone=issuer.zone, lines=_lines(dues, kept),
        tier=_tier(session, dues_id) or dues.tier,
    )  # fmt: skip


def _lines(dues: DuesFacts, kept: Kept) -> tuple[Line, ...]:
    """Dues have one fund, which has all that is kept."""
    left: Money = kept.given - kept.refunded - kept.disputed
    return (Line(dues.fund_name, dues.purpose, dues.beyond, dues.recipient, left, dues.tax),) if left else ()


def _tier(session: Session, dues_id: UUID) -> str:
    """Return the tier that the first receipt named: its member may have changed to another since."""
    issued = receipts.of_subject(session, rules.DUES, dues_id)
    return issued[0].content.tier if issued and issued[0].content else ""


def _besides(session: Session, dues_id: UUID, now: datetime) -> dict[str, object]:
    """What the mail says besides: that it is the first month, and a link to change what is monthly."""
    member_id = queries.dues(session, dues_id).member_id
    monthly = standing.of_subject(session, rules.KIND, member_id)
    assert monthly is not None  # dues come of nothing else
    is_first = queries.months_of(session, member_id) == 1
    return {"manage": recurring.new_link(session, monthly.id, now=now), "is_first_month": is_first}


DUES: Final = Feature(rules.DUES, "month of dues", MAILS, _stated, _besides, movements.held)
