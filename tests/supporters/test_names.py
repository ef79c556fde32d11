"""A name on the own page: its spelling is put right at once; another name waits for an organizer, and so it reads."""

import re

import pytest
from sqlalchemy import update

from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Review, Visibility
from tests.make import World
from tests.supporters.pages import OwnPage, counted, signatures

WORDS = {
    Review.CLEAR: "Confirmed: it counts.",
    Review.HELD: "It is being checked before it is counted.",
    Review.REJECTED: "The organizers do not count it. If that is a mistake, write to",
}


def reviewed(world: World) -> tuple[str, str]:
    row = signatures(world)[0]
    return row.review, row.held_because


@pytest.mark.parametrize("visibility", Visibility)
def test_another_name_leaves_the_count_until_an_organizer_has_looked(world: World, visibility: Visibility) -> None:
    world.publish()
    world.sign_and_confirm(visibility=visibility.value)
    page = OwnPage.asked(world)
    assert page.change(name="Jeff Bezos", visibility=visibility.value).status_code == 303
    assert reviewed(world) == ("held", "renamed")
    assert counted(world).total == counted(world).public == 0
    assert "Jeff Bezos" not in world.see("/campaigns/rescind").text
    assert WORDS[Review.HELD] in page.see().text
    assert 'value="Jeff Bezos"' in page.see().text


def test_another_name_is_held_each_time_and_a_spelling_never(world: World) -> None:
    world.publish()
    world.sign_and_confirm(visibility="public")
    page = OwnPage.asked(world)
    for name, review in (("Marta Ortíz", "clear"), ("Jo Lee", "held"), ("Ann Wu", "held")):
        page.change(name=name, visibility="public")
        assert reviewed(world)[0] == review
        with world.work() as session:
            session.execute(update(Signature).values(review=Review.CLEAR.value))


def test_what_is_rejected_stays_rejected_under_any_name(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    with sqlite_world.work() as session:
        session.execute(update(Signature).values(review=Review.REJECTED.value))
    OwnPage.asked(sqlite_world).change(name="Jo Lee")
    assert reviewed(sqlite_world) == ("rejected", "")


def test_the_desk_reads_why_and_finds_it_by_that(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    OwnPage.asked(sqlite_world).change(name="Jo Lee")
    desk = sqlite_world.desk()
    row = re.search(r"<tbody>.*</tbody>", desk.get("/desk/campaigns/rescind/review/").text, re.DOTALL)
    assert row
    assert "Put another name in the place of the first" in row[0]


@pytest.mark.parametrize("review", Review)
def test_the_page_tells_what_organizers_decided(sqlite_world: World, review: Review) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    with sqlite_world.work() as session:
        session.execute(update(Signature).values(review=review.value, held_because="disposable"))
    page = OwnPage.asked(sqlite_world)
    assert {each for each, words in WORDS.items() if words in page.see().text} == {review}
    assert ("Your name stands on the list handed to" in page.see().text) is (review is Review.CLEAR)
    assert page.see("/data.json").json["signatures"][0]["review"] == review.value
    assert "disposable" not in page.see().text + page.see("/data.json").text
