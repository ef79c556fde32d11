"""Every answer carries the policies, whoever asks for whatever; and no public page sets a cookie."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from campaigns.web.static import FOLDER
from tests.make import World, appeal

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
VALUES = {"slug": "rescind", "token": "none", "public_id": "none", "digest": "0", "name": "favicon.svg"}


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield each route with each of its methods, filled in with something that may or may not be there."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            values = {name: VALUES.get(name, "1") for name in rule.arguments}
            path = app.url_map.bind("localhost").build(rule.endpoint, values)
            for method in sorted(rule.methods or ()):
                yield method, path


def assert_guarded(response: TestResponse, where: str) -> None:
    for name, value in FIXED.items():
        assert response.headers.get(name) == value, (where, name)
    policy = response.headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy, where
    assert "unsafe" not in policy, where
    assert "*" not in policy, where
    assert response.headers.get("Permissions-Policy"), where
    assert response.headers.get("Cache-Control"), where
    assert response.headers.get("X-Request-Id"), where
    assert "Server" not in response.headers, where


def test_every_route_answers_with_the_policies(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    walked = 0
    for method, path in addresses(sqlite_world.app):
        with sqlite_world.client.open(path, method=method) as response:
            assert_guarded(response, f"{method} {path} {response.status}")
        walked += 1
    assert walked > 40


def test_every_error_answers_with_the_policies(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.app.add_url_rule("/broken", "broken", lambda: 1 / 0)
    client = sqlite_world.client
    answers = {
        404: client.get("/nowhere"),
        405: client.delete("/"),
        413: client.post("/campaigns/rescind/sign", data={"name": "x" * 300_000}),
        403: client.post("/campaigns/rescind/sign", headers={"Sec-Fetch-Site": "cross-site"}),
        500: client.get("/broken"),
    }
    for status, response in answers.items():
        assert response.status_code == status
        assert_guarded(response, str(status))


def test_no_public_page_sets_a_cookie(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    for method, path in addresses(sqlite_world.app):
        if path.startswith("/desk"):
            continue
        with sqlite_world.client.open(path, method=method) as response:
            assert "Set-Cookie" not in response.headers, f"{method} {path}"
            assert "Cookie" not in response.headers.get("Vary", ""), f"{method} {path}"


def test_signing_and_giving_set_no_cookie(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    client = sqlite_world.client
    answers = [client.post("/campaigns/rescind/donate", data={"preset": "30", "email": "maria@example.org"})]
    answers.append(sqlite_world.sign())
    answers.append(sqlite_world.confirm())
    assert not [response for response in answers if "Set-Cookie" in response.headers]


def policy(world: World) -> dict[str, str]:
    written = world.client.get("/healthz").headers["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in written.split(";"))


def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_written_into_it(sqlite_world: World) -> None:
    found = policy(sqlite_world)
    assert {found[name] for name in ("style-src", "script-src", "font-src", "connect-src")} == {"'self'"}
    assert (found["base-uri"], found["frame-ancestors"], found["default-src"]) == ("'none'", "'none'", "'none'")


def test_a_form_goes_here_or_to_the_payment_page(sqlite_world: World) -> None:
    assert policy(sqlite_world)["form-action"] == "'self' https://checkout.stripe.com https://billing.stripe.com"


@pytest.mark.parametrize(
    ("base", "port"),
    [("http://127.0.0.1:4242", "4242"), ("http://localhost:4242/", "4242"), ("http://localhost", "80")],
)
def test_with_a_stand_in_a_form_goes_there_instead(sqlite_world: World, tmp_path: Path, base: str, port: int) -> None:
    url = sqlite_world.engine.url.render_as_string(hide_password=False)
    keys = {"STRIPE_API_BASE": base, "STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
    world = World.new(sqlite_world.engine, url, tmp_path, **keys)
    assert policy(world)["form-action"] == f"'self' http://127.0.0.1:{port} http://localhost:{port}"


def test_transport_security_is_promised_over_https_alone(sqlite_world: World, tmp_path: Path) -> None:
    assert "Strict-Transport-Security" not in sqlite_world.client.get("/healthz").headers
    url = sqlite_world.engine.url.render_as_string(hide_password=False)
    world = World.new(sqlite_world.engine, url, tmp_path, SITE_URL="https://example.org")
    promised = world.client.get("/healthz").headers["Strict-Transport-Security"]
    assert int(promised.partition("max-age=")[2].partition(";")[0]) >= 31_536_000


def test_the_desk_is_not_kept_by_any_cache(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    desk = sqlite_world.desk()
    for path in ("/desk/", "/desk/account/change", "/desk/account/login"):
        assert desk.get(path).headers["Cache-Control"] == "no-store", path


def test_no_page_holds_style_or_script_that_the_policy_would_block(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    for path in ("/", "/campaigns/rescind", "/campaigns/rescind/sign", "/campaigns/rescind/donate", "/verify", "/nope"):
        page = sqlite_world.client.get(path).text
        assert " style=" not in page, path
        assert "<style" not in page, path
        assert " onclick=" not in page, path
        assert "<script>" not in page, path
        assert "https://" not in page.replace("https://pay.example", ""), path


def test_the_folder_of_static_files_is_where_the_walk_looked() -> None:
    assert (FOLDER / VALUES["name"]).is_file()
