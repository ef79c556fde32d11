"""Every state has an answer to every observation, and none leads back."""

from enum import StrEnum
from itertools import permutations, product

import pytest

from campaigns.payments import machines
from campaigns.payments.machines import Dispute, Payout, Refund

MACHINES = [(Refund, machines.NEXT_REFUND), (Dispute, machines.NEXT_DISPUTE), (Payout, machines.NEXT_PAYOUT)]
NAMES = [states.__name__ for states, _ in MACHINES]
BACK = {(Dispute.APPEALED, Dispute.LOST)}  # the one way back: an appeal that was lost too
Table = dict[tuple[StrEnum, StrEnum], StrEnum]


@pytest.mark.parametrize(("states", "table"), MACHINES, ids=NAMES)
def test_every_state_has_a_named_answer_to_every_observation(states: type[StrEnum], table: Table) -> None:
    assert table.keys() == set(product(states, states))
    assert set(table.values()) == set(states)


@pytest.mark.parametrize(("states", "table"), MACHINES, ids=NAMES)
def test_what_comes_late_never_moves_back(states: type[StrEnum], table: Table) -> None:
    order = list(states)
    back = {pair for pair, after in table.items() if order.index(after) < order.index(pair[0])}
    assert back == (BACK if states is Dispute else set())


@pytest.mark.parametrize(("states", "table"), MACHINES, ids=NAMES)
def test_seeing_the_same_again_changes_nothing(states: type[StrEnum], table: Table) -> None:
    for state, seen in product(states, states):
        after = table[state, seen]
        assert table[after, seen] == after


STORIES = [
    (machines.next_refund, ["pending", "succeeded", "failed"], "failed"),
    (machines.next_refund, ["requires_action", "canceled"], "canceled"),
    (machines.next_dispute, ["warning_needs_response", "needs_response", "under_review", "won"], "won"),
    (machines.next_dispute, ["warning_needs_response", "warning_under_review", "warning_closed"], "inquiry_closed"),
    (machines.next_dispute, ["needs_response", "lost"], "lost"),
    (machines.next_dispute, ["needs_response", "lost", "appeal_under_review", "won"], "won"),
    (machines.next_payout, ["pending", "in_transit", "paid", "failed"], "failed"),
]


@pytest.mark.parametrize(("step", "words", "end"), STORIES, ids=[" ".join(words) for _, words, _ in STORIES])
def test_a_story_that_is_heard_in_any_order_ends_the_same(step: object, words: list[str], end: str) -> None:
    for order in permutations(words):
        state = "unknown"
        for word in order:
            state = step(state, word).value  # type: ignore[operator]  # one of the three functions
        assert state == end, order


def test_a_word_nobody_knows_leaves_a_known_state_alone() -> None:
    assert machines.next_refund("unknown", "on_holiday") is Refund.UNKNOWN
    assert machines.next_refund("succeeded", "on_holiday") is Refund.SUCCEEDED
    assert machines.next_dispute("lost", "mediated") is Dispute.LOST
