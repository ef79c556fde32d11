"""The desk's page for how a petition ends: what each form does, and what it says to what cannot be."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from campaigns.campaign import operations
from campaigns.endings.models import TargetAnswer
from campaigns.timeline import queries as timelines
from campaigns.timeline.models import TimelineEntry
from tests.deliveries.test_versions_on_lists import make_list
from tests.make import World, a_world, appeal, csrf_token, petition

ENDING = "/desk/campaigns/rescind/ending"
A_DAY = "Enter a day, such as 2027-01-31."
COME = "Enter a day that has come."
SHOWN = "Type this again: it holds characters that cannot be shown."
FILLED: dict[str, dict[str, str]] = {
    "answer": {
        "answered_by": "Hub Management", "answered_on": "2026-05-04", "answer_text": "We **read** it.", "seen": "0",
    },
    "win": {"won_on": "2026-05-04", "won_words": "All eleven are rescinded."},
    "entries": {"entry_day": "2026-05-03", "entry_words": "Forty of us walked in."},
    "handed-over": {"list_number": "1", "handed_to": "Ms. Ortega", "handed_on": "2026-05-04"},
    "reopen": {"deadline": "2026-06-01T23:59"},
    "keep": {"days": "60"},
    "close": {},
    "not-won": {},
}  # fmt: skip


def post(desk: FlaskClient, door: str, **data: str) -> TestResponse:
    """Send a form; what it was answered is the page it leads to."""
    token = csrf_token(desk, "/desk/campaigns/new")
    return desk.post(f"{ENDING}/{door}", data=data | {"csrf_token": token}, follow_redirects=True)


def words(answer: TestResponse) -> str:
    return unescape(answer.text)


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, FlaskClient]]:
    """A site whose forms are sent what cannot be: none of it may leave anything behind."""
    with a_world(sqlite_template, tmp_path_factory.mktemp("ending")) as world:
        world.publish(petition(zone="America/New_York"))
        world.publish(petition(slug="shut", deadline=world.clock() + timedelta(seconds=1)))
        world.clock.move(seconds=1)
        world.sign()
        yield world, world.desk()


def left(world: World) -> Any:
    with world.reading() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (TargetAnswer, TimelineEntry)]
    return counts, world.campaign()


@pytest.mark.parametrize(
    ("act", "field", "typed", "sentence"),
    [
        ("answer", "answered_by", "", "Say who answered."),
        ("answer", "answered_by", "x" * 161, "Field cannot be longer than 160 characters."),
        ("answer", "answered_by", "a\x00b", SHOWN),
        ("answer", "answered_on", "", A_DAY),
        ("answer", "answered_on", "yesterday", A_DAY),
        ("answer", "answered_on", "2026-02-30", A_DAY),
        ("answer", "answered_on", "2026-05-05", COME),
        ("answer", "answered_on", "1026-05-05", COME),
        ("answer", "answered_on", "9999-12-31", COME),
        ("answer", "answer_text", "", "Write what they answered."),
        ("answer", "answer_text", " \n ", "Write what they answered."),
        ("answer", "answer_text", "x" * 20_001, "Field cannot be longer than 20000 characters."),
        ("answer", "answer_text", "a\x07b", SHOWN),
        ("win", "won_words", "", "Say what is won."),
        ("win", "won_words", "x" * 301, "Field cannot be longer than 300 characters."),
        ("win", "won_words", "\x1b", SHOWN),
        ("win", "won_on", "2026-05-05", COME),
        ("win", "won_on", "soon", A_DAY),
        ("entries", "entry_words", "", "Write what happened."),
        ("entries", "entry_words", "x" * 301, "Field cannot be longer than 300 characters."),
        ("entries", "entry_day", "", A_DAY),
        ("entries", "entry_day", "2027-01-01", COME),
        ("handed-over", "list_number", "1", "Not a valid choice"),
        ("handed-over", "list_number", "x", "Invalid Choice"),
        ("handed-over", "handed_to", "", "Say to whom it was handed."),
        ("handed-over", "handed_on", "2026-05-05", COME),
        ("reopen", "deadline", "tomorrow", "Enter a day and a time, such as 2027-01-31 18:00."),
        ("reopen", "deadline", "0001-01-01T00:00", "Enter a day and a time, such as 2027-01-31 18:00."),
        ("reopen", "deadline", "2026-05-01T00:00", "Choose a moment that is still to come, or none."),
        ("keep", "days", "", "Enter a number of days, from 30 to 730."),
        ("keep", "days", "29", "Enter a number of days, from 30 to 730."),
        ("keep", "days", "731", "Enter a number of days, from 30 to 730."),
        ("keep", "days", "a month", "Enter a number of days, from 30 to 730."),
        ("keep", "days", "181", "Those who signed were told a shorter time."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words_and_what_was_typed_is_kept(
    site: tuple[World, FlaskClient], act: str, field: str, typed: str, sentence: str
) -> None:
    world, desk = site
    before = left(world)
    answer = post(desk, act, **FILLED[act] | {field: typed})
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert left(world) == before
    if typed.isprintable() and len(typed) > 2 and act not in ("reopen", "handed-over"):
        assert typed in words(answer)


@pytest.mark.parametrize("act", sorted(set(FILLED) - {"keep"}))
def test_nothing_of_this_is_done_to_a_draft(sqlite_world: World, act: str) -> None:
    with sqlite_world.work() as session:
        operations.create(session, petition(), actor="test", now=sqlite_world.clock())
    answer = post(sqlite_world.desk(), act, **FILLED[act])
    assert answer.status_code in (409, 422)
    with sqlite_world.reading() as session:
        assert timelines.every(session, sqlite_world.campaign().id).entries == []


def test_the_forms_do_what_they_say(sqlite_world: World) -> None:
    world = sqlite_world
    world.publish(petition(zone="America/New_York"))
    desk = world.desk()
    assert "The answer stands on the page." in words(post(desk, "answer", **FILLED["answer"]))
    assert "We <strong>read</strong> it." in world.see("/campaigns/rescind").text
    corrected = post(desk, "answer", **FILLED["answer"] | {"answer_text": "We lost it.", "seen": "1"})
    assert "The answer is corrected." in words(corrected)
    assert "Before it was corrected" in words(corrected)
    assert "The page says that it is won." in words(post(desk, "win", **FILLED["win"]))
    assert "The page says so already." in words(post(desk, "win", **FILLED["win"]))
    assert "It is closed." in words(post(desk, "close"))
    assert "It is closed already." in words(post(desk, "close"))
    assert "It is open again." in words(post(desk, "reopen", **FILLED["reopen"]))
    assert world.campaign().deadline == datetime(2026, 6, 2, 3, 59, tzinfo=UTC)
    assert "It is open already." in words(post(desk, "reopen", **FILLED["reopen"]))
    assert "It stands in the timeline." in words(post(desk, "entries", **FILLED["entries"]))
    assert "Forty of us walked in." in world.see("/campaigns/rescind").text
    assert "no longer says that it is won" in words(post(desk, "not-won"))
    assert "The time is set." in words(post(desk, "keep", **FILLED["keep"]))
    assert "60 days after the petition has closed" in world.see("/campaigns/rescind").text


def test_it_is_noted_to_whom_a_list_was_handed_and_when(sqlite_world: World) -> None:
    world = sqlite_world
    world.publish()
    world.sign_and_confirm()
    make_list(world)
    desk = world.desk()
    assert "It stands in the timeline." in words(post(desk, "handed-over", **FILLED["handed-over"]))
    page = world.see("/campaigns/rescind").text
    assert "List no. 1 was made, with 1 signature." in page
    assert "List no. 1 was handed to <bdi>Ms. Ortega</bdi>." in page
    assert post(desk, "handed-over", **FILLED["handed-over"] | {"list_number": "2"}).status_code == 422


@pytest.mark.parametrize(
    ("left", "stamp"),
    [
        (timedelta(days=9), "9 days left"),
        (timedelta(hours=23, minutes=59), "Last day: 23 hours left"),
        (timedelta(hours=1), "Last day: 1 hour left"),
        (timedelta(minutes=59), "Last hour"),
        (timedelta(0), "Closed"),
    ],
)
def test_the_page_counts_days_and_on_the_last_day_hours(sqlite_world: World, left: timedelta, stamp: str) -> None:
    deadline = sqlite_world.clock() + left + timedelta(seconds=1)
    sqlite_world.publish(petition(deadline=deadline, zone="America/New_York"))
    sqlite_world.clock.move(seconds=1)
    for path in ("/", "/campaigns/rescind"):
        assert f">{stamp}</span>" in sqlite_world.see(path).text


def test_an_answer_that_somebody_else_wrote_meanwhile_is_shown_and_what_was_typed_is_kept(sqlite_world: World) -> None:
    sqlite_world.publish()
    desk = sqlite_world.desk()
    post(desk, "answer", **FILLED["answer"])
    late = post(desk, "answer", **FILLED["answer"] | {"answer_text": "They said no."})
    assert late.status_code == 409
    assert "Somebody else has written down the answer meanwhile." in words(late)
    assert "They said no." in words(late)
    assert 'name="seen" value="1"' in late.text


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40, "١"])
def test_a_form_that_does_not_say_which_answer_it_stood_under_changes_none(sqlite_world: World, seen: str) -> None:
    sqlite_world.publish()
    assert post(sqlite_world.desk(), "answer", **FILLED["answer"] | {"seen": seen}).status_code == 409


def test_a_hidden_entry_is_gone_from_the_page_and_stays_at_the_desk(sqlite_world: World) -> None:
    world = sqlite_world
    world.publish()
    desk = world.desk()
    post(desk, "entries", **FILLED["entries"])
    with world.reading() as session:
        entry = timelines.every(session, world.campaign().id).entries[-1]
    hidden = post(desk, f"entries/{entry.id}", act="hide")
    assert "It is hidden." in words(hidden)
    assert "Forty of us walked in." in words(hidden)
    assert "Forty of us walked in." not in world.see("/campaigns/rescind").text
    post(desk, f"entries/{entry.id}", act="show")
    assert "Forty of us walked in." in world.see("/campaigns/rescind").text


def test_a_petition_that_is_not_there_and_an_appeal_alone_have_no_ending(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    assert desk.get(ENDING).status_code == 404
    assert post(desk, "close").status_code == 404
    sqlite_world.publish(appeal(has_petition=False))
    assert desk.get(ENDING).status_code == 404


def test_two_visitors_read_the_same_page_whatever_the_campaign_has_come_to(sqlite_world: World) -> None:
    world = sqlite_world
    world.publish()
    desk = world.desk()
    for act in ("answer", "win", "close"):
        post(desk, act, **FILLED[act])
    answer = world.see("/campaigns/rescind")
    assert answer.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in answer.headers
    assert answer.data == desk.get("/campaigns/rescind").data
