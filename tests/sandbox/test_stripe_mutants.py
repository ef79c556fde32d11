"""Whatever is spoilt in what the stand-in answers or the site asks, one of Stripe's two descriptions notices it."""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from functools import partial
from typing import Any

import pytest

from sandbox.stripe import shapes, webhook_endpoints
from tests.sandbox import mutants, stripe_differences, stripe_document, stripe_shapes, survivors
from tests.sandbox.driving import Exchange
from tests.sandbox.mutants import Json, Mutant
from tests.sandbox.rig import Rig
from tests.sandbox.samples import objects, requests
from tests.sandbox.story import Story, stage

KINDS = """account balance balance_transaction charge checkout.session dispute event item payment_intent payment_method
    payout price product radar.early_fraud_warning refund webhook_endpoint""".split()
Survivors = set[tuple[str, str, str]]


def _object_is_noticed(mutant: Mutant, kind: str) -> bool:
    if mutant.body.get("object") != kind:
        return True  # nobody could say what it is
    in_the_document = stripe_differences.unknown(stripe_document.check_object(mutant.body))
    return bool(in_the_document or stripe_shapes.check_object(mutant.body))


def _request_is_noticed(mutant: Mutant, asked: Exchange) -> bool:
    call = asked.method, asked.path, mutant.body, 400, dict[str, Any]()
    return bool(stripe_differences.unknown(stripe_document.check_call(*call)) or stripe_shapes.check_call(*call))


def _living(kind: str, made: Iterable[Mutant], noticed: Callable[[Mutant], bool]) -> Survivors:
    return {(mutant.what, kind, mutant.place) for mutant in made if not noticed(mutant)}


def test_the_mutants_of_answers_that_live_are_those_that_stripe_allows(story: Story) -> None:
    sound = objects(story)
    assert sorted(sound) == KINDS
    made = {kind: list(mutants.of_object(sound[kind], shapes.links(kind))) for kind in KINDS}
    living: Survivors = set()
    for kind in KINDS:
        living |= _living(kind, made[kind], partial(_object_is_noticed, kind=kind))
    assert living == survivors.listed(survivors.OF_OBJECTS)
    assert _share_noticed("answers", sum(map(len, made.values())), len(living)) > 0.8


def test_the_mutants_of_requests_that_live_are_those_that_stripe_allows(story: Story) -> None:
    sound = requests(story)
    made = {place: list(mutants.of_request(asked.sent)) for place, asked in sound.items()}
    living: Survivors = set()
    for place, asked in sound.items():
        living |= _living(place, made[place], partial(_request_is_noticed, asked=asked))
    assert living == survivors.listed(survivors.OF_REQUESTS)
    assert _share_noticed("requests", sum(map(len, made.values())), len(living)) > 0.5


def _share_noticed(what: str, made: int, living: int) -> float:
    print(f"mutants of {what}: {made - living} of {made} noticed; Stripe allows the other {living}")
    return (made - living) / made


@pytest.mark.parametrize(
    ("what", "spoil"),
    [
        ("object", lambda body: body.update(object="array")),
        ("data", lambda body: body.update(data={})),
        ("has_more", lambda body: body.pop("has_more")),
        ("url", lambda body: body.update(url=7)),
        ("total_count", lambda body: body.update(total_count=3)),
        ("an entry", lambda body: body["data"].append({**body["data"][0], "colour": "red"})),
        ("an entry of another kind", lambda body: body["data"].append(shapes.blank("price"))),
    ],
)
def test_a_spoilt_list_is_noticed(story: Story, what: str, spoil: Callable[[Json], object]) -> None:
    seen = next(seen for seen in story.asked if seen.path == "/v1/refunds" and seen.body["data"])
    body = deepcopy(seen.body)
    spoil(body)
    assert seen.problems() == []
    assert Exchange(seen.method, seen.path, seen.sent, 200, body, {}).problems()


@pytest.mark.parametrize(
    "spoilt",
    [
        {"message": None},
        {"type": None},
        {"type": "trouble"},
        {"code": 7},
        {"colour": "red"},
        {"param": {}},
    ],
    ids=str,
)
def test_a_spoilt_refusal_is_noticed(story: Story, spoilt: Json) -> None:
    seen = next(seen for seen in story.asked if seen.status == 400)
    error = {name: value for name, value in {**seen.body["error"], **spoilt}.items() if value is not None}
    assert seen.problems() == []
    assert Exchange(seen.method, seen.path, {}, 400, {"error": error}, {}).problems()
    assert Exchange(seen.method, seen.path, {}, 400, error, {}).problems()


# The stand-in itself, spoilt


def _without(name: str) -> Callable[[Json], object]:
    return lambda fields: fields.pop(name)


def _with(**fields: Any) -> Callable[[Json], object]:
    return lambda skeleton: skeleton.update(fields)


STAND_INS: list[tuple[str, Callable[[Json], object], str]] = [
    ("checkout.session", _without("livemode"), "checkout.session.livemode: missing"),
    ("checkout.session", _without("invoice"), "checkout.session.invoice: missing"),
    ("checkout.session", _with(payment_status="open"), "checkout.session.payment_status: 'open' is not one of"),
    ("payment_intent", _with(charges={}), "payment_intent.charges: unknown"),
    ("payment_intent", _with(livemode=None), "payment_intent.livemode: "),
    ("charge", _with(invoice=None), "charge.invoice: unknown"),
    ("charge", _with(review={"id": "prv_1"}), "charge.review"),
    ("balance_transaction", _with(balance_type="cash"), "balance_transaction.balance_type: 'cash' is not one of"),
    ("refund", _with(status="done"), "refund.status: 'done' is not one of"),
    ("event", _with(livemode="no"), "event.livemode: 'no' is not bool"),
]


@pytest.fixture(scope="module")
def silent_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A sandbox that tells nobody of its events."""
    with stage(tmp_path_factory.mktemp("silent")) as here:
        webhook_endpoints.configure(here.rig.account, None)
        yield here.rig


@pytest.fixture
def spoilt_rig(silent_rig: Rig) -> Iterator[Rig]:
    yield silent_rig
    silent_rig.http.exchanges.clear()  # or its own end would find them


@pytest.mark.parametrize(("kind", "spoil", "problem"), STAND_INS, ids=[row[2] for row in STAND_INS])
def test_a_spoilt_stand_in_is_noticed_on_the_wire(
    spoilt_rig: Rig, monkeypatch: pytest.MonkeyPatch, kind: str, spoil: Callable[[Json], object], problem: str
) -> None:
    skeleton = shapes._skeleton

    def spoilt(asked: str) -> Json:
        found = deepcopy(skeleton(asked))
        if asked == kind:
            spoil(found["fields"])
        return found

    monkeypatch.setattr(shapes, "_skeleton", spoilt)
    charge = spoilt_rig.paid().payment_intent.latest_charge
    spoilt_rig.api.refunds.create({"charge": charge.id, "amount": 100, "expand": ["balance_transaction"]})
    spoilt_rig.api.events.list({"limit": 1})
    found = spoilt_rig.http.problems()
    assert any(bad.startswith(problem) for bad in found), found
