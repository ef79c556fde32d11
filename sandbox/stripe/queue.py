"""Which event still has to reach which webhook endpoint. Whoever wants chaos adds, delays or drops rows here.

A delivery is `waiting` until it is `delivered` or, after three days of trying, `given up`
(https://docs.stripe.com/webhooks, automatic retries). Times here are the machine's, never the sandbox's moved clock:
the receiver compares the signature's time with its own.
"""

from dataclasses import dataclass

from sandbox.stripe.store import Json, Store

PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)
LATER_PAUSE = 300.0
PATIENCE = 3 * 24 * 3600.0

_SELECT = "SELECT seq, event, endpoint, state, attempts, first_at, next_at, outcome FROM deliveries"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint; `outcome` says how the last attempt ended."""

    seq: int
    event: str
    endpoint: str
    state: str
    attempts: int
    first_at: float
    next_at: float
    outcome: str


def add(store: Store, event: str, endpoint: str, at: float) -> None:
    """Have `event` delivered to `endpoint` as soon as the machine's clock reads `at`."""
    statement = "INSERT INTO deliveries (event, endpoint, state, first_at, next_at) VALUES (?, ?, 'waiting', ?, ?)"
    store.rows(statement, (event, endpoint, at, at))


def drop(store: Store, event: str, endpoint: str, at: float) -> None:
    """Note that `event` never reaches `endpoint`: it counts as given up, and can still be delivered again by hand."""
    statement = (
        "INSERT INTO deliveries (event, endpoint, state, first_at, next_at, outcome) VALUES (?, ?, 'given up', ?, ?, ?)"
    )
    store.rows(statement, (event, endpoint, at, at, "dropped on purpose"))


def again(store: Store, event: str, endpoints: list[str], now: float) -> None:
    """Deliver `event` once more: what waits is tried now, what has ended is queued anew."""
    store.rows("UPDATE deliveries SET next_at = ? WHERE event = ? AND state = 'waiting'", (now, event))
    waiting = {delivery.endpoint for delivery in of_event(store, event) if delivery.state == "waiting"}
    for endpoint in endpoints:
        if endpoint not in waiting:
            add(store, event, endpoint, now)


def next_waiting(store: Store) -> Delivery | None:
    """Return the delivery whose turn comes first, due or not."""
    found = first_waiting(store, 1)
    return found[0] if found else None


def first_waiting(store: Store, most: int) -> list[Delivery]:
    """Return at most `most` deliveries whose turn comes first, due or not."""
    found = store.rows(_SELECT + " WHERE state = 'waiting' ORDER BY next_at, seq LIMIT ?", (most,))
    return [Delivery(*row) for row in found]


def of_event(store: Store, event: str) -> list[Delivery]:
    """Return every delivery of `event`, the newest first."""
    found = store.rows(_SELECT + " WHERE event = ? ORDER BY seq DESC", (event,))
    return [Delivery(*row) for row in found]


def record(store: Store, delivery: Delivery, outcome: str, *, arrived: bool, now: float) -> None:
    """Write down how an attempt ended, and keep the event's `pending_webhooks` true."""
    attempts = delivery.attempts + 1
    state = "delivered" if arrived else "waiting" if now < delivery.first_at + PATIENCE else "given up"
    statement = "UPDATE deliveries SET state = ?, attempts = ?, next_at = ?, outcome = ? WHERE seq = ?"
    store.rows(statement, (state, attempts, now + pause(attempts), outcome, delivery.seq))
    event: Json = store.must(delivery.event)
    store.save({**event, "pending_webhooks": pending(store, delivery.event)})


def pause(attempts: int) -> float:
    """Return the seconds between the attempt with this number and the next."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else LATER_PAUSE


def pending(store: Store, event: str) -> int:
    """Return how many endpoints have not yet received `event`."""
    deliveries = of_event(store, event)
    reached = {delivery.endpoint for delivery in deliveries if delivery.state == "delivered"}
    return len({delivery.endpoint for delivery in deliveries} - reached)
