"""Reads for reviewing. Names and towns of those who are only counted are not handed on."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from campaigns.abuse import rules as suspicion
from campaigns.abuse.rules import Reason
from campaigns.db.sealing import fingerprint
from campaigns.kernel import addresses
from campaigns.review.models import ReviewAction, ReviewAlarm, ReviewChange
from campaigns.review.rules import Candidate, Decision, Phase, Rule
from campaigns.signatures.models import Signature
from campaigns.signatures.queries import place_of
from campaigns.signatures.rules import Audience, Review, State, Visibility, shows_name

_ROWS: Any = Signature.__table__


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A signature under review; `name` is None where it is withheld."""

    id: UUID
    name: str | None
    place: str
    visibility: Visibility
    state: State
    review: Review
    reasons: tuple[Reason, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """An action as the desk shows it."""

    id: UUID
    campaign_id: UUID
    decision: Decision
    rule: Rule
    phase: Phase
    to_look: int
    looked: int
    matched: int
    done: int
    changed: int
    restored: int
    asked_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlarmFacts:
    """An alarm as the desk shows it."""

    kind: str
    label: str
    number: int
    raised_at: datetime


def rule_to_text(rule: Rule) -> str:
    """Return a rule as its sealed column keeps it."""
    values = {name: getattr(rule, name) for name in Rule.__slots__}
    times = {name: values[name].isoformat() for name in ("since", "until") if values[name]}
    return json.dumps({name: value for name, value in (values | times).items() if value})


def rule_from_text(text: str) -> Rule:
    """Return the rule that a column keeps."""
    values: dict[str, Any] = json.loads(text)
    readers: dict[str, Callable[[str], Any]] = {
        "since": datetime.fromisoformat,
        "until": datetime.fromisoformat,
        "reason": Reason,
        "review": Review,
    }
    read: dict[str, Any] = {name: readers[name](value) if name in readers else value for name, value in values.items()}
    return Rule(**{"review": None} | read)


def email_hash(email: str) -> str:
    """Return what finds a person by exact e-mail. Raises addresses.InvalidAddress."""
    return fingerprint("e-mail", addresses.canonical(email)).hex()


def candidates(
    session: Session, campaign_id: UUID, rule: Rule, until: datetime, *, beyond: UUID | None, limit: int
) -> list[tuple[UUID, Candidate]]:
    """Return the next signatures that may fit `rule`, in the order of their ids, opened as far as it asks for."""
    wanted = {"email": bool(rule.domain), "name": bool(rule.name), "town": bool(rule.place)}
    columns = [getattr(Signature, name) for name, is_wanted in wanted.items() if is_wanted]
    statement = _possible(campaign_id, rule, until, Signature.id, Signature.country, Signature.visibility,
                          Signature.held_because, *columns)  # fmt: skip
    if beyond is not None:
        statement = statement.where(Signature.id > beyond)
    rows = session.execute(statement.order_by(Signature.id).limit(limit))
    return [(row.id, _candidate(row._mapping)) for row in rows]


def how_many_possible(session: Session, campaign_id: UUID, rule: Rule, until: datetime) -> int:
    """Return how many signatures must be looked at."""
    return session.scalar(_possible(campaign_id, rule, until, func.count())) or 0


def _possible(campaign_id: UUID, rule: Rule, until: datetime, *columns: Any) -> Select[Any]:
    """No decision touches a withdrawn signature, so a preview does not count it either."""
    asked_before = Signature.created_at <= min(until, rule.until or until)
    where = [Signature.campaign_id == campaign_id, asked_before, _NOT_WITHDRAWN]
    if rule.review:
        where.append(Signature.review == rule.review.value)
    if rule.since:
        where.append(Signature.created_at >= rule.since)
    if rule.source:
        where.append(Signature.source == rule.source)
    if rule.email_hash:
        where.append(Signature.email_hash == bytes.fromhex(rule.email_hash))
    return select(*columns).where(*where)


def _candidate(row: Any) -> Candidate:
    return Candidate(
        domain=domain_of(row["email"]) if "email" in row else "",
        name=row.get("name", ""),
        town=row.get("town", ""),
        country=row["country"],
        visibility=Visibility(row["visibility"]),
        reasons=suspicion.read(row["held_because"]),
    )


def domain_of(email: str) -> str:
    """Return the mail domain in its canonical spelling; "" where there is no address, as on most paper."""
    return addresses.canonical(email).rpartition("@")[2] if email else ""


def held_page(session: Session, campaign_id: UUID, *, offset: int, limit: int) -> list[ReviewRow]:
    """Return one page of the held signatures, the newest first."""
    held = (Signature.campaign_id == campaign_id, Signature.review == Review.HELD.value, _NOT_WITHDRAWN)
    return _rows(session, select(Signature).where(*held).order_by(Signature.id.desc()).offset(offset).limit(limit))


_NOT_WITHDRAWN = Signature.state != State.WITHDRAWN.value


def found_by(session: Session, action_id: UUID, limit: int) -> list[ReviewRow]:
    """Return the first signatures that an action found."""
    wanted = select(Signature).join(ReviewChange, ReviewChange.signature_id == Signature.id)
    return _rows(session, wanted.where(ReviewChange.action_id == action_id).order_by(Signature.id).limit(limit))


def by_email(session: Session, campaign_id: UUID, email: str) -> ReviewRow | None:
    """Return the signature of exactly this mailbox, or None. Raises addresses.InvalidAddress."""
    wanted = (Signature.campaign_id == campaign_id, Signature.email_hash == bytes.fromhex(email_hash(email)))
    found = _rows(session, select(Signature).where(*wanted))
    return found[0] if found else None


def _rows(session: Session, statement: Select[Any]) -> list[ReviewRow]:
    return [_row(row) for row in session.scalars(statement)]


def _row(row: Signature) -> ReviewRow:
    visibility = Visibility(row.visibility)
    shown = shows_name(visibility, Audience.ORGANIZER)
    return ReviewRow(
        id=row.id,
        name=row.name if shown else None,
        place=place_of(row.town, row.country) if shown else row.country,
        visibility=visibility,
        state=State(row.state),
        review=Review(row.review),
        reasons=_reasons(row),
        created_at=row.created_at,
    )


def _reasons(row: Signature) -> tuple[Reason, ...]:
    """What speaks, or spoke, against it; that an organizer holds it only as long as it is held."""
    over = frozenset() if row.review == Review.HELD else {Reason.ORGANIZER}
    return tuple(sorted(suspicion.read(row.held_because) - over))


def held_by_reason(session: Session, campaign_id: UUID) -> tuple[int, dict[Reason, int]]:
    """Return how many are held, and how many for each reason; one may be held for several."""
    rows = session.execute(
        select(Signature.held_because, func.count())
        .where(Signature.campaign_id == campaign_id, Signature.review == Review.HELD.value, _NOT_WITHDRAWN)
        .group_by(Signature.held_because)
    ).all()
    found = Counter[Reason]()
    for codes, number in rows:
        found.update(dict.fromkeys(suspicion.read(codes), number))
    return sum(number for _, number in rows), dict(found)


def actions(session: Session, campaign_id: UUID, limit: int) -> list[ActionFacts]:
    """Return a campaign's latest actions, the newest first."""
    own = select(ReviewAction).where(ReviewAction.campaign_id == campaign_id)
    newest = own.order_by(ReviewAction.asked_at.desc(), ReviewAction.id.desc()).limit(limit)
    return [_action(row) for row in session.scalars(newest)]


def find_action(session: Session, campaign_id: UUID, action_id: UUID) -> ActionFacts | None:
    """Return one action of a campaign, or None."""
    row = session.get(ReviewAction, action_id)
    return _action(row) if row and row.campaign_id == campaign_id else None


def _action(row: ReviewAction) -> ActionFacts:
    return ActionFacts(
        id=row.id,
        campaign_id=row.campaign_id,
        decision=Decision(row.decision),
        rule=rule_from_text(row.rule),
        phase=Phase(row.state),
        to_look=row.to_look,
        looked=row.looked,
        matched=row.matched,
        done=row.done,
        changed=row.changed,
        restored=row.restored,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
    )


def alarms(session: Session, campaign_id: UUID, since: datetime) -> list[AlarmFacts]:
    """Return a campaign's alarms after `since`, the newest first."""
    rows: Sequence[ReviewAlarm] = session.scalars(
        select(ReviewAlarm)
        .where(ReviewAlarm.campaign_id == campaign_id, ReviewAlarm.raised_at >= since)
        .order_by(ReviewAlarm.raised_at.desc(), ReviewAlarm.id)
    ).all()
    return [AlarmFacts(row.kind, row.label, row.number, row.raised_at) for row in rows]


def recent(session: Session, since: UUID) -> list[tuple[UUID, str, str]]:
    """Return campaign, mail domain and town of each signature given online whose id sorts after `since`.

    A sheet goes round in one town: paper stands out everywhere and says nothing.
    """
    online = (Signature.id >= since, Signature.paper_id.is_(None))
    rows = session.execute(select(Signature.campaign_id, Signature.email, Signature.town).where(*online))
    return [(row.campaign_id, domain_of(row.email), row.town) for row in rows]
