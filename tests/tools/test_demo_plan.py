"""What the demo starts, decided from the environment."""

import base64
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.demo_plan import Plan, Refused, free_port, kept_secrets, make_plan, why_not_bound


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def some_port() -> str:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def plan(root: Path, **given: str) -> Plan:
    return make_plan({"PORT": some_port(), **given}, root)


def test_by_itself_the_demo_brings_its_own_stripe_and_its_own_mailbox(tmp_path: Path) -> None:
    made = plan(tmp_path)
    settings = made.environment
    assert made.stripe_port
    assert made.mail_port
    assert settings["STRIPE_SECRET_KEY"] == "sk_test_standin"
    assert settings["STRIPE_API_BASE"] == f"http://127.0.0.1:{made.stripe_port}"
    assert settings["SMTP_URL"] == f"smtp://127.0.0.1:{made.smtp_port}"
    assert settings["SITE_URL"] == f"http://localhost:{made.port}"
    assert settings["DEMO"] == "1"


@pytest.mark.parametrize(
    "name",
    "SITE_URL MAIL_FROM SECRET_KEY ENCRYPTION_KEY DATABASE_URL FILES_URL TRUSTED_PROXIES DEMO STRIPE_WEBHOOK_SECRET"
    " LEGAL_NAME CONTACT_EMAIL SOMETHING_NEW".split(),
)
def test_what_the_environment_sets_wins_and_is_passed_on(tmp_path: Path, name: str) -> None:
    assert plan(tmp_path, **{name: "http://localhost:9"}).environment[name] == "http://localhost:9"


def test_an_empty_setting_is_none(tmp_path: Path) -> None:
    assert plan(tmp_path, SMTP_URL=" ", STRIPE_SECRET_KEY="").environment["STRIPE_SECRET_KEY"] == "sk_test_standin"


def test_with_somebodys_own_test_key_there_is_no_stand_in_and_no_made_up_secret(tmp_path: Path) -> None:
    made = plan(tmp_path, STRIPE_SECRET_KEY="sk_test_mine")
    assert made.stripe_port is None
    assert "STRIPE_API_BASE" not in made.environment
    assert "STRIPE_WEBHOOK_SECRET" not in made.environment


def test_another_stand_in_is_taken_where_one_is_named(tmp_path: Path) -> None:
    made = plan(tmp_path, STRIPE_API_BASE="http://127.0.0.1:9")
    assert made.stripe_port is None
    assert made.environment["STRIPE_SECRET_KEY"] == "sk_test_standin"


def test_with_a_mail_server_there_is_no_mailbox(tmp_path: Path) -> None:
    made = plan(tmp_path, SMTP_URL="smtp://mail.example.org")
    assert (made.mail_port, made.smtp_port) == (None, None)


@pytest.mark.parametrize("key", ["sk_live_x", "rk_live_x"])
def test_a_live_key_is_refused_before_anything_is_made(tmp_path: Path, key: str) -> None:
    with pytest.raises(Refused, match="live key"):
        plan(tmp_path, STRIPE_SECRET_KEY=key)
    assert list(tmp_path.iterdir()) == []


def test_a_busy_port_is_named_with_the_way_out(tmp_path: Path, busy_port: int) -> None:
    with pytest.raises(Refused, match=rf"Port {busy_port} is taken .* PORT={busy_port + 1} make run"):
        plan(tmp_path, PORT=str(busy_port))


def test_a_port_that_another_holds_on_localhosts_other_address_is_busy_too(tmp_path: Path) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        with pytest.raises(Refused, match=f"Port {port} is taken"):
            plan(tmp_path, PORT=str(port))


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eight", "8000.0", "٨٠٠٠"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(Refused, match="PORT is a number from 1 to 65535"):
        plan(tmp_path, PORT=port)


def test_a_host_that_is_not_here_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"HOST=192\.0\.2\.1 is not an address of this machine"):
        plan(tmp_path, HOST="192.0.2.1")


@pytest.mark.parametrize(("host", "reached"), [("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("::", "::1")])
def test_a_server_for_everybody_is_reached_over_loopback(tmp_path: Path, host: str, reached: str) -> None:
    assert plan(tmp_path, HOST=host).reached_at == reached


def test_a_taken_port_of_the_sandbox_is_passed_over(busy_port: int) -> None:
    port = free_port(busy_port)
    assert port > busy_port
    assert why_not_bound("127.0.0.1", port) is None


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "demo.env"
    first = kept_secrets(file)
    assert kept_secrets(file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(base64.urlsafe_b64decode(first["ENCRYPTION_KEY"])) == 32
    assert len(first["SECRET_KEY"]) >= 32
    assert first["STRIPE_WEBHOOK_SECRET"].startswith("whsec_")


def test_two_sites_have_different_secrets(tmp_path: Path) -> None:
    one, other = kept_secrets(tmp_path / "one"), kept_secrets(tmp_path / "other")
    assert not set(one.values()) & set(other.values())


def test_a_folder_that_cannot_be_made_is_the_systems_own_error(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("a file stands in the way")
    with pytest.raises(OSError, match="instance"):
        plan(tmp_path)
