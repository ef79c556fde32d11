"""Every state of a monthly payment and everything that may be seen of it has a named answer."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from campaigns.recurring.rules import (
    BEGINNING,
    LIVE,
    Act,
    Seen,
    State,
    expires_soon,
    is_overtaken,
    is_stale,
    may,
    next_state,
    page_seen,
    seen,
    told_of,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("state", "found"), list(product(State, Seen)))
def test_every_state_has_an_answer_to_everything_seen(state: State, found: Seen) -> None:
    after = next_state(state, found)
    if state is State.ENDED:
        assert after is State.ENDED
    elif found is Seen.UNKNOWN:
        assert after is state
    elif state in LIVE:
        assert after in (*LIVE, State.ENDED), "what lives does not go back to its beginning"
    if state in BEGINNING and found.value in {live.value for live in LIVE}:
        assert after.value == found.value


def test_a_page_that_closed_and_was_paid_in_its_last_second_is_paid() -> None:
    assert next_state(State.EXPIRED, Seen.ACTIVE) is State.ACTIVE
    assert next_state(State.EXPIRED, Seen.OPEN) is State.EXPIRED


@pytest.mark.parametrize(
    ("status", "is_paused", "found"),
    [
        ("active", False, Seen.ACTIVE), ("trialing", False, Seen.ACTIVE), ("active", True, Seen.PAUSED),
        ("past_due", False, Seen.PAST_DUE), ("unpaid", False, Seen.PAST_DUE), ("past_due", True, Seen.PAUSED),
        ("canceled", False, Seen.ENDED), ("canceled", True, Seen.ENDED), ("incomplete", False, Seen.OPEN),
        ("incomplete_expired", False, Seen.EXPIRED), ("paused", False, Seen.PAUSED), ("a new word", True, Seen.UNKNOWN),
    ],
)  # fmt: skip
def test_the_provider_s_words_are_read(status: str, is_paused: bool, found: Seen) -> None:
    assert seen(status, is_paused=is_paused) is found


@pytest.mark.parametrize(
    ("status", "found"), [("open", Seen.OPEN), ("expired", Seen.EXPIRED), ("complete", Seen.UNKNOWN)]
)
def test_a_page_that_is_complete_leaves_the_word_to_its_subscription(status: str, found: Seen) -> None:
    assert page_seen(status) is found


def test_an_answer_is_stale_where_a_later_question_is_answered() -> None:
    assert is_stale(NOON, NOON + timedelta(seconds=1))
    assert not is_stale(NOON, NOON)
    assert not is_stale(NOON, None)


ALLOWED = {
    Act.BEGIN: set(),
    Act.AMOUNT: {State.ACTIVE, State.PAST_DUE, State.PAUSED},
    Act.PAUSE: {State.ACTIVE, State.PAST_DUE},
    Act.RESUME: {State.PAUSED},
    Act.CANCEL: {State.ACTIVE, State.PAST_DUE, State.PAUSED},
}


@pytest.mark.parametrize(("act", "state"), list(product(Act, State)))
def test_an_act_is_allowed_only_where_it_makes_sense(act: Act, state: State) -> None:
    assert may(act, state) is (state in ALLOWED[act])


@pytest.mark.parametrize(
    ("act", "state", "waits", "allowed"),
    [
        (Act.PAUSE, State.PAUSED, [Act.RESUME], True), (Act.PAUSE, State.PAUSED, [Act.PAUSE], False),
        (Act.RESUME, State.ACTIVE, [Act.PAUSE], True), (Act.RESUME, State.ACTIVE, [Act.AMOUNT], False),
        (Act.RESUME, State.ENDED, [Act.PAUSE], False),
    ],
)  # fmt: skip
def test_what_waits_may_be_taken_back(act: Act, state: State, waits: list[Act], allowed: bool) -> None:
    assert may(act, state, waits) is allowed


@pytest.mark.parametrize(
    ("act", "later", "overtaken"),
    [
        (Act.AMOUNT, [], False), (Act.AMOUNT, [Act.AMOUNT], True), (Act.AMOUNT, [Act.PAUSE], False),
        (Act.PAUSE, [Act.RESUME], True), (Act.PAUSE, [Act.AMOUNT], False), (Act.RESUME, [Act.CANCEL], True),
        (Act.AMOUNT, [Act.CANCEL], True), (Act.CANCEL, [], False),
    ],
)  # fmt: skip
def test_what_is_asked_for_later_makes_the_older_void(act: Act, later: list[Act], overtaken: bool) -> None:
    assert is_overtaken(act, later) is overtaken


TOLD = {
    (State.ACTIVE, State.PAUSED): "paused",
    (State.PAST_DUE, State.PAUSED): "paused",
    (State.PAUSED, State.ACTIVE): "resumed",
    (State.PAUSED, State.PAST_DUE): "resumed",
    **{(before, State.ENDED): "ended" for before in LIVE},
}


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_only_a_change_of_what_lives_is_told_by_mail(before: State, after: State) -> None:
    assert told_of(before, after, unpaid=False) == TOLD.get((before, after), "")


def test_an_end_for_want_of_payment_is_told_as_one() -> None:
    assert told_of(State.PAST_DUE, State.ENDED, unpaid=True) == "ended_unpaid"


@pytest.mark.parametrize(
    ("first_day_without", "soon"),
    [(None, False), (date(2026, 3, 1), False), (date(2026, 3, 2), True), (date(2026, 3, 31), True),
     (date(2026, 4, 1), False)],
)  # fmt: skip
def test_a_card_expires_soon_in_its_last_thirty_days(first_day_without: date | None, soon: bool) -> None:
    assert expires_soon(first_day_without, NOON.date()) is soon
