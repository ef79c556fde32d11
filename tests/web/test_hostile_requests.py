"""What Flask and the sign-in library stumble over, at whichever door: found by fuzzing, each mended at its root."""

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.make import World, appeal

BYTES = "\x80\xff"  # as a server hands on what is no text
DOORS = [
    ("/", 200), ("/campaigns/rescind", 200), ("/campaigns/rescind/donate", 200), ("/verify", 200), ("/nowhere", 404),
    ("/confirm/none", 404), ("/desk/account/login", 200), ("/static/0/favicon.svg", 200),
]  # fmt: skip


@pytest.fixture
def visitor(sqlite_world: World) -> FlaskClient:
    sqlite_world.publish(appeal())
    return sqlite_world.app.test_client(use_cookies=False)  # its jar would take our own Cookie headers out


def opened(client: FlaskClient, path: str, **environ: object) -> TestResponse:
    answer = client.get(path, environ_overrides=environ)
    answer.close()  # a file stays open otherwise
    return answer


@pytest.mark.parametrize(("path", "status"), DOORS)
def test_a_query_of_bytes_that_are_no_text_spoils_no_page(visitor: FlaskClient, path: str, status: int) -> None:
    assert opened(visitor, path, QUERY_STRING=f"next={BYTES}&{BYTES}").status_code == status


def test_such_a_query_is_read_as_if_a_browser_had_encoded_it(visitor: FlaskClient) -> None:
    answer = opened(visitor, "/verify", QUERY_STRING=f"id=a{BYTES}b")
    assert (answer.status_code, 'value="a%80%FFb"' in answer.text) == (404, True)
    plain = opened(visitor, "/verify", QUERY_STRING="id=\u00c3\u00a9&x=%25")  # UTF-8 that was not encoded
    assert 'value="é"' in plain.text


@pytest.mark.parametrize(("path", "status"), DOORS)
@pytest.mark.parametrize("cookie", [f"remember_token=1|{BYTES}", f"desk={BYTES}", f"other={BYTES}; desk=x"])
def test_a_cookie_that_is_no_text_is_none_of_ours(visitor: FlaskClient, cookie: str, path: str, status: int) -> None:
    assert opened(visitor, path, HTTP_COOKIE=cookie).status_code == status


def test_somebody_elses_odd_cookie_signs_nobody_out(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    ours = desk.get_cookie("desk", path="/desk")
    assert ours is not None
    headers = {"Cookie": f"other={BYTES}; desk={ours.value}"}
    assert sqlite_world.app.test_client(use_cookies=False).get("/desk/", headers=headers).status_code == 200


@pytest.mark.parametrize(("body", "length"), [(b"[]", "99"), (b"[" * 300_000, "300000")], ids=["broken off", "long"])
@pytest.mark.parametrize(("path", "status"), [door for door in DOORS if not door[0].startswith("/desk")])
def test_a_body_that_nobody_asked_for_is_not_read(
    visitor: FlaskClient, path: str, status: int, body: bytes, length: str
) -> None:
    sent = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": length, "wsgi.input": BytesIO(body)}
    assert opened(visitor, path, **sent).status_code == status


@pytest.mark.parametrize("host", ["x" * 64, "a..b.example", "x" * 3000])
@pytest.mark.parametrize("path", [path for path, _ in DOORS])
def test_a_host_that_no_machine_can_have_is_refused_in_a_word(visitor: FlaskClient, path: str, host: str) -> None:
    answer = visitor.get(path, headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_what_even_the_page_of_errors_fails_at_is_logged_without_its_address(
    sqlite_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def falls() -> dict[str, str]:
        raise RuntimeError("no page can be made")

    sqlite_world.app.template_context_processors[None].append(falls)
    with pytest.raises(RuntimeError):
        sqlite_world.client.get("/confirm/a-secret-token")
    assert "request failed" in caplog.text
    assert "a-secret-token" not in " ".join(record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("host", ["", "localhost", "evil.example"])
@pytest.mark.parametrize("path", ["/not-me//evil.example", "//evil.example/verify", "/campaigns//rescind"])
def test_doubled_slashes_lead_nowhere(sqlite_world: World, path: str, host: str) -> None:
    sqlite_world.publish()
    answer = sqlite_world.client.open("/", environ_overrides={"PATH_INFO": path, "HTTP_HOST": host})
    assert answer.status_code == 404
    assert "Location" not in answer.headers
