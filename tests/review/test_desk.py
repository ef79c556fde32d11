"""The desk's review pages."""

import re
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from campaigns.abuse.models import SharedNetwork
from campaigns.abuse.rules import Reason
from campaigns.review.models import ReviewAction
from campaigns.review.queries import email_hash, rule_from_text
from campaigns.review.rules import Decision, Rule, Step
from campaigns.signatures.queries import Count
from campaigns.signatures.rules import Review
from tests.make import World, csrf_token, petition
from tests.review.make import advance, ask, count, signed, standing, step, work_off

PAGE = "/desk/campaigns/rescind/review/"
ALL_HELD = {"review": "held", "reason": "", "decision": "release"}


def post(desk: FlaskClient, path: str, page: str = PAGE, **data: str) -> tuple[int, str]:
    response = desk.post(path, data=data | {"csrf_token": csrf_token(desk, page)})
    return response.status_code, response.headers.get("Location", "") or response.text


def test_held_signatures_stand_there_with_their_reason_and_the_counted_without_a_name(sqlite_world: World) -> None:
    sqlite_world.publish()
    signed(sqlite_world, 1, "catch-all.example", name="Ana Public", review="held", held_because="crowd trap",
           town="Astley")  # fmt: skip
    signed(sqlite_world, 1, name="Cleo Counted", review="held", held_because="disposable", visibility="counted",
           town="Carcosa")  # fmt: skip
    signed(sqlite_world, 1, name="Dag Clear")
    page = sqlite_world.desk().get(PAGE).text
    for shown in ("Ana Public", "Astley", "name withheld", "A mailbox for ten minutes", "one network at one mail"):
        assert shown in page
    for hidden in ("Cleo", "Carcosa", "Dag Clear", "@catch-all.example"):
        assert hidden not in page


def test_a_rule_is_previewed_applied_and_undone(sqlite_world: World) -> None:
    sqlite_world.publish()
    signed(sqlite_world, 7, review="held", held_because="crowd")
    desk = sqlite_world.desk()
    status, action = post(desk, PAGE, **ALL_HELD)
    assert status == 303
    assert "counting whom it is about" in desk.get(action).text
    sqlite_world.run_worker()
    page = desk.get(action).text
    assert "<strong>7 signatures</strong> fit" in page
    assert "Release 7 signatures" in page
    assert count(sqlite_world) == Count(0, 0)
    for button, words, told in (("apply", "7 changed", 7), ("undo", "7 of 7 stand as they did", 0)):
        assert post(desk, f"{action}/{button}", action) == (303, action)
        sqlite_world.run_worker()
        assert words in desk.get(action).text
        assert count(sqlite_world).total == told


def test_the_page_says_how_far_each_step_has_come(sqlite_world: World) -> None:
    sqlite_world.publish()
    signed(sqlite_world, 20, "catch-all.example")
    desk = sqlite_world.desk()
    action_id = ask(sqlite_world, Decision.REJECT, Rule(review=Review.CLEAR, domain="catch-all.example"))

    def page(batch: int = 0, then: Step | None = None) -> tuple[str, list[tuple[str, ...]]]:
        """Let a worker do one batch, take a step; read the words of the state, and how full which bar is."""
        if batch:
            assert advance(sqlite_world, action_id, batch)
        if then:
            step(sqlite_world, action_id, then)
        text = desk.get(f"{PAGE}{action_id}").text
        words = re.sub("<[^>]+>", "", text.partition('class="standing-words">')[2].partition("</p>")[0])
        bars = re.findall(r'<progress class="meter" max="(\d+)" value="(\d+)" aria-label="([^"]+)">', text)
        assert ("js/wait.js" in text) is bool(bars)
        return " ".join(words.split()), bars

    assert page(5) == ("counting whom it is about 5 of 20 looked at, 5 fit so far.", [("20", "5", "Looked at")])
    work_off(sqlite_world, action_id)
    assert page(then=Step.APPLY) == ("under way 0 of 20 done.", [("20", "0", "Done")])
    assert page(7) == ("under way 7 of 20 done.", [("20", "7", "Done")])
    assert page(then=Step.CANCEL) == ("cancelled 7 changed, of 20 that fit.", [])
    assert page(then=Step.UNDO) == ("being undone 0 of 7 given back.", [("7", "0", "Given back")])
    assert page(3) == ("being undone 3 of 7 given back.", [("7", "3", "Given back")])
    work_off(sqlite_world, action_id)
    assert page()[0].startswith("undone 7 of 7 stand as they did before.")


def test_a_step_too_late_is_a_calm_page(sqlite_world: World) -> None:
    sqlite_world.publish()
    desk = sqlite_world.desk()
    _, action = post(desk, PAGE, **ALL_HELD)
    assert post(desk, f"{action}/cancel", action)[0] == 303
    status, page = post(desk, f"{action}/cancel", PAGE)
    assert (status, "cannot be done any more" in page) == (409, True)
    assert post(desk, f"{action}/explode", PAGE)[0] == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"review": "clear"}, "Say whom you mean"),
        ({"decision": ""}, "What to do"),
        ({"email": "nobody"}, "name@example.org"),
        ({"review": "all"}, "Which"),
        ({"since": "soon"}, "Enter a day and a time"),
        ({"name": "x" * 101}, "Name"),
        ({"source": "the canteen"}, "as it stands in the address"),
    ],
)
def test_a_rule_that_says_too_little_or_nothing_is_shown_again(
    sqlite_world: World, changes: dict[str, str], words: str
) -> None:
    sqlite_world.publish()
    status, page = post(sqlite_world.desk(), PAGE, **ALL_HELD | changes)
    assert status == 422
    assert words in page
    with sqlite_world.reading() as session:
        assert session.scalars(select(ReviewAction)).all() == []


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


# What is typed into one field, and the rule it makes. In New York the clocks went forward on 8 March 2026 at two.
TYPED = [
    ({"review": "rejected", "name": "*"}, Rule(review=Review.REJECTED, name="*")),
    ({"reason": "trap"}, Rule(reason=Reason.TRAP)),
    ({"domain": "catch-all.example"}, Rule(domain="catch-all.example")),
    ({"domain": " @*.example "}, Rule(domain="*.example")),
    ({"name": "*Ortiz"}, Rule(name="*Ortiz")),
    ({"place": "New  Y?rk"}, Rule(place="New Y?rk")),
    ({"source": "UAL-42"}, Rule(source="ual-42")),
    ({"email": "M.Ortiz+news@googlemail.com"}, Rule(email_hash="mortiz@gmail.com")),  # hashed where there is a key
    ({"since": "2026-01-31T23:30"}, Rule(since=utc(2, 1, 4, 30))),
    ({"until": "2026-05-04T09:00"}, Rule(until=utc(5, 4, 13))),
    (
        {"since": "2026-03-08T01:30", "until": "2026-03-08T03:30"},
        Rule(since=utc(3, 8, 6, 30), until=utc(3, 8, 7, 30)),
    ),
]


@pytest.mark.parametrize(("typed", "rule"), TYPED)
def test_what_is_typed_into_a_field_is_the_rule_that_is_kept(
    sqlite_world: World, typed: dict[str, str], rule: Rule
) -> None:
    sqlite_world.publish(petition(zone="America/New_York"))
    assert post(sqlite_world.desk(), PAGE, **ALL_HELD | typed)[0] == 303
    if rule.email_hash:
        rule = replace(rule, email_hash=email_hash(rule.email_hash))
    with sqlite_world.reading() as session:
        kept = session.scalars(select(ReviewAction)).one()
        assert (rule_from_text(kept.rule), kept.decision) == (rule, Decision.RELEASE)


def test_every_field_of_the_rule_is_typed_into_above() -> None:
    made = [{each.name for each in fields(Rule) if getattr(rule, each.name) != each.default} for _, rule in TYPED]
    assert set().union(*made) == {each.name for each in fields(Rule)}


def test_one_signature_is_released_from_the_list(sqlite_world: World) -> None:
    sqlite_world.publish()
    (held,) = signed(sqlite_world, 1, review="held", held_because="trap")
    desk = sqlite_world.desk()
    assert post(desk, f"{PAGE}one", signature=str(held), decision="release")[0] == 303
    assert standing(sqlite_world) == {held: ("confirmed", "clear")}
    assert count(sqlite_world) == Count(1, 1)
    for signature, decision in ((str(held), "praise"), ("x", "release"), ("", "")):
        assert post(desk, f"{PAGE}one", signature=signature, decision=decision)[0] == 404


def test_a_person_is_found_by_exact_address_and_by_nothing_else(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm(name="Maria Ortiz", email="m.ortiz@gmail.com", visibility="counted")
    desk = sqlite_world.desk()
    for email, known in (("mortiz+x@googlemail.com", True), ("maria@gmail.com", False)):
        status, page = post(desk, f"{PAGE}person", email=email)
        assert status == 200
        assert ("name withheld" in page) is known
        assert "Maria" not in page
    assert post(desk, f"{PAGE}person", email="Maria")[0] == 422


def test_a_shared_network_is_added_shown_by_its_name_and_removed(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    page = desk.get("/desk/networks", environ_base={"REMOTE_ADDR": "203.0.113.9"}).text
    assert 'value="203.0.113.9"' in page
    assert 'value="127.0.0.1"' not in desk.get("/desk/networks").text
    network = {"label": "The plant's Wi-Fi", "address": "198.51.100.7"}
    assert post(desk, "/desk/networks", "/desk/networks", **network) == (303, "/desk/networks")
    assert post(desk, "/desk/networks", "/desk/networks", **network)[0] == 409
    assert post(desk, "/desk/networks", "/desk/networks", label="", address="203.0.113.8")[0] == 422
    assert post(desk, "/desk/networks", "/desk/networks", label="x", address="the plant")[0] == 422
    page = desk.get("/desk/networks").text
    assert "The plant&#39;s Wi-Fi" in page
    assert "198.51.100.7" not in page
    with sqlite_world.reading() as session:
        network_id = session.scalars(select(SharedNetwork.id)).one()
    assert post(desk, f"/desk/networks/{network_id}/remove", "/desk/networks")[0] == 303
    assert post(desk, f"/desk/networks/{network_id}/remove", "/desk/networks")[0] == 404


def test_many_held_come_page_by_page(sqlite_world: World) -> None:
    sqlite_world.publish()
    for each in range(51):
        sqlite_world.clock.move(seconds=1)
        signed(sqlite_world, 1, name=f"Nr{each:03}", review="held")
    desk = sqlite_world.desk()
    first, second, third = (desk.get(f"{PAGE}?page={number}").text for number in (1, 2, 3))
    assert "Nr050" in first
    assert "Nr000" not in first
    assert re.findall("Nr[0-9]{3}</bdi>", second) == ["Nr000</bdi>"]
    assert "There is no page 3" in third


def test_no_action_of_another_campaign_is_shown(sqlite_world: World) -> None:
    sqlite_world.publish()
    desk = sqlite_world.desk()
    assert desk.get(f"{PAGE}00000000-0000-0000-0000-000000000000").status_code == 404
    assert desk.get("/desk/campaigns/unknown/review/").status_code == 404
