"""What is judged after the request: crowds, proofs that were handed in twice, pressure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from campaigns.abuse import checks as abuse
from campaigns.abuse import operations as abuse_operations
from campaigns.abuse import queries as abuse_queries
from campaigns.abuse import rules as suspicion
from campaigns.abuse.rules import DAY_WINDOW, NETWORK_KEPT, PRESSURE_WINDOW, SHORT_WINDOW, Crowd, Reason
from campaigns.kernel.ids import first_row_id
from campaigns.signatures.models import CountChange, Signature
from campaigns.signatures.rules import Effect, Review, State, Visibility, effect_of_review

JUDGE_EVERY = timedelta(seconds=1)
JUDGED_AT_ONCE = 2_000
Networks = tuple[bytes, bytes]  # what one network is known by on the day of a row and on the day before

_ROWS: Any = Signature.__table__
_LATELY = _ROWS.c.created_at > bindparam("lately")
_ANSWERED = _ROWS.c.state == State.CONFIRMED.value
_UNANSWERED = (State.PENDING, State.WITHDRAWN)
_GROUPS = (
    select(
        _ROWS.c.network_key,
        _ROWS.c.domain_key,
        func.count().label("today"),
        func.count().filter(_LATELY).label("lately"),
        func.count().filter(_ANSWERED).label("answered_today"),
        func.count().filter(_ANSWERED, _LATELY).label("answered_lately"),
    )
    .where(_ROWS.c.network_key.in_(bindparam("keys", expanding=True)), _ROWS.c.created_at > bindparam("since"))
    .group_by(_ROWS.c.network_key, _ROWS.c.domain_key)
)


@dataclass(frozen=True, slots=True)
class Held:
    """A signature whose review changes, and to what."""

    id: UUID
    campaign_id: UUID
    state: State
    visibility: Visibility
    review: Review
    on_paper: bool = False
    because: frozenset[Reason] = frozenset()


def judge(session: Session, now: datetime) -> int:
    """Look at what came in since the last time, and hold what a crowd gives away; return how many were looked at.

    A crowd is held whole: those who came before the limit was passed too, in one transaction with what it takes from
    the count. But anybody can send in forms for addresses they do not have: those that nobody answered hold no
    confirmed one, so a confirmed one is looked at again. Running it twice, or breaking it off, changes nothing.
    """
    rows = session.execute(
        select(_ROWS.c.id, _ROWS.c.campaign_id, _ROWS.c.network_key, _ROWS.c.proof, _ROWS.c.created_at, _ROWS.c.state)
        .where(_ROWS.c.judged_at.is_(None))
        .order_by(_ROWS.c.id)
        .limit(JUDGED_AT_ONCE)
    ).all()
    _hold(session, _reused_proofs(session, rows, now), Reason.UNPROVEN, State.PENDING)
    for networks, domain, states in _crowds(session, rows, now):
        one = and_(_ROWS.c.network_key.in_(networks), _ROWS.c.domain_key == domain)
        _hold(session, one & (_ROWS.c.created_at > now - DAY_WINDOW), Reason.CROWD, *states)
    _mark_judged(session, rows, now)
    abuse_operations.note_rates(session, _rates(session, now), now=now)
    return len(rows)


def _reused_proofs(session: Session, rows: Sequence[Any], now: datetime) -> Any:
    """Those whose solved challenge somebody has handed in before."""
    reused = [row.id for row in rows if row.proof and not abuse_operations.spend(session, row.proof, now=now)]
    return _ROWS.c.id.in_(reused)


def _crowds(session: Session, rows: Sequence[Any], now: datetime) -> list[tuple[Networks, bytes, Sequence[State]]]:
    """Return each network, by its keys, and mail domain, by its key, that `rows` make a crowd of, and whom to hold."""
    networks = {row.network_key: (row.network_key, _key_before(row)) for row in rows if row.network_key}
    if not networks:
        return []
    vouched = _vouched_keys(session, {row.campaign_id for row in rows}, now)
    windows = {"since": now - DAY_WINDOW, "lately": now - SHORT_WINDOW}
    groups = session.execute(_GROUPS, {"keys": list({*chain(*networks.values())}), **windows}).all()
    return [
        (networks[key], domain, states)
        for key in networks
        for domain, states in _crowded([each for each in groups if each.network_key in networks[key]], key in vouched)
    ]


def _key_before(row: Any) -> bytes:
    return abuse.key_of_the_day_before(row.network_key, str(row.campaign_id), row.created_at.date())


def _crowded(groups: Sequence[Any], is_shared: bool) -> Iterator[tuple[bytes, Sequence[State]]]:
    """Yield the domains that one network is a crowd at, with the states of those that are held for it."""
    everybody = [(group.domain_key, group.today, group.lately) for group in groups]
    answered = [(group.domain_key, group.answered_today, group.answered_lately) for group in groups]
    for some, states in ((everybody, _UNANSWERED), (answered, (State.CONFIRMED,))):
        yield from ((domain, states) for domain in _suspicious(some, is_shared))


def _suspicious(some: Iterable[tuple[bytes, int, int]], is_shared: bool) -> list[bytes]:
    """Return the domains at which `some` (domain, number in a day, number lately) of one network are a crowd."""
    ordinary, at_domain, lately = abuse.ordinary_domain_keys(), Counter[bytes](), 0
    for domain, number, of_late in some:
        at_domain[domain] += number
        lately += of_late
    crowds = {
        domain: Crowd(lately, at_domain.total(), number, is_shared, domain in ordinary)
        for domain, number in at_domain.items()
    }
    return [domain for domain, crowd in crowds.items() if suspicion.is_suspicious(crowd)]


def _vouched_keys(session: Session, campaign_ids: Iterable[UUID], now: datetime) -> set[bytes]:
    """Return the keys that vouched-for networks have at these campaigns today and had yesterday."""
    days = (now.date(), now.date() - timedelta(days=1))
    lasting = abuse_queries.shared_keys(session)
    return {abuse.key_of_the_day(key, str(each), day) for key in lasting for each in campaign_ids for day in days}


def _hold(session: Session, where: Any, reason: Reason, *states: State) -> None:
    """Hold what is clear and fits `where`, and note why also where it is held already.

    But a hold without a code, an organizer's of before they had one, takes none that confirming settles: it would fall
    with it.
    """
    rows = session.execute(
        select(*HELD_COLUMNS)
        .where(where, _ROWS.c.review.in_((Review.CLEAR, Review.HELD)), _ROWS.c.state.in_(states or State))
        .order_by(_ROWS.c.id)
        .with_for_update()
    ).all()
    held = [held_row(row) for row in rows]
    fresh = [row for row in held if reason not in row.because and not _would_weaken(reason, row)]
    change_reviews(session, fresh, Review.HELD)
    _note_reasons(session, {row.id: _still_said(row) | {reason} for row in fresh})


def _still_said(row: Held) -> frozenset[Reason]:
    """What an organizer released they do not hold any more when the machine does."""
    return row.because - {Reason.ORGANIZER} if row.review is Review.CLEAR else row.because


def _would_weaken(reason: Reason, row: Held) -> bool:
    by_organizer = row.review is Review.HELD and not row.because
    return by_organizer and suspicion.is_settled_by_confirming((reason,))


def hold_renamed(session: Session, signature_id: UUID) -> None:
    """Hold who has put another name in the place of the first, each time: an organizer has not seen this one."""
    where = (_ROWS.c.id == signature_id, _ROWS.c.review.in_((Review.CLEAR, Review.HELD)))
    held = [held_row(row) for row in session.execute(select(*HELD_COLUMNS).where(*where).with_for_update())]
    change_reviews(session, [row for row in held if row.review is Review.CLEAR], Review.HELD)
    _note_reasons(session, {row.id: _still_said(row) | {Reason.RENAMED} for row in held})


def note_organizers_hold(session: Session, rows: Sequence[Held]) -> None:
    """Write down that an organizer holds `rows`, which the caller has locked, beside what the machine said of them."""
    _note_reasons(session, {row.id: row.because | {Reason.ORGANIZER} for row in rows})


def forget_organizers_hold(session: Session, rows: Sequence[Held]) -> None:
    """Leave `rows`, which the caller has locked, to what the machine said of them."""
    _note_reasons(session, {row.id: row.because - {Reason.ORGANIZER} for row in rows})


def _note_reasons(session: Session, reasons: dict[UUID, frozenset[Reason]]) -> None:
    if reasons:
        statement = update(_ROWS).where(_ROWS.c.id == bindparam("row_id")).values(held_because=bindparam("codes"))
        codes = [{"row_id": row_id, "codes": suspicion.written(each)} for row_id, each in reasons.items()]
        session.connection().execute(statement, codes)


HELD_COLUMNS = (
    _ROWS.c.id, _ROWS.c.campaign_id, _ROWS.c.state, _ROWS.c.visibility, _ROWS.c.review, _ROWS.c.paper_id,
    _ROWS.c.held_because,
)  # fmt: skip


def held_row(row: Any) -> Held:
    """Return a row of HELD_COLUMNS as what `change_reviews` takes."""
    state, visibility = State(row.state), Visibility(row.visibility)
    because = suspicion.read(row.held_because)
    return Held(row.id, row.campaign_id, state, visibility, Review(row.review), row.paper_id is not None, because)


def change_reviews(session: Session, rows: Sequence[Held], review: Review) -> None:
    """Set the review of `rows`, which the caller has locked, and change the counts in the same transaction."""
    if not rows:
        return
    statement = update(_ROWS).where(_ROWS.c.id == bindparam("row_id")).values(review=review.value)
    session.connection().execute(statement, [{"row_id": row.id} for row in rows])
    for campaign_id in {row.campaign_id for row in rows}:
        effects = [
            effect_of_review(row.state, row.visibility, row.review, review, on_paper=row.on_paper)
            for row in rows
            if row.campaign_id == campaign_id
        ]
        add_change(session, campaign_id, sum(effects, Effect(0, 0)))


def add_change(session: Session, campaign_id: UUID, effect: Effect) -> None:
    """Hand the counting job what a campaign's count gains or loses."""
    if effect != Effect(0, 0):
        values = {
            "campaign_id": campaign_id, "total": effect.total, "public": effect.public, "paper": effect.paper
        }  # fmt: skip
        session.execute(insert(CountChange).values(values))


def _mark_judged(session: Session, rows: Sequence[Any], now: datetime) -> None:
    """Not those that somebody has signed over or confirmed since they were read: they are looked at again."""
    if rows:
        same = (
            _ROWS.c.id == bindparam("row_id"),
            _ROWS.c.created_at == bindparam("made_at"),
            _ROWS.c.state == bindparam("was"),
        )
        statement = update(_ROWS).where(*same).values(judged_at=now)
        read = [{"row_id": row.id, "made_at": row.created_at, "was": row.state} for row in rows]
        session.connection().execute(statement, read)


def _rates(session: Session, now: datetime) -> dict[str, int]:
    """Return how many came to each petition in the last window. Ids sort by time, so no index is needed for it.

    Paper is typed in by organizers, a whole pile at once: it is no pressure.
    """
    rows = session.execute(
        select(_ROWS.c.campaign_id, func.count())
        .where(_ROWS.c.id >= first_row_id(now - PRESSURE_WINDOW), _ROWS.c.paper_id.is_(None))
        .group_by(_ROWS.c.campaign_id)
    )
    return {str(campaign_id): number for campaign_id, number in rows}


def forget_networks(session: Session, now: datetime) -> None:
    """Drop the keys of networks whose windows have passed, and proofs that no challenge in force belongs to."""
    session.execute(
        update(_ROWS)
        .where(_ROWS.c.network_key.is_not(None), _ROWS.c.created_at < now - NETWORK_KEPT)
        .values(network_key=None, proof=None)
    )
    abuse_operations.forget_proofs(session, now=now)
