"""Stripe's doorbell, with real signatures: what is genuine is stored once, everything else is turned away."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe
from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from campaigns.factory import Vendors, create_app
from tests.fakes.clock import FakeClock
from tests.make import World, settings

SECRET, PREVIOUS = "whsec_current", "whsec_previous"
KEYS = {
    "STRIPE_SECRET_KEY": "sk_test_nobody",
    "STRIPE_WEBHOOK_SECRET": SECRET,
    "STRIPE_WEBHOOK_SECRET_PREVIOUS": PREVIOUS,
}


def event(**changes: Any) -> dict[str, Any]:
    subject = {"id": "cs_test_1", "object": "checkout.session", "customer_email": "maria@example.org"}
    base = {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "data": {"object": subject},
    }
    return base | changes


class Door:
    """The webhook's address of a site that has keys, and what is stored behind it."""

    def __init__(self, app: Flask, engine: Engine, clock: FakeClock) -> None:
        self.app, self.engine, self.clock = app, engine, clock

    def ring(self, body: str, secret: str = SECRET, age: int = 0) -> TestResponse:
        return self.post(body.encode(), self.signature(body, secret, age))

    def signature(self, body: str, secret: str = SECRET, age: int = 0) -> str:
        moment = int(self.clock().timestamp()) - age
        return stripe.WebhookSignature.generate_signature_header(body, secret, moment)

    def post(self, body: bytes, signature: str | None, **headers: str) -> TestResponse:
        sent = headers | ({} if signature is None else {"Stripe-Signature": signature})
        return self.app.test_client().post("/webhooks/stripe", data=body, headers=sent)

    def stored(self) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text("SELECT * FROM payment_event")).mappings())


@pytest.fixture
def door(sqlite_world: World, tmp_path: Path) -> Iterator[Door]:
    clock = FakeClock()
    url = sqlite_world.engine.url.render_as_string(hide_password=False)
    app = create_app(settings(url, tmp_path, **KEYS), Vendors(engine=sqlite_world.engine, clock=clock))
    return Door(app, sqlite_world.engine, clock)


BODY = json.dumps(event())


def test_a_genuine_event_is_stored_and_answered(door: Door) -> None:
    response = door.ring(BODY)
    assert (response.status_code, response.text) == (200, "stored\n")
    (stored,) = door.stored()
    assert (stored["id"], stored["subject_kind"], stored["subject_id"]) == ("evt_1", "checkout.session", "cs_test_1")


def test_an_event_delivered_again_is_answered_the_same(door: Door) -> None:
    assert [door.ring(BODY).status_code for _ in range(3)] == [200, 200, 200]
    (stored,) = door.stored()
    assert stored["deliveries"] == 3


def test_while_the_secret_is_rolled_the_previous_one_is_believed(door: Door) -> None:
    assert door.ring(BODY, PREVIOUS).status_code == 200


def test_an_event_of_an_older_version_is_taken_for_only_its_subject_counts(door: Door) -> None:
    assert door.ring(json.dumps(event(api_version="2020-08-27"))).status_code == 200
    assert door.ring(json.dumps(event(id="evt_2", api_version=None))).status_code == 200


def test_a_type_nobody_handles_is_stored_and_answered(door: Door) -> None:
    body = event(type="customer.created", data={"object": {"id": "cus_1", "object": "customer"}})
    assert door.ring(json.dumps(body)).status_code == 200
    (stored,) = door.stored()
    assert stored["is_ignored"]


@pytest.mark.parametrize("age", [299, -299], ids=["nearly too old", "nearly too young"])
def test_five_minutes_of_wrong_clocks_are_borne(door: Door, age: int) -> None:
    assert door.ring(BODY, age=age).status_code == 200


def test_an_old_a_future_and_a_foreign_signature_are_turned_away(door: Door) -> None:
    for age, secret in ((301, SECRET), (-301, SECRET), (86_400 * 30, SECRET), (301, PREVIOUS), (0, "whsec_other")):
        assert door.ring(BODY, secret, age).status_code == 400, (age, secret)
    assert door.stored() == []


def test_a_changed_body_is_turned_away(door: Door) -> None:
    assert door.post(BODY.replace("cs_test_1", "cs_test_2").encode(), door.signature(BODY)).status_code == 400
    assert door.stored() == []


def test_an_old_event_is_not_believed_under_a_fresh_time_written_beside_it(door: Door) -> None:
    old = door.signature(BODY, age=86_400)
    now = int(door.clock().timestamp())
    for replayed in (f"{old},t={now}", f"t={now},{old}"):
        assert door.post(BODY.encode(), replayed).status_code == 400
    assert door.stored() == []


NO_SIGNATURES = [
    None,
    "",
    "genuine",
    "t=,v1=",
    "t=now,v1=aa",
    "v1=aa",
    "t=1",
    f"t={10**400},v1=aa",
    "t=1=1,v1=aa",
    "t=1,v0=aa",
    "=,=,=",
    ",",
    "t=1,v1=é",
    "t=١,v1=aa",
    "x" * 10_000,
]


def test_a_header_that_is_no_signature_is_turned_away(door: Door) -> None:
    for signature in NO_SIGNATURES:
        sent = None if signature is None else signature.encode().decode("latin-1")  # as a server reads the bytes
        assert door.post(BODY.encode(), sent).status_code == 400, signature
    assert door.stored() == []


SHAPES = {
    "a list": [],
    "nothing": None,
    "a text": "event",
    "a number": 17,
    "an empty object": {},
    "a thin event": {"id": "evt_1", "object": "v2.core.event", "type": "x", "related_object": {"id": "1"}},
    "another object": event(object="charge"),
    "a list of subjects": event(data={"object": []}),
    "a text for data": event(data="object"),
    "no mode": {name: value for name, value in event().items() if name != "livemode"},
    "no id": {name: value for name, value in event().items() if name != "id"},
    "a number for its id": event(id=7),
    "a list for its version": event(api_version=["2026-10-28.endive"]),
    "an id that is half a sign": event(id="evt_\ud800"),
    "an id with a NUL": event(id="evt_\0"),
    "an id no index has room for": event(id="e" * 300),
    "a subject whose id is half a sign": event(data={"object": {"id": "\ud800", "object": "charge"}}),
    "a subject that is none": event(data={"object": {"id": "cs_1", "object": {}}}),
}


def test_a_signed_body_of_another_shape_is_turned_away(door: Door) -> None:
    for name, shape in SHAPES.items():
        assert door.ring(json.dumps(shape)).status_code == 400, name
    assert door.stored() == []


def test_bytes_that_are_no_json_are_turned_away(door: Door) -> None:
    for body in (b"\xff\xfe", b"", b"{", b"\x00", b'{"id": NaN'):
        assert door.post(body, door.signature(body.decode("latin-1"))).status_code == 400, body
    assert door.stored() == []


def test_a_signed_body_nested_without_end_is_turned_away(door: Door) -> None:
    assert door.ring("[" * 100_000).status_code == 400


def test_five_megabytes_are_not_read(door: Door) -> None:
    body = json.dumps(event(padding="x" * 5_000_000))
    assert door.ring(body).status_code == 413
    assert door.stored() == []


def test_an_event_of_the_other_mode_is_turned_away_and_told(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    response = door.ring(json.dumps(event(livemode=True)))
    assert (response.status_code, response.text) == (400, "wrong mode\n")
    assert door.stored() == []
    assert "webhook refused" in caplog.text
    assert told(door) == [("other_mode", "2026-05-04")]


def test_an_event_of_another_account_is_turned_away_and_told_once_a_day(door: Door) -> None:
    for number in range(2):
        response = door.ring(json.dumps(event(id=f"evt_{number}", account="acct_of_somebody")))
        assert (response.status_code, response.text) == (400, "wrong account\n")
    assert door.stored() == []
    assert told(door) == [("other_account", "2026-05-04")]


def test_an_event_that_names_our_own_account_is_ours(door: Door) -> None:
    with door.engine.begin() as connection:
        known = text("INSERT INTO payment_fact (name, value, noted_at) VALUES ('account', 'acct_ours', :now)")
        connection.execute(known, {"now": "2026-05-04 15:00:00"})
    assert door.ring(json.dumps(event(account="acct_ours"))).status_code == 200


def told(door: Door) -> list[tuple[str, str]]:
    """What a treasurer has to look at, each with its mail."""
    with door.engine.connect() as connection:
        mails = connection.execute(text("SELECT subject FROM outbox_item WHERE kind = 'payments.alarm_mail'"))
        notices = [tuple(row) for row in connection.execute(text("SELECT word, about FROM payment_notice"))]
        assert [subject for (subject,) in mails] == [":".join(notice) for notice in notices]
        return notices


def test_what_is_turned_away_is_told_in_the_log_without_a_word_of_it(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    door.ring(BODY, "whsec_other")
    assert "not genuine" in caplog.text
    assert "maria" not in caplog.text
    assert SECRET not in caplog.text


def test_a_webhook_is_not_a_page_to_look_at(door: Door) -> None:
    assert door.app.test_client().get("/webhooks/stripe").status_code == 405


def test_stripe_may_post_from_where_it_is(door: Door) -> None:
    headers = {"Origin": "https://stripe.example", "Sec-Fetch-Site": "cross-site"}
    assert door.post(BODY.encode(), door.signature(BODY), **headers).status_code == 200


def test_an_event_that_cannot_be_stored_is_answered_so_that_it_comes_again(door: Door) -> None:
    with door.engine.begin() as connection:
        connection.execute(text("DROP TABLE payment_event"))
    assert door.ring(BODY).status_code == 503


def test_without_keys_nothing_is_believed(sqlite_world: World, tmp_path: Path) -> None:
    url = sqlite_world.engine.url.render_as_string(hide_password=False)
    app = create_app(settings(url, tmp_path), Vendors(engine=sqlite_world.engine))
    signature = stripe.WebhookSignature.generate_signature_header(BODY, "")
    response = app.test_client().post("/webhooks/stripe", data=BODY, headers={"Stripe-Signature": signature})
    assert response.status_code == 400
