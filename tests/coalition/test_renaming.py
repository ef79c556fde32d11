"""An organisation that goes by another name: the tick names it as it is called today, and says so to whoever ticks."""

import pytest
from sqlalchemy import select

from campaigns.campaign import operations as campaigns
from campaigns.partners.models import PartnerWording
from campaigns.signatures.models import Signature
from tests.coalition.make import CODE, add_partner, change_partner, offered, sign_by, ticked
from tests.make import World, at_once, petition

PAGE = "/campaigns/rescind"
TICK = 'name="partner_news"'
BEFORE, TODAY = "Hub Workers gives your name", "Hub Workers United gives your name"


@pytest.fixture
def site(world: World) -> World:
    world.publish()
    add_partner(world)
    return world


@pytest.fixture
def simple(sqlite_world: World) -> World:
    sqlite_world.publish()
    add_partner(sqlite_world)
    return sqlite_world


def rename(world: World, organisation: str = "Hub Workers United") -> None:
    with world.work() as session:
        changed = petition(organisation=organisation)
        campaigns.change(session, "rescind", changed, actor="test", now=world.clock())


def agreed_to(world: World) -> list[str]:
    """What stood under each tick, by whom it was set first."""
    with world.reading() as session:
        rows = session.scalars(
            select(PartnerWording.disclosure)
            .join(Signature, Signature.opt_in_id == PartnerWording.id)
            .order_by(Signature.created_at, Signature.id)
        )
        return list(rows)


def numbers(world: World) -> list[int]:
    with world.reading() as session:
        return list(session.scalars(select(PartnerWording.number).order_by(PartnerWording.number)))


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/sign"])
def test_the_form_names_the_organisation_as_it_is_called_today(simple: World, path: str) -> None:
    assert BEFORE in simple.see(f"{path}?via={CODE}").text
    rename(simple)
    page = simple.see(f"{path}?via={CODE}").text
    assert (TODAY in page, BEFORE in page) == (True, False)


def test_what_is_stored_is_what_stood_beside_the_tick(site: World) -> None:
    sign_by(site, "a@example.org")
    rename(site)
    shown = offered(site).disclosure
    for email in ("b@example.org", "c@example.org"):
        site.clock.move(seconds=1)
        assert sign_by(site, email).status_code == 200
    assert TODAY in shown
    assert agreed_to(site)[1:] == [shown, shown]
    assert BEFORE in agreed_to(site)[0]
    assert numbers(site) == [1, 2]


def test_a_form_that_was_open_meanwhile_is_shown_again_with_an_empty_tick(simple: World) -> None:
    before = ticked(simple) | {"version": simple.campaign().text_mark}
    rename(simple)
    again = simple.sign(**before)
    assert again.status_code == 409
    assert TODAY in again.text
    assert "checked" not in again.text.partition(TICK)[2].partition(">")[0]
    with simple.reading() as session:
        assert session.scalars(select(Signature.id)).all() == []


def test_many_who_tick_new_words_at_once_agree_to_one_wording(site: World) -> None:
    rename(site)
    sent = ticked(site)
    answers = at_once([lambda at=at: site.sign(email=f"p{at}@example.org", **sent) for at in range(8)])  # type: ignore[misc]  # a default binds the loop's value
    assert {answer.status_code for answer in answers} == {200}
    assert len(agreed_to(site)) == 8
    assert (len(set(agreed_to(site))), numbers(site)) == (1, [1, 2])


def test_who_confirms_reads_the_words_that_were_ticked(site: World) -> None:
    rename(site)
    sign_by(site, "a@example.org")
    site.run_worker()
    assert TODAY in site.client.get(site.mailer.link("a@example.org", "/confirm/")).text


def test_the_desk_shows_what_stands_there_today_and_saves_no_version_for_it_twice(simple: World) -> None:
    with simple.reading() as session:
        partner = session.scalars(select(PartnerWording.partner_id)).one()
    rename(simple)
    page = simple.desk().get(f"/desk{PAGE}/partners/{partner}").text
    assert (TODAY in page, BEFORE in page) == (True, False)
    sign_by(simple, "a@example.org")
    change_partner(simple, partner)
    assert numbers(simple) == [1, 2]


def test_back_under_the_old_name_the_old_words_stand_again(site: World) -> None:
    first = offered(site)
    rename(site)
    sign_by(site, "a@example.org")
    rename(site, "Hub Workers")
    assert offered(site).mark == first.mark
    site.clock.move(seconds=1)
    sign_by(site, "b@example.org")
    assert [TODAY in each for each in agreed_to(site)] == [True, False]
    assert numbers(site) == [1, 2]
