"""The code by which somebody came to join, kept as it is with signatures and gifts."""

import csv
import io

import pytest

from tests.make import csrf_token
from tests.membership.make import LEE, Union, make_tier
from tests.supporters.pages import OwnPage

CODE = "canteen"
HIDDEN = f'<input type="hidden" name="via" value="{CODE}">'


def test_the_form_carries_the_code_also_when_it_is_refused(short_union: Union) -> None:
    tier = make_tier(short_union.world)
    assert HIDDEN in short_union.world.client.get(f"/join?via={CODE}").text
    assert HIDDEN in short_union.ask(tier, via=CODE, name="").text
    assert 'name="via"' not in short_union.world.client.get("/join?via=%3Cb%3E").text


@pytest.mark.parametrize(("sent", "kept"), [(CODE, CODE), (" Canteen ", CODE), ("<b>", None), ("", None)])
def test_a_member_keeps_the_code_they_came_by(short_union: Union, sent: str, kept: str | None) -> None:
    assert short_union.ask(make_tier(short_union.world), via=sent).status_code == 303
    assert [row["source"] for row in short_union.rows("SELECT source FROM member")] == [kept]
    (request,) = short_union.vendor.requests.values()
    assert request.cancel_url == "http://localhost/join" + (f"?via={kept}" if kept else "")


def test_the_organizers_file_and_the_members_own_data_tell_it(union: Union) -> None:
    union.join(make_tier(union.world), via=CODE)
    desk = union.world.desk("treasurer")
    table = desk.post("/desk/members/file", data={"csrf_token": csrf_token(desk, "/desk/members/tiers")}).text
    (row,) = csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))
    assert row["came by"] == CODE
    (own,) = OwnPage.asked(union.world, LEE).see("/data.json").get_json()["memberships"]
    assert own["came_by"] == CODE
