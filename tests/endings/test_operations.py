"""Close, reopen, answer, win: by hand, by the deadline, by two at once."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlalchemy import func, select

from campaigns.audit.models import AuditRecord
from campaigns.campaign import operations as campaigns
from campaigns.campaign.operations import CampaignFields, EndsElsewhere, NoSuchCampaign
from campaigns.campaign.queries import CampaignFacts
from campaigns.endings import jobs, operations, queries
from campaigns.endings.operations import (
    AnswerChanged,
    AnswerFields,
    NoSuchList,
    NotPublished,
    PassedAlready,
    PromisedShorter,
)
from campaigns.endings.rules import Answer
from campaigns.kernel.errors import Refusal
from campaigns.timeline import operations as timeline
from campaigns.timeline import queries as timelines
from campaigns.timeline.queries import Entry
from campaigns.timeline.rules import Kind
from tests.make import World, a_world, at_once, petition

DAY = date(2026, 5, 4)
SAID = AnswerFields(answered_on=DAY, answered_by="Hub Management", text="We will **look** into it.", seen=0)


def entries(world: World, slug: str = "rescind") -> list[Entry]:
    with world.reading() as session:
        return timelines.every(session, world.campaign(slug).id).entries


def kinds(world: World) -> list[str]:
    """What happened, the oldest first."""
    return [entry.kind.value for entry in reversed(entries(world))]


def published(world: World, fields: CampaignFields | None = None) -> CampaignFacts:
    """Publish a moment ago: what happens within one millisecond has no order."""
    campaign = world.publish(fields)
    world.clock.move(seconds=1)
    return campaign


def close(world: World) -> Answer:
    with world.work() as session:
        return operations.close(session, "rescind", actor="test", now=world.clock())


def reopen(world: World, deadline: datetime | None = None) -> Answer:
    with world.work() as session:
        now = world.clock() + timedelta(milliseconds=5)
        return operations.reopen(session, "rescind", deadline, actor="test", now=now)


def record(world: World, fields: AnswerFields = SAID) -> Answer:
    with world.work() as session:
        return operations.record_answer(session, "rescind", fields, actor="test", now=world.clock())


def win(world: World) -> Answer:
    with world.work() as session:
        return operations.win(session, "rescind", DAY, "All eleven are rescinded.", actor="test", now=world.clock())


def take_back(world: World) -> Answer:
    with world.work() as session:
        return operations.take_back_win(session, "rescind", actor="test", now=world.clock())


def acts(world: World) -> Sequence[str]:
    with world.reading() as session:
        return session.scalars(select(AuditRecord.act).order_by(AuditRecord.at, AuditRecord.id)).all()


def test_closing_ends_the_signing_at_once_and_reopening_lets_people_sign(world: World) -> None:
    published(world)
    assert close(world) is Answer.DONE
    assert world.sign().status_code == 410
    world.clock.move(minutes=1)
    assert reopen(world) is Answer.DONE
    assert world.sign().status_code == 200
    assert world.campaign().deadline is None
    assert kinds(world) == ["published", "closed", "reopened"]
    assert acts(world)[2:] == ["petition.closed", "petition.reopened"]


def test_a_mail_under_way_at_the_closing_may_be_answered_for_a_day(world: World) -> None:
    published(world)
    world.sign()
    world.sign(email="late@example.org")
    close(world)
    world.clock.move(hours=23)
    assert world.confirm().status_code == 200
    world.clock.move(hours=1)
    assert world.confirm("late@example.org").status_code == 404


def test_reopening_takes_a_new_deadline_and_none_that_has_passed(sqlite_world: World) -> None:
    published(sqlite_world)
    close(sqlite_world)
    with pytest.raises(PassedAlready):
        reopen(sqlite_world, sqlite_world.clock())
    sqlite_world.clock.move(seconds=1)
    until = sqlite_world.clock() + timedelta(days=10)
    assert reopen(sqlite_world, until) is Answer.DONE
    assert sqlite_world.campaign().deadline == until
    assert entries(sqlite_world)[0].facts == {"deadline": "2026-05-14"}


def test_a_deadline_that_passes_is_written_down_once_with_its_own_day(world: World) -> None:
    published(world, petition(deadline=world.clock() + timedelta(days=2), zone="Asia/Tokyo"))
    world.run_worker()
    assert kinds(world) == ["published"]
    world.clock.move(days=5)
    world.run_worker()
    world.clock.move(minutes=2)
    world.run_worker()
    assert kinds(world) == ["published", "closed"]
    assert entries(world)[0].day == date(2026, 5, 7)  # in Tokyo it was past midnight
    reopen(world)
    assert kinds(world) == ["published", "closed", "reopened"]


def test_reopening_before_the_job_came_by_keeps_that_it_had_closed(sqlite_world: World) -> None:
    published(sqlite_world, petition(deadline=sqlite_world.clock() + timedelta(days=2)))
    sqlite_world.clock.move(days=3)
    reopen(sqlite_world)
    assert kinds(sqlite_world) == ["published", "closed", "reopened"]


@pytest.mark.parametrize("act", [close, win, record])
def test_of_two_organizers_at_once_one_does_it_and_the_other_finds_it_done(world: World, act: object) -> None:
    published(world)
    assert callable(act)
    answers = at_once([lambda: act(world)] * 4)
    assert sorted(answers) == sorted([Answer.DONE, *[Answer.STANDS] * 3])
    assert len(entries(world)) == 2


def test_closing_and_reopening_at_once_end_in_one_of_both_and_the_timeline_agrees(world: World) -> None:
    published(world)
    at_once([lambda: close(world), lambda: reopen(world)])
    told = kinds(world)
    assert told in (["published", "closed"], ["published", "closed", "reopened"])
    assert (world.campaign().deadline is None) == (told[-1] == "reopened")


def test_an_answer_that_is_corrected_keeps_its_earlier_words(world: World) -> None:
    published(world)
    assert record(world) is Answer.DONE
    assert record(world) is Answer.STANDS  # sent twice
    world.clock.move(days=1)
    other = replace(SAID, text="We will not.", seen=1)
    assert record(world, other) is Answer.CORRECTED
    with world.reading() as session:
        found = queries.answers(session, world.campaign().id)
    assert [(answer.number, answer.text) for answer in found] == [(2, "We will not."), (1, SAID.text)]
    assert kinds(world) == ["published", "answered", "answer_corrected"]


def test_nobody_writes_over_an_answer_they_have_not_read(sqlite_world: World) -> None:
    published(sqlite_world)
    record(sqlite_world)
    with pytest.raises(AnswerChanged):
        record(sqlite_world, replace(SAID, text="They said no.", seen=0))


def test_a_win_can_be_taken_back_and_both_are_told(sqlite_world: World) -> None:
    published(sqlite_world)
    assert take_back(sqlite_world) is Answer.STANDS
    assert win(sqlite_world) is Answer.DONE
    assert sqlite_world.campaign().is_won
    assert win(sqlite_world) is Answer.STANDS
    sqlite_world.clock.move(hours=1)
    assert take_back(sqlite_world) is Answer.DONE
    assert not sqlite_world.campaign().is_won
    assert kinds(sqlite_world) == ["published", "won", "not_won"]


@pytest.mark.parametrize("act", [close, reopen, record, win, take_back])
def test_nothing_of_this_is_done_to_a_draft(sqlite_world: World, act: object) -> None:
    with sqlite_world.work() as session:
        campaigns.create(session, petition(), actor="test", now=sqlite_world.clock())
    assert callable(act)
    with pytest.raises(NotPublished):
        act(sqlite_world)
    assert entries(sqlite_world) == []


def test_what_is_not_there_is_not_closed(sqlite_world: World) -> None:
    with pytest.raises(NoSuchCampaign):
        close(sqlite_world)


# The deadline on the form of the whole campaign


def edit(world: World, deadline: datetime | None) -> None:
    with world.work() as session:
        campaigns.change(session, "rescind", petition(deadline=deadline), actor="test", now=world.clock())


@pytest.mark.parametrize("away", [timedelta(0), timedelta(days=-1)])
def test_the_form_of_the_campaign_does_not_close_a_petition(sqlite_world: World, away: timedelta) -> None:
    published(sqlite_world)
    with pytest.raises(EndsElsewhere):
        edit(sqlite_world, sqlite_world.clock() + away)


@pytest.mark.parametrize("deadline", [None, datetime(2027, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)])
def test_the_form_of_the_campaign_does_not_reopen_a_petition(sqlite_world: World, deadline: datetime | None) -> None:
    published(sqlite_world)
    close(sqlite_world)
    with pytest.raises(EndsElsewhere):
        edit(sqlite_world, deadline)


def test_saving_a_closed_petition_keeps_the_second_it_closed_at(sqlite_world: World) -> None:
    published(sqlite_world)
    sqlite_world.clock.move(seconds=42.5)
    close(sqlite_world)
    closed = sqlite_world.campaign().deadline
    assert closed == sqlite_world.clock()
    edit(sqlite_world, closed.replace(second=0, microsecond=0))
    assert sqlite_world.campaign().deadline == closed


# The timeline


def write(world: World, words: str, day: date = DAY) -> None:
    with world.work() as session:
        operations.write_entry(session, "rescind", day, words, actor="test", now=world.clock())


def test_an_entry_sent_twice_is_one_and_stands_again_after_it_was_hidden(world: World) -> None:
    published(world)
    for _ in range(2):
        write(world, "Forty of us walked in together.")
    assert kinds(world) == ["published", "note"]
    entry = entries(world)[0]
    for is_hidden in (True, True, False, True):
        with world.work() as session:
            timeline.hide(session, world.campaign().id, entry.id, hidden=is_hidden, actor="test", now=world.clock())
        assert entries(world)[0].is_hidden is is_hidden
    with world.reading() as session:
        assert [each.kind for each in timelines.shown(session, world.campaign().id).entries] == [Kind.PUBLISHED]
    write(world, "Forty of us walked in together.")
    assert not entries(world)[0].is_hidden


def test_an_entry_of_another_campaign_is_not_hidden_from_here(sqlite_world: World) -> None:
    published(sqlite_world)
    other = published(sqlite_world, petition(slug="other"))
    entry = entries(sqlite_world)[0]
    with sqlite_world.work() as session:
        found = timeline.hide(session, other.id, entry.id, hidden=True, actor="test", now=sqlite_world.clock())
    assert not found
    assert not entries(sqlite_world)[0].is_hidden


def test_only_a_list_that_was_made_is_handed_over(sqlite_world: World) -> None:
    published(sqlite_world)
    with sqlite_world.work() as session, pytest.raises(NoSuchList):
        operations.note_handing_over(session, "rescind", 1, DAY, "Ms. Ortega", actor="test", now=sqlite_world.clock())
    assert kinds(sqlite_world) == ["published"]


def test_goals_are_told_once_and_only_the_highest_of_those_passed_at_once(world: World) -> None:
    published(world, petition(goal=1))
    world.sign_and_confirm()
    world.clock.move(minutes=2)
    world.run_worker()
    world.clock.move(minutes=2)
    with world.work() as session:
        assert jobs.notice(session, world.clock()) == 0
    assert [entry.facts for entry in entries(world) if entry.kind is Kind.GOAL] == [{"goal": 1}]


def test_a_correction_of_a_signed_text_is_told_and_none_of_an_unsigned_one(sqlite_world: World) -> None:
    published(sqlite_world)
    for headline in ("First", "Second"):
        with sqlite_world.work() as session:
            campaigns.change(session, "rescind", petition(headline=headline), actor="test", now=sqlite_world.clock())
        sqlite_world.sign()
    assert [entry.facts for entry in entries(sqlite_world) if entry.kind is Kind.CORRECTED] == [{"version": 2}]


# How long what was typed is kept


def keep(world: World, days: int) -> Answer:
    with world.work() as session:
        return operations.keep_for(session, "rescind", days, actor="test", now=world.clock())


def test_who_signs_agrees_to_the_time_that_stands_and_it_can_only_be_shortened_after(sqlite_world: World) -> None:
    published(sqlite_world)
    assert "180 days after the last list" in sqlite_world.campaign().consent
    assert keep(sqlite_world, 365) is Answer.DONE
    assert "365 days after the last list" in sqlite_world.campaign().consent
    sqlite_world.sign()
    with pytest.raises(PromisedShorter):
        keep(sqlite_world, 366)
    assert keep(sqlite_world, 60) is Answer.DONE
    assert keep(sqlite_world, 60) is Answer.STANDS
    assert "60 days after the last list" in sqlite_world.campaign().consent


# Any history


class Endings(RuleBasedStateMachine):
    """Whatever organizers do in whatever order: the last of the timeline agrees with how the petition stands."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.slug = self._fresh()

    def _fresh(self) -> str:
        with self.world.reading() as session:
            number = session.scalar(select(func.count()).select_from(AuditRecord)) or 0
        return published(self.world, petition(slug=f"history-{number}")).slug

    def _act(self, act: object, *arguments: object) -> None:
        assert callable(act)
        self.world.clock.move(minutes=1)
        with suppress(Refusal), self.world.work() as session:
            act(session, self.slug, *arguments, actor="test", now=self.world.clock())
        self._agrees()

    @rule()
    def close(self) -> None:
        self._act(operations.close)

    @rule(days=st.none() | st.integers(-2, 3))
    def reopen(self, days: int | None) -> None:
        self._act(operations.reopen, None if days is None else self.world.clock() + timedelta(days=days))

    @rule()
    def win(self) -> None:
        self._act(operations.win, DAY, "Won.")

    @rule()
    def take_back(self) -> None:
        self._act(operations.take_back_win)

    @rule(seen=st.integers(0, 2), text=st.sampled_from(["Yes.", "No."]))
    def answer(self, seen: int, text: str) -> None:
        self._act(operations.record_answer, replace(SAID, text=text, seen=seen))

    @rule(days=st.integers(0, 2))
    def time_passes(self, days: int) -> None:
        self.world.clock.move(days=days)
        self.world.run_worker()
        self._agrees()

    def _agrees(self) -> None:
        campaign = self.world.campaign(self.slug)
        with self.world.reading() as session:
            found = sorted(timelines.every(session, campaign.id).entries, key=lambda entry: entry.id)
            answers = queries.answers(session, campaign.id)
        wins = [entry.kind is Kind.WON for entry in found if entry.kind in (Kind.WON, Kind.NOT_WON)]
        assert wins == [place % 2 == 0 for place in range(len(wins))]
        assert campaign.is_won == bool(wins and wins[-1])
        assert len(answers) == sum(entry.kind in (Kind.ANSWERED, Kind.ANSWER_CORRECTED) for entry in found)
        ends = [entry.kind for entry in found if entry.kind in (Kind.CLOSED, Kind.REOPENED)]
        assert all(now is not then for now, then in pairwise(ends))
        if ends and ends[-1] is Kind.CLOSED:
            assert campaign.state == "closed"


def test_any_history_leaves_a_timeline_that_agrees_with_the_petition(sqlite_template: Path, tmp_path: Path) -> None:
    with a_world(sqlite_template, tmp_path) as world:
        machine = type("OneWorld", (Endings,), {"world": world})
        case = machine.TestCase
        case.settings = settings(
            max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        )
        case().runTest()
