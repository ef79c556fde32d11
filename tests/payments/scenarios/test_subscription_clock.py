"""Scenario 38 against the stand-in's movable clock: the real adapter asks, and a year of months goes by."""

import calendar
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from campaigns.factory import Vendors, create_app
from campaigns.kernel.money import Money
from campaigns.ledger import checks, queries
from campaigns.recurring import queries as standing
from campaigns.recurring.flows import Recurring
from campaigns.recurring.queries import Monthly
from sandbox.stripe import app as stripe_app
from sandbox.stripe import cards
from sandbox.stripe.account import Account
from tests.donations.make import MARIA
from tests.make import GIVE, World, appeal, settings
from tests.sandbox import story
from tests.sandbox.driving import visit
from tests.sandbox.story import Stage

NOON = {"hour": 12, "minute": 0, "second": 0, "microsecond": 0}
THIRTY = Money(3000, "USD")


@dataclass
class Year:
    """A site in front of the stand-in. No webhook comes by itself: `hear` lets them come, shuffled and doubled."""

    world: World
    app: Flask
    stage: Stage
    chance: random.Random
    heard: int = 0

    @property
    def account(self) -> Account:
        return self.stage.rig.account

    @property
    def recurring(self) -> Recurring:
        found: Recurring = self.app.extensions["undersigned.recurring"]
        return found

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.account.now(), UTC)

    def move_to(self, moment: datetime) -> None:
        stripe_app.move_clock(self.account, int((moment - self.now()).total_seconds()))

    def begin(self, card: str = cards.GOOD.last4) -> str:
        answer = self.app.test_client().post("/campaigns/rescind/donate", data=GIVE | {"frequency": "monthly"})
        assert answer.status_code == 303, answer.text
        assert visit(answer.headers["Location"], {"do": "pay", "card": card}).status == 303
        self.hear()
        found = self.account.store.find("subscription", limit=1)
        return str(found[0]["id"])

    def hear(self) -> None:
        """Let every event since the last time come twice, in no order."""
        events = list(reversed(self.account.store.find("event")))[self.heard :]
        self.heard += len(events)
        doubled = [*events, *events]
        self.chance.shuffle(doubled)
        for event in doubled:
            thing = event["data"]["object"]
            self.recurring.sync_subject(thing["object"], thing["id"])
        self.run_worker()

    def run_worker(self) -> None:
        worker = self.app.extensions["undersigned.worker"]("test")
        while worker.drain():
            continue

    def monthly(self, remote_id: str) -> Monthly:
        with self.world.reading() as session:
            found = standing.of_remote(session, remote_id)
        assert found is not None
        return found

    def press(self, act: str, **data: str) -> Any:
        path = self.world.mailer.link(MARIA, "/monthly/manage/")
        answer = self.app.test_client().post(f"{path}/{act}", data=data)
        self.run_worker()
        return answer

    def given(self) -> Money:
        with self.world.reading() as session:
            return queries.figures_of(session, self.world.ask().fund.id, "USD").given

    def charged(self) -> Money:
        """What the stand-in has charged for invoices."""
        paid = [invoice for invoice in self.account.store.find("invoice") if invoice["status"] == "paid"]
        return Money(sum(invoice["amount_paid"] for invoice in paid), "USD")

    def move_to_january(self, *, is_leap: bool) -> datetime:
        """Move to noon of the next 31 January of a leap year, or of another year, and return it."""
        years = (self.now().year + ahead for ahead in range(1, 9))
        day = datetime(next(each for each in years if calendar.isleap(each) is is_leap), 1, 31, 12, tzinfo=UTC)
        self.move_to(day)
        return day

    def days(self) -> list[str]:
        """The days on which the card was charged, the oldest first."""
        moments = sorted(invoice["created"] for invoice in self.account.store.find("invoice"))
        return [datetime.fromtimestamp(moment, UTC).strftime("%m-%d %H") for moment in moments]

    def prove(self) -> None:
        with self.world.reading() as session:
            assert checks.verify(session) == []
        assert self.given() == self.charged()


@pytest.fixture(params=[0, 1], ids=lambda seed: f"seed {seed}")
def year(sqlite_world: World, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Year]:
    sqlite_world.publish(appeal())
    with story.stage(tmp_path / "stand-in") as stage:
        account = stage.rig.account
        vendors = Vendors(
            checkout=stage.checkout, subscriptions=stage.subscriptions, mailer=sqlite_world.mailer,
            engine=sqlite_world.engine, clock=lambda: datetime.fromtimestamp(account.now(), UTC),
        )  # fmt: skip
        app = create_app(settings(str(sqlite_world.engine.url), tmp_path), vendors)
        yield Year(sqlite_world, app, stage, random.Random(request.param))


def test_scenario_38_begun_on_the_31st_each_month_is_one_gift_through_february_and_summer_time(year: Year) -> None:
    """A leap year; the clocks go forward in March and back in October where the giver lives."""
    begun = year.move_to_january(is_leap=True)
    subscription_id = year.begin()
    for month in range(2, 13):
        year.move_to(begun.replace(month=month, day=28) + timedelta(days=4))
        year.hear()
    assert year.days() == [
        "01-31 12", "02-29 12", "03-31 12", "04-30 12", "05-31 12", "06-30 12", "07-31 12", "08-31 12", "09-30 12",
        "10-31 12", "11-30 12", "12-31 12",
    ]  # fmt: skip
    assert year.given() == Money(12 * 3000, "USD")
    assert len(year.world.mailer.to(MARIA)) == 12
    end = year.monthly(subscription_id).period_end
    assert end
    assert (end.year, end.month, end.day, end.hour) == (begun.year + 1, 1, 31, 12)
    year.prove()


def test_scenario_38_without_any_event_the_sweep_books_the_same(year: Year) -> None:
    begun = year.move_to_january(is_leap=False)
    year.begin()
    for month in range(2, 6):
        year.move_to(begun.replace(month=month, day=28) + timedelta(days=4))
        year.recurring.sweep()
    assert year.days() == ["01-31 12", "02-28 12", "03-31 12", "04-30 12", "05-31 12"]
    year.prove()


def test_scenario_38_a_card_that_fails_is_replaced_in_the_portal_and_the_month_is_paid(year: Year) -> None:
    subscription_id = year.begin(cards.FAILS_LATER)
    year.move_to(year.now() + timedelta(days=32))
    year.hear()
    assert year.monthly(subscription_id).state == "past_due"
    assert "Your card was declined: Jo Hill and the hub" in [mail.subject for mail in year.world.mailer.to(MARIA)]
    portal = year.press("card").headers["Location"]
    assert visit(f"{portal}/{subscription_id}", {"do": "card", "card": cards.GOOD.last4}).status == 303
    year.hear()
    assert year.monthly(subscription_id).state == "active"
    assert year.given() == THIRTY + THIRTY
    year.prove()


def test_scenario_38_a_card_that_goes_on_failing_ends_it(year: Year) -> None:
    subscription_id = year.begin(cards.FAILS_LATER)
    year.move_to(year.now() + timedelta(days=45))
    year.hear()
    assert year.monthly(subscription_id).state == "ended"
    assert year.given() == THIRTY
    year.prove()


def test_scenario_38_amount_changed_paused_resumed_and_cancelled(year: Year) -> None:
    subscription_id = year.begin()
    assert year.press("amount", amount="45").status_code == 303
    year.move_to(year.now() + timedelta(days=32))
    year.hear()
    assert year.given() == Money(7500, "USD")
    assert year.press("pause").status_code == 303
    year.move_to(year.now() + timedelta(days=62))
    year.hear()
    assert year.given() == Money(7500, "USD"), "months in between are not asked for"
    assert year.press("resume").status_code == 303
    year.move_to(year.now() + timedelta(days=31))
    year.hear()
    assert year.given() == Money(12000, "USD")
    assert year.press("cancel").status_code == 303
    assert year.monthly(subscription_id).state == "ended"
    year.move_to(year.now() + timedelta(days=62))
    year.hear()
    assert year.given() == Money(12000, "USD")
    year.prove()
