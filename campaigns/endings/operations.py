"""Use-cases: close and reopen a petition, write down what the target answered and that it is won.

Each locks the campaign, asks rules.answer, and writes the timeline in the same unit of work; of two organizers the
second finds what the first has done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.campaign import rules as campaign_rules
from campaigns.campaign.models import Campaign
from campaigns.campaign.operations import consent_of, is_signed, row_of
from campaigns.endings import rules
from campaigns.endings.models import TargetAnswer
from campaigns.endings.rules import Act, Answer, Stage, Standing
from campaigns.kernel.errors import Refusal
from campaigns.kernel.ids import row_id
from campaigns.timeline import operations as timeline
from campaigns.timeline import queries as timelines
from campaigns.timeline.rules import Kind, subject_of


class NotPublished(Refusal):
    """The public has not seen this campaign yet. Publish it first."""


class NamesDeleted(Refusal):
    """The names under this petition are deleted. It cannot be opened again; start a new campaign."""


class PassedAlready(Refusal):
    """Choose a moment that is still to come, or none."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class AnswerChanged(Refusal):
    """Somebody else has written down the answer meanwhile. Read it below; what you typed is kept here."""


class PromisedShorter(Refusal):
    """Those who signed were told a shorter time. It can be shortened, not lengthened."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NoSuchList(Refusal):
    """There is no such list yet."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


_REFUSALS = {Answer.NOT_PUBLISHED: NotPublished, Answer.NAMES_DELETED: NamesDeleted}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFields:
    """What the target answered. `seen` is the number of the answer the form stood under, 0 for none."""

    answered_on: date
    answered_by: str
    text: str
    seen: int


def close(session: Session, slug: str, *, actor: str, now: datetime) -> Answer:
    """Close a petition now: its deadline is this moment, and mails under way may be answered for a day.

    Raises NoSuchCampaign, NotPublished.
    """
    row, does = _asked(session, slug, Act.CLOSE, now)
    if does is Answer.DONE:
        row.deadline = now
        note_closing(session, row.id, row.zone, now)
        audit.record(session, actor, "petition.closed", str(row.id), now=now)
    return does


def reopen(session: Session, slug: str, deadline: datetime | None, *, actor: str, now: datetime) -> Answer:
    """Open a closed petition again, until `deadline` or for good. Raises NotPublished, NamesDeleted, PassedAlready."""
    row, does = _asked(session, slug, Act.REOPEN, now)
    if deadline is not None and deadline <= now:
        raise PassedAlready
    if does is not Answer.DONE or row.deadline is None:
        return does
    note_closing(session, row.id, row.zone, row.deadline)  # the job may not have come by yet
    row.deadline = deadline
    until = timeline.day_of(deadline, row.zone).isoformat() if deadline else ""
    _note(session, row, Kind.REOPENED, now, subject=now.isoformat(), facts={"deadline": until})
    audit.record(session, actor, "petition.reopened", str(row.id), now=now, deadline=until)
    return does


def note_closing(session: Session, campaign_id: UUID, zone: str, at: datetime) -> bool:
    """Write down that a petition closed at a moment, by hand or by its deadline; once for each moment.

    However late it is written, it stands before what happened after `at`.
    """
    day = timeline.day_of(at, zone)
    return timeline.note(session, campaign_id, Kind.CLOSED, subject=at.isoformat(), day=day, now=at)


def record_answer(session: Session, slug: str, fields: AnswerFields, *, actor: str, now: datetime) -> Answer:
    """Write down what the target answered, or correct it; the earlier words are kept.

    Raises NotPublished, and AnswerChanged where somebody else was quicker.
    """
    row, does = _asked(session, slug, Act.RECORD_ANSWER, now)
    last = _last_answer(session, row)
    number = last.number if last else 0
    if last and (last.answered_on, last.answered_by, last.text) == (
        fields.answered_on, fields.answered_by, fields.text,
    ):  # fmt: skip
        return Answer.STANDS
    if number != fields.seen:
        raise AnswerChanged
    written = {"answered_on": fields.answered_on, "answered_by": fields.answered_by, "text": fields.text}
    session.add(TargetAnswer(id=row_id(now), campaign_id=row.id, number=number + 1, created_at=now, **written))
    if number:
        _note(session, row, Kind.ANSWER_CORRECTED, now, subject=str(number + 1))
    else:
        by, day = fields.answered_by, fields.answered_on
        timeline.note(session, row.id, Kind.ANSWERED, day=day, words=by, now=now)
    audit.record(session, actor, "answer.recorded", str(row.id), now=now, number=number + 1)
    return does


def _last_answer(session: Session, row: Campaign) -> TargetAnswer | None:
    found = select(TargetAnswer).where(TargetAnswer.campaign_id == row.id).order_by(TargetAnswer.number.desc())
    return session.scalars(found.limit(1)).first()


def win(session: Session, slug: str, day: date, words: str, *, actor: str, now: datetime) -> Answer:
    """Say that what was demanded is won, since `day`, in `words`. Raises NotPublished."""
    row, does = _asked(session, slug, Act.WIN, now)
    if does is Answer.DONE:
        row.won_on, row.won_words = day, words
        timeline.note(session, row.id, Kind.WON, subject=now.isoformat(), day=day, words=words, now=now)
        audit.record(session, actor, "petition.won", str(row.id), now=now)
    return does


def take_back_win(session: Session, slug: str, *, actor: str, now: datetime) -> Answer:
    """Say that it is not won after all. Raises NotPublished."""
    row, does = _asked(session, slug, Act.TAKE_BACK_WIN, now)
    if does is Answer.DONE:
        row.won_on, row.won_words = None, None
        _note(session, row, Kind.NOT_WON, now, subject=now.isoformat())
        audit.record(session, actor, "petition.not_won", str(row.id), now=now)
    return does


def write_entry(session: Session, slug: str, day: date, words: str, *, actor: str, now: datetime) -> Answer:
    """Write a sentence into the timeline; the same one twice is one. Raises NotPublished."""
    row, does = _asked(session, slug, Act.WRITE_ENTRY, now)
    _write(session, row, Kind.NOTE, day, words, actor, now)
    return does


def note_handing_over(
    session: Session, slug: str, number: int, day: date, whom: str, *, actor: str, now: datetime
) -> Answer:
    """Write down to whom list `number` was handed on `day`. Raises NotPublished, NoSuchList."""
    row, does = _asked(session, slug, Act.WRITE_ENTRY, now)
    if number not in timelines.lists_made(session, row.id):
        raise NoSuchList
    _write(session, row, Kind.HANDED_OVER, day, whom, actor, now, list_number=number)
    return does


def _write(
    session: Session,
    row: Campaign,
    kind: Kind,
    day: date,
    words: str,
    actor: str,
    now: datetime,
    *,
    list_number: int = 0,
) -> None:
    subject, facts = subject_of(day, words, list_number), {"list": list_number} if list_number else {}
    if timeline.note(session, row.id, kind, subject=subject, day=day, words=words, now=now, facts=facts):
        audit.record(session, actor, "timeline.written", str(row.id), now=now)
    else:
        timeline.show_again(session, row.id, kind, subject)


def keep_for(session: Session, slug: str, days: int, *, actor: str, now: datetime) -> Answer:
    """Set after how many days, counted from the last list of a closed petition, what was typed is deleted.

    Whoever signs from now on agrees to it. Raises NamesDeleted, PromisedShorter.
    """
    row, does = _asked(session, slug, Act.KEEP_FOR, now)
    if not rules.may_keep_for(days, row.anonymise_after_days, is_signed=is_signed(session, row.id)):
        raise PromisedShorter
    if days == row.anonymise_after_days:
        return Answer.STANDS
    row.anonymise_after_days = days
    if row.state == campaign_rules.PUBLISHED:
        row.consent_id = consent_of(session, row, now)
    audit.record(session, actor, "campaign.kept_for", str(row.id), now=now, days=days)
    return does


def _asked(session: Session, slug: str, act: Act, now: datetime) -> tuple[Campaign, Answer]:
    """Return the locked campaign and what `act` does to it. Raises NoSuchCampaign, NotPublished, NamesDeleted."""
    row = row_of(session, slug)
    does = rules.answer(standing_of(session, row, now), act)
    if does in _REFUSALS:
        raise _REFUSALS[does]
    return row, does


def standing_of(session: Session, row: Campaign, now: datetime) -> Standing:
    """Return where a petition stands by `now`."""
    published = row.state == campaign_rules.PUBLISHED
    reached: Stage = rules.stage(
        published=published, deadline=row.deadline, anonymising_since=row.anonymising_since, now=now
    )
    return Standing(reached, row.won_on is not None, _last_answer(session, row) is not None)


def _note(
    session: Session, row: Campaign, kind: Kind, now: datetime, *, subject: str, facts: Mapping[str, str] | None = None
) -> None:
    timeline.note(session, row.id, kind, subject=subject, day=timeline.day_of(now, row.zone), now=now, facts=facts)
