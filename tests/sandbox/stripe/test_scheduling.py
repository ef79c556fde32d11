"""Events that come twice, late, in another order, never, or all at once."""

import json
import time
from threading import Barrier
from typing import Any

import pytest

from sandbox.stripe import events, queue, scheduling
from sandbox.stripe.delivery import Courier
from sandbox.stripe.scheduling import Plan
from tests.sandbox.driving import visit
from tests.sandbox.rig import Rig
from tests.waiting import wait_for


def _charge(rig: Rig) -> dict[str, Any]:
    return rig.account.store.must(rig.paid().payment_intent.latest_charge.id)


def _received(rig: Rig) -> list[str]:
    return [event["id"] for event in rig.site.events()][5:]


def _nothing_waits(rig: Rig) -> bool:
    return not queue.next_waiting(rig.account.store)


def test_every_event_can_be_sent_more_than_once(rig: Rig) -> None:
    charge = _charge(rig)
    rig.quiet()
    scheduling.use(rig.account.store, Plan(duplicate=1))
    with rig.account.store.transaction():
        made = [events.emit(rig.account, "charge.updated", charge)["id"] for _ in range(3)]
    wait_for(lambda: _nothing_waits(rig))
    assert all(_received(rig).count(event) in (2, 3) for event in made)


def test_a_dropped_event_is_found_as_undelivered_and_can_be_sent_by_hand(rig: Rig) -> None:
    charge = _charge(rig)
    rig.quiet()
    scheduling.use(rig.account.store, Plan(drop=1))
    made = events.emit(rig.account, "charge.updated", charge)["id"]
    failed = rig.api.events.list({"delivery_success": False, "types": ["charge.updated"], "created": {"gte": 5}}).data
    assert [event.id for event in failed] == [made]
    assert made not in _received(rig)
    assert "dropped on purpose" in visit(rig.stripe_url).text
    visit(f"{rig.stripe_url}/control/events/{made}/deliver", {})
    wait_for(lambda: made in _received(rig))
    rig.quiet()
    assert rig.api.events.list({"delivery_success": False}).data == []


def test_events_come_in_another_order_and_the_same_one_for_the_same_seed(rig: Rig) -> None:
    charge, store = _charge(rig), rig.account.store
    rig.quiet()
    orders = []
    for seed in (1, 1, 2):
        scheduling.use(store, Plan(seed=seed, shuffle=3600))
        with store.transaction():
            made = [events.emit(rig.account, "charge.updated", charge)["id"] for _ in range(8)]
            waiting = queue.first_waiting(store, 100)
            orders.append([made.index(delivery.event) for delivery in waiting if delivery.event in made])
            store.rows("DELETE FROM deliveries WHERE state = 'waiting'")
    assert orders[0] == orders[1] != orders[2]
    assert orders[0] != sorted(orders[0])


def test_a_late_event_waits_at_most_so_long(rig: Rig) -> None:
    charge, store = _charge(rig), rig.account.store
    rig.quiet()
    scheduling.use(store, Plan(late=1, longest=600))
    with store.transaction():
        events.emit(rig.account, "charge.updated", charge)
        (delivery,) = queue.first_waiting(store, 2)
    assert time.time() - 60 < delivery.next_at <= time.time() + 600


def test_events_are_sent_at_the_same_time(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of four attempts waits for the other three: one after the other they would never pass."""
    barrier, post = Barrier(4, timeout=20), Courier._post

    def together(courier: Courier, url: str, body: bytes) -> int:
        barrier.wait()
        return post(courier, url, body)

    _charge(rig)
    rig.quiet()
    scheduling.use(rig.account.store, Plan(at_once=4))
    monkeypatch.setattr(Courier, "_post", together)
    charge = rig.account.store.find("charge")[0]
    with rig.account.store.transaction():
        made = [events.emit(rig.account, "charge.updated", charge)["id"] for _ in range(8)]
    rig.quiet()
    assert sorted(_received(rig)) == sorted(made)


def test_the_plan_is_set_on_the_page_and_can_be_read(rig: Rig) -> None:
    address = f"{rig.stripe_url}/control/delivery"
    form = {"duplicate": "33", "drop": "5", "late": "10", "longest": "2", "shuffle": "1", "at_once": "8", "seed": "7"}
    assert visit(address, form).status == 303
    plan = Plan(**json.loads(visit(address).text))
    assert plan == Plan(seed=7, duplicate=0.33, drop=0.05, late=0.1, longest=2, shuffle=1, at_once=8)
    assert visit(address, {}).status == 303
    assert Plan(**json.loads(visit(address).text)) == Plan()


@pytest.mark.parametrize(
    "form", [{"drop": "101"}, {"late": "-1"}, {"at_once": "0"}, {"seed": "x"}, {"shuffle": "9999"}]
)
def test_a_plan_that_makes_no_sense_is_explained(rig: Rig, form: dict[str, str]) -> None:
    page = visit(f"{rig.stripe_url}/control/delivery", form)
    assert (page.status, 'role="alert"' in page.text) == (400, True)
    assert scheduling.plan(rig.account.store) == Plan()
