"""Decisions by rule: preview, batches, cancel, undo; and the count that follows."""

import threading
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update

from campaigns.abuse.rules import Reason
from campaigns.audit.models import AuditRecord
from campaigns.kernel.ids import row_id
from campaigns.outbox.models import OutboxItem
from campaigns.review import operations
from campaigns.review.models import ReviewAction, ReviewChange
from campaigns.review.operations import NoSuchAction, NoSuchSignature, TooLate, TooWide
from campaigns.review.queries import email_hash, rule_from_text, rule_to_text
from campaigns.review.rules import Decision, Phase, Rule, Step
from campaigns.signatures.models import Signature
from campaigns.signatures.queries import Count
from campaigns.signatures.rules import Review, State
from tests.make import World, at_once, petition
from tests.review.make import advance, ask, count, decide, found, gather, signed, standing, step, work_off

ALL_CLEAR = Rule(review=Review.CLEAR, domain="example.org")
BOTS = Rule(review=Review.CLEAR, domain="catch-all.example")


def set_rows(world: World, ids: list[UUID], **values: str) -> None:
    with world.work() as session:
        session.execute(update(Signature).where(Signature.id.in_(ids)).values(**values))


# Preview


def test_a_preview_counts_and_changes_nothing(world: World) -> None:
    world.publish()
    signed(world, 12, domain="catch-all.example")
    signed(world, 5)
    before = standing(world)
    action_id = ask(world, Decision.REJECT, BOTS)
    work_off(world, action_id, batch=5)
    action = found(world, action_id)
    assert (action.phase, action.looked, action.matched, action.changed) == (Phase.READY, 17, 12, 0)
    assert standing(world) == before
    assert count(world) == Count(17, 17)


def test_a_preview_counts_nobody_who_has_withdrawn(world: World) -> None:
    world.publish()
    signed(world, 3, review="held", held_because="trap")
    signed(world, 5, review="held", held_because="trap", state="withdrawn")
    action_id = decide(world, Decision.RELEASE, Rule())
    action = found(world, action_id)
    assert (action.to_look, action.matched, action.changed) == (3, 3, 3)


def test_only_those_are_changed_who_were_counted_first(world: World) -> None:
    world.publish()
    signed(world, 3, domain="catch-all.example")
    action_id = ask(world, Decision.REJECT, BOTS)
    work_off(world, action_id)
    world.clock.move(minutes=1)
    signed(world, 2, domain="catch-all.example")
    step(world, action_id, Step.APPLY)
    work_off(world, action_id)
    assert found(world, action_id).changed == 3
    assert count(world).total == 2


def test_who_signs_while_it_is_counted_is_not_looked_at(sqlite_world: World) -> None:
    sqlite_world.publish()
    signed(sqlite_world, 3, domain="catch-all.example")
    action_id = ask(sqlite_world, Decision.REJECT, BOTS)
    advance(sqlite_world, action_id, batch=2)
    sqlite_world.clock.move(minutes=1)
    signed(sqlite_world, 2, domain="catch-all.example")
    work_off(sqlite_world, action_id, batch=2)
    assert found(sqlite_world, action_id).matched == 3


def test_all_that_are_clear_or_rejected_cannot_be_meant_together(sqlite_world: World) -> None:
    sqlite_world.publish()
    for review in (Review.CLEAR, Review.REJECTED, None):
        with pytest.raises(TooWide):
            ask(sqlite_world, Decision.REJECT, Rule(review=review))
    ask(sqlite_world, Decision.RELEASE, Rule(review=Review.HELD))


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        (Rule(review=Review.CLEAR, name="ana*"), {"Ana"}),
        (Rule(review=Review.CLEAR, place="Berlin"), {"Bo"}),
        (Rule(review=Review.CLEAR, place="DE"), {"Bo"}),
        (Rule(review=Review.CLEAR, domain="*.example"), {"Chi"}),
        (Rule(review=Review.CLEAR, source="canteen"), {"Bo", "Chi"}),
        (Rule(review=Review.CLEAR, source="can"), set()),
        (Rule(review=Review.CLEAR, source="canteen", domain="*.example"), {"Chi"}),
        (Rule(review=Review.CLEAR, email_hash="ana"), {"Ana"}),
        (Rule(review=Review.HELD, reason=Reason.TRAP), {"Dag"}),
        (Rule(review=Review.HELD), {"Dag", "Eli"}),
    ],
)
def test_each_kind_of_rule_finds_whom_it_means(sqlite_world: World, rule: Rule, names: set[str]) -> None:
    sqlite_world.publish()
    for name, changes in {
        "Ana": {"email": "ana@example.org"},
        "Bo": {"town": "Berlin", "country": "DE", "email": "bo@example.org", "source": "canteen"},
        "Chi": {"email": "chi@some.example", "source": "canteen"},
        "Dag": {"review": "held", "held_because": "crowd trap", "email": "dag@example.org"},
        "Eli": {"review": "held", "held_because": "crowd", "email": "eli@example.org"},
    }.items():
        signed(sqlite_world, 1, name=name, **changes)
    if rule.email_hash:
        rule = Rule(review=Review.CLEAR, email_hash=email_hash("ana@example.org"))
    action_id = ask(sqlite_world, Decision.RELEASE, rule)
    work_off(sqlite_world, action_id)
    with sqlite_world.reading() as session:
        of_action = select(ReviewChange.signature_id).where(ReviewChange.action_id == action_id)
        assert set(session.scalars(select(Signature.name).where(Signature.id.in_(of_action)))) == names


def test_a_time_window_holds_its_ends_apart(sqlite_world: World) -> None:
    sqlite_world.publish()
    begun = sqlite_world.clock()
    for _ in range(5):
        signed(sqlite_world, 1)
        sqlite_world.clock.move(minutes=10)
    window = Rule(review=Review.CLEAR, since=begun + timedelta(minutes=10), until=begun + timedelta(minutes=30))
    action_id = ask(sqlite_world, Decision.HOLD, window)
    work_off(sqlite_world, action_id)
    assert found(sqlite_world, action_id).matched == 3


def test_a_rule_is_kept_sealed_and_read_as_it_was_written(sqlite_world: World) -> None:
    sqlite_world.publish()
    now = sqlite_world.clock()
    rule = Rule(review=None, reason=Reason.AGAIN, name="Maria*", place="Hebron", since=now, until=now)
    assert rule_from_text(rule_to_text(rule)) == rule
    assert rule_from_text(rule_to_text(Rule())) == Rule()
    ask(sqlite_world, Decision.HOLD, rule)
    with sqlite_world.engine.connect() as connection:
        for table in ("review_action", "audit_record"):
            assert "Maria" not in repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())


# The count follows


def test_two_thousand_are_rejected_and_released_while_the_counting_job_runs(world: World) -> None:
    world.publish()
    signed(world, 2000, domain="catch-all.example")
    signed(world, 50, visibility="counted")
    assert count(world) == Count(2050, 2000)
    over = threading.Event()

    def count_all_the_while() -> int:
        rounds = 0
        while not over.is_set() or rounds < 3:
            gather(world)
            rounds += 1
        return rounds

    def reject_and_undo() -> int:
        try:
            action_id = decide(world, Decision.REJECT, BOTS)
            assert count(world) == Count(50, 0)
            step(world, action_id, Step.UNDO)
            work_off(world, action_id)
            return found(world, action_id).restored
        finally:
            over.set()

    assert at_once([reject_and_undo, count_all_the_while, count_all_the_while])[0] == 2000
    assert count(world) == Count(2050, 2000)


def test_confirming_meanwhile_is_counted_by_what_stands_there_in_the_end(world: World) -> None:
    world.publish()
    emails = [f"p{each}@catch-all.example" for each in range(20)]
    for email in emails:
        world.sign(email=email, visibility="public")
    world.app.extensions["undersigned.worker"]("mails").drain()
    links = [world.mailer.link(email, "/confirm/") for email in emails]
    action_id = ask(world, Decision.REJECT, BOTS)
    work_off(world, action_id)
    step(world, action_id, Step.APPLY)
    calls = [lambda link=link: world.client.post(link).status_code for link in links]  # type: ignore[misc]  # mypy cannot name a default's type
    at_once([*calls, lambda: work_off(world, action_id, batch=3), lambda: work_off(world, action_id, batch=3)])
    assert set(standing(world).values()) == {("confirmed", "rejected")}
    assert count(world) == Count(0, 0)
    step(world, action_id, Step.UNDO)
    work_off(world, action_id)
    assert count(world) == Count(20, 20)


# Cancel and undo


def mixed(world: World) -> list[UUID]:
    """Signatures of every state, review and visibility at one domain."""
    ids = []
    for state in State:
        for review in Review:
            for visibility in ("public", "counted"):
                ids += signed(
                    world, 2, domain="catch-all.example", state=state.value, review=review.value, visibility=visibility
                )
    return ids


@pytest.mark.parametrize("decision", Decision)
@pytest.mark.parametrize("review", Review)
def test_undo_gives_each_the_review_it_had(world: World, decision: Decision, review: Review) -> None:
    world.publish()
    mixed(world)
    before, told = standing(world), count(world)
    action_id = decide(world, decision, Rule(review=review, domain="catch-all.example"))
    count(world)
    if review is not decision.review:
        assert standing(world) != before
    step(world, action_id, Step.UNDO) if found(world, action_id).phase is Phase.DONE else None
    work_off(world, action_id, batch=3)
    assert standing(world) == before
    assert count(world) == told


def test_cancelling_in_the_middle_leaves_a_consistent_count_and_can_be_undone(world: World) -> None:
    world.publish()
    signed(world, 20, domain="catch-all.example")
    before = standing(world)
    action_id = ask(world, Decision.REJECT, BOTS)
    work_off(world, action_id)
    step(world, action_id, Step.APPLY)
    assert advance(world, action_id, batch=7)
    step(world, action_id, Step.CANCEL)
    assert not advance(world, action_id, batch=7)
    assert found(world, action_id).phase is Phase.CANCELLED
    assert count(world) == Count(13, 13)
    step(world, action_id, Step.UNDO)
    work_off(world, action_id)
    assert standing(world) == before
    assert count(world) == Count(20, 20)


def test_undo_leaves_alone_whom_a_later_decision_changed(world: World) -> None:
    world.publish()
    ids = signed(world, 3, domain="catch-all.example")
    action_id = decide(world, Decision.REJECT, BOTS)
    with world.work() as session:
        campaign_id = world.campaign().id
        operations.decide_one(session, campaign_id, ids[0], Decision.HOLD, actor="test", now=world.clock())
    step(world, action_id, Step.UNDO)
    work_off(world, action_id)
    action = found(world, action_id)
    assert (action.changed, action.restored) == (3, 2)
    assert sorted(review for _, review in standing(world).values()) == ["clear", "clear", "held"]
    assert count(world) == Count(2, 2)


def test_what_was_deleted_meanwhile_is_passed_over(world: World) -> None:
    world.publish()
    signed(world, 3, domain="catch-all.example", state="pending", confirmed_at=None)
    action_id = decide(world, Decision.REJECT, BOTS)
    with world.work() as session:
        session.execute(delete(Signature))
    step(world, action_id, Step.UNDO)
    work_off(world, action_id)
    assert (found(world, action_id).phase, found(world, action_id).restored) == (Phase.UNDONE, 0)


# Kills and double runs


class Killed(Exception):
    """The worker dies here."""


def test_a_worker_that_dies_in_any_batch_loses_and_doubles_nothing(world: World) -> None:
    world.publish()
    signed(world, 10, domain="catch-all.example")
    action_id = ask(world, Decision.REJECT, BOTS)

    def dying() -> None:
        with suppress(Killed), world.work() as session:
            operations.advance(session, action_id, now=world.clock(), batch=4)
            raise Killed

    for begin in (None, Step.APPLY, Step.UNDO):
        if begin:
            step(world, action_id, begin)
        dying()
        while advance(world, action_id, batch=4):
            dying()
    action = found(world, action_id)
    assert (action.looked, action.matched, action.done, action.changed, action.restored) == (10, 10, 10, 10, 10)
    assert count(world) == Count(10, 10)


def test_two_workers_at_one_action_do_it_once(world: World) -> None:
    world.publish()
    signed(world, 60, domain="catch-all.example")
    action_id = ask(world, Decision.REJECT, BOTS)
    for begin in (None, Step.APPLY, Step.UNDO):
        if begin:
            step(world, action_id, begin)
        at_once([lambda: work_off(world, action_id, batch=7)] * 3)
    action = found(world, action_id)
    assert (action.phase, action.matched, action.changed, action.restored) == (Phase.UNDONE, 60, 60, 60)
    assert count(world) == Count(60, 60)


def test_two_clicks_on_a_button_are_one(world: World) -> None:
    world.publish()
    signed(world, 3, domain="catch-all.example")
    action_id = ask(world, Decision.REJECT, BOTS)
    work_off(world, action_id)

    def click() -> str:
        try:
            step(world, action_id, Step.APPLY)
        except TooLate:
            return "too late"
        return "applied"

    assert sorted(at_once([click] * 4)) == ["applied", "too late", "too late", "too late"]
    with world.reading() as session:
        assert session.scalar(select(func.count()).where(OutboxItem.kind == operations.WORK_JOB)) == 2


def test_a_step_that_cannot_be_taken_is_refused(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.publish(petition(slug="other"))
    action_id = ask(sqlite_world, Decision.RELEASE, Rule())
    for impossible in (Step.APPLY, Step.UNDO):
        with pytest.raises(TooLate):
            step(sqlite_world, action_id, impossible)
    with pytest.raises(NoSuchAction):
        step(sqlite_world, row_id(sqlite_world.clock()), Step.CANCEL)
    other = sqlite_world.campaign("other").id
    with pytest.raises(NoSuchAction), sqlite_world.work() as session:
        operations.take_step(session, other, action_id, Step.CANCEL, actor="test", now=sqlite_world.clock())


# One signature


def test_one_signature_is_decided_on_at_once_and_can_be_undone(world: World) -> None:
    world.publish()
    (held,) = signed(world, 1, review="held", held_because="trap")
    with world.work() as session:
        action_id = operations.decide_one(
            session, world.campaign().id, held, Decision.RELEASE, actor="test", now=world.clock()
        )
    assert count(world) == Count(1, 1)
    step(world, action_id, Step.UNDO)
    work_off(world, action_id)
    assert standing(world) == {held: ("confirmed", "held")}
    assert count(world) == Count(0, 0)


def test_a_signature_of_another_campaign_is_not_decided_on(sqlite_world: World) -> None:
    sqlite_world.publish()
    other = sqlite_world.publish(petition(slug="other"))
    (one,) = signed(sqlite_world, 1)
    for campaign_id, signature_id in ((other.id, one), (sqlite_world.campaign().id, row_id(sqlite_world.clock()))):
        with pytest.raises(NoSuchSignature), sqlite_world.work() as session:
            operations.decide_one(
                session, campaign_id, signature_id, Decision.REJECT, actor="test", now=sqlite_world.clock()
            )


def test_each_step_stands_in_the_audit_trail_and_names_nobody(world: World) -> None:
    world.publish()
    signed(world, 2, domain="catch-all.example", name="Maria Ortiz")
    action_id = decide(world, Decision.REJECT, Rule(review=Review.CLEAR, name="Maria*"))
    step(world, action_id, Step.UNDO)
    work_off(world, action_id)
    with world.reading() as session:
        trail = session.scalars(select(AuditRecord).where(AuditRecord.subject == str(action_id))).all()
        assert session.scalars(select(ReviewAction.asked_by)).all() == ["test"]
    acts = sorted(record.act for record in trail)
    assert acts == sorted(f"review.{act}" for act in ("asked", "ready", "apply", "done", "undo", "undone"))
    assert "Maria" not in repr([record.facts for record in trail])
