"""The desk's door to a campaign's signatures."""

import pytest
from flask.testing import FlaskClient

from campaigns.signatures.desk import PAGE
from tests.make import World

ADDRESS = "/desk/campaigns/rescind/signatures/"


@pytest.fixture(scope="module")
def desk(shared_world: World) -> FlaskClient:
    shared_world.publish()
    shared_world.sign()
    return shared_world.desk()


def test_an_organizer_sees_names_but_not_those_that_are_only_counted(sqlite_world: World) -> None:
    sqlite_world.publish()
    for name, visibility in (("Ana Public", "public"), ("Ben Delivered", "delivered"), ("Cleo Counted", "counted")):
        sqlite_world.sign_and_confirm(name=name, visibility=visibility, email=f"{visibility}@example.org")
    sqlite_world.sign(name="Dag Waiting", visibility="delivered", email="dag@example.org")
    page = sqlite_world.desk().get(ADDRESS).text
    for name in ("Ana Public", "Ben Delivered", "Dag Waiting", "name withheld"):
        assert name in page
    for hidden in ("Cleo", "public@example.org", "dag@example.org", "41048"):
        assert hidden not in page


def test_many_signatures_come_page_by_page(sqlite_world: World) -> None:
    sqlite_world.publish()
    for number in range(PAGE + 1):
        sqlite_world.clock.move(seconds=1)
        sqlite_world.sign(name=f"Nr{number:03} Ortiz", email=f"p{number}@example.org")
    desk = sqlite_world.desk()
    first, second, third = (desk.get(f"{ADDRESS}?page={number}").text for number in (1, 2, 3))
    assert f"Nr{PAGE:03} Ortiz" in first
    assert "Nr000 Ortiz" not in first
    assert "Nr000 Ortiz" in second
    assert "Nr001 Ortiz" not in second
    assert "Ortiz" not in third


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "%00", "٢", "9" * 30, "9" * 5000, "1e9", "1000000"])
def test_a_strange_page_number_gets_a_page(desk: FlaskClient, page: str) -> None:
    assert desk.get(f"{ADDRESS}?page={page}").status_code == 200
