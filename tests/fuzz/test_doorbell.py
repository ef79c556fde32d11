"""The provider's doorbell: what is signed is stored once or turned away, what is not is turned away."""

import hashlib
import hmac
import json
from collections import Counter
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from campaigns.adapters.stripe_doorbell import read_doorbell
from campaigns.outbox.models import DONE, OutboxItem
from campaigns.payments.models import PaymentEvent
from campaigns.payments.operations import SYNC_JOB
from tests.fuzz.fuzzed import FuzzedSite
from tests.fuzz.profile import PROVE
from tests.fuzz.sending import Answer, Request
from tests.fuzz.strategies import PERSONAL

pytestmark = pytest.mark.prove

SECRET = "whsec_current"
EVENT: dict[str, Any] = {
    "id": "evt_fuzz",
    "object": "event",
    "type": "checkout.session.completed",
    "livemode": False,
    "api_version": "2026-10-28.endive",
    "data": {"object": {"id": "cs_test_none", "object": "checkout.session", "customer_email": PERSONAL}},
}
ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**400, "", " ", "\0", "evt\0x", "\ud800", "evt_\udfff", "x" * 300, "é" * 3000,
    PERSONAL, [], {}, [[]], {"id": "x"}, "checkout.session", "charge", "event",
]  # fmt: skip
PLACES = [
    ("id",), ("object",), ("type",), ("livemode",), ("api_version",), ("data",), ("data", "object"),
    ("data", "object", "id"), ("data", "object", "object"), ("more",),
]  # fmt: skip
LONG = st.text(st.characters(), min_size=1000, max_size=4000)  # too long for an index of PostgreSQL's


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """An event with something wrong in it, as text that is JSON or nearly so."""
    event = json.loads(json.dumps(EVENT))
    for place in draw(st.lists(st.sampled_from(PLACES), max_size=2, unique=True)):
        _change(event, place, draw(st.one_of(st.sampled_from(ODD), st.text(max_size=20), LONG, st.just("gone"))))
    body = json.dumps(event, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    return body if draw(st.booleans()) else draw(st.sampled_from(_broken(body)))


def _broken(body: bytes) -> list[bytes]:
    return [
        b"\xef\xbb\xbf" + body, body + b"\0", body + b"}", body[:-1], b"[" + body + b"]",
        body.decode("utf-8", "replace").encode("utf-16"), b'{"id": "evt_other",' + body[1:], b"NaN", b"\xff", b"",
        b"[" * 50_000,
    ]  # fmt: skip


def _change(event: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    for name in place[:-1]:
        if not isinstance(event.get(name), dict):
            return
        event = event[name]
    if value == "gone":
        event.pop(place[-1], None)
    else:
        event[place[-1]] = deepcopy(value)  # the next change may go into it


def ring(body: bytes, moment: int, secret: str = SECRET) -> Request:
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    headers = (("Stripe-Signature", f"t={moment},v1={signed}"),)
    return Request("POST", b"/webhooks/stripe", headers=headers, body=body, content_type="application/json")


@pytest.fixture
def doorbell(fuzzed: FuzzedSite, monkeypatch: pytest.MonkeyPatch) -> FuzzedSite:
    """The site with the provider's own way to read its events."""
    monkeypatch.setattr(fuzzed.world.checkout, "read_doorbell", partial(read_doorbell, (SECRET,)))
    return fuzzed


def events(site: FuzzedSite) -> list[PaymentEvent]:
    with site.world.reading() as session:
        return [row for row in session.scalars(select(PaymentEvent)) if row.id not in site.kept["payment_event"]]


def jobs(site: FuzzedSite) -> list[OutboxItem]:
    with site.world.reading() as session:
        found = session.scalars(select(OutboxItem).where(OutboxItem.kind == SYNC_JOB))
        return [item for item in found if item.id not in site.kept["outbox_item"]]


def test_what_the_provider_signed_is_stored_once_and_worked_on_or_turned_away(doorbell: FuzzedSite) -> None:
    seen: Counter[int] = Counter()

    @settings(PROVE, max_examples=400)
    @given(bodies())
    def signed(body: bytes) -> None:
        doorbell.restore()
        request = ring(body, int(doorbell.world.clock().timestamp()))
        for number in (1, 2):
            answer, broken = doorbell.ask(request)
            assert broken == []
            assert_stored_once(doorbell, answer, body, number)
        seen[answer.status] += 1
        doorbell.world.run_worker()
        assert all((job.state, job.problem) == (DONE, None) for job in jobs(doorbell))
        doorbell.overheard.lines.clear()
        assert doorbell.broken() == []

    signed()
    assert min(seen[200], seen[400]) > 20, seen


def assert_stored_once(site: FuzzedSite, answer: Answer, body: bytes, deliveries: int) -> None:
    assert answer.status in (200, 400)
    if answer.status == 400:
        assert events(site) == [] == jobs(site)
        return
    (stored,) = events(site)
    assert (stored.deliveries, stored.body) == (deliveries, body.decode())
    assert len(jobs(site)) == (not stored.is_ignored)


def test_what_was_changed_after_it_was_signed_is_turned_away(doorbell: FuzzedSite) -> None:
    @settings(PROVE, max_examples=200)
    @given(bodies(), st.data())
    def changed(body: bytes, data: st.DataObject) -> None:
        doorbell.restore()
        request = ring(body, int(doorbell.world.clock().timestamp()))
        kind = data.draw(
            st.sampled_from(["a byte more", "a byte less", "another secret", "another time", "the header"])
        )
        answer, broken = doorbell.ask(_forged(request, kind, data))
        assert (answer.status, broken, events(doorbell)) == (400, [], [])

    changed()


def _forged(request: Request, kind: str, data: st.DataObject) -> Request:
    ((name, header),) = request.headers
    moment = int(header[2:].partition(",")[0])
    match kind:
        case "a byte more":
            return replace(request, body=request.body + b" ")
        case "a byte less":
            return replace(request, body=request.body[:-1] if request.body else b"{}")
        case "another secret":
            return ring(request.body, moment, "whsec_other")
        case "another time":
            return ring(request.body, moment + data.draw(st.sampled_from([-301, 301, -(10**6), 10**12])))
    at = data.draw(st.integers(2, len(header) - 1))
    sign = "1" if header[at] == "0" else "0"
    return replace(request, headers=((name, header[:at] + sign + header[at + 1 :]),))
