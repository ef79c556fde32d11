"""nginx and Caddy, set up by the examples, in front of the site that the unit starts."""

import gzip
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.deploy.install import EXAMPLES, Install
from tests.deploy.proxies import HOST, SERVERS_FOLDER, Certificate, Proxy, make_certificate, running_proxy
from tests.waiting import free_port, wait_for
from tools.servers import SERVERS, server
from tools.system import Machine

SLUG = "five-days-in-bessemer"
PAGE, SIGN = f"/campaigns/{SLUG}", f"/campaigns/{SLUG}/sign"
# Caddy says so because the tests close its control port and bring the certificate along.
EXPECTED = ("admin endpoint disabled", "skipping automatic certificate management", "no OCSP server")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FORGED = {
    "X-Forwarded-For": "127.0.0.1, 203.0.113.9",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=203.0.113.9;host=evil.example;proto=http",
    "X-Real-IP": "203.0.113.9",
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module", params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    """Each of the two."""
    proxy = str(request.param)
    if not server(proxy, SERVERS_FOLDER, Machine(os.environ)):
        pytest.skip(f"{proxy} is not on this machine")
    return proxy


@pytest.fixture(scope="module")
def site(install: Install) -> Iterator[int]:
    """The port of a site with a door for witnesses."""
    port = free_port()
    with install.web(port, application="witness:app"):
        yield port


@pytest.fixture(scope="module")
def proxy(name: str, site: int, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The proxy of the example, in front of one site."""
    with running_proxy(name, tmp_path_factory.mktemp(name), certificate, [site]) as running:
        yield running


def test_the_proxy_has_nothing_to_say_against_its_example(proxy: Proxy) -> None:
    assert proxy.ask("/").status == 200
    lines = [*_lines(proxy.log.parent / "said.log"), *_lines(proxy.log)]
    complaints = [line for line in lines if re.search("warn|error|emerg", line, re.IGNORECASE)]
    assert [line for line in complaints if not any(known in line for known in EXPECTED)] == []


def _lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def test_no_example_keeps_a_log_of_who_opened_which_link() -> None:
    """One server writes it unless it is told not to, the other only where it is told to."""
    assert "\naccess_log off;\n" in (EXAMPLES / "nginx.conf").read_text()
    assert not re.search(r"^\s*log\b", (EXAMPLES / "Caddyfile").read_text(), re.MULTILINE)


def test_a_page_is_served_over_tls_with_the_sites_own_headers(proxy: Proxy) -> None:
    answer = proxy.ask(PAGE)
    assert answer.status == 200
    assert b"<h1" in answer.body
    assert answer.header("Strict-Transport-Security") == "max-age=63072000; includeSubDomains"
    assert "default-src 'none'" in answer.header("Content-Security-Policy")


@pytest.mark.parametrize("path", ["/", f"{PAGE}?a=b"])
def test_who_asks_without_tls_is_sent_to_the_same_page_with_it(proxy: Proxy, path: str) -> None:
    answer = proxy.ask_plainly(path)
    assert answer.status in (301, 308)
    assert answer.header("Location") == f"https://{HOST}{path}"


def test_static_files_may_be_kept_for_a_year(proxy: Proxy) -> None:
    page = proxy.ask("/").body.decode()
    paths = set(re.findall(r"/static/[0-9a-f]{10}/[^\"]+\.(?:css|js)", page))
    assert paths
    for path in paths:
        answer = proxy.ask(path)
        assert (answer.status, answer.header("Cache-Control")) == (200, "public, max-age=31536000, immutable")


def test_the_desk_gets_a_cookie_that_only_travels_over_tls(proxy: Proxy) -> None:
    cookie = proxy.ask("/desk/account/login").header("Set-Cookie")
    assert cookie.startswith("__Secure-desk=")
    assert "Secure" in cookie.split("; ")


def test_nothing_of_the_desk_is_kept_on_the_way(proxy: Proxy) -> None:
    first, second = (proxy.ask("/desk/account/login") for _ in range(2))
    assert first.header("Cache-Control") == "no-store"
    assert first.header("Set-Cookie") != second.header("Set-Cookie")


def test_a_redirect_stays_on_the_site(proxy: Proxy) -> None:
    answer = proxy.ask("/desk/", FORGED)
    assert answer.status == 302
    assert re.match(rf"(https://{HOST})?/desk/account/login", answer.header("Location"))


@pytest.mark.parametrize("forged", [{}, FORGED, *({name: value} for name, value in FORGED.items())], ids=str)
def test_the_site_believes_the_proxy_and_not_the_visitor(proxy: Proxy, forged: dict[str, str]) -> None:
    told = proxy.ask("/witness", forged).json()
    assert told == {"visitor": "127.0.0.1", "scheme": "https", "host": HOST, "address": f"https://{HOST}/witness"}


def test_a_forged_host_reaches_no_page_or_changes_nothing(proxy: Proxy) -> None:
    answer = proxy.ask("/witness", {"Host": "evil.example"})
    assert not answer.body or answer.json()["host"] == HOST
    assert b"evil.example" not in answer.body


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": f"https://{HOST}"}, 422),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://evil.example", **FORGED}, 403),
        ({"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}, 403),
    ],
    ids=str,
)
def test_another_sites_form_is_refused_whatever_it_forges(proxy: Proxy, headers: dict[str, str], status: int) -> None:
    assert proxy.ask(SIGN, FORM | headers, b"name=&email=").status == status


@pytest.mark.parametrize("size", [263_000, 900_000, 3_000_000])
def test_a_body_that_is_too_long_is_refused_in_a_sentence(proxy: Proxy, size: int) -> None:
    answer = proxy.ask(SIGN, FORM, b"name=" + b"x" * size)
    assert answer.status == 413
    assert b"That is more than this form can take. Please shorten it." in answer.body


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/metrics?a=b", "/metrics%00", "/./metrics", "/METRICS"],
)
@pytest.mark.parametrize("headers", [{}, FORGED, {"X-Forwarded-For": ""}], ids=["plain", "forged", "emptied"])
def test_the_figures_are_not_for_the_outside(proxy: Proxy, path: str, headers: dict[str, str]) -> None:
    answer = proxy.ask(path, headers)
    assert answer.status in (301, 302, 308, 400, 404)
    assert b"undersigned_" not in answer.body


@pytest.mark.parametrize("kind", ["page", "form", "style", "script"])
def test_what_is_text_travels_packed(proxy: Proxy, kind: str) -> None:
    page = proxy.ask(PAGE).body.decode()
    static = {ending: re.findall(rf"/static/[^\"]+\.{ending}", page) for ending in ("css", "js")}
    path = {"page": PAGE, "form": SIGN, "style": static["css"][0], "script": static["js"][0]}[kind]
    answer = proxy.ask(path, {"Accept-Encoding": "gzip"})
    plain = proxy.ask(path)
    assert (answer.header("Content-Encoding"), plain.header("Content-Encoding")) == ("gzip", "")
    assert len(answer.body) < len(plain.body) / 2
    assert gzip.decompress(answer.body)[:15] == plain.body[:15]


@pytest.mark.parametrize("died", [0, 1])
def test_while_one_web_server_is_away_the_other_answers_everybody(
    name: str, install: Install, certificate: Certificate, tmp_path: Path, died: int
) -> None:
    ports = [free_port(), free_port()]
    with (
        install.web(ports[0]) as first,
        install.web(ports[1]) as second,
        running_proxy(name, tmp_path, certificate, ports) as proxy,
    ):
        assert _read(proxy) | _signed(proxy) == {200, 422}
        (first, second)[died].dies()
        assert _read(proxy) == {200}
        # nginx knows at once; Caddy hands forms to the dead one until its next look, two seconds later
        wait_for(lambda: _signed(proxy) == {422}, "forms go to the living one")


def _read(proxy: Proxy) -> set[int]:
    """Return what several readers were answered; /readyz is kept by no cache."""
    return {proxy.ask("/readyz").status for _ in range(6)}


def _signed(proxy: Proxy) -> set[int]:
    """Return what several empty forms were answered: each web server would ask for the name."""
    return {proxy.ask(SIGN, FORM, b"name=&email=").status for _ in range(6)}


def test_with_caddy_readers_wait_for_a_web_server_that_starts_anew(
    install: Install, certificate: Certificate, tmp_path: Path
) -> None:
    if not server("caddy", SERVERS_FOLDER, Machine(os.environ)):
        pytest.skip("caddy is not on this machine")
    port = free_port()
    with running_proxy("caddy", tmp_path, certificate, [port]) as proxy, ThreadPoolExecutor() as threads:
        early = threads.submit(proxy.ask, "/readyz")
        with install.web(port):
            assert early.result().status == 200
