"""Whatever goes wrong, the visitor reads a calm page with a number, and nobody reads a traceback."""

import io
import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from flask import abort, request
from flask import session as cookie
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from werkzeug.exceptions import TooManyRequests

from campaigns.db import engine as engines
from campaigns.db import make_engine
from campaigns.kernel.errors import NotFound, Refusal
from campaigns.kernel.ports import PaymentsUnavailable
from campaigns.web.context import session
from campaigns.web.logs import JsonLines
from tests.make import GIVE, SIGN, World, appeal


class Secret(Exception):
    """Says what nobody may read."""


class TooLate(Refusal):
    """It is too late for that. Please come again tomorrow."""

    status = HTTPStatus.GONE


class Nothing(NotFound):
    """There is no such thing."""


def door(world: World, view: Callable[[], Any]) -> str:
    world.app.add_url_rule("/a-door", "a_door", view, methods=["GET", "POST"])
    return "/a-door"


def raising(problem: Exception) -> Callable[[], str]:
    def view() -> str:
        raise problem

    return view


def stopping(status: int) -> Callable[[], str]:
    return lambda: abort(status)


PAGES: dict[str, tuple[Callable[[], Any], int, str]] = {
    "a refusal": (raising(TooLate()), 410, "It is too late for that"),
    "a refusal in other words": (raising(TooLate("Not today.")), 410, "Not today"),
    "not found": (raising(Nothing()), 404, "There is no such thing"),
    "no payments": (raising(PaymentsUnavailable("away")), 503, "No money has moved"),
    "no connection left": (raising(NoConnectionLeft("QueuePool limit reached")), 503, "very busy"),
    "a mistake of ours": (raising(Secret("maria@example.org")), 500, "went wrong on our side"),
    "a word of a driver": (raising(IntegrityError("INSERT maria@example.org", {}, Exception())), 500, "went wrong"),
    "400": (stopping(400), 400, "could not read"),
    "403": (stopping(403), 403, "may not open"),
    "404": (stopping(404), 404, "nothing at this address"),
    "413": (stopping(413), 413, "more than this form can take"),
    "418": (stopping(418), 418, "could not read"),
    "429": (stopping(429), 429, "Too many tries"),
    "502": (stopping(502), 502, "went wrong on our side"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_failure_is_a_calm_page(sqlite_world: World, name: str) -> None:
    view, status, words = PAGES[name]
    response = sqlite_world.client.get(door(sqlite_world, view))
    assert response.status_code == status
    assert words in response.text
    assert "<h1" in response.text
    assert 'lang="en"' in response.text
    for trace in ("Traceback", "maria", "QueuePool", "campaigns/", "INSERT"):
        assert trace not in response.text


def test_a_failure_of_ours_has_a_number_that_stands_in_the_log_too(
    sqlite_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite_world.app.test_client() as client:
        response = client.get(door(sqlite_world, raising(Secret("maria@example.org"))))
        number = response.headers["X-Request-Id"]
        assert number in response.text
        line = json.loads(JsonLines().format(caplog.records[-1]))
    assert (line["message"], line["request"], line["path"]) == ("request failed", number, "a_door")
    assert line["failure"]["type"].endswith("Secret")
    assert "maria" not in json.dumps(line)


def test_each_request_has_a_number_of_its_own(sqlite_world: World) -> None:
    numbers = {sqlite_world.client.get("/healthz").headers["X-Request-Id"] for _ in range(5)}
    assert len(numbers) == 5


def test_an_address_that_takes_only_some_methods_says_which(sqlite_world: World) -> None:
    response = sqlite_world.client.delete("/campaigns/rescind/sign")
    assert response.status_code == 405
    assert {"GET", "POST"} <= set(response.headers["Allow"].split(", "))
    assert "does not take that" in response.text


def test_a_wait_that_was_asked_for_is_told(sqlite_world: World) -> None:
    path = door(sqlite_world, raising(TooManyRequests(retry_after=60)))
    assert sqlite_world.client.get(path).headers["Retry-After"] == "60"


# Bad input

ADDRESSES = [
    "/%00",
    "/campaigns/%00",
    "/campaigns/a%00b/donate",
    "/confirm/%00",
    "/donations/%00",
    "/verify/%00",
    "/static/0/%00",
    "/campaigns/%ff",
    "/campaigns/" + "x" * 10_000,
    "/campaigns/%F0%9F%92%A9",
    "/campaigns/..%2f..%2fetc%2fpasswd",
    "/campaigns/' OR 1=1 --",
    "/donations/" + "9" * 400,
    "/\\evil.example",
    "/campaigns/rescind/",
]


def test_no_address_makes_the_site_fail(world: World) -> None:
    world.publish(appeal())
    for address in ADDRESSES:
        response = world.client.get(address)
        assert response.status_code in (301, 308, 404), (address, response.status)
        assert response.status_code == 404 or "evil" not in response.headers["Location"], address


PART = b'--x\r\nContent-Disposition: form-data; name="name"'
BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "application/x-www-form-urlencoded"),
    "no form": (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
    "broken escapes": (b"name=%zz%ff&email=%", "application/x-www-form-urlencoded"),
    "json": (b'{"name": "Maria"}', "application/json"),
    "broken json": (b"{", "application/json"),
    "a form without an end": (
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nMaria',
        "multipart/form-data; boundary=x",
    ),
    "a form without a border": (b"--x--", "multipart/form-data"),
    "an unknown charset": (b"name=Maria", "application/x-www-form-urlencoded; charset=klingon"),
    "no type": (b"name=Maria", ""),
    "a file": (PART + b'; filename="a.exe"\r\n\r\nMZ\r\n--x--\r\n', "multipart/form-data; boundary=x"),
}


DOORS = ["/campaigns/rescind/sign", "/campaigns/rescind/donate", "/confirm/none", "/webhooks/stripe"]


@pytest.mark.parametrize("path", DOORS)
def test_no_body_makes_the_site_fail(sqlite_world: World, path: str) -> None:
    sqlite_world.publish(appeal())
    for name, (body, kind) in BODIES.items():
        response = sqlite_world.client.post(path, data=body, content_type=kind)
        assert 400 <= response.status_code < 500, (name, response.status)


VISITOR = "maria@example.org"
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
CHUNKED = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}


def too_much() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "one long field", {"data": {"name": "x" * 300_000}}
    yield "very many fields", {"data": {f"field{number}": "x" for number in range(300)}, "content_type": PARTS}
    yield "a file", {"data": {"name": (io.BytesIO(b"x" * 300_000), "photo.jpg")}}


def test_too_much_is_not_read(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    for name, sent in too_much():
        response = sqlite_world.client.post("/campaigns/rescind/sign", **sent)
        assert response.status_code == 413, name
        assert "Please shorten it" in response.text, name


@pytest.mark.parametrize("path", DOORS)
def test_a_body_that_does_not_tell_its_length_is_cut_off(sqlite_world: World, path: str) -> None:
    sqlite_world.publish(appeal())
    stream = io.BytesIO(b"name=" + b"x" * 5_000_000)
    response = sqlite_world.client.post(path, input_stream=stream, environ_overrides=CHUNKED, content_type=FORM)
    assert 400 <= response.status_code < 500
    assert stream.tell() < 300_000


def test_a_header_that_is_none_makes_nothing_fail(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    for name in ("Accept-Language", "Accept-Encoding", "If-None-Match", "If-Modified-Since", "Range", "Cookie", "Host"):
        for value in ("\xff\xfe", "," * 5000, "*;q=nan", "bytes=9-1", 'W/"', "en;q=", "=", "localhost:port", "a b"):
            response = sqlite_world.client.get("/campaigns/rescind", headers={name: value})
            assert response.status_code in (200, 304, 400), (name, value)


# The database


def test_a_database_that_is_locked_is_a_busy_page_and_nothing_is_stored(
    sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_world.publish(appeal())
    monkeypatch.setattr(engines, "BUSY_MILLISECONDS", 1)
    url = sqlite_world.engine.url.render_as_string()
    impatient = make_engine(url)
    world = World.new(impatient, url, tmp_path)
    with closing(sqlite3.connect(str(sqlite_world.engine.url.database), isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        for path, data in (("/campaigns/rescind/sign", SIGN), ("/campaigns/rescind/donate", GIVE)):
            response = world.client.post(path, data=data)
            assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
            assert "very busy" in response.text
        assert world.client.get("/campaigns/rescind").status_code == 200  # who reads waits for nobody
    assert world.sign().status_code == 200
    impatient.dispose()


def test_a_database_that_is_gone_is_a_busy_page(tmp_path: Path, sqlite_world: World) -> None:
    url = "postgresql://nobody@localhost:1/nothing"
    gone = make_engine(url)
    world = World.new(gone, url, tmp_path)
    assert world.client.get("/").status_code == 503
    assert world.client.post("/campaigns/rescind/sign", data=SIGN).status_code == 503
    gone.dispose()


def test_a_full_disk_is_a_busy_page_and_leaves_the_database_whole(sqlite_world: World, tmp_path: Path) -> None:
    sqlite_world.publish(appeal())
    url = sqlite_world.engine.url.render_as_string()
    small = make_engine(url)

    @event.listens_for(small, "connect")
    def _no_more_pages(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # SQLite says "database or disk is full"

    world = World.new(small, url, tmp_path)
    refused = 0
    for number in range(60):
        refused += world.sign(email=f"{number}@example.org", comment="x" * 400).status_code == 503
    assert refused
    small.dispose()
    with sqlite_world.engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        signed = connection.execute(text("SELECT count(*) FROM signature")).scalar()
        mails = connection.execute(text("SELECT count(*) FROM outbox_item")).scalar()
    assert signed == mails == 60 - refused


def test_when_no_connection_is_left_the_page_is_a_busy_one(sqlite_world: World, tmp_path: Path) -> None:
    url = sqlite_world.engine.url.render_as_string()
    narrow = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=0.01)
    world = World.new(narrow, url, tmp_path)
    with narrow.connect():
        assert world.client.get("/").status_code == 503
    assert world.client.get("/").status_code == 200
    narrow.dispose()


def test_a_failing_statement_is_logged_without_what_was_in_it(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def view() -> str:
        session().execute(text("INSERT INTO nowhere VALUES (:email)"), {"email": VISITOR})
        return "done"

    assert world.client.post(door(world, view)).status_code >= 500
    assert "maria" not in caplog.text


# Sessions, proxies


def test_there_is_no_session_outside_the_desk(sqlite_world: World) -> None:
    def view() -> str:
        cookie["who"] = "maria"
        return "kept"

    response = sqlite_world.client.get(door(sqlite_world, view))
    assert "Set-Cookie" not in response.headers


def test_the_desks_cookie_stays_at_the_desk(sqlite_world: World) -> None:
    desk = sqlite_world.client
    response = desk.get("/desk/account/login")
    (cookie,) = response.headers.getlist("Set-Cookie")
    for word in ("Path=/desk", "HttpOnly", "SameSite=Lax"):
        assert word in cookie


@pytest.mark.parametrize(("proxies", "seen"), [("0", "127.0.0.1"), ("1", "203.0.113.2"), ("2", "203.0.113.1")])
def test_only_as_many_proxies_are_believed_as_are_there(
    sqlite_world: World, tmp_path: Path, proxies: str, seen: str
) -> None:
    url = sqlite_world.engine.url.render_as_string()
    world = World.new(sqlite_world.engine, url, tmp_path, TRUSTED_PROXIES=proxies)
    path = door(world, lambda: str(request.remote_addr))
    assert world.client.get(path, headers={"X-Forwarded-For": "203.0.113.1, 203.0.113.2"}).text == seen
