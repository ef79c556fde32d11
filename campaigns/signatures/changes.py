"""Use-cases: what happens to a signature that stands. Each act does what rules.answer says, and the count follows."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from campaigns.signatures import rules
from campaigns.signatures.checks import add_change, hold_renamed
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Act, Answer, CommentState, Effect, Review, State, Visibility

# What is left of a row that a list may point to: no name, no address. Its hash finds the rows of lists.
_EMPTIED: dict[str, Any] = {
    "paper_id": None, "paper_row": None,
    "email": "", "name": "", "town": "", "postcode": "", "comment": None, "comment_state": None,
    "answers": None, "source": None, "network_key": None, "domain_key": None, "proof": None, "wants_updates": False,
    "token_digest": None, "token_expires_at": None, "opt_in_id": None, "opt_in_ended_at": None,
}  # fmt: skip


# Nobody is to be named by it again; `source` and `paper_id` say by which link or on which paper, not who.
_ANONYMISED: dict[str, Any] = {
    name: value for name, value in _EMPTIED.items() if name not in ("source", "paper_id")
} | {"visibility": Visibility.COUNTED.value}
_ROWS: Any = Signature.__table__


def withdraw(session: Session, signature_id: UUID, *, now: datetime) -> Answer:
    """Take a signature back: a confirmed one no longer counts, one that waits is forgotten. Twice is harmless."""
    return _end(session, signature_id, Act.WITHDRAW, now)


def disown(session: Session, signature_id: UUID, *, now: datetime) -> Answer:
    """Undo what somebody else did with this address: forget what waits, withdraw what was confirmed."""
    return _end(session, signature_id, Act.DISOWN, now)


def correct_name(session: Session, signature_id: UUID, name: str) -> Answer:
    """Change the spelling of the name. Lists that were frozen keep the old one.

    Another person's name is kept too, and held: organizers may have looked at the one that stood there.
    """
    before = session.scalar(select(Signature.name).where(Signature.id == signature_id).with_for_update()) or ""
    answer = _change(session, signature_id, {"name": name})
    if answer is Answer.CHANGED and not rules.is_spelling_of(before, name):
        hold_renamed(session, signature_id)
    return answer


def change_comment(session: Session, signature_id: UUID, comment: str) -> Answer:
    """Change why somebody signed; an empty comment removes it.

    `comment` is cleaned and short, as the sign form leaves it. Other words wait again until an organizer has read them.
    """
    row = _locked(session, signature_id)
    if row is None or (row.comment or "") == comment:
        return _change(session, signature_id, {})
    state = CommentState.WAITING.value if comment else None
    return _change(session, signature_id, {"comment": comment or None, "comment_state": state})


def change_visibility(session: Session, signature_id: UUID, visibility: Visibility) -> Answer:
    """Change who may see the name. The number of names on the page follows."""
    row = _locked(session, signature_id)
    answer = _change(session, signature_id, {"visibility": visibility.value})
    if answer is Answer.CHANGED:
        shift = (visibility is Visibility.PUBLIC) - (row.visibility == Visibility.PUBLIC)
        _shift_count(session, row, Effect(0, shift))
    return answer


def stop_mails(session: Session, email_hash: bytes) -> None:
    """Send no more news to an address, whatever was signed under it."""
    session.execute(update(Signature).where(Signature.email_hash == email_hash).values(wants_updates=False))


def stop_partner(session: Session, signature_id: UUID, *, now: datetime) -> None:
    """Take back that a partner may have name and address; in any state, and twice is harmless."""
    stands = (Signature.opt_in_id.is_not(None), Signature.opt_in_ended_at.is_(None))
    session.execute(update(Signature).where(Signature.id == signature_id, *stands).values(opt_in_ended_at=now))


def erase(session: Session, signature_id: UUID) -> None:
    """Delete a signature; the count follows. What points to it must have let go of it before."""
    row = _locked(session, signature_id)
    if row is None:
        return
    _shift_count(session, row, taken_away(row))
    session.execute(delete(Signature).where(Signature.id == signature_id))


def _end(session: Session, signature_id: UUID, act: Act, now: datetime) -> Answer:
    row = _locked(session, signature_id)
    if row is None:
        return Answer.STANDS
    answer = rules.answer(State(row.state), act, was_withdrawn=row.withdrawn_at is not None)
    if answer in (Answer.DELETED, Answer.EMPTIED):
        forget(session, row)
    if answer is Answer.WITHDRAWN:
        # Theirs from now on: what an organizer takes back can be entered anew, what they took back themselves cannot.
        values = {"state": State.WITHDRAWN.value, "withdrawn_at": now, "is_claimed": True}
        session.execute(update(Signature).where(Signature.id == signature_id).values(values))
        _shift_count(session, row, taken_away(row))
    return answer


def taken_away(row: Any) -> Effect:
    """Return what the count loses with a row that counts. `row` is from `LOCKED`."""
    return Effect(-1, -(row.visibility == Visibility.PUBLIC), -(row.paper_id is not None))


def forget(session: Session, row: Any) -> None:
    """Delete a signature that does not count, or empty it where a list may point to it. `row` is from `LOCKED`."""
    if row.withdrawn_at is None:
        session.execute(delete(Signature).where(Signature.id == row.id))
        return
    values = _EMPTIED | {"state": State.WITHDRAWN.value}
    session.execute(update(Signature).where(Signature.id == row.id).values(values))


def hold(session: Session, ids: Sequence[UUID]) -> Sequence[Any]:
    """Return the facts of rows that nobody else changes, or puts on a list, until this unit of work ends."""
    return session.execute(select(*LOCKED).where(Signature.id.in_(ids)).order_by(Signature.id).with_for_update()).all()


def anonymise(session: Session, ids: Sequence[UUID]) -> None:
    """Delete what was typed into signatures that stand for good: they count as before, and are nobody's any more.

    Their petition must be closed for good: the address' hash goes too, so that nobody can be looked up by it, and
    with it what would keep an address from signing twice. The code of who sent them stays: it is no person's, and
    counts by code stay true. What nobody confirmed is deleted.
    """
    rows = hold(session, ids)
    waiting = [row for row in rows if row.state == State.PENDING]
    for row in waiting:
        forget(session, row)
    session.execute(update(Signature).where(Signature.id.in_(ids)).values(_ANONYMISED))
    hashes = [{"row_id": row.id, "nobody": hashlib.sha256(b"nobody" + row.id.bytes).digest()} for row in rows]
    if hashes:
        statement = update(_ROWS).where(_ROWS.c.id == bindparam("row_id")).values(email_hash=bindparam("nobody"))
        session.connection().execute(statement, hashes)
    for campaign_id, public in Counter(row.campaign_id for row in rows if _is_shown(row)).items():
        add_change(session, campaign_id, Effect(0, -public))


def _is_shown(row: Any) -> bool:
    return rules.counts(State(row.state), Review(row.review)) and row.visibility == Visibility.PUBLIC


def _change(session: Session, signature_id: UUID, values: dict[str, Any]) -> Answer:
    row = _locked(session, signature_id)
    answer = rules.answer(State(row.state), Act.CHANGE) if row else Answer.REFUSED
    if answer is Answer.CHANGED and values:
        values = values | {"is_claimed": True}
        session.execute(update(Signature).where(Signature.id == signature_id).values(values))
    return answer


LOCKED = (
    Signature.id, Signature.campaign_id, Signature.state, Signature.review, Signature.visibility,
    Signature.withdrawn_at, Signature.comment, Signature.paper_id,
)  # fmt: skip


def _locked(session: Session, signature_id: UUID) -> Any:
    """Return the facts of a row that nobody else changes until this unit of work ends."""
    return session.execute(select(*LOCKED).where(Signature.id == signature_id).with_for_update()).first()


def _shift_count(session: Session, row: Any, effect: Effect) -> None:
    """Note what changed for the counting job, where the row counted."""
    if does_count(row):
        add_change(session, row.campaign_id, effect)


def does_count(row: Any) -> bool:
    """Tell whether a row from `LOCKED` counts."""
    return rules.counts(State(row.state), Review(row.review))
