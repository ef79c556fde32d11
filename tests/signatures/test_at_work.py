"""Signing from the employer's own mail or network: a warning before anything is stored."""

import logging

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from campaigns.outbox.models import OutboxItem
from campaigns.signatures.models import Signature
from tests.make import SIGN, World, petition

WORK = "maria.ortiz@mail.airhub.example"
AT_WORK = "198.51.100.23"


@pytest.fixture
def site(world: World) -> World:
    world.publish(petition(target_domains=("airhub.example",), target_networks=("198.51.100.0/24", "2001:db8::/32")))
    return world


def sign(site: World, address: str = "192.0.2.1", **changes: str) -> TestResponse:
    return site.client.post("/campaigns/rescind/sign", data=SIGN | changes, environ_overrides={"REMOTE_ADDR": address})


def rows(site: World) -> tuple[int, int]:
    with site.reading() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (Signature, OutboxItem)]
    return counts[0], counts[1]


@pytest.mark.parametrize(
    ("email", "address", "sentence"),
    [
        (WORK, "192.0.2.1", "is an address of those you are writing to"),
        (SIGN["email"], AT_WORK, "You are in the network of those you are writing to"),
        (SIGN["email"], "2001:db8::7", "You are in the network of those you are writing to"),
        (WORK, AT_WORK, "You are in the network of those you are writing to"),
    ],
)
def test_whoever_signs_from_work_is_warned_and_nothing_is_stored_or_logged(
    site: World, caplog: pytest.LogCaptureFixture, email: str, address: str, sentence: str
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = sign(site, address, email=email)
    assert answer.status_code == 409
    assert sentence in answer.text
    assert rows(site) == (0, 0)
    assert answer.headers["Cache-Control"] == "no-store"
    assert not any(part in caplog.text for part in ("airhub", "maria", "Maria", address))


def test_the_warning_keeps_all_that_was_typed_but_the_address(site: World) -> None:
    page = sign(site, email=WORK, comment="For <Jo>.", updates="y", via="canteen").text
    another = page.partition("Take another address")[2].partition("</form>")[0]
    for name, value in (SIGN | {"comment": "For &lt;Jo&gt;.", "updates": "y", "via": "canteen"}).items():
        if name != "email":
            assert f'<input type="hidden" name="{name}" value="{value}">' in another
    assert WORK not in another
    assert '<input class="input" type="email" id="email" name="email"' in another


def test_another_address_signs_as_ever(site: World) -> None:
    assert sign(site, email=WORK).status_code == 409
    assert sign(site).status_code == 200
    assert rows(site) == (1, 1)


@pytest.mark.parametrize(("email", "address"), [(WORK, "192.0.2.1"), (SIGN["email"], AT_WORK), (WORK, AT_WORK)])
def test_whoever_insists_signs(site: World, email: str, address: str) -> None:
    page = sign(site, address, email=email).text
    assert '<input type="hidden" name="anyway" value="y">' in page.partition("Or sign anyway")[2]
    assert sign(site, address, email=email, anyway="y").status_code == 200
    assert rows(site) == (1, 1)


def test_from_the_network_another_address_is_no_way_out_and_none_is_offered(site: World) -> None:
    page = sign(site, AT_WORK).text
    assert "Take another address" not in page
    assert "with its Wi-Fi switched off" in page


def test_a_form_that_is_wrong_is_put_right_first(site: World) -> None:
    answer = sign(site, AT_WORK, email="maria")
    assert answer.status_code == 422
    assert "Enter an e-mail address" in answer.text


def test_the_pages_are_the_same_at_work_as_everywhere(site: World) -> None:
    for path in ("/campaigns/rescind", "/campaigns/rescind/sign"):
        pages = set()
        for address in ("192.0.2.1", AT_WORK):
            site.see("/")  # what was kept is dropped
            pages.add(site.client.get(path, environ_overrides={"REMOTE_ADDR": address}).text)
        assert len(pages) == 1


def test_a_campaign_that_knows_nothing_of_its_target_warns_nobody(sqlite_world: World) -> None:
    sqlite_world.publish()
    assert sign(sqlite_world, AT_WORK, email=WORK).status_code == 200
