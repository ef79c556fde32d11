"""Use-cases of every feature with receipts: follow the journal, catch up on what is older, prove that all fits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Subquery, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from campaigns.kernel.money import Money
from campaigns.kernel.ports import Payload
from campaigns.ledger import operations as ledger
from campaigns.ledger.checks import Finding
from campaigns.outbox import operations as outbox
from campaigns.receipts import operations, rules
from campaigns.receipts.models import Receipt
from campaigns.receipts.operations import Mails
from campaigns.receipts.rules import Issuer, Stated


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature whose money has receipts, one subject for each payment.

    `stated` reads what the receipt of a subject has to say, None where nothing of it was ever booked; `besides` returns
    what its mail says besides. `held` is what the journal says of every subject it knows, with the columns
    `subject_id`, `currency`, `given` (to a fund's purpose) and `kept`. `called` is a subject in the words of a finding.
    """

    kind: str
    called: str
    mails: Mails
    stated: Callable[[Session, UUID, Issuer], Stated | None]
    besides: Callable[[Session, UUID, datetime], Payload]
    held: Callable[[], Subquery]

    @property
    def law(self) -> str:
        """The law that `verify` proves, as findings name it."""
        return f"receipts of each {self.called}"

    def keep_receipt(self, session: Session, subject_id: UUID, issuer: Issuer, now: datetime) -> None:
        """Let the valid receipt of a subject state what the journal says is kept, and mail what changed; idempotent.

        Call it after each posting about the subject, whatever moved the money. What is kept is read under the head's
        lock.
        """
        ledger.hold(session)
        stated = self.stated(session, subject_id, issuer)
        if stated is None:
            return
        change = operations.keep_in_step(session, self.kind, subject_id, stated.kept, stated.content, now)
        if change.is_first and outbox.is_queued(session, self.mails.first, str(subject_id)):
            return  # before receipts had numbers the mail was queued under the subject itself; no second one is sent
        more = self.besides(session, subject_id, now) if change.issued else {}
        operations.queue_mail(session, change, stated.content, self.mails, more, happened_at=stated.moved_at, now=now)

    def catch_up(self, session: Session, now: datetime, limit: int, *, issuer: Issuer) -> int:
        """Number what was booked before receipts had numbers; return how many."""
        held = self.held()
        numbered = exists().where(Receipt.subject_kind == self.kind, Receipt.subject_id == held.c.subject_id)
        ids = session.scalars(select(held.c.subject_id).where(held.c.kept > 0, ~numbered).limit(limit)).all()
        for subject_id in ids:
            self.keep_receipt(session, subject_id, issuer, now)
        return len(ids)

    def verify(self, session: Session) -> list[Finding]:
        """Return each subject whose receipts do not fit its money; empty where all do. Writes nothing."""
        return [*_unfit(session, self), *_unfounded(session, self)]


def _unfit(session: Session, feature: Feature) -> Iterator[Finding]:
    held = feature.held()
    mine = and_(
        Receipt.subject_kind == feature.kind, Receipt.subject_id == held.c.subject_id, Receipt.voided_at.is_(None)
    )
    stated = func.coalesce(Receipt.amount_minor, 0)
    differs = or_(stated != case((held.c.kept > 0, held.c.kept), else_=0), Receipt.currency != held.c.currency)
    query = select(held, Receipt.amount_minor, Receipt.currency.label("stated_in")).outerjoin(Receipt, mine)
    for row in session.execute(query.where(differs)):
        kept = Money(row.kept, row.currency)
        valid = f"states {Money(row.amount_minor, row.stated_in)}" if row.amount_minor else "is missing"
        where = f"{feature.called} {row.subject_id}"
        yield Finding(feature.law, where, f"{kept} is kept, its valid receipt {valid}")


def _unfounded(session: Session, feature: Feature) -> Iterator[Finding]:
    held = feature.held()
    query = (
        select(Receipt.series, Receipt.number)
        .outerjoin(held, held.c.subject_id == Receipt.subject_id)
        .where(Receipt.subject_kind == feature.kind, func.coalesce(held.c.given, 0) == 0)
    )
    for row in session.execute(query):
        where = rules.shown_number(row.series, row.number)
        yield Finding(feature.law, f"receipt {where}", f"no {feature.called} that was paid stands behind it")
