"""What rules keep of somebody who is erased."""

import pytest
from sqlalchemy import select

from campaigns.review.models import ReviewAction
from campaigns.review.queries import email_hash, rule_from_text
from campaigns.review.rules import Decision, Phase, Rule
from tests.make import SIGN, World, petition
from tests.review.make import ask, found, work_off
from tests.supporters.pages import OwnPage


def counted_out(world: World, rule: Rule) -> None:
    work_off(world, ask(world, Decision.HOLD, rule))


def rules_kept(world: World) -> list[Rule]:
    with world.reading() as session:
        kept = session.scalars(select(ReviewAction.rule).order_by(ReviewAction.id)).all()
    return [rule_from_text(each) for each in kept]


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        (Rule(review=None, name="maria ortiz", place="Hebron"), Rule(review=None, name="*", place="Hebron")),
        (Rule(review=None, name="*ortiz", domain="example.org"), Rule(review=None, name="*", domain="example.org")),
        (Rule(review=None, name="Zoe*"), Rule(review=None, name="Zoe*")),
        (Rule(review=None, domain="example.org"), Rule(review=None, domain="example.org")),
        (Rule(review=None, source="canteen"), Rule(review=None, source="canteen")),
    ],
)
def test_a_rule_loses_the_name_that_it_was_looking_for_and_nothing_else(
    sqlite_world: World, rule: Rule, left: Rule
) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm(visibility="counted")
    counted_out(sqlite_world, rule)
    OwnPage.asked(sqlite_world).post("erase")
    assert rules_kept(sqlite_world) == [left]


def test_a_rule_of_a_campaign_that_they_never_signed_speaks_of_somebody_else_unless_it_has_their_address(
    sqlite_world: World,
) -> None:
    sqlite_world.publish()
    named, addressed = Rule(review=None, name="Maria*"), Rule(review=None, email_hash=email_hash(SIGN["email"]))
    for rule in (named, addressed):
        sqlite_world.clock.move(seconds=1)
        counted_out(sqlite_world, rule)
    sqlite_world.publish(petition(slug="other"))
    sqlite_world.sign_and_confirm("other")
    OwnPage.asked(sqlite_world).post("erase")
    first, second = rules_kept(sqlite_world)
    assert first == named
    assert second.email_hash not in ("", addressed.email_hash)


def test_a_rule_that_is_still_being_counted_is_cancelled_before_it_means_everybody(world: World) -> None:
    world.publish()
    world.sign_and_confirm(email="ana@example.org", name="Ana First", visibility="public")
    world.sign_and_confirm()
    page = OwnPage.asked(world)
    action_id = ask(world, Decision.REJECT, Rule(review=None, name="Maria*"))
    page.post("erase")
    work_off(world, action_id)
    assert (found(world, action_id).phase, found(world, action_id).matched) == (Phase.CANCELLED, 0)
