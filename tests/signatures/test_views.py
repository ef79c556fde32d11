"""The public doors: sign, confirm, the count."""

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from campaigns.signatures.models import Signature
from campaigns.signatures.rules import State
from tests.make import SIGN, World, appeal, days, petition

MARIA = SIGN["email"]


def state(world: World) -> str:
    with world.reading() as session:
        return session.scalars(select(Signature.state)).one()


def link(world: World, email: str = MARIA) -> str:
    world.run_worker()
    return world.mailer.link(email, "/confirm/")


# The same answer for everybody


def test_nobody_learns_from_the_answer_whether_an_address_has_signed(world: World) -> None:
    world.publish()
    world.sign_and_confirm(email="confirmed@example.org")
    world.sign(email="pending@example.org")
    answers = {
        email: world.sign(email=email) for email in ("new@example.org", "pending@example.org", "confirmed@example.org")
    }
    assert {answer.status_code for answer in answers.values()} == {200}
    assert len({answer.text.replace(email, "…") for email, answer in answers.items()}) == 1
    assert len({_headers(answer) for answer in answers.values()}) == 1
    assert all(email in answer.text for email, answer in answers.items())


def _headers(answer: TestResponse) -> tuple[tuple[str, str], ...]:
    passing = {"Content-Length", "X-Request-Id"}
    return tuple((name, value) for name, value in answer.headers if name not in passing)


def test_the_answer_says_that_nothing_counts_yet(sqlite_world: World) -> None:
    sqlite_world.publish()
    assert "when you have answered" in sqlite_world.sign().text
    assert state(sqlite_world) == State.PENDING


# Confirming


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_opening_the_link_confirms_nothing(sqlite_world: World, method: str) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    address = link(sqlite_world)
    for _ in range(3):
        assert sqlite_world.client.open(address, method=method).status_code == 200
    assert state(sqlite_world) == State.PENDING


def test_the_page_behind_the_link_shows_one_button_that_posts_to_itself(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign(visibility="counted")
    page = sqlite_world.client.get(link(sqlite_world)).text
    assert page.count("<button") == page.count('<form method="post">') == 1
    assert "Maria Ortiz" in page
    assert "Your name is withheld everywhere" in page


def test_a_link_opened_again_says_that_it_is_confirmed(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    page = sqlite_world.client.get(sqlite_world.mailer.link(MARIA, "/confirm/")).text
    assert "Your signature counts." in page
    assert "Nothing has been signed yet" not in page


def test_the_thanks_ask_for_a_gift_to_the_same_campaign(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.sign()
    page = sqlite_world.confirm().text
    assert "Thank you, <bdi>Maria Ortiz</bdi>" in page
    assert "/campaigns/rescind/donate?amount=30" in page


def test_the_thanks_of_a_campaign_without_a_fund_ask_for_nothing(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    assert "donate" not in sqlite_world.confirm().text


def test_another_sites_page_can_neither_sign_nor_confirm(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    address = link(sqlite_world)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}):
        for path, data in ((address, {}), ("/campaigns/rescind/sign", SIGN | {"email": "other@example.org"})):
            answer = sqlite_world.client.post(path, data=data, headers=headers)
            assert answer.status_code == 403
            assert "sent from another site" in answer.text
    assert state(sqlite_world) == State.PENDING


def test_no_public_page_sets_a_cookie(sqlite_world: World) -> None:
    sqlite_world.publish()
    answers = [
        sqlite_world.client.get("/"),
        sqlite_world.client.get("/campaigns/rescind"),
        sqlite_world.client.get("/campaigns/rescind/sign"),
        sqlite_world.sign(),
        sqlite_world.client.get(link(sqlite_world)),
        sqlite_world.client.post(link(sqlite_world)),
    ]
    assert [answer.headers.getlist("Set-Cookie") for answer in answers] == [[]] * len(answers)


# The end of the petition


def test_a_closed_petition_shows_no_form_and_takes_none(sqlite_world: World) -> None:
    deadline = sqlite_world.clock() + days(3)
    sqlite_world.publish(petition(deadline=deadline))
    form = '<form method="post" action="/campaigns/rescind/sign'
    assert form in sqlite_world.see("/campaigns/rescind").text
    sqlite_world.clock.now = deadline
    for path in ("/campaigns/rescind", "/campaigns/rescind/sign"):
        page = sqlite_world.see(path)
        assert page.status_code == 200
        assert form not in page.text
        assert 'name="visibility"' not in page.text
        assert "It can no longer be signed." in page.text
    for data in (SIGN, {}):
        answer = sqlite_world.client.post("/campaigns/rescind/sign", data=data)
        assert answer.status_code == 410
        assert "This petition is closed" in answer.text
    with sqlite_world.reading() as session:
        assert session.scalar(select(func.count()).select_from(Signature)) == 0


def test_a_campaign_without_a_petition_has_no_sign_page_and_no_count(sqlite_world: World) -> None:
    sqlite_world.publish(appeal(has_petition=False))
    for path in ("sign", "count.json"):
        assert sqlite_world.client.get(f"/campaigns/rescind/{path}").status_code == 404
    assert sqlite_world.sign().status_code == 404


@pytest.mark.parametrize("slug", ["unknown", "%00", "a%00b", "%FF", "x" * 3000, "%F0%9F%98%80", "..", "%2e%2e%2fx"])
def test_an_unknown_campaign_is_a_calm_404(shared_world: World, slug: str) -> None:
    for path in ("", "/sign", "/count.json"):
        assert shared_world.client.get(f"/campaigns/{slug}{path}").status_code == 404
    assert shared_world.sign(slug).status_code == 404


# The count


def test_the_count_is_a_few_cacheable_bytes_for_everyone(sqlite_world: World) -> None:
    sqlite_world.publish()
    for visibility in ("public", "delivered", "counted"):
        sqlite_world.sign_and_confirm(visibility=visibility, email=f"{visibility}@example.org")
    answer = sqlite_world.see("/campaigns/rescind/count.json")
    assert answer.json == {"total": 3, "online": 3, "paper": 0}
    assert len(answer.data) < 60
    assert answer.headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=10"
    again = sqlite_world.client.get("/campaigns/rescind/count.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
