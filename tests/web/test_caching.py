"""A crowd costs one rendering; nobody waits for it, and nobody gets another's page."""

import gzip
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from flask import Response, abort, make_response
from flask_babel import get_locale
from markupsafe import escape
from werkzeug.test import TestResponse

from campaigns.web import caching
from campaigns.web.caching import COSTLY_TIMES, kept_page, kept_value, with_holes
from tests.make import World, appeal

PATH = "/a-page"


class Page:
    """A page that says how often it was rendered, and in which language."""

    def __init__(self, world: World) -> None:
        self.world, self.rendered = world, 0
        self.before: Callable[[], None] = lambda: None
        self.status = 200
        world.app.add_url_rule(PATH, "a_page", kept_page(self.view))

    def view(self) -> Response:
        self.rendered += 1
        self.before()
        return make_response(f"rendering {self.rendered} in {get_locale()}", self.status)

    def get(self, query: str = "", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.world.client.get(PATH + query, headers=named)


@pytest.fixture
def page(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page that is kept for as long as a test needs."""
    monkeypatch.setattr(caching, "KEPT_SECONDS", 60.0)
    return Page(sqlite_world)


def grow_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept from now on is old at once."""
    monkeypatch.setattr(caching, "KEPT_SECONDS", -1.0)


def test_a_page_is_rendered_once_for_everybody(page: Page) -> None:
    assert {page.get().text for _ in range(5)} == {"rendering 1 in en"}
    assert page.rendered == 1


def test_a_page_that_is_old_is_rendered_anew(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    grow_old(monkeypatch)
    assert [page.get().text[:11] for _ in range(3)] == ["rendering 1", "rendering 2", "rendering 3"]


def test_a_kept_page_answers_like_the_first_one(page: Page) -> None:
    first, second = page.get(), page.get()
    assert first.data == second.data
    same = set(first.headers) - {("X-Request-Id", first.headers["X-Request-Id"])}
    assert same == set(second.headers) - {("X-Request-Id", second.headers["X-Request-Id"])}
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert first.headers["Cache-Control"].startswith("public")
    assert {"Accept-Encoding", "Accept-Language"} == set(first.headers["Vary"].split(", "))
    assert not [name for name, _ in first.headers if name.startswith("X-Keep")]


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip, deflate, br", True), ("gzip", True), ("", False), ("br", False), ("identity", False), ("gzip;q=0", False)],
)
def test_whoever_can_unpack_it_gets_it_packed(page: Page, accepted: str, packed: bool) -> None:
    page.get()
    response = page.get(Accept_Encoding=accepted)
    assert (response.headers.get("Content-Encoding") == "gzip") is packed
    plain = gzip.decompress(response.data) if packed else response.data
    assert plain == b"rendering 1 in en"
    assert int(response.headers["Content-Length"]) == len(response.data)


def test_whoever_has_it_is_not_sent_it_again(page: Page) -> None:
    etag = page.get().headers["ETag"]
    for sent in (etag, f'"other", {etag}', etag.removeprefix("W/")):
        response = page.get(If_None_Match=sent)
        assert (response.status_code, response.data) == (304, b""), sent
        assert response.headers["ETag"] == etag
    assert page.get(If_None_Match='"other"').status_code == 200


def test_another_page_has_another_etag(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    grow_old(monkeypatch)
    assert page.get().headers["ETag"] != page.get().headers["ETag"]


@pytest.mark.parametrize("status", [404, 410, 500, 503])
def test_only_a_good_page_is_kept(page: Page, status: int) -> None:
    page.status = status
    assert page.get().status_code == status
    page.status = 200
    assert page.get().text == "rendering 2 in en"


def test_a_page_that_is_aborted_is_not_kept(page: Page) -> None:
    page.before = lambda: abort(404)
    assert page.get().status_code == 404
    page.before = lambda: None
    assert page.get().status_code == 200


def test_a_failure_on_the_way_does_not_leave_an_old_page_for_ever(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    grow_old(monkeypatch)
    page.get()

    def stumble() -> None:
        raise RuntimeError

    page.before = stumble
    assert page.get().status_code == 500
    page.before = lambda: None
    assert page.get().text == "rendering 3 in en"


def test_while_one_renders_the_others_get_the_old_page(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    grow_old(monkeypatch)
    page.get()
    rendering, done = Event(), Event()

    def slowly() -> None:
        rendering.set()
        assert done.wait(10)

    page.before = slowly
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(lambda: page.get().text)
        assert rendering.wait(10)
        others = [page.get().text for _ in range(3)]
        done.set()
    assert others == ["rendering 1 in en"] * 3
    assert slow.result() == "rendering 2 in en"


def test_each_language_has_a_page_of_its_own(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = page.world.app.extensions[caching.EXTENSION]
    monkeypatch.setattr(kept, "language_of", lambda accepted: accepted or "en")
    monkeypatch.setattr(caching, "get_locale", lambda: "es")
    spanish = page.get(Accept_Language="es")
    monkeypatch.setattr(caching, "get_locale", lambda: "en")
    english = page.get(Accept_Language="en")
    assert page.rendered == 2
    assert page.get(Accept_Language="es").data == spanish.data
    assert page.get(Accept_Language="en").data == english.data
    assert page.rendered == 2


def test_a_question_is_not_answered_from_what_is_kept(page: Page) -> None:
    page.get()
    assert page.get("?amount=30").text == "rendering 2 in en"
    assert page.get().text == "rendering 1 in en"


def test_a_head_is_a_page_without_a_body(page: Page) -> None:
    response = page.world.client.head(PATH)
    assert (response.status_code, response.data) == (200, b"")
    assert page.get().text.startswith("rendering")


def test_a_flood_of_addresses_does_not_grow_without_end(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "MAX_PAGES", 3)
    view = kept_page(lambda name: make_response(name))
    sqlite_world.app.add_url_rule("/many/<name>", "many", view)
    for number in range(10):
        assert sqlite_world.client.get(f"/many/{number}").text == str(number)
    assert len(sqlite_world.app.extensions[caching.EXTENSION].pages) <= 3


@pytest.mark.parametrize(
    "path", ["/", "/campaigns/rescind", "/campaigns/rescind/sign", "/campaigns/rescind/count.json"]
)
def test_the_pages_a_crowd_opens_are_kept(sqlite_world: World, path: str) -> None:
    sqlite_world.publish(appeal())
    first, second = sqlite_world.client.get(path), sqlite_world.client.get(path)
    assert first.data == second.data
    assert second.headers["Cache-Control"].startswith("public")
    assert (path, "en") in sqlite_world.app.extensions[caching.EXTENSION].pages
    assert second.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


def test_nobodys_own_page_is_kept(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.pay(sqlite_world.give())
    sqlite_world.sign()
    sqlite_world.run_worker()
    sqlite_world.client.get(sqlite_world.mailer.link("maria@example.org", "/confirm/"))
    sqlite_world.client.get(sqlite_world.mailer.link("maria@example.org", "/donations/"))
    kept = sqlite_world.app.extensions[caching.EXTENSION].pages
    assert not [path for path, _ in kept if path.startswith(("/confirm", "/donations", "/desk"))]


def asked_in(world: World, make: Callable[[], object], key: str = "a fact") -> object:
    with world.app.test_request_context("/"):
        return kept_value(key, make)


def test_a_fact_is_asked_for_once_a_moment(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(range(10))
    asked = [asked_in(page.world, lambda: next(answers)) for _ in range(3)]
    assert asked == [0, 0, 0]
    assert asked_in(page.world, lambda: next(answers), "another") == 1
    grow_old(monkeypatch)
    assert [asked_in(page.world, lambda: next(answers), "a third") for _ in range(2)] == [2, 3]


def test_what_takes_long_to_make_is_kept_long(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    grow_old(monkeypatch)
    seconds = iter([100.0, 102.0, 102.0 + 2 * COSTLY_TIMES - 1, 102.0 + 2 * COSTLY_TIMES, 300.0])
    monkeypatch.setattr(caching.time, "monotonic", lambda: next(seconds))  # asked, made, asked, asked, made
    answers = iter(range(10))

    def asked() -> object:
        with page.world.app.test_request_context("/"):
            return kept_value("the people of a fund", lambda: next(answers), is_costly=True)

    assert [asked(), asked(), asked()] == [0, 0, 1]


def test_what_is_not_there_is_asked_for_again(page: Page) -> None:
    answers = iter([None, "there now"])
    assert asked_in(page.world, lambda: next(answers)) is None
    assert asked_in(page.world, lambda: next(answers)) == "there now"


def test_a_flood_of_facts_does_not_grow_without_end(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "MAX_PAGES", 3)
    for number in range(10):
        assert asked_in(page.world, lambda number=number: f"fact {number}", f"key {number}") == f"fact {number}"
    assert len(page.world.app.extensions[caching.EXTENSION].values) <= 3


def filled(page: Page, name: str, place: str = "Hebron", kind: str = "a") -> str:
    def render(marks: Mapping[str, str]) -> str:
        page.rendered += 1
        return f"<p title='{marks['place']}'>{kind}: {marks['name']} of {marks['place']}</p>"

    with page.world.app.test_request_context("/"):
        return with_holes(("greeting", kind), {"name": name, "place": place}, render)


def test_a_page_with_holes_is_rendered_once_and_filled_for_each(page: Page) -> None:
    assert filled(page, "Maria") == "<p title='Hebron'>a: Maria of Hebron</p>"
    assert filled(page, "Jo", "Erlanger") == "<p title='Erlanger'>a: Jo of Erlanger</p>"
    assert page.rendered == 1
    assert filled(page, "Jo", kind="b") == "<p title='Hebron'>b: Jo of Hebron</p>"
    assert page.rendered == 2


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "' onload='x", '" x="', "&amp;", "{{ 7 * 7 }}", "name"])
def test_what_goes_into_a_hole_is_escaped(page: Page, name: str) -> None:
    for _ in range(2):
        assert filled(page, name, name) == f"<p title='{escape(name)}'>a: {escape(name)} of {escape(name)}</p>"
    assert page.rendered == 1


def test_nothing_personal_is_kept_between_two_who_sign_and_confirm(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.sign_and_confirm()
    kept = repr(sqlite_world.app.extensions[caching.EXTENSION].values)
    assert "thanks" in kept or "check mail" in kept
    for personal in ("Maria", "Ortiz", "maria@example.org", "Hebron", "41048"):
        assert personal not in kept
