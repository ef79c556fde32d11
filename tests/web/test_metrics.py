"""A monitor on this machine reads the figures; nobody else finds them."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.make import World

TOKEN = "a token for the monitor"


@pytest.fixture
def client(sqlite_world: World, tmp_path: Path) -> FlaskClient:
    url = sqlite_world.engine.url.render_as_string()
    return World.new(sqlite_world.engine, url, tmp_path, METRICS_TOKEN=TOKEN).client


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.9", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 404),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}, 404),
        ("203.0.113.9", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("203.0.113.9", {"Authorization": "Bearer another"}, 404),
        ("203.0.113.9", {"Authorization": "Bearer "}, 404),
    ],
)
def test_who_may_read_the_metrics(client: FlaskClient, address: str, headers: dict[str, str], status: int) -> None:
    response = client.get("/metrics", environ_base={"REMOTE_ADDR": address}, headers=headers)
    assert response.status_code == status


def test_without_a_token_an_empty_one_opens_nothing(sqlite_world: World) -> None:
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    answer = sqlite_world.client.get("/metrics", environ_base=elsewhere, headers={"Authorization": "Bearer "})
    assert answer.status_code == 404


def test_the_backlog_and_the_requests_are_told(world: World) -> None:
    world.publish()
    world.sign()
    world.clock.move(seconds=90)
    text = world.client.get("/metrics").text
    assert 'undersigned_outbox_due{kind="signatures.confirm_mail"} 1.0' in text
    assert 'undersigned_outbox_oldest_seconds{kind="signatures.confirm_mail"} 90.0' in text
    assert 'undersigned_requests_total{endpoint="signatures.sign",status="200"} 1.0' in text
    assert "maria" not in text
