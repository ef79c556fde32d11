"""How events go out: as they come, or twice, late, in another order, never, or many at once.

Chance is seeded: with the same plan, what becomes of the first, second, … delivery after it was set is always the same.
"""

import random
from dataclasses import asdict, dataclass

from sandbox.stripe import queue
from sandbox.stripe.store import Store

_PLAN, _NUMBER = "delivery_plan", "delivery_number"
MOST_COPIES = 3
MOST_AT_ONCE = 32
LONGEST_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Shares are from 0 to 1, times in seconds.

    `duplicate`: how many are sent more than once (up to MOST_COPIES times). `drop`: how many never arrive.
    `late`: how many wait, up to `longest`. `shuffle`: every one waits up to so long, so that neighbours change places.
    `at_once`: how many are on their way at the same time.
    """

    seed: int = 0
    duplicate: float = 0.0
    drop: float = 0.0
    late: float = 0.0
    longest: float = 0.0
    shuffle: float = 0.0
    at_once: int = 1

    def __post_init__(self) -> None:
        shares = all(0 <= share <= 1 for share in (self.duplicate, self.drop, self.late))
        times = all(0 <= seconds <= LONGEST_SECONDS for seconds in (self.longest, self.shuffle))
        if not (shares and times and 1 <= self.at_once <= MOST_AT_ONCE):
            raise ValueError("a share is from 0 to 1, a time at most an hour, and 1 to 32 go at once")


def use(store: Store, plan: Plan) -> None:
    """Send later events by `plan`; chance begins anew."""
    store.set(_PLAN, asdict(plan))
    store.set(_NUMBER, 0)


def plan(store: Store) -> Plan:
    """Return the plan in use."""
    return Plan(**store.setting(_PLAN, {}))


def send(store: Store, event: str, endpoint: str, now: float) -> None:
    """Queue `event` for `endpoint` as the plan has it; `now` is the machine's time."""
    used = plan(store)
    if used == Plan():
        queue.add(store, event, endpoint, now)
        return
    chance = _chance(store, used)
    if chance.random() < used.drop:
        queue.drop(store, event, endpoint, now)
        return
    copies = chance.randint(2, MOST_COPIES) if chance.random() < used.duplicate else 1
    for _ in range(copies):
        queue.add(store, event, endpoint, now + _wait(used, chance))


def _chance(store: Store, used: Plan) -> random.Random:
    number = store.setting(_NUMBER, 0)
    store.set(_NUMBER, number + 1)
    return random.Random(f"{used.seed}/{number}")  # noqa: S311 - chance that can be repeated, nothing secret


def _wait(used: Plan, chance: random.Random) -> float:
    late = chance.uniform(0, used.longest) if chance.random() < used.late else 0.0
    return late + chance.uniform(0, used.shuffle)
