"""Use-cases: vouch for a network, note pressure, use a proof up."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from campaigns.abuse import queries
from campaigns.abuse.checks import lasting_key
from campaigns.abuse.models import Pressure, SharedNetwork, SpentProof
from campaigns.abuse.rules import PRESSURE_WINDOW, network_of, pressure_until
from campaigns.audit import operations as audit
from campaigns.kernel.errors import InvalidValue, NotFound, Refusal
from campaigns.kernel.ids import row_id
from campaigns.outbox.operations import insert_ignoring

PROOFS_KEPT = timedelta(hours=2)  # longer than a challenge is valid


class NoNetwork(InvalidValue):
    """Enter the address of the network as the internet sees it, such as 203.0.113.7 or 2001:db8:1:2::1."""


class AlreadyShared(Refusal):
    """This network is on the list already."""


class NoSuchNetwork(NotFound):
    """There is no such network on the list."""


def vouch(session: Session, address: str, label: str, *, actor: str, now: datetime) -> None:
    """Vouch for the network of `address`: many people share it. Raises NoNetwork, AlreadyShared."""
    network = network_of(address)
    if network is None:
        raise NoNetwork
    values = {"id": row_id(now), "key": lasting_key(network), "label": label, "added_by": actor, "added_at": now}
    if not insert_ignoring(session, SharedNetwork, values):
        raise AlreadyShared
    audit.record(session, actor, "network.vouched", str(values["id"]), now=now)


def stop_vouching(session: Session, network_id: UUID, *, actor: str, now: datetime) -> None:
    """Take a network off the list. Raises NoSuchNetwork."""
    found = session.get(SharedNetwork, network_id)
    if found is None:
        raise NoSuchNetwork
    session.delete(found)
    audit.record(session, actor, "network.forgotten", str(network_id), now=now)


def note_rates(session: Session, rates: dict[str, int], *, now: datetime) -> None:
    """Switch proof of work on or let it end, given how many came to each subject in the last PRESSURE_WINDOW."""
    running = queries.pressures(session, now)
    for subject in sorted(rates):
        until = pressure_until(rates[subject], running.get(subject), now)
        if until is None or until == running.get(subject):
            continue
        if subject in running:
            session.execute(update(Pressure).where(Pressure.subject == subject).values(until=until))
        else:
            _begin(session, subject, until, now)


def _begin(session: Session, subject: str, until: datetime, now: datetime) -> None:
    session.execute(delete(Pressure).where(Pressure.subject == subject))
    session.add(Pressure(subject=subject, since=now - PRESSURE_WINDOW, until=until))
    audit.record(session, "system", "pressure.began", subject, now=now)


def spend(session: Session, proof: bytes, *, now: datetime) -> bool:
    """Use a proof up; return False where it was used before."""
    return insert_ignoring(session, SpentProof, {"digest": proof, "spent_at": now})


def forget_proofs(session: Session, *, now: datetime) -> None:
    """Drop proofs that no challenge in force belongs to."""
    session.execute(delete(SpentProof).where(SpentProof.spent_at < now - PROOFS_KEPT))
