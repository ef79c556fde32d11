"""Judged after the request: who is held, who counts, and what no page tells."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from campaigns.abuse import operations as abuse
from campaigns.abuse.rules import DAY_LIMIT, SHORT_LIMIT, Traces
from campaigns.signatures import checks, operations, queries
from campaigns.signatures.models import Signature
from campaigns.signatures.operations import SignFields
from campaigns.signatures.rules import Review, State, Visibility
from tests.make import SIGN, World

PLANT = "203.0.113.7"


def sign(world: World, address: str = PLANT, **changes: str) -> TestResponse:
    return world.client.post("/campaigns/rescind/sign", data=SIGN | changes, environ_base={"REMOTE_ADDR": address})


def judge(world: World) -> int:
    with world.work() as session:
        return checks.judge(session, world.clock())


def rows(world: World) -> list[Signature]:
    with world.reading() as session:
        return list(session.scalars(select(Signature).order_by(Signature.id)))


def reviews(world: World) -> list[tuple[str, str]]:
    return [(row.review, row.held_because) for row in rows(world)]


def counted(world: World) -> int:
    """The count, after the jobs have run; it is always what counting the rows gives."""
    for _ in range(2):  # what is held after the gathering is gathered the next time
        world.run_worker()
    with world.reading() as session:
        count = queries.count_of(session, world.campaign().id)
        assert count == queries.recount(session, world.campaign().id)
    return count.total


def crowd(world: World, number: int, domain: str = "", address: str = PLANT, **changes: str) -> None:
    """Let many sign from one address, each at a mail domain of their own or all at `domain`."""
    for each in range(number):
        world.clock.move(milliseconds=10)
        email = f"p{each}@{domain or f'home{each}.example'}"
        assert sign(world, address, email=email, **changes).status_code == 200


def confirm_all(world: World) -> None:
    world.run_worker()
    for email in {message.to for message in world.mailer.sent if "/confirm/" in message.text}:
        assert world.client.post(world.mailer.link(email, "/confirm/")).status_code == 200


# What speaks for itself


def test_an_ordinary_signature_is_clear_and_keeps_keys_alone(world: World) -> None:
    world.publish()
    sign(world)
    (row,) = rows(world)
    assert (row.review, row.held_because, row.judged_at) == ("clear", "", None)
    assert row.network_key
    assert row.domain_key
    assert row.proof is None
    assert judge(world) == 1
    assert judge(world) == 0
    assert reviews(world) == [("clear", "")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"homepage": "https://spam.example"}, "trap"), ({"email": "bot@mailinator.com"}, "disposable")],
)
def test_what_is_suspicious_is_held_and_gets_the_same_answer(world: World, changes: dict[str, str], code: str) -> None:
    world.publish()
    honest = sign(world, email="bot@example.org")
    world.clock.move(seconds=1)
    held = sign(world, **{"email": "other@example.org"} | changes)
    assert held.status_code == honest.status_code
    email = changes.get("email", "other@example.org")
    assert held.text.replace(email, "EMAIL") == honest.text.replace("bot@example.org", "EMAIL")
    assert reviews(world)[1] == ("held", code)
    world.run_worker()
    thanks = world.client.post(world.mailer.link(email, "/confirm/"))
    assert "being checked" in thanks.text
    for word in ("trap", "disposable", "spam", "network"):
        assert word not in thanks.text
    assert counted(world) == 0


# An address alone condemns nobody


def test_a_crowd_at_one_uncommon_domain_is_held_whole_and_leaves_the_count(world: World) -> None:
    world.publish()
    crowd(world, SHORT_LIMIT - 1, "catch-all.example", visibility="public")
    sign(world, email="neighbour@gmail.com")
    sign(world, "198.51.100.1", email="somebody@catch-all.example")
    confirm_all(world)
    assert counted(world) == SHORT_LIMIT + 1
    for email in ("one@catch-all.example", "more@catch-all.example"):
        sign(world, email=email)
    confirm_all(world)
    judge(world)
    held = [row for row in rows(world) if row.review == "held"]
    assert {row.held_because for row in held} == {"crowd"}
    assert {row.state for row in held} == {"confirmed"}
    assert len(held) == SHORT_LIMIT + 1
    assert counted(world) == 2  # the neighbour in the same network, and the domain's own from elsewhere


@pytest.mark.parametrize("real", [3, SHORT_LIMIT])
def test_made_up_addresses_at_the_unions_domain_take_nobody_from_the_count(world: World, real: int) -> None:
    """Somebody in the plant needs no mailbox to send forms in; what nobody answers speaks against nobody who did."""
    world.publish()
    crowd(world, real, "union.example")
    confirm_all(world)
    for each in range(SHORT_LIMIT + 1):
        sign(world, email=f"made-up{each}@union.example")
    assert counted(world) == real
    assert Counter(reviews(world)) == {("clear", ""): real, ("held", "crowd"): SHORT_LIMIT + 1}


def test_a_crowd_that_answers_its_mails_late_is_held_whole_too(world: World) -> None:
    world.publish()
    crowd(world, SHORT_LIMIT, "catch-all.example")
    confirm_all(world)
    assert counted(world) == SHORT_LIMIT
    sign(world, email="more@catch-all.example")
    world.clock.move(minutes=5)
    confirm_all(world)
    assert counted(world) == 0
    assert Counter(reviews(world)) == {("held", "crowd"): SHORT_LIMIT + 1}


def test_a_slow_crowd_is_noticed_by_the_day(sqlite_world: World) -> None:
    sqlite_world.publish()
    for each in range(DAY_LIMIT + 1):
        sqlite_world.clock.move(seconds=40)
        sign(sqlite_world, email=f"p{each}@catch-all.example")
    judge(sqlite_world)
    assert set(reviews(sqlite_world)) == {("held", "crowd")}


def until(world: World, hour: int, minute: int) -> None:
    """Wait for this time of day (UTC)."""
    moment = world.clock().replace(hour=hour, minute=minute, second=0)
    world.clock.now = moment + timedelta(days=moment < world.clock())


@pytest.mark.parametrize(("number", "apart"), [(SHORT_LIMIT, 5), (DAY_LIMIT, 40)], ids=["ten minutes", "a day"])
def test_a_crowd_does_not_begin_anew_at_midnight(world: World, number: int, apart: int) -> None:
    """Half of one too many before the keys of networks change, half after: held whole, both days of it."""
    world.publish()
    until(world, 0, 0)
    world.clock.move(seconds=-apart * (number // 2))
    for each in range(number + 1):
        sign(world, email=f"p{each}@catch-all.example")
        judge(world) if each % 40 == 0 else None
        world.clock.move(seconds=apart)
    assert len({row.network_key for row in rows(world)}) == 2
    sign(world, "198.51.100.1", email="elsewhere@catch-all.example")
    confirm_all(world)
    assert Counter(reviews(world)) == {("held", "crowd"): number + 1, ("clear", ""): 1}
    assert counted(world) == 1


def test_a_day_is_a_day_long_and_no_longer(sqlite_world: World) -> None:
    sqlite_world.publish()
    for hour, minute in ((20, 0), (21, 0)):
        until(sqlite_world, hour, minute)
        for each in range(DAY_LIMIT - 10):
            sqlite_world.clock.move(seconds=40)
            sign(sqlite_world, email=f"p{hour}{each}@catch-all.example")
        judge(sqlite_world)
        sqlite_world.clock.move(hours=1)
    assert set(reviews(sqlite_world)) == {("clear", "")}


def test_a_crowd_does_not_hide_behind_many_names_below_one_domain(world: World) -> None:
    """Whoever holds a domain has as many names below it as they like: two mailboxes at each of sixty are one crowd."""
    world.publish()
    for each in range(DAY_LIMIT + 20):
        world.clock.move(seconds=40)
        sign(world, email=f"p{each}@s{each % 60}.catch-all.example")
    sign(world, email="neighbour@home.example")
    judge(world)
    assert Counter(reviews(world)) == {("held", "crowd"): DAY_LIMIT + 20, ("clear", ""): 1}


def test_strangers_below_what_a_registry_sells_are_no_crowd(sqlite_world: World) -> None:
    sqlite_world.publish()
    for each in range(SHORT_LIMIT + 5):
        sign(sqlite_world, email=f"p@shop{each}.co.uk")
    judge(sqlite_world)
    assert set(reviews(sqlite_world)) == {("clear", "")}


def test_a_network_that_somebody_vouches_for_makes_no_crowd(world: World) -> None:
    world.publish()
    with world.work() as session:
        abuse.vouch(session, PLANT, "The plant's Wi-Fi", actor="test", now=world.clock())
    crowd(world, SHORT_LIMIT + 5, "union.example")
    judge(world)
    assert set(reviews(world)) == {("clear", "")}


def test_our_own_proxy_makes_no_crowd(sqlite_world: World) -> None:
    """Where TRUSTED_PROXIES was forgotten, everybody seems to come from one address of the machine room."""
    sqlite_world.publish()
    crowd(sqlite_world, SHORT_LIMIT + 5, "union.example", "127.0.0.1")
    judge(sqlite_world)
    assert set(reviews(sqlite_world)) == {("clear", "")}
    assert {row.network_key for row in rows(sqlite_world)} == {None}


def test_whom_an_organizer_released_is_not_held_again_by_the_same_crowd(sqlite_world: World) -> None:
    sqlite_world.publish()
    crowd(sqlite_world, SHORT_LIMIT + 1, "union.example")
    judge(sqlite_world)
    with sqlite_world.work() as session:
        session.execute(update(Signature).values(review=Review.CLEAR.value))
    sqlite_world.clock.move(seconds=1)
    sign(sqlite_world, email="late@union.example")
    judge(sqlite_world)
    assert [review for review, _ in reviews(sqlite_world)] == ["clear"] * (SHORT_LIMIT + 1) + ["held"]


def test_keys_of_networks_are_forgotten_after_two_days(world: World) -> None:
    world.publish()
    sign(world)
    judge(world)
    world.clock.move(days=2, seconds=1)
    with world.work() as session:
        checks.forget_networks(session, world.clock())
    (row,) = rows(world)
    assert row.network_key is None
    assert row.domain_key is not None


# Proof of work: what a missing or reused one does


def sign_with(world: World, traces: Traces, email: str) -> None:
    fields = SignFields(
        name="Maria Ortiz", email=email, town="Hebron", postcode="", country="US", visibility=Visibility.PUBLIC,
        comment="", updates=False,
    )  # fmt: skip
    with world.work() as session:
        operations.sign(session, world.campaign(), fields, now=world.clock(), traces=traces)


def test_without_a_proof_the_mailbox_answers_for_the_person(world: World) -> None:
    world.publish()
    sign_with(world, Traces(unproven=True), "nojs@example.org")
    assert reviews(world) == [("held", "unproven")]
    world.run_worker()
    thanks = world.client.post(world.mailer.link("nojs@example.org", "/confirm/"))
    assert "Your signature counts" in thanks.text
    assert counted(world) == 1
    assert reviews(world) == [("clear", "unproven")]


def test_without_a_proof_and_with_something_else_against_it_it_stays_held(world: World) -> None:
    world.publish()
    sign_with(world, Traces(unproven=True, trapped=True), "nojs@example.org")
    world.run_worker()
    thanks = world.client.post(world.mailer.link("nojs@example.org", "/confirm/"))
    assert "being checked" in thanks.text
    assert counted(world) == 0


def test_a_proof_that_is_handed_in_twice_proves_one(world: World) -> None:
    world.publish()
    for each in range(3):
        sign_with(world, Traces(proof=b"the same"), f"p{each}@example.org")
    judge(world)
    assert [review for review, _ in reviews(world)] == ["clear", "held", "held"]
    confirm_all(world)
    assert counted(world) == 3


# Signing anew


def set_row(world: World, **values: str) -> None:
    with world.work() as session:
        session.execute(update(Signature).values(**values))


@pytest.mark.parametrize(
    ("before", "because", "state", "after"),
    [
        (Review.CLEAR, "", State.PENDING, ("clear", "")),
        (Review.CLEAR, "crowd", State.PENDING, ("clear", "")),  # an organizer has released it
        (Review.HELD, "", State.PENDING, ("held", "")),
        (Review.HELD, "", State.WITHDRAWN, ("held", "")),
        (Review.HELD, "crowd", State.PENDING, ("held", "crowd")),
        (Review.HELD, "crowd trap", State.WITHDRAWN, ("held", "crowd trap")),
        (Review.HELD, "again", State.PENDING, ("held", "again")),
        (Review.HELD, "disposable trap", State.PENDING, ("clear", "")),
        (Review.HELD, "unproven", State.PENDING, ("clear", "")),
        (Review.REJECTED, "", State.PENDING, ("held", "again")),
        (Review.REJECTED, "", State.WITHDRAWN, ("held", "again")),
        (Review.CLEAR, "", State.WITHDRAWN, ("clear", "")),
        (Review.REJECTED, "", State.CONFIRMED, ("rejected", "")),
    ],
)
def test_whoever_was_rejected_or_held_by_a_person_or_a_crowd_is_not_clear_by_signing_anew(
    world: World, before: Review, because: str, state: State, after: tuple[str, str]
) -> None:
    world.publish()
    sign(world)
    set_row(world, review=before.value, held_because=because, state=state.value)
    world.clock.move(minutes=1)
    sign(world)
    assert reviews(world) == [after]


def test_an_organizers_hold_is_not_shaken_off_by_the_bait_and_a_clean_form_after_it(world: World) -> None:
    world.publish()
    sign(world)
    set_row(world, review="held")
    for changes in ({"homepage": "https://spam.example"}, {}):
        world.clock.move(minutes=1)
        sign(world, **changes)
    assert reviews(world) == [("held", "")]
    confirm_all(world)
    assert counted(world) == 0


def test_a_proof_used_twice_does_not_let_an_organizers_hold_be_settled_by_confirming(world: World) -> None:
    world.publish()
    sign_with(world, Traces(proof=b"the same"), "first@example.org")
    judge(world)
    sign_with(world, Traces(), "held@example.org")
    set_row(world, review="held")
    world.clock.move(minutes=1)
    sign_with(world, Traces(proof=b"the same"), "held@example.org")
    judge(world)
    confirm_all(world)
    assert counted(world) == 0


def test_what_was_signed_over_is_judged_anew(sqlite_world: World) -> None:
    sqlite_world.publish()
    sign(sqlite_world)
    assert judge(sqlite_world) == 1
    sqlite_world.clock.move(minutes=1)
    sign(sqlite_world)
    assert judge(sqlite_world) == 1


def test_held_between_reading_and_confirming_it_is_not_counted(world: World) -> None:
    """What the row says when it is confirmed decides, not what was read before."""
    world.publish()
    sign(world)
    world.run_worker()
    secret = world.mailer.link(SIGN["email"], "/confirm/").rpartition("/")[2]
    with world.work() as session:
        session.execute(update(Signature).values(review=Review.HELD.value, held_because="trap"))
        assert operations.confirm(session, secret, now=world.clock()).review is Review.HELD
    assert counted(world) == 0
