"""Who sees a name, what signing again means, what counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.signatures import rules
from campaigns.signatures.rules import Audience, Review, Signing, State, Visibility

visibilities = st.sampled_from(Visibility)
audiences = st.sampled_from(Audience)


@pytest.mark.parametrize(
    ("audience", "public", "delivered", "counted"),
    [
        (Audience.EVERYONE, True, False, False),
        (Audience.TARGET, True, True, False),
        (Audience.ORGANIZER, True, True, False),
        (Audience.SIGNATORY, True, True, True),
    ],
)
def test_who_may_read_a_name(audience: Audience, public: bool, delivered: bool, counted: bool) -> None:
    wanted = {Visibility.PUBLIC: public, Visibility.DELIVERED: delivered, Visibility.COUNTED: counted}
    assert {visibility: rules.shows_name(visibility, audience) for visibility in Visibility} == wanted


def test_the_table_above_knows_every_audience_and_every_visibility() -> None:
    assert set(Audience) == {Audience.EVERYONE, Audience.TARGET, Audience.ORGANIZER, Audience.SIGNATORY}
    assert set(Visibility) == {Visibility.PUBLIC, Visibility.DELIVERED, Visibility.COUNTED}


@given(visibilities, audiences)
def test_a_name_shown_to_everyone_is_hidden_from_nobody(visibility: Visibility, audience: Audience) -> None:
    if rules.shows_name(visibility, Audience.EVERYONE):
        assert rules.shows_name(visibility, audience)


@given(visibilities)
def test_a_name_shown_to_the_target_is_one_its_organizers_know(visibility: Visibility) -> None:
    assert rules.shows_name(visibility, Audience.ORGANIZER) >= rules.shows_name(visibility, Audience.TARGET)


@given(audiences)
def test_a_counted_name_is_shown_to_its_signatory_alone(audience: Audience) -> None:
    assert rules.shows_name(Visibility.COUNTED, audience) is (audience is Audience.SIGNATORY)


@given(visibilities, audiences)
def test_what_queries_fetch_is_what_the_one_function_allows(visibility: Visibility, audience: Audience) -> None:
    assert (visibility in rules.visible_to(audience)) is rules.shows_name(visibility, audience)


@given(st.sampled_from(State), st.sampled_from(Review))
def test_only_a_confirmed_and_clear_signature_counts(state: State, review: Review) -> None:
    assert rules.counts(state, review) is ((state, review) == (State.CONFIRMED, Review.CLEAR))


@pytest.mark.parametrize(
    ("existing", "signing"),
    [
        (None, Signing.ADD),
        (State.PENDING, Signing.REPLACE),
        (State.WITHDRAWN, Signing.REPLACE),
        (State.CONFIRMED, Signing.TELL_BY_MAIL),
    ],
)
def test_what_signing_does_with_what_stands_under_the_address(existing: State | None, signing: Signing) -> None:
    assert rules.on_signing(existing) is signing
