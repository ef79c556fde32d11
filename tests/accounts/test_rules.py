"""What each role may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.accounts.rules import ADMIN, APPROVER, ORGANIZER, ROLES, TREASURER, may

roles = st.frozensets(st.sampled_from(sorted(ROLES)))


@pytest.mark.parametrize(
    ("held", "wanted", "passes"),
    [
        ({ORGANIZER}, {ORGANIZER}, True),
        ({ORGANIZER}, {TREASURER}, False),
        ({TREASURER, ORGANIZER}, {TREASURER, APPROVER}, True),
        ({ADMIN}, {TREASURER}, True),
        ({ADMIN}, set(), True),
        (set(), {ORGANIZER}, False),
        (set(), set(), False),
    ],
)
def test_who_passes_a_door(held: set[str], wanted: set[str], passes: bool) -> None:
    assert may(frozenset(held), frozenset(wanted)) is passes


@given(roles, roles, st.sampled_from(sorted(ROLES)))
def test_one_more_role_closes_no_door(held: frozenset[str], wanted: frozenset[str], more: str) -> None:
    assert may(held | {more}, wanted) >= may(held, wanted)


@given(roles.filter(lambda held: ADMIN not in held), roles)
def test_a_door_opens_by_one_of_its_own_roles_alone(held: frozenset[str], wanted: frozenset[str]) -> None:
    assert may(held, wanted) is bool(held & wanted)
