"""Use-cases: begin a monthly payment, ask for a change of it, let its owner in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from campaigns.kernel import tokens
from campaigns.kernel.errors import NotFound, Refusal
from campaigns.kernel.ids import public_id, row_id
from campaigns.kernel.money import Money
from campaigns.outbox import operations as outbox
from campaigns.payments import erasing as events
from campaigns.payments.operations import SESSION_LIFETIME
from campaigns.recurring import queries, rules
from campaigns.recurring.models import PaymentSubscription, SubscriptionChange, SubscriptionLink
from campaigns.recurring.queries import Monthly
from campaigns.recurring.rules import LINK_LIFETIME, LINK_PURPOSE, Act, State

CARRY_OUT_JOB = "recurring.carry_out"
DONE, OVERTAKEN = "done", "overtaken"


class LinkTooOld(NotFound):
    """This link is no longer valid. Ask for a new one."""


class NotNow(Refusal):
    """That cannot be done now: it has ended, or is as you want it already. Please open the page again."""


class StillBeginning(Refusal):
    """It is not known yet at the payment provider. Please try again in a minute."""


class OtherCurrency(Refusal):
    """This amount is in another currency than what is paid each month. Please open the page again."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A monthly payment that waits for its first month, on the page of `session_id` where one was opened."""

    id: UUID
    subject_id: UUID
    public_id: str
    state: State
    amount: Money
    created_at: datetime
    expires_at: datetime
    session_id: str | None


def begin(session: Session, kind: str, subject_id: UUID, amount: Money, *, now: datetime) -> Begun:
    """Add a monthly payment in state `pre` for a new subject; nobody outside knows of it yet."""
    row = PaymentSubscription(
        id=row_id(now), kind=kind, subject_id=subject_id, public_id=public_id(), state=State.PRE.value,
        amount_minor=amount.minor, currency=amount.currency, created_at=now, expires_at=now + SESSION_LIFETIME,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note(session, row.id, Act.BEGIN, amount, DONE, now)
    return _begun(row)


def begun(session: Session, kind: str, subject_id: UUID) -> Begun:
    """Return the monthly payment of a subject that has one."""
    mine = (PaymentSubscription.kind == kind, PaymentSubscription.subject_id == subject_id)
    return _begun(session.scalars(select(PaymentSubscription).where(*mine)).one())


def _begun(row: PaymentSubscription) -> Begun:
    amount = Money(row.amount_minor, row.currency)
    state = State(row.state)
    return Begun(row.id, row.subject_id, row.public_id, state, amount, row.created_at, row.expires_at, row.session_id)


def opened(session: Session, subscription_id: UUID, session_id: str) -> None:
    """Note the hosted page that was opened."""
    session.execute(
        update(PaymentSubscription)
        .where(PaymentSubscription.id == subscription_id, PaymentSubscription.state == State.PRE)
        .values(state=State.OPEN.value, session_id=session_id)
    )


# What the owner asks for


def ask(session: Session, subscription_id: UUID, act: Act, amount: Money | None = None, *, now: datetime) -> UUID:
    """Keep what the owner wants and queue it, in one transaction; return the change's id.

    Raises NotNow where it makes no sense, StillBeginning, OtherCurrency: a price keeps the currency it began in.
    """
    row = _locked(session, subscription_id)
    if not rules.may(act, State(row.state), queries.waits(session, row.id)):
        raise NotNow
    if row.remote_id is None:
        raise StillBeginning
    if amount is not None and amount.currency != row.currency:
        raise OtherCurrency
    change_id = _note(session, row.id, act, amount, queries.PRE, now)
    _queue(session, change_id, now)
    return change_id


def _locked(session: Session, subscription_id: UUID) -> PaymentSubscription:
    mine = select(PaymentSubscription).where(PaymentSubscription.id == subscription_id)
    return session.scalars(mine.with_for_update().execution_options(populate_existing=True)).one()


def _queue(session: Session, change_id: UUID, now: datetime) -> None:
    outbox.enqueue(session, CARRY_OUT_JOB, str(change_id), {"change": str(change_id)}, now=now)


def queue_waiting(session: Session, subscription_id: UUID, *, now: datetime) -> None:
    """Queue what was noted before it had begun: see `let_go`."""
    waiting = select(SubscriptionChange.id).where(
        SubscriptionChange.subscription_id == subscription_id, SubscriptionChange.state == queries.PRE
    )
    for change_id in session.scalars(waiting).all():
        _queue(session, change_id, now)


def _note(session: Session, subscription_id: UUID, act: Act, amount: Money | None, state: str, now: datetime) -> UUID:
    change = SubscriptionChange(
        id=row_id(now), subscription_id=subscription_id, act=act.value, amount_minor=amount.minor if amount else None,
        state=state, created_at=now, done_at=now if state == DONE else None,
    )  # fmt: skip
    session.add(change)
    session.flush()
    return change.id


@dataclass(frozen=True, slots=True)
class Change:
    """Something to be carried out at the provider."""

    id: UUID
    subscription_id: UUID
    remote_id: str
    act: Act
    amount: Money | None


def due(session: Session, change_id: UUID, *, now: datetime) -> Change | None:
    """Return what is still to be carried out; None where it is done, or something later has made it void."""
    row = session.get(SubscriptionChange, change_id, with_for_update=True)
    if row is None or row.state != queries.PRE:
        return None
    owner = session.get_one(PaymentSubscription, row.subscription_id)
    later = [Act(each.act) for each in _later(session, row)]
    if owner.state == State.ENDED or rules.is_overtaken(Act(row.act), later):
        row.state, row.done_at = OVERTAKEN, now
        return None
    assert owner.remote_id is not None  # it was asked for by the owner of one that the provider knows
    amount = None if row.amount_minor is None else Money(row.amount_minor, owner.currency)
    return Change(row.id, owner.id, owner.remote_id, Act(row.act), amount)


def carried_out(session: Session, change: Change, *, now: datetime) -> bool:
    """Note that the provider has done it; return whether that is news: not said before, and what is wanted still.

    A slow call may reach the provider after that of a later wish, and undo it there. Then that later wish is asked
    for once more: whatever calls there are, the last one to arrive is one for the last wish.
    """
    owner = _locked(session, change.subscription_id)  # so that nobody asks for anything else meanwhile
    row = session.get_one(SubscriptionChange, change.id, with_for_update=True)
    wishes = [each for each in _later(session, row) if rules.same_sort(change.act, Act(each.act))]
    if wishes and change.act is not Act.CANCEL and row.state != DONE:  # an end is an end at the provider too
        row.state, row.done_at = OVERTAKEN, now  # a worker may have said so while the call was on its way
        _wish_again(session, row, wishes[-1], now)
    if row.state != queries.PRE:
        return False
    row.state, row.done_at = DONE, now
    if change.amount is not None:
        owner.amount_minor = change.amount.minor
    return True


def _later(session: Session, row: SubscriptionChange) -> list[SubscriptionChange]:
    """Return what was asked for later than a change, done or not, in its order."""
    later = (SubscriptionChange.subscription_id == row.subscription_id, SubscriptionChange.created_at > row.created_at)
    in_order = (SubscriptionChange.created_at, SubscriptionChange.id)
    return list(session.scalars(select(SubscriptionChange).where(*later).order_by(*in_order)))


def _wish_again(session: Session, done: SubscriptionChange, last: SubscriptionChange, now: datetime) -> None:
    """Queue the last wish anew, with a number and so a key of its own, unless it is for what was just done."""
    if (last.act, last.amount_minor) == (done.act, done.amount_minor):
        return
    asked_at = max(now, last.created_at + timedelta(microseconds=1))  # later than what it stands for, on any clock
    again = SubscriptionChange(
        id=row_id(now), subscription_id=last.subscription_id, act=last.act, amount_minor=last.amount_minor,
        state=queries.PRE, created_at=asked_at, done_at=None,
    )  # fmt: skip
    session.add(again)
    session.flush()
    _queue(session, again.id, now)


# Letting the owner in


def new_link(session: Session, subscription_id: UUID, *, lasts: timedelta = LINK_LIFETIME, now: datetime) -> str:
    """Return the secret of a new link to a monthly payment: for one mail to its owner, or for their browser."""
    token = tokens.issue(LINK_PURPOSE, now, lasts)
    session.add(SubscriptionLink(digest=token.digest, subscription_id=subscription_id, expires_at=token.expires_at))
    return token.secret


def opened_by(session: Session, secret: str, now: datetime) -> Monthly:
    """Return the monthly payment that a link opens. Raises LinkTooOld."""
    found = queries.behind_link(session, secret, now)
    if found is None:
        raise LinkTooOld
    return found


def forget_links(session: Session, now: datetime) -> None:
    """Delete links that no longer open anything."""
    session.execute(delete(SubscriptionLink).where(SubscriptionLink.expires_at <= now))


def let_go(session: Session, kind: str, subject_ids: Sequence[UUID], *, now: datetime) -> None:
    """Stop what pays for subjects whose owner is erased, drop the links, and empty the events about it."""
    for monthly in queries.of_subjects(session, kind, subject_ids).values():
        session.execute(delete(SubscriptionLink).where(SubscriptionLink.subscription_id == monthly.id))
        _stop(session, monthly.id, now)
    events.empty_events_about(session, queries.remote_ids(session, kind, subject_ids))


def _stop(session: Session, subscription_id: UUID, now: datetime) -> None:
    """End what lives, and what may still be paid for on a page that is open: that one as soon as it has begun."""
    row = _locked(session, subscription_id)
    if row.state == State.ENDED:
        return
    change_id = _note(session, row.id, Act.CANCEL, None, queries.PRE, now)
    if State(row.state) in rules.LIVE:
        _queue(session, change_id, now)
