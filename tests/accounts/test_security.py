"""Sign-in, sign-out, passwords and the session."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.make import PASSWORD, World, a_world, csrf_token

LOGIN = "/desk/account/login"
CHANGE = "/desk/account/change"
LOGOUT = "/desk/account/logout"
OTHER = "another horse battery"


def sign_in(client: FlaskClient, email: str, password: str, query: str = "", **more: str) -> TestResponse:
    data = {"email": email, "password": password, "csrf_token": csrf_token(client), **more}
    return client.post(f"{LOGIN}{query}", data=data)


def change(desk: FlaskClient, old: str, new: str, again: str | None = None) -> TestResponse:
    data = {"password": old, "new_password": new, "new_password_confirm": new if again is None else again}
    return desk.post(CHANGE, data=data | {"csrf_token": csrf_token(desk, CHANGE)})


def is_in(client: FlaskClient) -> bool:
    return client.get("/desk/").status_code == 200


# Signing in


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(world: World) -> None:
    world.desk()
    wrong = sign_in(world.client, "organizer@example.org", OTHER)
    unknown = sign_in(world.client, "nobody@example.org", OTHER)
    assert wrong.status_code == unknown.status_code == 200
    assert _without_tokens(wrong).replace("organizer@", "nobody@") == _without_tokens(unknown)
    assert "Authentication failed" in wrong.text or "error" in wrong.text


def _without_tokens(answer: TestResponse) -> str:
    before, _, rest = answer.text.partition('name="csrf_token"')
    return before + rest.partition(">")[2]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", ""),
        ("organizer@example.org", ""),
        ("x" * 10_000, "y" * 10_000),
        ("a\0@example.org", "\0"),
        ("\u202e", "😀"),
    ],
)
def test_a_strange_sign_in_is_refused_calmly(shared_world: World, email: str, password: str) -> None:
    shared_world.desk()
    client = shared_world.client
    assert sign_in(client, email, password).status_code in (200, 400)
    assert not is_in(client)


def test_signing_in_leads_to_the_page_that_was_asked_for(sqlite_world: World) -> None:
    sqlite_world.desk()
    answer = sign_in(sqlite_world.client, "organizer@example.org", PASSWORD, "?next=/desk/campaigns/")
    assert answer.headers["Location"] == "/desk/campaigns/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "%2F%2Fevil.example"]
)
def test_signing_in_leads_to_no_other_site(sqlite_world: World, elsewhere: str) -> None:
    sqlite_world.desk()
    for more in ({}, {"next": elsewhere}):
        answer = sign_in(sqlite_world.client, "organizer@example.org", PASSWORD, f"?next={elsewhere}", **more)
        assert answer.status_code in (200, 302)
        goes_to = urlsplit(urljoin(f"http://localhost{LOGIN}", answer.headers.get("Location", "")))
        assert goes_to.netloc == "localhost"


def test_without_the_forms_token_nobody_is_signed_in(sqlite_world: World) -> None:
    sqlite_world.desk()
    client = sqlite_world.client
    answer = client.post(LOGIN, data={"email": "organizer@example.org", "password": PASSWORD})
    assert answer.status_code in (200, 400)
    assert not is_in(client)


def test_a_sign_in_from_another_site_is_refused(sqlite_world: World) -> None:
    sqlite_world.desk()
    client = sqlite_world.client
    data = {"email": "organizer@example.org", "password": PASSWORD, "csrf_token": csrf_token(client)}
    assert client.post(LOGIN, data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


# The session


@pytest.fixture
def https_site(sqlite_template: Path, tmp_path: Path) -> Iterator[World]:
    with a_world(sqlite_template, tmp_path, SITE_URL="https://localhost") as world:
        yield world


def test_the_session_cookie_stays_with_the_desk_and_with_the_browser(sqlite_world: World) -> None:
    cookie = _cookie(sqlite_world.client.get(LOGIN))
    assert cookie[0].startswith("desk=")
    assert {"HttpOnly", "Path=/desk", "SameSite=Lax"} <= set(cookie)


def test_over_https_the_session_cookie_travels_over_nothing_else(https_site: World) -> None:
    cookie = _cookie(https_site.client.get(LOGIN, base_url="https://localhost"))
    assert cookie[0].startswith("__Secure-desk=")
    assert {"Secure", "HttpOnly", "Path=/desk", "SameSite=Lax"} <= set(cookie)


def _cookie(answer: TestResponse) -> list[str]:
    (cookie,) = answer.headers.getlist("Set-Cookie")
    return cookie.split("; ")


def test_a_made_up_cookie_opens_nothing(sqlite_world: World) -> None:
    for value in ("", "x", "eyJ1c2VyX2lkIjoxfQ.aaaaaa.bbbbbb", "\u00ff"):
        client = sqlite_world.client
        client.set_cookie("desk", value, path="/desk")
        assert client.get("/desk/").status_code == 302


# Signing out


def test_signing_out_is_a_post(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    assert desk.get(LOGOUT).status_code == 405
    assert is_in(desk)
    assert desk.post(LOGOUT, data={"csrf_token": csrf_token(desk, "/desk/")}).status_code == 302
    assert not is_in(desk)


def test_another_site_cannot_sign_anybody_out(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    assert desk.post(LOGOUT, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert is_in(desk)


# Passwords


def test_a_new_password_takes_the_old_ones_place_and_ends_other_sessions(world: World) -> None:
    desk, elsewhere = world.desk(), world.desk()
    assert change(desk, PASSWORD, OTHER).status_code == 302
    assert is_in(desk)
    assert not is_in(elsewhere)
    assert sign_in(world.client, "organizer@example.org", PASSWORD).status_code == 200
    assert sign_in(world.client, "organizer@example.org", OTHER).status_code == 302
    world.run_worker()
    assert [message.to for message in world.mailer.sent] == ["organizer@example.org"]
    assert OTHER not in world.mailer.sent[0].text


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        (PASSWORD, "eleven char", None),
        (PASSWORD, "", None),
        (PASSWORD, OTHER, "something else"),
        ("not the old one", OTHER, None),
        (PASSWORD, PASSWORD, None),
    ],
)
def test_a_new_password_that_will_not_do_changes_nothing(
    sqlite_world: World, old: str, new: str, again: str | None
) -> None:
    desk = sqlite_world.desk()
    assert change(desk, old, new, again).status_code == 200
    assert sign_in(sqlite_world.client, "organizer@example.org", PASSWORD).status_code == 302


def test_changing_a_password_needs_a_session(sqlite_world: World) -> None:
    assert sqlite_world.client.get(CHANGE).status_code == 302
    assert sqlite_world.client.post(CHANGE, data={"new_password": OTHER}).status_code in (302, 400)
