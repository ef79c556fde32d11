"""Every standing of a petition × every act has a named answer."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign.rules import GOALS
from campaigns.endings import rules
from campaigns.endings.rules import Act, Answer, Stage, Standing

NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)
STANDINGS = [Standing(*each) for each in product(Stage, (False, True), (False, True))]
# What is expected by stage; won and answered decide for the acts that are left out.
BY_STAGE = {
    (Stage.OPEN, Act.CLOSE): Answer.DONE,
    (Stage.CLOSED, Act.CLOSE): Answer.STANDS,
    (Stage.ANONYMISED, Act.CLOSE): Answer.STANDS,
    (Stage.OPEN, Act.REOPEN): Answer.STANDS,
    (Stage.CLOSED, Act.REOPEN): Answer.DONE,
    (Stage.ANONYMISED, Act.REOPEN): Answer.NAMES_DELETED,
    (Stage.DRAFT, Act.KEEP_FOR): Answer.DONE,
    (Stage.OPEN, Act.KEEP_FOR): Answer.DONE,
    (Stage.CLOSED, Act.KEEP_FOR): Answer.DONE,
    (Stage.ANONYMISED, Act.KEEP_FOR): Answer.NAMES_DELETED,
    **{(stage, Act.WRITE_ENTRY): Answer.DONE for stage in (Stage.OPEN, Stage.CLOSED, Stage.ANONYMISED)},
    **{(Stage.DRAFT, act): Answer.NOT_PUBLISHED for act in Act if act is not Act.KEEP_FOR},
}


def expected(standing: Standing, act: Act) -> Answer:
    if (standing.stage, act) in BY_STAGE:
        return BY_STAGE[standing.stage, act]
    if act is Act.RECORD_ANSWER:
        return Answer.CORRECTED if standing.is_answered else Answer.DONE
    return Answer.DONE if standing.is_won is (act is Act.TAKE_BACK_WIN) else Answer.STANDS


@pytest.mark.parametrize(("standing", "act"), [*product(STANDINGS, Act)])
def test_every_standing_and_act_has_the_answer_that_is_named_for_it(standing: Standing, act: Act) -> None:
    assert rules.answer(standing, act) is expected(standing, act)


@pytest.mark.parametrize("standing", STANDINGS)
def test_what_is_done_once_stands_the_second_time(standing: Standing) -> None:
    after = {
        Act.CLOSE: Standing(Stage.CLOSED, standing.is_won, standing.is_answered),
        Act.REOPEN: Standing(Stage.OPEN, standing.is_won, standing.is_answered),
        Act.WIN: Standing(standing.stage, True, standing.is_answered),
        Act.TAKE_BACK_WIN: Standing(standing.stage, False, standing.is_answered),
    }
    for act, then in after.items():
        if rules.answer(standing, act) is Answer.DONE:
            assert rules.answer(then, act) is Answer.STANDS


@pytest.mark.parametrize(
    ("published", "deadline", "since", "stage"),
    [
        (False, None, None, Stage.DRAFT),
        (False, NOW - timedelta(days=1), None, Stage.DRAFT),
        (True, None, None, Stage.OPEN),
        (True, NOW + timedelta(seconds=1), None, Stage.OPEN),
        (True, NOW, None, Stage.CLOSED),
        (True, NOW - timedelta(days=300), NOW, Stage.ANONYMISED),
    ],
)
def test_how_far_a_petition_has_come(
    published: bool, deadline: datetime | None, since: datetime | None, stage: Stage
) -> None:
    assert rules.stage(published=published, deadline=deadline, anonymising_since=since, now=NOW) is stage


@pytest.mark.parametrize(
    ("days", "is_signed", "may"),
    [
        (180, True, True), (179, True, True), (181, True, False), (181, False, True),
        (29, False, False), (30, True, True), (730, False, True), (731, False, False), (0, False, False),
        (-1, False, False),
    ],
)  # fmt: skip
def test_names_are_kept_no_longer_than_those_who_signed_were_told(days: int, is_signed: bool, may: bool) -> None:
    assert rules.may_keep_for(days, 180, is_signed=is_signed) is may


@given(st.integers(0, 3_000_000), st.integers(1, 3_000_000))
def test_the_last_goal_is_reached_and_no_higher_step_is(total: int, goal: int) -> None:
    last = rules.last_goal(total, goal)
    if last is None:
        assert total < goal
    else:
        assert goal <= last <= total
        assert not [step for step in GOALS if last < step <= total]
