"""Where people come from: a code in the address, carried along without a cookie."""

import pytest
from sqlalchemy import select

from campaigns.donations.models import Donation
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import read_source
from tests.make import World, appeal

PAGE = "/campaigns/rescind"
HIDDEN = '<input type="hidden" name="via" value="canteen">'


def sources(world: World) -> list[str | None]:
    with world.reading() as session:
        return list(session.scalars(select(Signature.source).order_by(Signature.email_hash)))


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/sign"])
def test_the_form_carries_the_code_of_its_address(sqlite_world: World, path: str) -> None:
    sqlite_world.publish()
    assert HIDDEN in sqlite_world.see(f"{path}?via=canteen").text
    for plain in (path, f"{path}?via=%3Cb%3E"):
        assert 'name="via"' not in sqlite_world.see(plain).text


def test_a_page_with_a_code_is_not_kept_for_those_without(sqlite_world: World) -> None:
    sqlite_world.publish()
    browser = sqlite_world.client
    assert HIDDEN in browser.get(f"{PAGE}?via=canteen").text
    assert HIDDEN not in browser.get(PAGE).text
    assert HIDDEN in browser.get(f"{PAGE}?via=canteen").text
    assert not browser.get(f"{PAGE}?via=canteen").headers.getlist("Set-Cookie")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("canteen", "canteen"), ("UAL-42", "ual-42"), ("", None), ("a b", None), ("x" * 41, None), ("é", None),
     ("a\x00", None), ("<b>", None)],
)  # fmt: skip
def test_a_code_is_stored_and_what_is_none_refuses_nobody(world: World, sent: str, kept: str | None) -> None:
    world.publish()
    assert world.sign(via=sent).status_code == 200
    assert sources(world) == [kept]
    assert read_source(sent) == (kept or "")


def test_a_refused_form_keeps_the_code(sqlite_world: World) -> None:
    sqlite_world.publish()
    assert HIDDEN in sqlite_world.sign(via="canteen", name="").text


def test_after_confirming_the_code_goes_along_to_giving_and_sharing(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    for via, other in (("canteen", "depot"), ("depot", "canteen")):
        sqlite_world.sign(via=via, email=f"{via}@example.org")
        page = sqlite_world.confirm(f"{via}@example.org").text
        assert f"/campaigns/rescind/donate?amount=30&amp;via={via}" in page
        assert f'data-share="http://localhost/campaigns/rescind?via={via}"' in page
        assert f"/campaigns/rescind/poster?via={via}" in page
        assert other not in page


def test_without_a_code_none_is_carried(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.sign()
    page = sqlite_world.confirm().text
    assert "/campaigns/rescind/donate?amount=30" in page
    assert "via=" not in page


def test_the_steps_after_confirming_stand_in_their_order(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.sign()
    page = sqlite_world.confirm().text
    places = [page.index(f'id="{step}-title"') for step in ("give", "share", "join")]
    assert places == sorted(places)


def test_the_desk_counts_by_code(world: World) -> None:
    world.publish()
    for number in range(3):
        world.sign_and_confirm(email=f"c{number}@example.org", via="canteen")
    world.sign_and_confirm(email="d@example.org", via="depot")
    world.sign(email="e@example.org", via="depot")
    world.sign(email="f@example.org")
    page = world.desk().get("/desk/campaigns/rescind/signatures/sources").text
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [row.partition("</tr>")[0] for row in table.split("<tr>")[1:]]
    assert [("canteen" in row, '<td class="num">3</td><td class="num">0</td>' in row) for row in rows] == [
        (True, True),
        (False, False),
    ]
    assert '<td class="num">1</td><td class="num">1</td>' in rows[1]


def test_the_desk_makes_a_link_and_says_what_cannot_be_a_code(sqlite_world: World) -> None:
    sqlite_world.publish()
    desk, path = sqlite_world.desk(), "/desk/campaigns/rescind/signatures/sources"
    page = desk.get(f"{path}?code=UAL-42").text
    assert 'href="http://localhost/campaigns/rescind?via=ual-42"' in page
    assert "/campaigns/rescind/poster?via=ual-42" in page
    refused = desk.get(f"{path}?code=a%20b").text
    assert 'id="code-error"' in refused
    assert 'value="a b"' in refused


def test_whoever_signs_once_more_after_a_slip_keeps_the_code(sqlite_world: World) -> None:
    sqlite_world.publish()
    page = sqlite_world.sign(via="canteen", email="maria@gmial.com").text
    assert page.count('href="/campaigns/rescind/sign?via=canteen"') == 2
    assert "via=" not in sqlite_world.sign(email="maria@gmial.com").text


@pytest.mark.parametrize(("sent", "kept"), [("canteen", "canteen"), ("Canteen ", "canteen"), ("<b>", None), ("", None)])
def test_a_gift_keeps_the_code_its_giver_came_by(world: World, sent: str, kept: str | None) -> None:
    world.publish(appeal())
    world.give(via=sent)
    with world.reading() as session:
        assert session.scalars(select(Donation.source)).all() == [kept]


def test_the_form_of_a_gift_carries_the_code_also_when_it_is_refused(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    address = "/campaigns/rescind/donate"
    assert HIDDEN in sqlite_world.see(f"{address}?via=canteen").text
    assert 'name="via"' not in sqlite_world.see(f"{address}?via=%3Cb%3E").text
    refused = sqlite_world.client.post(address, data={"via": "canteen", "email": ""})
    assert refused.status_code == 422
    assert HIDDEN in refused.text


def test_whoever_has_signed_is_asked_to_give_to_pass_it_on_and_to_join_in_this_order(sqlite_world: World) -> None:
    sqlite_world.publish(appeal(join_url="https://union.example/join"))
    sqlite_world.sign()
    page = sqlite_world.confirm().text
    places = [page.index(f'id="{step}-title"') for step in ("give", "share", "join")]
    assert places == sorted(places)
    assert 'href="https://union.example/join" rel="noopener noreferrer"' in page
