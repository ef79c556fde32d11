"""Is this list genuine? And the desk's doors to lists."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from campaigns.campaign import operations as campaigns
from campaigns.deliveries import announcing, operations, queries
from campaigns.deliveries.models import Delivery
from campaigns.deliveries.queries import DeliveryFacts
from campaigns.deliveries.rules import State
from tests.make import World, a_world, csrf_token, petition

LISTS = "/desk/campaigns/rescind/deliveries/"


def delivered(world: World, **changes: Any) -> DeliveryFacts:
    """A list that is made."""
    with world.work() as session:
        public_id = operations.request(
            session, world.campaign(), paper="letter", answer_expected=None, actor="test", now=world.clock()
        )
    world.run_worker()
    return found(world, public_id)


def found(world: World, public_id: str) -> DeliveryFacts:
    with world.reading() as session:
        delivery = queries.find(session, public_id)
    assert delivery is not None
    return delivery


def signed(world: World) -> None:
    world.publish()
    for name, visibility in (("Ana Public", "public"), ("Ben Delivered", "delivered"), ("Cleo Counted", "counted")):
        world.sign_and_confirm(name=name, visibility=visibility, email=f"{visibility}@example.org")


def announced(world: World) -> None:
    """Those whom a list would name are told, and the list may be made at once."""
    with world.work() as session:
        announcing.announce(session, world.campaign(), hours=0, actor="test", now=world.clock())
    world.run_worker()


@pytest.fixture(scope="module")
def signed_world(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, FlaskClient]]:
    """One site and desk for all that is refused."""
    with a_world(sqlite_template, tmp_path_factory.mktemp("refused")) as world:
        signed(world)
        yield world, world.desk()


# The public door


def test_the_page_of_a_list_shows_number_totals_and_digests_and_no_name(sqlite_world: World) -> None:
    signed(sqlite_world)
    delivery = delivered(sqlite_world)
    page = sqlite_world.client.get(f"/verify/{delivery.public_id}")
    assert page.status_code == 200
    bare = page.text.replace("<span>", "").replace("</span> ", "").replace("</span>", "")
    assert delivery.digest in bare
    assert (delivery.file_sha256 or "-") in bare
    for label, number in (("named in the list", 2), ("counted, name withheld", 1), ("signatures", 3)):
        assert f"<dt>{label}</dt><dd>{number}</dd>" in page.text
    assert "List no. 1" in page.text
    assert "Hub Management" in page.text
    for name in ("Ana", "Ben", "Cleo", "Hebron"):
        assert name not in page.text


def test_the_page_of_a_list_says_what_its_letter_says_whatever_was_corrected_since(sqlite_world: World) -> None:
    signed(sqlite_world)
    delivery = delivered(sqlite_world)
    corrected = petition(headline="Rescind every write-up", target_name="HUB Management")
    with sqlite_world.work() as session:
        campaigns.change(session, "rescind", corrected, actor="test", now=sqlite_world.clock())
    page = sqlite_world.client.get(f"/verify/{delivery.public_id}").text
    for written in ("Rescind the write-ups", "Hub Management"):
        assert f"<bdi>{written}</bdi>" in page
    assert "Rescind every write-up" not in page


def test_a_list_is_nothing_to_the_public_until_it_can_be_in_a_hand(sqlite_world: World) -> None:
    signed(sqlite_world)
    with sqlite_world.work() as session:
        public_id = operations.request(
            session, sqlite_world.campaign(), paper="a4", answer_expected=None, actor="test", now=sqlite_world.clock()
        )
    address = f"/verify/{public_id}"
    assert sqlite_world.client.get(address).status_code == 404
    sqlite_world.printer.breaks_off = 1
    sqlite_world.run_worker()
    assert found(sqlite_world, public_id).state is State.FROZEN
    assert sqlite_world.client.get(address).status_code == 404
    sqlite_world.clock.move(minutes=1)
    sqlite_world.run_worker()
    assert sqlite_world.client.get(address).status_code == 200


@pytest.mark.parametrize("wanted", ["unknown", "%00", "%FF", "x" * 2000, "..", "' OR 1=1", "AAAAAAAAAAAAAAAA"])
def test_an_unknown_number_is_a_calm_404(shared_world: World, wanted: str) -> None:
    assert shared_world.client.get(f"/verify/{wanted}").status_code == 404
    page = shared_world.client.get("/verify", query_string=f"id={wanted}")
    assert page.status_code == 404
    assert "No list has this number." in page.text


def test_a_number_typed_from_paper_leads_to_its_list(sqlite_world: World) -> None:
    signed(sqlite_world)
    delivery = delivered(sqlite_world)
    answer = sqlite_world.client.get("/verify", query_string={"id": f"  {delivery.public_id} "})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/verify/{delivery.public_id}"


def test_the_page_without_a_number_says_what_can_be_checked(sqlite_world: World) -> None:
    for query in ("", "?id=", "?id=%20"):
        page = sqlite_world.client.get(f"/verify{query}")
        assert page.status_code == 200
        assert "No list has this number." not in page.text


def test_what_was_typed_is_shown_again_and_runs_nowhere(sqlite_world: World) -> None:
    page = sqlite_world.client.get("/verify", query_string={"id": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


# The desk


def test_an_organizer_asks_for_a_list_watches_it_and_downloads_it(world: World) -> None:
    signed(world)
    announced(world)
    desk = world.desk()
    asked = desk.post(
        LISTS, data={"paper": "a4", "answer_expected": "2026-06-01", "csrf_token": csrf_token(desk, LISTS)}
    )
    assert asked.status_code == 303
    watched = asked.headers["Location"]
    assert desk.get(watched).status_code == 200
    assert desk.get(f"{watched}.pdf").status_code == 404
    world.run_worker()
    delivery = found(world, watched.rpartition("/")[2])
    assert (delivery.paper, str(delivery.answer_expected)) == ("a4", "2026-06-01")
    assert delivery.digest[:4] in desk.get(watched).text
    answer = desk.get(f"{watched}.pdf")
    assert answer.is_streamed
    assert hashlib.sha256(answer.data).hexdigest() == delivery.file_sha256
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rescind-list-1.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "List" in desk.get(LISTS).text


def test_without_a_signature_the_desk_says_why_there_is_no_list(sqlite_world: World) -> None:
    sqlite_world.publish()
    desk = sqlite_world.desk()
    answer = desk.post(LISTS, data={"paper": "letter", "csrf_token": csrf_token(desk, LISTS)})
    assert answer.status_code == 409
    assert "A list needs at least one confirmed signature." in answer.text


@pytest.mark.parametrize(
    ("paper", "answer_expected"),
    [("a3", ""), ("\0", ""), ("", ""), ("letter", "soon"), ("letter", "99999-01-01"), ("letter", "2026-02-30")],
)
def test_a_form_that_is_not_right_makes_no_list(
    signed_world: tuple[World, FlaskClient], paper: str, answer_expected: str
) -> None:
    world, desk = signed_world
    data = {"paper": paper, "answer_expected": answer_expected, "csrf_token": csrf_token(desk, LISTS)}
    answer = desk.post(LISTS, data=data)
    assert answer.status_code == 422
    with world.reading() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_a_day_in_the_distant_past_is_still_a_day(sqlite_world: World) -> None:
    signed(sqlite_world)
    announced(sqlite_world)
    desk = sqlite_world.desk()
    data = {"paper": "letter", "answer_expected": "0001-01-01", "csrf_token": csrf_token(desk, LISTS)}
    watched = desk.post(LISTS, data=data).headers["Location"]
    sqlite_world.run_worker()
    assert desk.get(watched).status_code == 200
    assert desk.get(f"{watched}.pdf").status_code == 200


@pytest.mark.parametrize("role", ["treasurer", "approver", None])
def test_nobody_but_organizers_downloads_a_list(sqlite_world: World, role: str | None) -> None:
    signed(sqlite_world)
    delivery = delivered(sqlite_world)
    client = sqlite_world.desk(role) if role else sqlite_world.client
    answer = client.get(f"/desk/deliveries/{delivery.public_id}.pdf")
    assert answer.status_code == (403 if role else 302)
    assert b"Ben Delivered" not in answer.data


@pytest.mark.parametrize("wanted", ["unknown", "%00", "unknown.pdf", "%00.pdf", "x" * 2000])
def test_an_unknown_list_at_the_desk_is_a_calm_404(shared_world: World, wanted: str) -> None:
    assert shared_world.desk().get(f"/desk/deliveries/{wanted}").status_code == 404
