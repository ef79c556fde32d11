"""Use-cases: keep the receipts of a subject in step with the money, queue their mails, empty what may not be kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from campaigns.kernel.ids import row_id
from campaigns.kernel.money import Money
from campaigns.kernel.ports import Payload
from campaigns.ledger import operations as ledger
from campaigns.mailboxes import operations as mailboxes
from campaigns.outbox import operations as outbox
from campaigns.outbox.operations import insert_ignoring
from campaigns.receipts import queries, rules
from campaigns.receipts.models import Receipt, ReceiptPrint, ReceiptSeries
from campaigns.receipts.queries import ReceiptFacts
from campaigns.receipts.rules import Content, Step

_RECEIPTS: Any = Receipt.__table__
_SERIES: Any = ReceiptSeries.__table__


@dataclass(frozen=True, slots=True)
class Mails:
    """The kinds of mail by which a feature tells of its receipts: the first, one that replaces another, a void one.

    Their words stand in the folder `templates/<words>/mail`.
    """

    first: str
    corrected: str
    void: str
    words: str = "receipts"


@dataclass(frozen=True, slots=True)
class Change:
    """What `keep_in_step` did: the receipt it issued, the one it voided. `is_first`: none was issued before."""

    issued: UUID | None = None
    voided: UUID | None = None
    is_first: bool = False


def keep_in_step(
    session: Session, subject_kind: str, subject_id: UUID, kept: Money, content: Content, now: datetime
) -> Change:
    """Let the one valid receipt of a subject state what is `kept` of its money, or let there be none.

    Idempotent: call it after each booking. Takes the ledger's head before the series, and nothing after it, so all
    that number wait in one order. Numbers have no gap: they are used up in the unit of work that takes them.
    Raises NotTheSum.
    """
    ledger.hold(session)
    session.flush()
    valid = queries.valid_of(session, subject_kind, subject_id)
    step = rules.next_step(valid.amount if valid else None, valid.content if valid else None, kept, content)
    if step == rules.IN_STEP:
        return Change()
    is_first = valid is None and not queries.has_any(session, subject_kind, subject_id)
    new_id = row_id(now) if step.issues else None
    if valid and step.void:
        _void(session, valid, step, new_id, now)
    if new_id:
        _issue(session, new_id, (subject_kind, subject_id), kept, content, now)
    return Change(new_id, valid.id if valid else None, is_first)


def _void(session: Session, valid: ReceiptFacts, step: Step, new_id: UUID | None, now: datetime) -> None:
    assert step.void is not None
    values = {"voided_at": now, "void_reason": step.void.value, "replaced_by": new_id}
    session.execute(update(_RECEIPTS).where(_RECEIPTS.c.id == valid.id).values(values))


def _issue(
    session: Session, receipt_id: UUID, subject: tuple[str, UUID], kept: Money, content: Content, now: datetime
) -> None:
    """The receipt first, then the step of its series, which the database allows only after a used number."""
    series = rules.series_of(content.given_on)
    insert_ignoring(session, ReceiptSeries, {"name": series, "next_number": 1})
    mine = _SERIES.c.name == series
    number = session.execute(select(_SERIES.c.next_number).where(mine).with_for_update()).scalar_one()
    values = {
        "id": receipt_id, "series": series, "number": number, "subject_kind": subject[0], "subject_id": subject[1],
        "amount_minor": kept.minor, "currency": kept.currency, "content": rules.written(content), "issued_at": now,
    }  # fmt: skip
    session.execute(insert(_RECEIPTS).values(values))
    session.execute(update(_SERIES).where(mine).values(next_number=number + 1))


def queue_mail(
    session: Session, change: Change, content: Content, kinds: Mails, more: Payload, *,
    happened_at: datetime, now: datetime,
) -> None:  # fmt: skip
    """Tell the giver what changed, once for each receipt: one that is issued, else one that is void.

    `more` is what the feature wants said besides. What happened before a restore from a backup is not told again.
    """
    receipt_id = change.issued or change.voided
    if receipt_id is None or not content.email:  # who was erased while the payment was under way gets no mail
        return
    issued = kinds.first if change.is_first else kinds.corrected
    link = mailboxes.new_link(now)
    payload = {"to": content.email, "receipt": str(receipt_id), "own_page": link.secret} | more
    mail = (issued if change.issued else kinds.void, str(receipt_id), payload)
    if outbox.enqueue_once_ever(session, *mail, happened_at=happened_at, now=now):
        mailboxes.keep_link(session, mailboxes.hash_of(content.email), link, now=now)


def note_print(session: Session, receipt_id: UUID, sha256: str, *, now: datetime) -> None:
    """Keep the digest of a file that goes out; the same file twice is one."""
    insert_ignoring(session, ReceiptPrint, {"sha256": sha256, "receipt_id": receipt_id, "made_at": now})


def empty(session: Session, subject_kind: str, ids: Sequence[UUID]) -> None:
    """Drop what the receipts of these subjects say, where no law keeps it any more; number, day and amount stay."""
    mine = (_RECEIPTS.c.subject_kind == subject_kind, _RECEIPTS.c.subject_id.in_(ids))
    session.execute(update(_RECEIPTS).where(*mine, _RECEIPTS.c.content.is_not(None)).values(content=None))
