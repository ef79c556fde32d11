"""An organizer's own hold, beside whatever speaks against a signature by itself."""

import pytest
from sqlalchemy import select

from campaigns.review.rules import Decision, Rule
from campaigns.signatures import checks
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Review
from tests.make import SIGN, World
from tests.review.make import count, decide
from tests.review.test_undoing import decide_alone, undo
from tests.signatures.test_checks import set_row
from tests.signatures.test_confirming import confirm_link


def the_row(world: World) -> Signature:
    with world.reading() as session:
        return session.scalars(select(Signature)).one()


def standing(world: World) -> tuple[str, str]:
    row = the_row(world)
    return row.review, row.held_because


def sign_anew(world: World) -> None:
    world.clock.move(minutes=2)
    world.sign()


@pytest.fixture
def site(world: World) -> World:
    """One signature waits for its mail."""
    world.publish()
    world.sign()
    return world


@pytest.mark.parametrize("codes", ["", "trap", "disposable", "unproven", "disposable trap"])
def test_an_own_hold_stays_whatever_spoke_against_it_before(site: World, codes: str) -> None:
    """Released from what the machine said, then held by a person: a clean form and an answered mail undo neither."""
    set_row(site, review="clear", held_because=codes)
    decide_alone(site, the_row(site).id, Decision.HOLD)
    held = standing(site)
    assert held == ("held", " ".join(sorted([*codes.split(), "organizer"])))
    sign_anew(site)
    assert standing(site) == held
    site.client.post(confirm_link(site))
    assert standing(site) == held
    assert count(site).total == 0


@pytest.mark.parametrize("by_rule", [False, True])
def test_what_the_machine_holds_can_be_held_by_a_person_too(site: World, by_rule: bool) -> None:
    set_row(site, review="held", held_because="unproven")
    if by_rule:
        site.clock.move(minutes=1)
        decide(site, Decision.HOLD, Rule(review=Review.HELD))
    else:
        decide_alone(site, the_row(site).id, Decision.HOLD)
    site.client.post(confirm_link(site))
    assert standing(site) == ("held", "organizer unproven")
    assert count(site).total == 0


def test_taking_the_own_hold_back_leaves_what_the_machine_said(site: World) -> None:
    set_row(site, review="held", held_because="unproven")
    (hold,) = decide_alone(site, the_row(site).id, Decision.HOLD)
    undo(site, hold)
    assert standing(site) == ("held", "unproven")
    site.client.post(confirm_link(site))
    assert standing(site) == ("clear", "unproven")
    assert count(site).total == 1


def test_undoing_a_release_gives_the_own_hold_back(site: World) -> None:
    set_row(site, review="held", held_because="trap")
    _, release = decide_alone(site, the_row(site).id, Decision.HOLD, Decision.RELEASE)
    assert the_row(site).review == "clear"
    undo(site, release)
    sign_anew(site)
    assert standing(site) == ("held", "organizer trap")


def test_whom_an_organizer_released_the_machine_holds_without_them(site: World) -> None:
    row = the_row(site)
    decide_alone(site, row.id, Decision.HOLD, Decision.RELEASE)
    with site.work() as session:
        checks._hold(session, Signature.__table__.c.id == row.id, checks.Reason.UNPROVEN)
    assert standing(site) == ("held", "unproven")


def test_the_desk_says_by_whom_it_is_held_and_offers_to_keep_it_so(site: World) -> None:
    set_row(site, review="held", held_because="trap")
    desk = site.desk()
    before = desk.get("/desk/campaigns/rescind/review/").text
    assert 'value="hold"' in before
    decide_alone(site, the_row(site).id, Decision.HOLD)
    after = desk.get("/desk/campaigns/rescind/review/").text
    assert "An organizer holds it" in after
    assert 'value="hold"' not in after.partition("<tbody")[2].partition("</tbody")[0]
    decide_alone(site, the_row(site).id, Decision.RELEASE)
    found = site.desk().post("/desk/campaigns/rescind/review/person", data={"email": SIGN["email"]})
    assert "An organizer holds it" not in found.text.partition("<dl")[2].partition("</dl>")[0]
