"""Counting and forgetting."""

from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from campaigns.campaign.rules import UNCONFIRMED_KEPT
from campaigns.signatures import jobs, queries
from campaigns.signatures.models import CountChange, Signature, SignatureCount
from campaigns.signatures.queries import Count
from campaigns.signatures.rules import Review, Visibility
from tests.make import SIGN, World, at_once, petition

FUNCTION_FIXTURE = HealthCheck.function_scoped_fixture
numbers = count(1)

people = st.sampled_from(["ana@example.org", "bo@example.org", "chi@example.org"])
acts = st.one_of(
    st.tuples(st.just("sign"), people, st.sampled_from(Visibility)),
    st.tuples(st.just("confirm"), people, st.none()),
    st.tuples(st.just("confirm an old link"), people, st.none()),
    st.tuples(st.just("count"), st.none(), st.none()),
)


def gather(world: World) -> int:
    with world.work() as session:
        return jobs.gather_counts(session)


def forget(world: World) -> int:
    with world.work() as session:
        return jobs.forget_unconfirmed(session, world.clock())


def how_many(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(Signature)) or 0


@settings(max_examples=8, deadline=None, suppress_health_check=[FUNCTION_FIXTURE])
@given(st.lists(acts, max_size=12))
def test_whatever_people_do_the_count_is_what_counting_rows_gives(
    world: World, history: list[tuple[str, str | None, Visibility | None]]
) -> None:
    slug = f"history-{next(numbers)}"
    campaign = world.publish(petition(slug=slug))
    links: dict[str, list[str]] = {}
    for act, email, visibility in history:
        _perform(world, slug, act, email or "", visibility, links)
    gather(world)
    with world.reading() as session:
        assert queries.count_of(session, campaign.id) == queries.recount(session, campaign.id)


def _perform(
    world: World, slug: str, act: str, email: str, visibility: Visibility | None, links: dict[str, list[str]]
) -> None:
    if act == "sign":
        assert world.sign(slug, email=email, visibility=str(visibility)).status_code == 200
        world.app.extensions["undersigned.worker"]("mails").drain()
        links.setdefault(email, []).append(world.mailer.link(email, "/confirm/"))
    elif act == "count":
        gather(world)
    elif email in links:
        which = -1 if act == "confirm" else 0
        assert world.client.post(links[email][which]).status_code in (200, 404)


def test_the_count_follows_when_the_worker_has_run(world: World) -> None:
    campaign = world.publish()
    world.sign(visibility="public")
    world.run_worker()
    world.client.post(world.mailer.link(SIGN["email"], "/confirm/"))
    with world.reading() as session:
        assert queries.count_of(session, campaign.id) == Count(0, 0)
    world.run_worker()
    with world.reading() as session:
        assert queries.count_of(session, campaign.id) == Count(1, 1)
    assert world.client.get("/campaigns/rescind/count.json").json == {"total": 1, "online": 1, "paper": 0}


@pytest.mark.parametrize(("visibility", "public"), [("public", 1), ("delivered", 0), ("counted", 0)])
def test_everybody_counts_and_the_public_are_counted_apart(sqlite_world: World, visibility: str, public: int) -> None:
    campaign = sqlite_world.publish()
    sqlite_world.sign_and_confirm(visibility=visibility)
    with sqlite_world.reading() as session:
        counted = queries.count_of(session, campaign.id)
    assert counted == Count(1, public)
    assert counted.withheld == 1 - public


def test_workers_that_count_at_once_lose_and_double_nothing(world: World) -> None:
    campaign = world.publish()
    other = world.publish(petition(slug="other"))
    with world.work() as session:
        for number in range(60):
            session.add(CountChange(campaign_id=(campaign, other)[number % 2].id, total=1, public=number % 3 == 0))
    gathered = at_once([lambda: gather(world)] * 6)
    assert sum(gathered) == 60
    with world.reading() as session:
        sums = session.execute(select(func.sum(SignatureCount.total), func.sum(SignatureCount.public))).one()
        assert session.scalar(select(func.count()).select_from(CountChange)) == 0
    assert tuple(sums) == (60, 20)


def test_a_count_that_breaks_off_is_taken_up_whole(world: World) -> None:
    campaign = world.publish()
    with world.work() as session:
        session.add(CountChange(campaign_id=campaign.id, total=1, public=0))
    with suppress(RuntimeError), world.work() as session:
        jobs.gather_counts(session)
        raise RuntimeError("killed before the commit")
    assert gather(world) == 1
    with world.reading() as session:
        assert queries.count_of(session, campaign.id).total == 1


# Forgetting


def test_what_nobody_confirmed_is_forgotten_after_thirty_days(world: World) -> None:
    world.publish()
    world.sign(email="late@example.org")
    world.sign_and_confirm(email="kept@example.org")
    with world.reading() as session:
        signed_at = session.scalar(select(func.min(Signature.created_at)))
    assert signed_at is not None
    world.clock.now = signed_at + UNCONFIRMED_KEPT
    assert forget(world) == 0
    world.clock.move(seconds=1)
    assert forget(world) == 1
    assert forget(world) == 0
    assert how_many(world) == 1


def test_forgetting_happens_by_itself(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    sqlite_world.run_worker()
    sqlite_world.clock.move(days=30, hours=1)
    sqlite_world.run_worker()
    assert how_many(sqlite_world) == 0
    assert sqlite_world.client.get(sqlite_world.mailer.link(SIGN["email"], "/confirm/")).status_code == 404


def test_whoever_signs_again_is_kept_from_the_newest_signing(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    sqlite_world.clock.move(days=20)
    sqlite_world.sign()
    sqlite_world.clock.move(days=20)
    assert forget(sqlite_world) == 0
    sqlite_world.clock.move(days=11)
    assert forget(sqlite_world) == 1


def test_a_signature_under_review_is_forgotten_like_any_other_unconfirmed_one(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    with sqlite_world.work() as session:
        session.execute(update(Signature).values(review=Review.HELD.value))
    sqlite_world.clock.move(days=31)
    assert forget(sqlite_world) == 1


def test_the_time_of_keeping_is_the_one_that_was_agreed_to(sqlite_world: World) -> None:
    campaign = sqlite_world.publish()
    assert f"deleted after {UNCONFIRMED_KEPT.days} days" in campaign.consent
    assert timedelta(days=30) == UNCONFIRMED_KEPT
