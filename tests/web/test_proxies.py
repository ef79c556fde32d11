"""The client's address comes through a stated number of proxies, and never from what a client wrote."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import request
from sqlalchemy import select

from campaigns.signatures.models import Signature
from tests.make import SIGN, World

SOCKET, CLIENT, FORGED, EDGE = "198.51.100.1", "203.0.113.7", "192.0.2.66", "198.51.100.99"


@contextmanager
def behind(world: World, folder: Path, proxies: int) -> Iterator[World]:
    url = world.engine.url.render_as_string(hide_password=False)
    yield World.new(world.engine, url, folder, TRUSTED_PROXIES=str(proxies))


@pytest.mark.parametrize(
    ("proxies", "header", "seen"),
    [
        (0, None, SOCKET),
        (0, FORGED, SOCKET),
        (1, CLIENT, CLIENT),
        (1, f"{FORGED}, {CLIENT}", CLIENT),
        (1, f"{FORGED}, {FORGED}, {CLIENT}", CLIENT),
        (1, None, SOCKET),
        (2, f"{CLIENT}, {EDGE}", CLIENT),
        (2, f"{FORGED}, {CLIENT}, {EDGE}", CLIENT),
        (2, CLIENT, SOCKET),  # fewer than stated: somebody went past a proxy, and wrote it
    ],
)
def test_the_address_is_the_one_that_the_outermost_trusted_proxy_saw(
    sqlite_world: World, tmp_path: Path, proxies: int, header: str | None, seen: str
) -> None:
    with behind(sqlite_world, tmp_path, proxies) as world:
        world.app.add_url_rule("/who", "who", lambda: str(request.remote_addr))
        headers = {"X-Forwarded-For": header} if header else {}
        answer = world.client.get("/who", headers=headers, environ_base={"REMOTE_ADDR": SOCKET})
    assert answer.text == seen


def test_who_forges_another_address_each_time_stays_in_one_network(sqlite_world: World, tmp_path: Path) -> None:
    with behind(sqlite_world, tmp_path, 1) as world:
        world.publish()
        for each in range(5):
            answer = world.client.post(
                "/campaigns/rescind/sign",
                data=SIGN | {"email": f"p{each}@example.org"},
                headers={"X-Forwarded-For": f"192.0.2.{each}, {CLIENT}"},
            )
            assert answer.status_code == 200
        with world.reading() as session:
            assert len(set(session.scalars(select(Signature.network_key)))) == 1


@pytest.mark.parametrize("header", ["Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP"])
def test_no_other_header_is_believed(sqlite_world: World, tmp_path: Path, header: str) -> None:
    with behind(sqlite_world, tmp_path, 1) as world:
        world.app.add_url_rule("/who", "who", lambda: str(request.remote_addr))
        written = f"for={FORGED}" if header == "Forwarded" else FORGED
        answer = world.client.get("/who", headers={header: written}, environ_base={"REMOTE_ADDR": SOCKET})
    assert answer.text == SOCKET
