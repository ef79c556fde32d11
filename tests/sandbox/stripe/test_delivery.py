"""Events on their way to the site: retried until they arrive, and honest about it."""

import json
from pathlib import Path

import pytest
import stripe

from sandbox.stripe import app as stripe_app
from sandbox.stripe import events, queue, webhook_endpoints
from sandbox.stripe.delivery import Courier, signature
from sandbox.stripe.store import Store
from tests.sandbox.driving import SECRET, Site, visit
from tests.sandbox.rig import Rig
from tests.waiting import wait_for


@pytest.mark.parametrize("failure", [500, 404, 302])
def test_an_event_is_sent_again_until_the_site_takes_it(
    rig: Rig, failure: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAUSES", (1.0, 0.2))
    rig.site.answers[:] = [failure, failure]
    session = rig.new_session()
    rig.api.checkout.sessions.expire(session.id)
    event = wait_for(lambda: rig.api.events.list({"delivery_success": False}).data)[0]
    assert event.pending_webhooks == 1
    wait_for(lambda: len(rig.site.received) == 3)
    assert len({event["id"] for event in rig.site.events()}) == 1
    rig.quiet()
    assert rig.api.events.retrieve(event.id).pending_webhooks == 0
    assert [found.id for found in rig.api.events.list({"delivery_success": True})] == [event.id]


def test_one_event_that_fails_does_not_hold_up_the_next(rig: Rig) -> None:
    rig.site.answers[:] = [500]
    rig.paid()
    wait_for(lambda: "charge.updated" in rig.site.types())
    rig.quiet()
    assert rig.site.types().count("payment_intent.created") == 2


def test_events_are_found_by_type_and_kept_for_thirty_days(rig: Rig) -> None:
    rig.paid()
    rig.press(rig.new_session(), "decline")
    found = rig.api.events.list({"types": ["charge.succeeded", "charge.failed"]})
    assert [event.type for event in found] == ["charge.failed", "charge.succeeded"]
    assert [event.type for event in rig.api.events.list({"type": "charge.failed"})] == ["charge.failed"]
    with pytest.raises(stripe.InvalidRequestError):
        rig.api.events.list({"types": [f"type.{number}" for number in range(21)]})
    old = found.data[0].id
    stripe_app.move_clock(rig.account, 31 * 24 * 3600)
    assert rig.api.events.list({"types": ["charge.succeeded", "charge.failed"]}).data == []
    with pytest.raises(stripe.InvalidRequestError):
        rig.api.events.retrieve(old)


def test_the_endpoint_is_listed_with_what_it_takes(rig: Rig) -> None:
    (endpoint,) = rig.api.webhook_endpoints.list()
    assert (endpoint.url, endpoint.status, endpoint.enabled_events) == (rig.site.url, "enabled", ["*"])


def test_the_button_delivers_an_event_again(rig: Rig) -> None:
    session = rig.new_session()
    rig.api.checkout.sessions.expire(session.id)
    rig.quiet()
    (event,) = rig.api.events.list()
    assert visit(f"{rig.stripe_url}/control/events/{event.id}/deliver", {}).status == 303
    wait_for(lambda: len(rig.site.received) == 2)
    assert [received["id"] for received in rig.site.events()] == [event.id, event.id]


def test_the_signature_is_what_stripe_s_own_code_makes() -> None:
    body = '{"id": "evt_é"}'
    expected = stripe.WebhookSignature.generate_signature_header(body, SECRET, timestamp=1_800_000_000)
    assert signature(body.encode(), SECRET, 1_800_000_000) == expected


def test_the_pauses_grow_and_then_stay() -> None:
    pauses = [queue.pause(attempts) for attempts in range(1, 8)]
    assert pauses == [1, 2, 5, 15, 60, 300, 300]


def test_after_three_days_an_event_is_given_up_and_still_counts_as_undelivered(tmp_path: Path) -> None:
    account = stripe_app.open_account(tmp_path / "stripe.sqlite", "http://localhost:4242")
    webhook_endpoints.configure(account, "http://127.0.0.1:9/nobody-listens-here")
    thing = {"id": "x_1", "object": "thing"}
    event = events.emit(account, "charge.updated", thing)
    started = queue.of_event(account.store, event["id"])[0].first_at
    moment = [started]
    courier = Courier(account, SECRET, lambda: moment[0])
    attempts = 0
    while (waiting := queue.next_waiting(account.store)) is not None:
        moment[0] = max(moment[0], waiting.next_at)
        assert courier.step() == 0
        attempts += 1
    (delivery,) = queue.of_event(account.store, event["id"])
    assert (delivery.state, delivery.attempts) == ("given up", attempts)
    assert 850 < attempts < 900
    assert account.store.must(event["id"])["pending_webhooks"] == 1
    events.deliver_again(account, event["id"])
    assert queue.next_waiting(account.store) is not None
    account.store.close()


def test_the_courier_rests_while_nothing_is_due(tmp_path: Path) -> None:
    account = stripe_app.open_account(tmp_path / "stripe.sqlite", "http://localhost:4242")
    courier = Courier(account, SECRET, lambda: 1000.0)
    assert courier.step() > 0
    queue.add(account.store, "evt_1", "we_1", 1002.0)
    assert courier.step() == pytest.approx(2.0)
    account.store.close()


def test_without_an_endpoint_an_event_waits_for_nobody(tmp_path: Path) -> None:
    account = stripe_app.open_account(tmp_path / "stripe.sqlite", "http://localhost:4242")
    assert events.emit(account, "charge.updated", {"id": "x_1", "object": "thing"})["pending_webhooks"] == 0
    account.store.close()


def test_an_event_is_queued_in_the_transaction_that_makes_it(tmp_path: Path) -> None:
    account = stripe_app.open_account(tmp_path / "stripe.sqlite", "http://localhost:4242")
    webhook_endpoints.configure(account, "http://127.0.0.1:9/")

    def break_off() -> None:
        with account.store.transaction():
            events.emit(account, "charge.updated", {"id": "x_1", "object": "thing"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert account.store.find("event") == []
    assert queue.next_waiting(account.store) is None
    account.store.close()


def test_a_part_of_a_transaction_can_be_undone_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")

    def break_off() -> None:
        with store.transaction():
            store.add({"id": "b", "object": "thing"})
            raise RuntimeError

    with store.transaction():
        store.add({"id": "a", "object": "thing"})
        with pytest.raises(RuntimeError):
            break_off()
    assert [thing["id"] for thing in store.find("thing")] == ["a"]
    store.close()


def test_the_body_is_what_the_events_address_gives(rig: Rig, site: Site) -> None:
    session = rig.new_session()
    rig.api.checkout.sessions.expire(session.id)
    rig.quiet()
    received = json.loads(site.received[0][0])
    kept = rig.api.events.retrieve(received["id"]).to_dict()
    assert {**received, "pending_webhooks": 0} == kept
