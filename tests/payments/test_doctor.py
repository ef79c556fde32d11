"""Each question of the doctor is seen answered well, and badly once."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from campaigns.kernel.money import Money
from campaigns.kernel.ports import RemoteEndpoint
from campaigns.payments.doctor import Doctor, Line
from campaigns.payments.rules import EVENTS, SUBJECTS
from tests.donations.make import Story
from tests.make import World, appeal

OURS = "http://localhost/webhooks/stripe"
HOOK = RemoteEndpoint(OURS, is_enabled=True, livemode=False, api_version="2026-10-28.endive", events=tuple(EVENTS))
NAMES = [
    "mode", "account", "clock", "endpoint", "events", "version", "last event", "sweep", "work", "parked", "suspense",
    "mirrors", "transactions", "balance",
]  # fmt: skip


@pytest.fixture
def story(sqlite_world: World) -> Story:
    """A site with a gift, swept, and nothing wrong."""
    sqlite_world.publish(appeal())
    story = Story(sqlite_world)
    story.world.checkout.hooks = [HOOK]
    story.world.pay(story.world.give())
    story.sweep(minutes=20)
    return story


def examined(story: Story) -> dict[str, Line]:
    world = story.world
    lines = Doctor(world.reading, world.checkout, world.clock, False, OURS).examine()
    assert len({line.name for line in lines}) == len(lines)
    return {line.name: line for line in lines}


def run(story: Story, sql: str) -> None:
    with story.world.engine.begin() as connection:
        connection.execute(text(sql))


def with_hooks(*hooks: RemoteEndpoint) -> Callable[[Story], None]:
    return lambda story: setattr(story.world.checkout, "hooks", list(hooks))


def with_sql(sql: str) -> Callable[[Story], None]:
    return lambda story: run(story, sql)


def later(**by: float) -> Callable[[Story], None]:
    def move(story: Story) -> None:
        story.world.clock.move(**by)

    return move


def _silent_door(story: Story) -> None:
    session_id = story.world.give()
    story.world.clock.move(hours=2)
    story.world.checkout.pay(session_id)
    story.sweep()


def _odd_fee(story: Story) -> None:
    story.world.checkout.move("stripe_fee", -200)
    story.sweep(minutes=20)


def _unheard_money(story: Story) -> None:
    story.world.checkout.booked.pop()


def _unbooked_for_days(story: Story) -> None:
    story.world.checkout.move("stripe_fee", -200)
    story.world.clock.move(hours=25)


def _other_net(story: Story) -> None:
    booked = story.world.checkout.booked
    other = replace(booked[0].movement, net=Money(1, "USD"))
    booked[0] = replace(booked[0], movement=other)


def _late_settlement(story: Story) -> None:
    run(story, "UPDATE payment SET is_settled = false, paid_at = '2026-05-01 00:00:00'")


BREAKS: list[tuple[str, Callable[[Story], None]]] = [
    ("account", lambda story: setattr(story.world.checkout, "own_id", "acct_of_somebody")),
    ("clock", lambda story: setattr(story.world.checkout, "clock_error", -61)),
    ("endpoint", with_hooks()),
    ("endpoint", with_hooks(HOOK, HOOK)),
    ("endpoint", with_hooks(replace(HOOK, url="http://localhost/hooks"))),
    ("endpoint", with_hooks(replace(HOOK, livemode=True))),
    ("endpoint", with_hooks(replace(HOOK, is_enabled=False))),
    ("events", with_hooks(replace(HOOK, events=tuple(EVENTS - {"refund.failed"})))),
    ("version", with_hooks(replace(HOOK, api_version=None))),
    ("version", with_hooks(replace(HOOK, api_version="2020-08-27"))),
    ("last event", _silent_door),
    ("last event", with_sql("DELETE FROM payment_event")),
    ("sweep", later(minutes=31)),
    ("sweep", with_sql("DELETE FROM payment_fact WHERE name = 'movements'")),
    ("work", with_sql("UPDATE outbox_item SET state = 'failed' WHERE kind = 'payments.sync'")),
    ("work", with_sql("UPDATE outbox_item SET state = 'due', created_at = '2026-05-01 00:00:00'")),
    ("parked", with_sql("UPDATE payment SET state = 'parked'")),
    ("suspense", _odd_fee),
    ("mirrors", _late_settlement),
    ("transactions", _unbooked_for_days),
    ("transactions", _other_net),
    ("balance", _unheard_money),
]


def test_where_all_is_well_every_line_says_so(story: Story) -> None:
    lines = examined(story)
    assert list(lines) == NAMES
    assert [str(line) for line in lines.values() if not line.is_well] == []


def test_an_endpoint_for_every_event_is_as_good(story: Story) -> None:
    story.world.checkout.hooks = [replace(HOOK, events=("*",))]
    assert examined(story)["events"].is_well


@pytest.mark.parametrize(("name", "spoil"), BREAKS, ids=[f"{number}-{name}" for number, (name, _) in enumerate(BREAKS)])
def test_what_is_wrong_is_said_on_its_line(story: Story, name: str, spoil: Callable[[Story], None]) -> None:
    spoil(story)
    assert not examined(story)[name].is_well


def test_a_live_key_beside_test_settings_is_wrong(story: Story) -> None:
    world = story.world
    lines = Doctor(world.reading, world.checkout, world.clock, True, OURS).examine()
    assert [line.is_well for line in lines if line.name == "mode"] == [False]


def test_a_provider_that_is_away_is_said_and_our_own_side_is_examined_all_the_same(story: Story) -> None:
    story.world.checkout.is_away = True
    lines = Doctor(story.world.reading, story.world.checkout, story.world.clock, False, OURS).examine()
    assert {line.name for line in lines if not line.is_well} == {"provider"}
    assert "sweep" in {line.name for line in lines}


def test_money_that_was_listed_and_is_not_booked_yet_is_no_difference(story: Story) -> None:
    story.world.checkout.move("stripe_fee", -200)
    assert examined(story)["balance"].is_well


def test_the_command_prints_a_line_each_and_fails_where_something_is_wrong(story: Story) -> None:
    runner = story.world.app.test_cli_runner()
    well = runner.invoke(args=["payments", "doctor"])
    assert (well.exit_code, len(well.output.splitlines())) == (0, len(NAMES)), well.output
    story.world.checkout.hooks = []
    ill = runner.invoke(args=["payments", "doctor"])
    assert ill.exit_code == 1
    assert "WRONG endpoint" in ill.output


def test_every_event_asked_for_leads_to_something_we_sync() -> None:
    names = {"charge.dispute": "dispute", "customer.subscription": "subscription"}
    kinds = {event.rpartition(".")[0] for event in EVENTS}
    subjects = {names.get(kind, kind) for kind in kinds}
    assert subjects == SUBJECTS
