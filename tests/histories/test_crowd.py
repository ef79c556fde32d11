"""Five hundred webhooks at once, a third of them duplicates, with two workers at it: none lost, none doubled."""

import random
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select

from campaigns.outbox.models import DUE, OutboxItem
from campaigns.payments.models import PaymentEvent
from sandbox.stripe.store import Json
from tests.histories.laws import broken_laws, missing
from tests.histories.site import Site
from tests.make import at_once

pytestmark = pytest.mark.prove
WEBHOOKS, DISTINCT = 500, 334
EVENTS_OF_A_GIFT = 5


def paid_gifts(site: Site) -> list[Json]:
    """Have as many gifts paid as it takes for so many events, and return these in no order."""
    for number in range(-(-DISTINCT // EVENTS_OF_A_GIFT)):
        answer = site.give(amount=f"{number + 1}.37")
        assert answer.status_code == 303, answer.text
        site.provider.account.move_clock(60)  # more at once would have to prove that they are no robots
        site.provider.press(f"/pay/{answer.headers['Location'].rpartition('/')[2]}", do="pay")
    events = site.provider.all("event")[:DISTINCT]
    assert len(events) == DISTINCT
    random.Random(5).shuffle(events)
    return events


def working(site: Site, stopping: threading.Event) -> threading.Thread:
    def run() -> None:
        while not stopping.is_set():
            site.work()
            stopping.wait(0.05)

    return threading.Thread(target=run)


def test_five_hundred_webhooks_at_once_lose_nothing_and_double_nothing(make_site: Callable[[], Site]) -> None:
    site = make_site()
    site.app.extensions["undersigned"].engine.pool._timeout = 300  # slow is no fault here
    events = paid_gifts(site)
    deliveries = events + events[: WEBHOOKS - DISTINCT]
    stopping = threading.Event()
    workers = [working(site, stopping) for _ in range(2)]
    for worker in workers:
        worker.start()
    statuses = at_once([lambda event=event: site.ring(event) for event in deliveries])  # type: ignore[misc]
    stopping.set()
    for worker in workers:
        worker.join()
    assert Counter(statuses) == {200: WEBHOOKS}
    stored = {row.id: row.deliveries for row in site.rows(select(PaymentEvent.id, PaymentEvent.deliveries))}
    assert stored == Counter(event["id"] for event in deliveries)
    site.work()
    assert site.rows(select(OutboxItem.kind).where(OutboxItem.state == DUE)) == []
    assert broken_laws(site) + missing(site) == []
