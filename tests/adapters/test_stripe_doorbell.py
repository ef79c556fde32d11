"""Stripe's webhook behind our port: only what is signed, fresh and an event rings."""

import json
from datetime import UTC, datetime

import pytest
import stripe

from campaigns.adapters.stripe_doorbell import read_doorbell
from campaigns.kernel.ports import Doorbell, NotGenuine

KEY, SECRET = "sk_test_nobody", "whsec_of_the_tests"
NOW = datetime(2026, 5, 4, 15, 0, tzinfo=UTC)
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "refund.updated",
    "livemode": False,
    "api_version": "2026-10-28.endive",
    "data": {"object": {"id": "re_1", "object": "refund"}},
}


def read(event: object, secret: str = SECRET, age: int = 0, secrets: tuple[str, ...] = (SECRET,)) -> Doorbell:
    body = json.dumps(event)
    signature = stripe.WebhookSignature.generate_signature_header(body, secret, int(NOW.timestamp()) - age)
    return read_doorbell(secrets, body.encode(), signature, NOW)


def test_a_doorbell_says_who_rang_and_nothing_else() -> None:
    assert read(EVENT) == Doorbell("evt_1", "refund.updated", False, "2026-10-28.endive", "re_1", "refund")


def test_a_live_event_is_said_to_be_live() -> None:
    assert read(EVENT | {"livemode": True}).livemode is True


def test_each_secret_that_is_set_opens() -> None:
    assert read(EVENT, "whsec_old", secrets=(SECRET, "whsec_old")).id == "evt_1"


@pytest.mark.parametrize(
    ("secret", "age", "secrets", "reason"),
    [
        ("whsec_old", 0, (SECRET,), "signature"),
        (SECRET, 0, (), "signature"),
        ("", 0, ("",), "signature"),
        (" ", 0, (" ",), "signature"),
        (SECRET, 301, (SECRET,), "age"),
        (SECRET, -301, (SECRET,), "age"),
    ],
)
def test_a_doorbell_that_is_not_genuine_says_why(secret: str, age: int, secrets: tuple[str, ...], reason: str) -> None:
    with pytest.raises(NotGenuine, match=reason):
        read(EVENT, secret, age, secrets)


@pytest.mark.parametrize("event", [[], None, "event", 1, {}, EVENT | {"object": "v2.core.event"}, EVENT | {"data": 1}])
def test_a_shape_that_is_no_event_is_not_genuine(event: object) -> None:
    with pytest.raises(NotGenuine, match="shape"):
        read(event)


def test_a_subject_without_an_id_is_nobody_we_know() -> None:
    assert read(EVENT | {"data": {"object": {"object": "balance"}}}).subject_id == ""
