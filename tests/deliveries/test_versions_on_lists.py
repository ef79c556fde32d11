"""A list says which text each on it signed."""

from typing import Any

import pytest
from sqlalchemy import select

from campaigns.campaign import operations as campaigns
from campaigns.campaign.rules import Demand
from campaigns.deliveries import document, operations, queries
from campaigns.deliveries.models import Delivery, DeliveryRow
from campaigns.kernel.ports import ListedName
from tests.deliveries.lists import a_list, environment
from tests.make import World, at_once, petition

CORRECTED = petition(headline="Rescind all write-ups", demands=(Demand("Rescind all twelve write-ups", ""),))


def correct(world: World, fields: Any = CORRECTED) -> None:
    with world.work() as session:
        campaigns.change(session, "rescind", fields, actor="test", now=world.clock())


def make_list(world: World) -> str:
    with world.work() as session:
        public_id = operations.request(
            session, world.campaign(), paper="a4", answer_expected=None, actor="test", now=world.clock()
        )
    world.run_worker()
    return public_id


def lived_through(world: World) -> str:
    """Two sign the first text, one of them without a name; then it is corrected, and one more signs."""
    world.publish()
    world.sign_and_confirm(name="Ana Early", email="ana@example.org")
    world.sign_and_confirm(name="Cleo Counted", email="cleo@example.org", visibility="counted")
    correct(world)
    world.sign_and_confirm(name="Zoe Late", email="zoe@example.org", visibility="public")
    return make_list(world)


def test_page_one_prints_each_text_in_full_with_how_many_signed_it(world: World) -> None:
    lived_through(world)
    letter = world.printer.letters[-1]
    current, _, earlier = letter.partition("Some signed before it was corrected")
    assert "Rescind all twelve write-ups" in current
    assert "Rescind all eleven write-ups" not in current
    assert "Text 1, as 2 people on this list signed it" in earlier
    assert "Rescind all eleven write-ups" in earlier
    assert "Rescind the write-ups" in earlier


def test_a_row_says_which_text_was_signed_where_it_is_not_the_one_on_page_one(sqlite_world: World) -> None:
    lived_through(sqlite_world)
    assert sqlite_world.printer.lines == ["1. Ana Early, Hebron, US · text 1", "2. Zoe Late, Hebron, US"]


def test_the_rows_and_the_letter_are_frozen_with_their_versions(world: World) -> None:
    public_id = lived_through(world)
    correct(world, petition(headline="Something else"))
    with world.reading() as session:
        rows = session.execute(select(DeliveryRow.name, DeliveryRow.version).order_by(DeliveryRow.position)).all()
        letter = session.scalars(select(Delivery.letter)).one()
        found = queries.find(session, public_id)
        assert found is not None
        assert queries.signed_versions(session, found.id) == {1: 2, 2: 1}
    assert [tuple(row) for row in rows] == [("Ana Early", 1), (None, 1), ("Zoe Late", 2)]
    assert (letter["petition_version"], [text["petition_version"] for text in letter["earlier"]]) == (2, [1])
    assert letter["earlier"][0]["demands"][0][0] == "Rescind all eleven write-ups"
    assert world.see(f"/verify/{public_id}").status_code == 200


def test_a_text_that_nobody_on_the_list_signed_is_not_printed(sqlite_world: World) -> None:
    world = sqlite_world
    world.publish()
    world.sign(email="never.confirmed@example.org")
    correct(world)
    world.sign_and_confirm(name="Zoe Late", email="zoe@example.org")
    make_list(world)
    assert "corrected" not in world.printer.letters[-1]
    assert world.printer.lines == ["1. Zoe Late, Hebron, US"]


def test_a_list_whose_text_is_corrected_in_the_same_moment_has_every_text_it_needs(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    with world.work() as session:
        operations.request(session, world.campaign(), paper="a4", answer_expected=None, actor="test", now=world.clock())
        delivery_id = session.scalars(select(Delivery.id)).one()
    facts = world.campaign()

    def freeze() -> None:
        with world.work() as session:
            operations.freeze(session, delivery_id, facts, now=world.clock())

    at_once([freeze, lambda: correct(world)])
    with world.reading() as session:
        letter = session.scalars(select(Delivery.letter)).one()
        known = {letter["petition_version"], *(text["petition_version"] for text in letter["earlier"])}
        assert set(queries.signed_versions(session, delivery_id)) <= known


@pytest.mark.parametrize(
    ("version", "beside"),
    [(0, "Hebron, KY"), (2, "Hebron, KY"), (1, "Hebron, KY · text 1"), (3, "Hebron, KY · text 3")],
)
def test_only_another_text_than_the_one_on_page_one_is_marked(version: int, beside: str) -> None:
    row = ListedName(1, "Rosa Delgado", "Hebron, KY", version=version)
    (chunk,) = document.chunks([row], a_list(1, version=2), environment())
    assert chunk.lines == [f"1. Rosa Delgado, {beside}"]
