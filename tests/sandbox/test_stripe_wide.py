"""Disputes, payouts, subscriptions and what belongs to them have Stripe's shapes, and what is spoilt is noticed."""

from collections.abc import Iterator

import pytest

from sandbox.stripe import shapes
from tests.sandbox import mutants, stripe_differences, stripe_document, stripe_shapes, wide_story, wide_survivors
from tests.sandbox.driving import Site
from tests.sandbox.mutants import Mutant
from tests.sandbox.rig import running
from tests.sandbox.samples import objects
from tests.sandbox.story import Story
from tests.sandbox.survivors import listed

KINDS = sorted(wide_survivors.KINDS)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    site = Site()
    site.start()
    with running(tmp_path_factory.mktemp("wide"), site) as rig:
        yield wide_story.tell(rig)
    site.stop()


def _problems(wide: Story, oracle_is_document: bool) -> set[str]:
    oracle = stripe_document if oracle_is_document else stripe_shapes
    calls = [seen for seen in wide.seen if seen.status == 200]
    found = {bad for seen in calls for bad in oracle.check_call(seen.method, seen.path, seen.sent, 200, seen.body)}
    things = [thing for event in wide.told for thing in (event, event["data"]["object"])]
    return found | {bad for thing in things for bad in oracle.check_object(thing)}


def test_every_wide_difference_is_met_and_nothing_else_is_wrong(wide: Story) -> None:
    assert _problems(wide, True) - stripe_differences.KNOWN.keys() == stripe_differences.WIDE.keys()


def test_the_sdk_s_types_find_nothing_wrong(wide: Story) -> None:
    assert _problems(wide, False) == set()


def _is_noticed(mutant: Mutant, kind: str) -> bool:
    if mutant.body.get("object") != kind:
        return True  # nobody could say what it is
    in_the_document = stripe_differences.unknown(stripe_document.check_object(mutant.body))
    return bool(in_the_document or stripe_shapes.check_object(mutant.body))


@pytest.mark.parametrize("kind", KINDS)
def test_the_mutants_that_live_are_those_that_stripe_allows(wide: Story, kind: str) -> None:
    made = list(mutants.of_object(objects(wide)[kind], shapes.links(kind)))
    living = {(mutant.what, kind, mutant.place) for mutant in made if not _is_noticed(mutant, kind)}
    assert living == {row for row in listed(wide_survivors.OF_OBJECTS) if row[1] == kind}
    assert len(living) < len(made) / 2


def test_every_kind_that_is_told_has_its_mutants(wide: Story) -> None:
    told = {event["data"]["object"]["object"] for event in wide.told}
    in_the_site_s_story = {"charge", "checkout.session", "payment_intent", "refund"}
    assert told - in_the_site_s_story <= set(KINDS)
