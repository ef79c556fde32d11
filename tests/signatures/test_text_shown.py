"""Nobody signs what they did not see: the form says which text it stood under."""

from typing import Any

import pytest
from sqlalchemy import func, select

from campaigns.campaign import operations as campaigns
from campaigns.campaign.models import PetitionVersion
from campaigns.campaign.rules import Demand
from campaigns.signatures import operations
from campaigns.signatures.forms import SignForm
from campaigns.signatures.models import Signature
from campaigns.signatures.operations import SignFields, TextChanged
from campaigns.signatures.rules import Visibility
from tests.make import SIGN, World, petition

OTHER = (Demand("Rescind all twelve write-ups", ""),)
MARIA = SignFields(
    name="Maria", email="m@example.org", town="", postcode="", country="US", visibility=Visibility.PUBLIC,
    comment="", updates=False,
)  # fmt: skip


def mark(world: World, path: str = "/campaigns/rescind/sign") -> str:
    """What the form carries unseen."""
    return world.see(path).text.partition('name="version" value="')[2].partition('"')[0]


def change(world: World, **changes: Any) -> None:
    with world.work() as session:
        campaigns.change(session, "rescind", petition(**changes), actor="test", now=world.clock())


def how_many(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(Signature)) or 0


@pytest.mark.parametrize("is_frozen", [True, False])
@pytest.mark.parametrize(
    "changes", [{"demands": OTHER}, {"headline": "Rescind the write-ups now"}, {"organisation": "Data Brokers"}]
)
def test_a_text_that_changed_meanwhile_is_shown_again_before_anything_is_signed(
    world: World, changes: dict[str, Any], is_frozen: bool
) -> None:
    world.publish()
    seen = mark(world)
    if is_frozen:
        world.sign(email="first@example.org")
    before = how_many(world)
    change(world, **changes)
    answer = world.sign(version=seen, comment="For Jo.")
    assert answer.status_code == 409
    assert "The text has changed since you opened the page." in answer.text
    assert 'value="Maria Ortiz"' in answer.text
    assert "For Jo." in answer.text
    assert how_many(world) == before
    again = answer.text.partition('name="version" value="')[2].partition('"')[0]
    assert again == mark(world) != seen
    assert world.sign(version=again).status_code == 200
    assert how_many(world) == before + 1


def test_what_else_changes_asks_nobody_again(sqlite_world: World) -> None:
    sqlite_world.publish()
    seen = mark(sqlite_world)
    change(sqlite_world, story="Something happened since.", goal=500)
    assert sqlite_world.sign(version=seen).status_code == 200


def test_both_pages_with_the_form_carry_the_same_mark(sqlite_world: World) -> None:
    sqlite_world.publish()
    assert mark(sqlite_world) == mark(sqlite_world, "/campaigns/rescind") == sqlite_world.campaign().text_mark


def test_a_form_that_says_nothing_is_taken_at_its_word(sqlite_world: World) -> None:
    sqlite_world.publish()
    assert "version" not in SIGN
    assert sqlite_world.sign().status_code == 200


@pytest.mark.parametrize("sent", ["0", "9-00000000", "x" * 5000, "1-\x00"])
def test_a_made_up_mark_shows_the_form_again(sqlite_world: World, sent: str) -> None:
    sqlite_world.publish()
    assert sqlite_world.sign(version=sent).status_code == 409
    assert how_many(sqlite_world) == 0


def test_a_form_that_is_newer_than_what_is_kept_for_a_moment_signs_what_it_showed(sqlite_world: World) -> None:
    """The facts that a busy door keeps are half a second old; the page was rendered after the change."""
    sqlite_world.publish()
    sqlite_world.sign(email="first@example.org")
    browser = sqlite_world.client
    browser.get("/campaigns/rescind/count.json")  # now the old text is kept
    change(sqlite_world, demands=OTHER)
    sqlite_world.clock.move(seconds=1)
    answer = browser.post("/campaigns/rescind/sign", data=SIGN | {"version": sqlite_world.campaign().text_mark})
    assert answer.status_code == 200
    with sqlite_world.reading() as session:
        signed = select(PetitionVersion.demands).join(Signature, Signature.version_id == PetitionVersion.id)
        texts = session.scalars(signed.order_by(Signature.created_at, Signature.id)).all()
    assert texts[-1] == [["Rescind all twelve write-ups", ""]]


def test_the_first_signature_freezes_no_text_that_was_saved_over_the_one_shown(world: World) -> None:
    world.publish()
    shown = world.campaign()
    change(world, demands=OTHER)
    with pytest.raises(TextChanged), world.work() as session:
        operations.sign(session, shown, MARIA, now=world.clock())
    assert how_many(world) == 0
    assert not world.campaign().version_frozen
    with world.work() as session:
        operations.sign(session, world.campaign(), MARIA, now=world.clock())
    assert how_many(world) == 1


def test_the_first_signature_freezes_no_text_under_a_consent_that_was_saved_over_the_one_shown(world: World) -> None:
    """Until then who is asked may change: whoever signs in that moment would be handed to somebody else."""
    world.publish()
    shown = world.campaign()
    change(world, target_name="Regional Management")
    with pytest.raises(TextChanged), world.work() as session:
        operations.sign(session, shown, MARIA, now=world.clock())
    assert how_many(world) == 0
    assert not world.campaign().version_frozen


def test_a_form_made_without_a_campaign_carries_no_mark() -> None:
    assert SignForm.text_mark == ""
