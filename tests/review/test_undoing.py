"""Undoing a decision where another one has been made since."""

from uuid import UUID

from campaigns.review import operations
from campaigns.review.rules import Decision, Rule, Step
from campaigns.signatures.queries import Count
from campaigns.signatures.rules import Review
from tests.make import World
from tests.review.make import ask, count, decide, found, signed, standing, step, work_off

BOTS = Rule(review=Review.CLEAR, domain="catch-all.example")


def decide_alone(world: World, signature_id: UUID, *decisions: Decision) -> list[UUID]:
    """Decide on one signature, some time after what was decided before."""
    actions = []
    for decision in decisions:
        world.clock.move(minutes=1)
        with world.work() as session:
            campaign_id = world.campaign().id
            actions.append(
                operations.decide_one(session, campaign_id, signature_id, decision, actor="t", now=world.clock())
            )
    return actions


def undo(world: World, action_id: UUID) -> None:
    world.clock.move(minutes=1)
    step(world, action_id, Step.UNDO)
    work_off(world, action_id)


def test_undo_leaves_alone_whom_a_later_decision_rejected_once_more(world: World) -> None:
    world.publish()
    ids = signed(world, 3, domain="catch-all.example")
    action_id = decide(world, Decision.REJECT, BOTS)
    decide_alone(world, ids[0], Decision.RELEASE, Decision.REJECT)
    undo(world, action_id)
    assert found(world, action_id).restored == 2
    assert standing(world, ids[:1]) == {ids[0]: ("confirmed", "rejected")}
    assert count(world) == Count(2, 2)


def test_a_later_decision_that_was_undone_itself_keeps_nobody_from_an_undo(world: World) -> None:
    world.publish()
    (one,) = signed(world, 1, domain="catch-all.example")
    action_id = decide(world, Decision.REJECT, BOTS)
    later = decide_alone(world, one, Decision.RELEASE, Decision.REJECT)
    for each in (*reversed(later), action_id):
        undo(world, each)
    assert standing(world) == {one: ("confirmed", "clear")}


def test_later_is_what_was_applied_later_not_what_was_asked_for_later(world: World) -> None:
    world.publish()
    (one,) = signed(world, 1, domain="catch-all.example")
    action_id = ask(world, Decision.REJECT, BOTS)
    work_off(world, action_id)
    decide_alone(world, one, Decision.HOLD)
    world.clock.move(minutes=1)
    step(world, action_id, Step.APPLY)
    work_off(world, action_id)
    undo(world, action_id)
    assert standing(world) == {one: ("confirmed", "held")}
