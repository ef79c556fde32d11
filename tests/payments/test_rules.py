"""The state machine is total, and money never becomes unpaid."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.payments.rules import SUBJECTS, Seen, State, next_state, seen

STATES, SIGHTS = st.sampled_from(State), st.sampled_from(Seen)


@pytest.mark.parametrize(("state", "sight"), list(product(State, Seen)))
def test_every_state_has_an_answer_to_everything_seen(state: State, sight: Seen) -> None:
    assert next_state(state, sight) in State


@pytest.mark.parametrize(("state", "sight"), list(product(State, Seen)))
def test_seeing_the_same_again_changes_nothing(state: State, sight: Seen) -> None:
    once = next_state(state, sight)
    assert next_state(once, sight) is once


@pytest.mark.parametrize("state", [State.PROCESSING, State.FAILED, State.EXPIRED])
def test_what_went_on_is_not_open_again_because_an_old_answer_says_so(state: State) -> None:
    assert next_state(state, Seen.OPEN) is state


@given(st.lists(SIGHTS))
def test_paid_never_becomes_unpaid(sights: list[Seen]) -> None:
    state = State.PAID
    for sight in sights:
        state = next_state(state, sight)
    assert state is State.PAID


@given(STATES, st.lists(SIGHTS))
def test_nothing_but_a_sight_of_payment_makes_paid(state: State, sights: list[Seen]) -> None:
    without = [sight for sight in sights if sight is not Seen.PAID]
    reached = state
    for sight in without:
        reached = next_state(reached, sight)
    assert (reached is State.PAID) == (state is State.PAID)


@given(STATES, st.lists(SIGHTS))
def test_nobody_goes_back_to_pre(state: State, sights: list[Seen]) -> None:
    reached = state
    for sight in sights:
        reached = next_state(reached, sight)
    assert reached is not State.PRE or not sights


@pytest.mark.parametrize("state", [state for state in State if state is not State.PARKED])
def test_payment_is_believed_whatever_was_seen_before(state: State) -> None:
    assert next_state(state, Seen.PAID) is State.PAID


@pytest.mark.parametrize("sight", Seen)
def test_what_is_parked_stays_parked_until_a_person_looks(sight: Seen) -> None:
    assert next_state(State.PARKED, sight) is State.PARKED


@pytest.mark.parametrize("state", [state for state in State if state is not State.PAID])
def test_money_that_does_not_match_is_parked(state: State) -> None:
    assert next_state(state, Seen.MISMATCH) is State.PARKED


@given(st.permutations([Seen.OPEN, Seen.PROCESSING, Seen.EXPIRED, Seen.FAILED, Seen.PAID]))
def test_the_same_sights_in_any_order_end_in_paid(sights: list[Seen]) -> None:
    state = State.PRE
    for sight in sights:
        state = next_state(state, sight)
    assert state is State.PAID


@pytest.mark.parametrize(
    ("before", "sight", "after"),
    [
        (State.PRE, Seen.OPEN, State.OPEN),
        (State.OPEN, Seen.OPEN, State.OPEN),
        (State.OPEN, Seen.EXPIRED, State.EXPIRED),
        (State.OPEN, Seen.PROCESSING, State.PROCESSING),
        (State.PROCESSING, Seen.OPEN, State.PROCESSING),
        (State.PROCESSING, Seen.EXPIRED, State.PROCESSING),
        (State.PROCESSING, Seen.FAILED, State.FAILED),
        (State.FAILED, Seen.EXPIRED, State.FAILED),
        (State.FAILED, Seen.PROCESSING, State.PROCESSING),
        (State.EXPIRED, Seen.OPEN, State.EXPIRED),
        (State.EXPIRED, Seen.PAID, State.PAID),
    ],
)
def test_a_payment_moves_like_this(before: State, sight: Seen, after: State) -> None:
    assert next_state(before, sight) is after


TRIED_AGAIN, SUCCEEDED, AT_THE_BANK = "requires_payment_method", "succeeded", "processing"


@pytest.mark.parametrize(
    ("status", "payment_status", "intent_status", "has_charge", "matches", "expected"),
    [
        ("open", "unpaid", None, False, True, Seen.OPEN),
        ("open", "unpaid", TRIED_AGAIN, False, True, Seen.OPEN),  # declined, and the page is still open
        ("expired", "unpaid", None, False, True, Seen.EXPIRED),
        ("expired", "unpaid", "canceled", False, True, Seen.EXPIRED),
        ("complete", "paid", SUCCEEDED, True, True, Seen.PAID),
        ("complete", "paid", None, True, True, Seen.PAID),
        ("complete", "paid", SUCCEEDED, False, True, Seen.PROCESSING),  # the word without the charge is not believed
        ("complete", "unpaid", AT_THE_BANK, False, True, Seen.PROCESSING),
        ("complete", "unpaid", AT_THE_BANK, True, True, Seen.PROCESSING),
        ("complete", "unpaid", TRIED_AGAIN, False, True, Seen.FAILED),
        ("complete", "unpaid", "canceled", False, True, Seen.FAILED),
        ("complete", "no_payment_required", None, False, True, Seen.PROCESSING),
        ("complete", "paid", SUCCEEDED, True, False, Seen.MISMATCH),
        ("complete", "unpaid", AT_THE_BANK, False, False, Seen.MISMATCH),
        ("a word of a later version", "unpaid", None, False, True, Seen.PROCESSING),
        ("complete", "paid", "a word of a later version", False, True, Seen.PROCESSING),
    ],
)
def test_a_session_is_seen_as(
    status: str, payment_status: str, intent_status: str | None, has_charge: bool, matches: bool, expected: Seen
) -> None:
    found = seen(
        status=status,
        payment_status=payment_status,
        intent_status=intent_status,
        has_charge=has_charge,
        matches=matches,
    )
    assert found is expected


@given(st.text(), st.text(), st.none() | st.text(), st.booleans(), st.booleans())
def test_paid_is_never_seen_without_a_charge_or_a_match(
    status: str, payment_status: str, intent_status: str | None, has_charge: bool, matches: bool
) -> None:
    found = seen(
        status=status,
        payment_status=payment_status,
        intent_status=intent_status,
        has_charge=has_charge,
        matches=matches,
    )
    assert found is not Seen.PAID or (has_charge and matches and payment_status == "paid")


def test_only_what_a_payment_can_be_found_by_is_worth_asking_about() -> None:
    found_by = {"checkout.session", "payment_intent", "charge", "refund", "dispute", "radar.early_fraud_warning"}
    assert found_by | {"payout", "invoice", "subscription"} == SUBJECTS
