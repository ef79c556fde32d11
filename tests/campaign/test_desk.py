"""The desk's doors for campaigns: make, change, publish."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from campaigns.campaign import queries
from campaigns.campaign.models import Campaign
from campaigns.campaign.queries import FundFacts
from campaigns.campaign.rules import Demand
from tests.make import World, a_world, appeal, csrf_token, petition

NEW = "/desk/campaigns/new"
EDIT = "/desk/campaigns/rescind/edit"
SHOWN = "Type this again: it holds characters that cannot be shown."
A_MOMENT = "Enter a day and a time, such as 2027-01-31 18:00."
A_PAGE = "Enter a whole address, such as https://union.example/join."
A_NUMBER = "Enter a whole number, such as 500."
FILLED = {
    "headline": "Rescind",
    "summary": "Eleven of us were written up.",
    "organisation": "Hub Workers",
    "contact_email": "hub@example.org",
    "target_name": "Hub Management",
    "target_address": "1 Air Hub Way\nErlanger",
    "story": "It happened **last week**.",
    "deadline": "2026-06-01T23:59",
    "zone": "America/New_York",
    "next_list_on": "2026-05-20",
    "country": "us",
    "has_petition": "y",
    "goal": "250",
    "demands-0-title": "Rescind all eleven write-ups",
    "demands-0-detail": "Talking is no offence.",
    "demands-1-title": "",
    "demands-1-detail": "",
    "demands-2-title": "Reinstate Jo Hill",
    "demands-2-detail": "",
    "has_appeal": "y",
    "fund_name": "Jo Hill and the hub",
    "currency": "USD",
    "purpose": "Jo Hill's costs.",
    "beyond": "Organizing.",
    "recipient": "Hub Workers e. V.",
    "suggested": "30",
    "presets": "10 30 50.50 10",
    "fees_borne_by": "general",
}


def send(desk: FlaskClient, path: str = NEW, **changes: Any) -> TestResponse:
    data = FILLED | changes | {"csrf_token": csrf_token(desk, path)}
    return desk.post(path, data={name: value for name, value in data.items() if value is not None})


def how_many(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(Campaign)) or 0


def test_an_organizer_makes_a_campaign_previews_and_publishes_it(world: World) -> None:
    desk = world.desk()
    made = send(desk)
    assert made.status_code == 303
    address = made.headers["Location"]
    assert address == "/desk/campaigns/rescind"
    assert "Rescind all eleven write-ups" in desk.get(f"{address}/preview").text
    published = desk.post(f"{address}/publish", data={"csrf_token": csrf_token(desk, address)})
    assert published.status_code == 303
    assert "Rescind all eleven write-ups" in world.see("/campaigns/rescind").text
    assert "Rescind" in desk.get("/desk/campaigns/").text


def test_what_was_filled_in_is_what_is_stored(world: World) -> None:
    send(world.desk())
    campaign = world.campaign()
    assert campaign.deadline == datetime(2026, 6, 2, 3, 59, tzinfo=UTC)  # New York is four hours behind in June
    assert campaign.next_list_on == date(2026, 5, 20)
    assert campaign.demands == (
        Demand("Rescind all eleven write-ups", "Talking is no offence."),
        Demand("Reinstate Jo Hill", ""),
    )
    assert (campaign.country, campaign.goal) == ("US", 250)
    with world.reading() as session:
        (fund,) = queries.funds_of(session, campaign.id)
    assert (fund.suggested_minor, fund.presets_minor) == (3000, (1000, 3000, 5050))
    assert (fund.name, fund.currency, fund.fees_borne_by_general) == ("Jo Hill and the hub", "USD", True)


def fund_of(world: World) -> FundFacts:
    with world.reading() as session:
        return queries.funds_of(session, world.campaign().id)[0]


def test_opening_and_saving_the_form_changes_nothing(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    send(desk)
    before, fund = sqlite_world.campaign(), fund_of(sqlite_world)
    page = desk.get(EDIT).text
    values = FILLED | {name: unescape(value) for name, value in _inputs(page).items()}
    assert send(desk, EDIT, **values).status_code == 303
    after = sqlite_world.campaign()
    assert {name: getattr(after, name) for name in ("deadline", "demands", "version_id")} == {
        name: getattr(before, name) for name in ("deadline", "demands", "version_id")
    }
    assert fund_of(sqlite_world) == fund


def _inputs(page: str) -> dict[str, str]:
    """What stands in the form's one-line fields, as a browser would send it back."""
    found = {}
    for part in page.split("<input ")[1:]:
        tag = part.partition(">")[0]
        kind, name = _attribute(tag, "type"), _attribute(tag, "name")
        if name and kind not in ("hidden", "checkbox", "radio"):
            found[name] = _attribute(tag, "value")
    return found


def _attribute(tag: str, name: str) -> str:
    return tag.partition(f' {name}="')[2].partition('"')[0] or tag.partition(f'{name}="')[2].partition('"')[0]


REFUSED = [
    ("headline", "", "Write a headline."),
    ("headline", "   \t ", "Write a headline."),
    ("headline", None, "Write a headline."),
    ("headline", "x" * 10_000, "160"),
    ("headline", "a\0b", SHOWN),
    ("summary", "\0", SHOWN),
    ("organisation", " ", "Say who runs this campaign."),
    ("organisation", "\x1b", SHOWN),
    ("contact_email", "hub@example", "Enter an e-mail address like name@example.org."),
    ("contact_email", "hub@example.org\0", "Enter an e-mail address like name@example.org."),
    ("contact_email", " ", "Enter the address that people can write to."),
    ("target_name", "\u3000", "Say who is asked."),
    ("target_address", "a\0", SHOWN),
    ("story", "x" * 30_001, "30000"),
    ("story", "\0", SHOWN),
    ("deadline", "tomorrow", A_MOMENT),
    ("deadline", "0001-01-01T00:00", A_MOMENT),
    ("deadline", "9999-12-31T23:59", A_MOMENT),
    ("zone", "Mars/Phobos", "Not a valid choice."),
    ("next_list_on", "soon", "Enter a day, such as 2027-01-31."),
    ("country", "XX", "Enter a country's two letters, such as US."),
    ("country", "", "Enter a country's two letters, such as US."),
    ("join_url", "union.example/join", A_PAGE),
    ("join_url", "javascript:alert(1)", A_PAGE),
    ("join_url", "https://[::1", A_PAGE),
    ("join_url", "https://localhost/", A_PAGE),
    ("join_url", "https://who:why@union.example/", A_PAGE),
    ("join_url", "https://union.example/" + "x" * 300, "300"),
    ("goal", "many", A_NUMBER),
    ("goal", "0", A_NUMBER),
    ("goal", "-5", A_NUMBER),
    ("goal", "9" * 40, A_NUMBER),
    ("demands-1-detail", "A detail alone", "A detail stands without its demand."),
    ("demands-0-title", "x" * 201, "200"),
    ("demands-0-title", "\0", SHOWN),
    ("purpose", "", "Say what the fund's money is for."),
    ("purpose", " ", "Say what the fund's money is for."),
    ("purpose", "a\0", SHOWN),
    ("recipient", "", "Say who receives the money."),
    ("currency", "XXX", "Not a valid choice."),
    ("suggested", "", "Enter an amount in figures, like 30 or 12.50."),
    ("suggested", "0", "Enter an amount above zero."),
    ("suggested", "-5", "Enter an amount in figures, like 30 or 12.50."),
    ("suggested", "NaN", "Enter an amount in figures, like 30 or 12.50."),
    ("suggested", "10.999", "Enter an amount in figures, like 30 or 12.50."),
    ("suggested", "99999999999", "Enter an amount in figures, like 30 or 12.50."),
    ("suggested", "9999999999", "Enter a smaller amount."),
    ("presets", "", "Offer at least one amount."),
    ("presets", "10 x 30", "Enter an amount in figures, like 30 or 12.50."),
    ("presets", "10 9999999999", "Enter a smaller amount."),
    ("fees_borne_by", "nobody", "Not a valid choice."),
]


@pytest.fixture(scope="module")
def empty(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, FlaskClient]]:
    """One desk for all that is refused: nothing of it may be left behind."""
    with a_world(sqlite_template, tmp_path_factory.mktemp("refused")) as world:
        yield world, world.desk()


@pytest.mark.parametrize(("field", "typed", "sentence"), REFUSED)
def test_a_refused_field_says_why_and_all_that_was_typed_is_kept(
    empty: tuple[World, FlaskClient], field: str, typed: str | None, sentence: str
) -> None:
    world, desk = empty
    answer = send(desk, **{field: typed})
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert sentence in page
    for other in ("headline", "organisation", "story", "purpose", "presets", "demands-2-title"):
        if other != field:
            assert FILLED[other] in page, other
    assert how_many(world) == 0


def test_no_text_brings_either_database_down(world: World) -> None:
    desk = world.desk()
    fields = ("headline", "story", "target_address", "demands-0-title", "purpose", "recipient")
    for number, field in enumerate(fields):
        assert send(desk, **{field: "a\0b"}).status_code == 422, field
        assert how_many(world) == number
        assert send(desk, **{field: "\u202eевил 😀 \\u0000 <b>&\"'"}).status_code == 303, field


def test_a_file_where_text_belongs_is_no_text(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    for field in ("headline", "deadline", "goal", "demands-0-title", "has_petition", "csrf_token"):
        data: dict[str, Any] = FILLED | {"csrf_token": csrf_token(desk, NEW)}
        answer = desk.post(NEW, data=data | {field: (io.BytesIO(b"x"), "x.txt")}, content_type="multipart/form-data")
        assert answer.status_code < 500, field


def test_an_empty_form_asks_for_what_it_needs(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    answer = desk.post(NEW, data={"csrf_token": csrf_token(desk, NEW)})
    assert answer.status_code == 422
    assert "Write a headline." in answer.text


def test_an_appeals_fields_may_stay_empty_without_an_appeal(sqlite_world: World) -> None:
    emptied = dict.fromkeys(("fund_name", "purpose", "beyond", "recipient", "suggested", "presets"), "")
    assert send(sqlite_world.desk(), has_appeal=None, **emptied).status_code == 303
    assert not sqlite_world.campaign().has_appeal


def test_an_incomplete_draft_is_told_what_it_lacks_when_it_is_to_be_published(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    address = send(desk, **{"demands-0-title": "", "demands-0-detail": "", "demands-2-title": ""}).headers["Location"]
    answer = desk.post(f"{address}/publish", data={"csrf_token": csrf_token(desk, address)})
    assert answer.status_code == 422
    assert "Write at least one demand." in answer.text
    assert not sqlite_world.campaign().published


def test_a_published_fund_keeps_its_currency_and_the_form_says_so(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    answer = send(sqlite_world.desk(), EDIT, currency="EUR", headline="Another headline")
    assert answer.status_code == 422
    assert "cannot change once the campaign is published" in unescape(answer.text)
    assert "Another headline" in answer.text
    assert sqlite_world.campaign().headline == "Rescind the write-ups"


def test_a_published_petition_keeps_a_demand_and_the_form_says_so(sqlite_world: World) -> None:
    sqlite_world.publish()
    none = {"demands-0-title": "", "demands-0-detail": "", "demands-2-title": ""}
    answer = send(sqlite_world.desk(), EDIT, **none)
    assert answer.status_code == 422
    assert "Write at least one demand." in answer.text
    assert len(sqlite_world.campaign().demands) == 2


def test_what_people_have_signed_keeps_its_target_and_its_petition_and_the_form_says_so(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.sign()
    desk = sqlite_world.desk()
    for changes, said in (
        ({"target_name": "Another Company"}, "To ask somebody else, start a new campaign."),
        ({"has_petition": None}, "To end it, close it on the page “Ending”."),
    ):
        answer = send(desk, EDIT, **changes)
        assert answer.status_code == 422
        assert said in unescape(answer.text)
    assert (sqlite_world.campaign().target_name, sqlite_world.campaign().has_petition) == ("Hub Management", True)


def test_a_campaign_called_new_has_its_own_place_at_the_desk(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    address = send(desk, headline="New").headers["Location"]
    assert address != NEW
    assert "<h1" in desk.get(address).text


def test_the_list_of_campaigns_shows_drafts_and_published_ones(sqlite_world: World) -> None:
    desk = sqlite_world.desk("treasurer")
    assert "Here stand" in desk.get("/desk/campaigns/").text
    sqlite_world.publish()
    sqlite_world.publish(petition(slug="second", headline="A second one"))
    page = desk.get("/desk/campaigns/").text
    assert "Rescind the write-ups" in page
    assert "A second one" in page


def test_a_signed_name_keeps_its_letters_and_the_form_says_where_the_right_one_goes(sqlite_world: World) -> None:
    sqlite_world.publish(petition(target_name="Hub Managment"))
    hint = "write the right name as the first line of the postal address"
    desk = sqlite_world.desk()
    assert hint not in desk.get(EDIT).text
    sqlite_world.sign()
    assert hint in desk.get(EDIT).text
    refused = send(desk, EDIT, target_name="Hub Management")
    assert refused.status_code == 422
    assert "People have agreed to be handed to this name: its letters stay." in refused.text
    address = "Hub Management\n1 Air Hub Way"
    assert send(desk, EDIT, target_name="HUB Managment", target_address=address).status_code == 303
    campaign = sqlite_world.campaign()
    assert (campaign.target_name, campaign.target_address) == ("HUB Managment", address)
