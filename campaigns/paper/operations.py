"""Use-cases of sheets: print a pile, keep a photo, enter a sheet once, undo it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.campaign.operations import freeze_text, keep_wording
from campaigns.campaign.queries import CampaignFacts
from campaigns.kernel.errors import InvalidValue, NotFound, Refusal
from campaigns.kernel.ids import row_id
from campaigns.outbox import operations as outbox
from campaigns.paper import entering
from campaigns.paper.checks import Entry, Refused
from campaigns.paper.entering import Source
from campaigns.paper.models import PaperPhoto, PaperPrint, PaperSheet
from campaigns.paper.rules import ROWS, consent_on_sheet
from campaigns.rendering.pictures import NotAPicture, upright_jpeg

PRINT_JOB = "paper.print"


class NotPublished(Refusal):
    """Publish the campaign first: what is signed on paper must be the text that stands on its page."""


class NoSuchSheet(NotFound):
    """No sheet of this campaign has this number."""


class NoSuchPrint(NotFound):
    """There are no such sheets."""


class AlreadyEntered(Refusal):
    """Somebody has entered this sheet already. Nothing was entered a second time."""


class NotEntered(Refusal):
    """This sheet is not entered, so there is nothing to undo."""


class NotReadable(InvalidValue):
    """This photo cannot be read. Choose a JPEG, PNG or WebP picture."""


def ask_print(session: Session, campaign: CampaignFacts, *, paper: str, sheets: int, actor: str, now: datetime) -> UUID:
    """Number `sheets` new sheets and have a worker print them; return the print's id.

    `paper` is "letter" or "a4". The text is frozen: somebody will sign what stands on these sheets.
    Raises NotPublished.
    """
    campaign = entering.held(session, campaign, now)  # one number at a time, and one name of whom it asks
    version_id = refuse_unpublished(campaign)
    freeze_text(session, version_id, now)
    highest = session.scalar(select(func.max(PaperSheet.number)).where(PaperSheet.campaign_id == campaign.id)) or 0
    wording = keep_wording(session, consent_on_sheet(campaign.organisation, campaign.target_name), now)
    pile = PaperPrint(
        id=row_id(now), campaign_id=campaign.id, version_id=version_id, consent_id=wording, paper=paper,
        first_number=highest + 1, sheets=sheets, asked_by=actor, asked_at=now,
    )  # fmt: skip
    session.add(pile)
    session.flush()
    for number in range(highest + 1, highest + 1 + sheets):
        session.add(PaperSheet(id=row_id(now), print_id=pile.id, campaign_id=campaign.id, number=number,
                               entered=0, duplicates=[]))  # fmt: skip
    outbox.enqueue(session, PRINT_JOB, str(pile.id), {"print": str(pile.id)}, now=now)
    audit.record(session, actor, "paper.printed", str(pile.id), now=now, first=highest + 1, sheets=sheets)
    return pile.id


def refuse_unpublished(campaign: CampaignFacts) -> UUID:
    """Return the text that is signed now. Raises NotPublished where there is none to sign."""
    if not (campaign.published and campaign.has_petition and campaign.version_id):
        raise NotPublished
    return campaign.version_id


def note_printed(session: Session, print_id: UUID, file_key: str, *, now: datetime) -> None:
    """Note the finished file."""
    values = {"file_key": file_key, "ready_at": now}
    session.execute(update(PaperPrint).where(PaperPrint.id == print_id).values(values))


def keep_photo(session: Session, campaign_id: UUID, number: int, data: bytes, *, actor: str, now: datetime) -> None:
    """Keep a sheet's photo, in place of one that was there. Raises NotReadable, NoSuchSheet, entering.NamesDeleted."""
    try:
        picture = upright_jpeg(data)
    except NotAPicture as error:
        raise NotReadable from error
    entering.refuse_deleted(session, campaign_id)
    sheet = _locked(session, campaign_id, number)
    session.execute(delete(PaperPhoto).where(PaperPhoto.sheet_id == sheet.id))
    session.add(PaperPhoto(sheet_id=sheet.id, picture=picture, uploaded_at=now))
    session.flush()
    audit.record(session, actor, "paper.photo_kept", str(sheet.id), now=now, number=number)


def enter_sheet(
    session: Session, campaign_id: UUID, number: int, rows: Sequence[Entry | Refused], *, actor: str, now: datetime
) -> None:
    """Enter the rows of a sheet, once: two organizers at the same sheet come one after the other.

    Of `rows` only duplicates within the sheet may be refused ones. Raises NoSuchSheet, AlreadyEntered and
    entering.NamesDeleted.
    """
    entering.refuse_deleted(session, campaign_id)
    sheet = _locked(session, campaign_id, number)
    if sheet.entered_at is not None:
        raise AlreadyEntered
    pile = session.get_one(PaperPrint, sheet.print_id)
    source = Source(sheet.id, campaign_id, pile.version_id, pile.consent_id)
    entries = [row for row in rows if isinstance(row, Entry)]
    known = entering.enter(session, source, entries, now=now)
    twice = [row.row for row in rows if isinstance(row, Refused)]
    sheet.entered_at, sheet.entered_by = now, actor
    sheet.entered, sheet.duplicates = len(entries) - len(known), sorted(known + twice)
    audit.record(session, actor, "paper.entered", str(sheet.id), now=now, number=number, entered=sheet.entered)


def undo_sheet(session: Session, campaign_id: UUID, number: int, *, actor: str, now: datetime) -> int:
    """Take back what was entered from a sheet, which is blank again then; return how many rows were.

    Raises NoSuchSheet, NotEntered, entering.NamesDeleted.
    """
    entering.refuse_deleted(session, campaign_id)
    sheet = _locked(session, campaign_id, number)
    if sheet.entered_at is None:
        raise NotEntered
    done = entering.take_back(session, sheet.id, batch=ROWS, now=now).done
    sheet.entered_at, sheet.entered_by, sheet.entered, sheet.duplicates = None, None, 0, []
    audit.record(session, actor, "paper.undone", str(sheet.id), now=now, number=number, taken_back=done)
    return done


def erase_row(session: Session, campaign_id: UUID, number: int, row: int, *, actor: str, now: datetime) -> None:
    """Erase the person in a row of a sheet, and its photo. Raises NoSuchSheet, entering.NoSuchRow."""
    sheet = _locked(session, campaign_id, number)
    entering.erase_row(session, campaign_id, sheet.id, row, actor=actor, now=now)


def _locked(session: Session, campaign_id: UUID, number: int) -> PaperSheet:
    """Return the sheet as it is once this unit of work holds it."""
    wanted = select(PaperSheet).where(PaperSheet.campaign_id == campaign_id, PaperSheet.number == number)
    sheet = session.scalars(wanted.with_for_update(), execution_options={"populate_existing": True}).first()
    if sheet is None:
        raise NoSuchSheet
    return sheet
