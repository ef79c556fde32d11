"""The desk's first page, the preview, and money for those who account for it."""

from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from campaigns.campaign import operations
from campaigns.campaign import queries as campaigns
from tests.make import World, appeal, days, petition


def fund_address(world: World, *, general: bool = False) -> str:
    with world.reading() as session:
        own = campaigns.funds_of(session, world.campaign().id)[0]
        found = campaigns.general_fund(session, "USD") if general else own
    assert found is not None
    return f"/desk/money/{found.id}"


def draft(world: World) -> None:
    with world.work() as session:
        operations.create(session, appeal(), actor="test", now=world.clock())


@dataclass(frozen=True)
class Desk:
    """A browser of somebody who may open every page, and the address of a fund with a gift in it."""

    client: FlaskClient
    fund: str


@pytest.fixture(scope="module")
def desk(shared_world: World) -> Desk:
    shared_world.publish(appeal())
    shared_world.pay(shared_world.give())
    return Desk(shared_world.desk("admin"), fund_address(shared_world))


def test_the_first_page_of_an_empty_desk_says_what_will_stand_there(sqlite_world: World) -> None:
    for role in ("organizer", "treasurer", "approver", "admin"):
        page = sqlite_world.desk(role).get("/desk/")
        assert page.status_code == 200
        assert "Here stand" in page.text


def test_the_first_page_shows_campaigns_with_their_counts(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    draft_fields = petition(slug="draft", headline="Not yet public", deadline=sqlite_world.clock() + days(3))
    with sqlite_world.work() as session:
        operations.create(session, draft_fields, actor="test", now=sqlite_world.clock())
    page = sqlite_world.desk().get("/desk/").text
    assert "Rescind the write-ups" in page
    assert "Not yet public" in page


@pytest.mark.parametrize(("role", "sees_money"), [("organizer", False), ("treasurer", True), ("approver", True)])
def test_money_on_the_first_page_is_for_those_who_account_for_it(
    sqlite_world: World, role: str, sees_money: bool
) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.pay(sqlite_world.give())
    assert ("$30.00" in sqlite_world.desk(role).get("/desk/").text) is sees_money


def test_a_draft_is_previewed_as_the_public_will_see_it(sqlite_world: World) -> None:
    draft(sqlite_world)
    page = sqlite_world.desk().get("/desk/campaigns/rescind/preview")
    assert page.status_code == 200
    assert "Rescind all eleven write-ups" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert sqlite_world.client.get("/campaigns/rescind").status_code == 404


def test_a_preview_of_what_was_published_is_the_public_page(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    assert (
        sqlite_world.desk().get("/desk/campaigns/rescind/preview").text == sqlite_world.see("/campaigns/rescind").text
    )


def test_a_treasurer_sees_a_gift_its_fee_and_who_bears_it(world: World) -> None:
    world.publish(appeal())
    world.pay(world.give())
    desk = world.desk("treasurer")
    money = desk.get("/desk/money/").text
    assert "$30.00" in money
    assert "$1.17" in money
    own = desk.get(fund_address(world)).text
    general = desk.get(f"{fund_address(world, general=True)}?figure=fee").text
    assert "$30.00" in own
    assert "$1.17" in general


@pytest.mark.parametrize(
    "query",
    [
        "figure=nonsense",
        "figure=%00",
        "before=1-0",
        "before=x",
        "before=-",
        "before=99999999999999999999-1",
        "before=1-99999999999999999999",
        "before=" + "9" * 5000 + "-1",
        "before=٣-٣",
        "before=-1--1",
    ],
)
def test_a_strange_question_about_a_fund_gets_a_page(desk: Desk, query: str) -> None:
    assert desk.client.get(f"{desk.fund}?{query}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/desk/money/00000000-0000-0000-0000-000000000000",
        "/desk/money/unknown",
        "/desk/campaigns/unknown",
        "/desk/campaigns/%00",
        "/desk/campaigns/unknown/preview",
        "/desk/campaigns/unknown/edit",
        "/desk/campaigns/unknown/signatures/",
        "/desk/campaigns/unknown/deliveries/",
        "/desk/campaigns/a%00b/deliveries/",
    ],
)
def test_what_is_not_there_is_a_calm_404(desk: Desk, path: str) -> None:
    assert desk.client.get(path).status_code == 404
