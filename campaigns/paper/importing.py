"""Use-cases of imported tables: take one in, say what its columns mean, import it in batches, undo it.

A batch is one transaction: what it enters, what that does to the count, and how far it came stand or fall together.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.campaign.models import Campaign
from campaigns.campaign.operations import freeze_text, keep_wording
from campaigns.campaign.queries import CampaignFacts
from campaigns.kernel.errors import InvalidValue, NotFound, Refusal
from campaigns.kernel.ids import row_id
from campaigns.outbox import operations as outbox
from campaigns.paper import entering, queries
from campaigns.paper.checks import Entry, Refused, check_all
from campaigns.paper.entering import Source
from campaigns.paper.models import PaperImport
from campaigns.paper.operations import refuse_unpublished
from campaigns.paper.rules import (
    AT_WORK,
    WAITING,
    Column,
    Phase,
    Problem,
    Step,
    after,
    consent_in_table,
    guessed_columns,
    named_by,
    read_table,
)

WORK_JOB = "paper.import"
BATCH = 500
Rows = list[list[str]]


class NoSuchImport(NotFound):
    """There is no such import at this campaign."""


class TooLate(Refusal):
    """This cannot be done any more: somebody was quicker, or it is finished. Look at where it stands now."""


class NoNames(InvalidValue):
    """Say which column holds the names."""


def take_in(session: Session, campaign: CampaignFacts, rows: Rows, *, actor: str, now: datetime) -> UUID:
    """Keep a table, sealed, until it is imported or given up, with a guess at its columns. Raises NotPublished."""
    campaign = entering.held(session, campaign, now)
    version_id = refuse_unpublished(campaign)
    entering.refuse_deleted(session, campaign.id)
    freeze_text(session, version_id, now)
    guess = guessed_columns(rows[0])
    table = PaperImport(
        id=row_id(now), campaign_id=campaign.id, version_id=version_id,
        consent_id=keep_wording(session, consent_in_table(campaign.organisation, campaign.target_name), now),
        state=Phase.MAPPING.value, content=json.dumps(rows, ensure_ascii=False),
        columns=queries.columns_to_json(guess, has_header=bool(guess)),
        rows=len(rows), done=0, entered=0, named=0, duplicates=0, refused=0, taken_back=0, kept=0, report=[],
        asked_by=actor, asked_at=now,
    )  # fmt: skip
    session.add(table)
    audit.record(session, actor, "paper.table_taken_in", str(table.id), now=now, rows=len(rows))
    return table.id


def set_columns(
    session: Session,
    campaign: CampaignFacts,
    import_id: UUID,
    columns: Mapping[Column, int],
    *,
    has_header: bool,
    actor: str,
    now: datetime,
) -> None:
    """Say what the columns mean, and try the table out: who could be entered, who not and why. Nothing is entered.

    Raises NoSuchImport, TooLate, NoNames.
    """
    table = _of_campaign(session, campaign.id, import_id)
    if Phase(table.state) not in WAITING:
        raise TooLate
    if not named_by(columns):
        raise NoNames
    table.columns = queries.columns_to_json(columns, has_header=has_header)
    checked = list(checked_rows(table, campaign.country))
    hashes = [row.email_hash for row in checked if isinstance(row, Entry) and row.email_hash]
    known = queries.known(session, campaign.id, hashes)
    told = [_told(row, known) for row in checked]
    _start_over(table)
    _tally(table, told)
    table.state = Phase.READY.value
    audit.record(session, actor, "paper.table_tried", str(table.id), now=now, entered=table.entered)


class CheckedTable:
    """Reads and checks a table once for all batches, and again where an erasure has emptied a row since."""

    def __init__(self) -> None:
        self._content: str | None = None
        self._rows: list[Entry | Refused] = []

    def __call__(self, session: Session, table: PaperImport) -> Sequence[Entry | Refused]:
        """Return the rows of a table that are not empty."""
        if table.content != self._content:
            country = session.scalars(select(Campaign.country).where(Campaign.id == table.campaign_id)).one()
            self._content, self._rows = table.content, checked_rows(table, country)
        return self._rows


def checked_rows(table: PaperImport, country: str) -> list[Entry | Refused]:
    """Return each row of a table that is not empty, checked. `country` is for rows that name none."""
    columns, has_header = queries.columns_from_json(table.columns)
    rows: Rows = json.loads(table.content or "[]")
    return list(check_all(read_table(rows, columns, has_header=has_header, country=country)))


def _told(row: Entry | Refused, known: set[bytes]) -> Entry | Refused:
    if isinstance(row, Entry) and row.email_hash in known:
        return Refused(row.typed.row, Problem.KNOWN, "email")
    return row


def _start_over(table: PaperImport) -> None:
    table.done = table.entered = table.named = table.duplicates = table.refused = 0
    table.report = []


def _tally(table: PaperImport, told: Sequence[Entry | Refused]) -> None:
    refused = [row for row in told if isinstance(row, Refused)]
    duplicates = sum(row.problem.is_duplicate for row in refused)
    table.entered += len(told) - len(refused)
    table.named += sum(isinstance(row, Entry) and row.typed.is_listed for row in told)
    table.duplicates += duplicates
    table.refused += len(refused) - duplicates
    table.report = table.report + [[row.row, row.problem.value] for row in refused]


def take_step(session: Session, campaign_id: UUID, import_id: UUID, step: Step, *, actor: str, now: datetime) -> None:
    """Start, cancel or undo an import. Raises NoSuchImport, TooLate, entering.NamesDeleted."""
    entering.refuse_deleted(session, campaign_id)
    table = _of_campaign(session, campaign_id, import_id)
    phase = after(Phase(table.state), step)
    if phase is None:
        raise TooLate
    if step is Step.START or Phase(table.state) in WAITING:
        _start_over(table)
    table.state = phase.value
    if phase in AT_WORK:
        outbox.enqueue(session, WORK_JOB, f"{table.id}:{phase.value}", {"import": str(table.id)}, now=now)
    else:
        table.content, table.ended_at = None, now
    audit.record(session, actor, f"paper.import_{step.value}", str(table.id), now=now)


def erase_row(session: Session, campaign_id: UUID, import_id: UUID, row: int, *, actor: str, now: datetime) -> None:
    """Erase the person in a row of an imported table. Raises NoSuchImport, entering.NoSuchRow."""
    table = _of_campaign(session, campaign_id, import_id)
    entering.erase_row(session, campaign_id, table.id, row, actor=actor, now=now)


def advance(session: Session, import_id: UUID, read: CheckedTable, *, now: datetime, batch: int = BATCH) -> bool:
    """Work on an import's next batch; return whether there may be more to do."""
    is_over = entering.are_names_deleted(session, _campaign_id(session, import_id))
    table = _locked(session, import_id)
    if table is None or Phase(table.state) not in AT_WORK:
        return False
    if is_over:
        _end(session, table, Phase.CANCELLED, now)
        return False
    if Phase(table.state) is Phase.UNDOING:
        return _undo_batch(session, table, batch, now)
    return _enter_batch(session, table, read(session, table), batch, now)


def _enter_batch(
    session: Session, table: PaperImport, rows: Sequence[Entry | Refused], batch: int, now: datetime
) -> bool:
    left = [row for row in rows if number_of(row) > table.done]
    some = left[:batch]
    source = Source(table.id, table.campaign_id, table.version_id, table.consent_id)
    known = set(entering.enter(session, source, [row for row in some if isinstance(row, Entry)], now=now))
    _tally(table, [Refused(number_of(row), Problem.KNOWN, "email") if number_of(row) in known else row
                   for row in some])  # fmt: skip
    table.done = number_of(some[-1]) if some else table.done
    if len(left) <= batch:
        _end(session, table, Phase.DONE, now)
    return len(left) > batch


def number_of(row: Entry | Refused) -> int:
    """Return where a row stands in its file."""
    return row.typed.row if isinstance(row, Entry) else row.row


def _undo_batch(session: Session, table: PaperImport, batch: int, now: datetime) -> bool:
    taken = entering.take_back(session, table.id, batch=batch, now=now)
    table.taken_back += taken.done
    if taken.is_last:
        table.kept = entering.how_many_stay(session, table.id)
        _end(session, table, Phase.UNDONE, now)
    return not taken.is_last


def _end(session: Session, table: PaperImport, phase: Phase, now: datetime) -> None:
    table.state, table.content, table.ended_at = phase.value, None, now
    facts = {"entered": table.entered, "duplicates": table.duplicates, "refused": table.refused}
    audit.record(session, "system", f"paper.import_{phase.value}", str(table.id), now=now, **facts,
                 taken_back=table.taken_back)  # fmt: skip


def _campaign_id(session: Session, import_id: UUID) -> UUID:
    return session.scalars(select(PaperImport.campaign_id).where(PaperImport.id == import_id)).one()


def _of_campaign(session: Session, campaign_id: UUID, import_id: UUID) -> PaperImport:
    table = _locked(session, import_id)
    if table is None or table.campaign_id != campaign_id:
        raise NoSuchImport
    return table


def _locked(session: Session, import_id: UUID) -> PaperImport | None:
    """Return the import as it is once this unit of work holds it."""
    wanted = select(PaperImport).where(PaperImport.id == import_id).with_for_update()
    return session.scalars(wanted, execution_options={"populate_existing": True}).first()
