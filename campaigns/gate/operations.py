"""Use-cases: let somebody through to a payment page or say what to do, pull a brake, forget."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from campaigns.abuse import operations as abuse
from campaigns.abuse import queries as abuse_queries
from campaigns.abuse.checks import keys_over_midnight, lasting_key, proof_of, waited
from campaigns.audit import operations as audit
from campaigns.gate import queries, rules
from campaigns.gate.models import PaymentBrake, PaymentTry
from campaigns.gate.rules import LATER, TRIES_KEPT, WAIT, Brake, Crowd, How, Level, Verdict, Visit
from campaigns.kernel.errors import Refusal
from campaigns.kernel.ids import row_id
from campaigns.outbox import operations as outbox
from campaigns.outbox.operations import insert_ignoring

ALARM_MAIL = "gate.alarm_mail"
_SUBJECT = "payment pages"  # one key for a network at all funds: who tries cards goes from one to the next
_TRIES: Any = PaymentTry.__table__
_BRAKES: Any = PaymentBrake.__table__


class Held(Refusal):
    """Many payments were tried here in a short time, so they are taken more slowly now. No money has moved."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    seconds: ClassVar[int] = int(LATER.total_seconds())

    def __init__(self, subject: str, address_key: bytes) -> None:
        super().__init__()
        self.subject = subject
        self.address_key = address_key


class TryLater(Held):
    """Many payments were tried here in a short time. Please try again in ten minutes. No money has moved."""


class ProofWanted(Held):
    """Many payments are tried here at the moment. One step more, and you are on the payment page."""

    seconds = int(WAIT.total_seconds())


def admit(
    session: Session,
    subjects: Collection[str],
    address_key: bytes,
    visit: Visit,
    *,
    is_known: Callable[[], bool],
    now: datetime,
) -> None:
    """Let a visit through to a page for some subjects and count it, or raise TryLater, ProofWanted.

    It passes where the strictest of them lets it. What is refused is not counted. Holds their brakes until the unit of
    work ends, taken in one order, so that many at once pass no limit.
    """
    levels = {subject: _held_brake(session, subject, now).level_at(now) for subject in sorted(set(subjects))}
    network_keys, is_shared = _keys(session, visit.network, now)
    crowds = {
        subject: queries.crowd(session, subject, address_key, network_keys, now, is_shared=is_shared)
        for subject in levels
    }
    subject = max(levels, key=lambda each: (rules.asks_for_more(crowds[each], levels[each]), levels[each]))
    crowd, level, how = crowds[subject], levels[subject], How.FREE
    if rules.is_too_much(crowd):
        raise TryLater(subject, address_key)
    if rules.asks_for_more(crowd, level):
        how = _passed(session, subject, address_key, visit, crowd, level, is_known=is_known(), now=now)
    _count(session, levels, address_key, network_keys[0] if network_keys else None, how, now)


def _held_brake(session: Session, subject: str, now: datetime) -> Brake:
    insert_ignoring(session, PaymentBrake, {"subject": subject, "level": Level.OPEN, "since": now, "until": now})
    brake = queries.brake(session, subject, locked=True)
    assert brake is not None  # it was just put there
    return brake


def _passed(
    session: Session,
    subject: str,
    address_key: bytes,
    visit: Visit,
    crowd: Crowd,
    level: Level,
    *,
    is_known: bool,
    now: datetime,
) -> How:
    is_proved, has_waited = _proved(session, subject, address_key, visit, now)
    how = rules.passes(crowd, level, is_known=is_known, is_proved=is_proved, has_waited=has_waited)
    if isinstance(how, Verdict):
        raise (TryLater if how is Verdict.LATER else ProofWanted)(subject, address_key)
    return how


def _count(
    session: Session, subjects: Iterable[str], address_key: bytes, network_key: bytes | None, how: How, now: datetime
) -> None:
    """Count a page once for its address and its network, whatever it is for, and once for each subject."""
    address: bytes | None = address_key
    for subject in subjects:
        values = {"id": row_id(now), "subject": subject, "address_key": address or b"", "network_key": network_key}
        session.execute(insert(_TRIES).values(**values, how=how.value, made_at=now))
        address = network_key = None


def _keys(session: Session, network: str | None, now: datetime) -> tuple[tuple[bytes, ...], bool]:
    """Return what tries of a network keep of it today and kept yesterday, and whether somebody vouches for it."""
    if network is None:
        return (), False
    is_shared = lasting_key(network) in abuse_queries.shared_keys(session)
    return keys_over_midnight(network, _SUBJECT, now), is_shared


def _proved(session: Session, subject: str, address_key: bytes, visit: Visit, now: datetime) -> tuple[bool, bool]:
    """Return whether a sum was solved, and whether somebody waited; each counts once."""
    proof = proof_of(visit.proof, subject, now)
    ticket = waited(visit.ticket, subject, address_key, now)
    is_proved = proof is not None and abuse.spend(session, proof, now=now)
    return is_proved, not is_proved and ticket is not None and abuse.spend(session, ticket, now=now)


def look_at(
    session: Session, subject: str, name: str, *, declined: int, paid: int, contact: str, now: datetime
) -> Level:
    """Pull a subject's brake where too many of its payments were declined; write to `contact` once an episode."""
    before = queries.brake(session, subject, locked=True) or Brake(Level.OPEN, now, now)
    after = rules.next_brake(before, rules.level_for(declined, paid), now)
    if after == before:
        return after.level_at(now)
    values = {"level": after.level, "since": after.since, "until": after.until}
    if not insert_ignoring(session, PaymentBrake, {"subject": subject, **values}):
        session.execute(update(_BRAKES).where(_BRAKES.c.subject == subject).values(values))
    payload = {"to": contact, "fund": name, "declined": declined, "paid": paid}
    if outbox.enqueue(session, ALARM_MAIL, f"{subject}:{after.since.isoformat()}", payload, now=now):
        audit.record(session, "system", "brake.pulled", subject, now=now, declined=declined, paid=paid)
    return after.level


def forget(session: Session, now: datetime) -> None:
    """Drop tries whose windows have passed."""
    session.execute(delete(PaymentTry).where(PaymentTry.made_at < now - TRIES_KEPT))


def forget_address(session: Session, address_key: bytes) -> None:
    """Drop the tries of one address."""
    session.execute(delete(PaymentTry).where(PaymentTry.address_key == address_key))
