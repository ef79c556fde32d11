"""Who sees a name, what signing again means, what counts."""

from datetime import UTC, datetime, timedelta

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


# The state machine


@given(st.sampled_from(rules.State), st.sampled_from(rules.Act))
def test_every_act_has_a_named_answer_in_every_state(state: rules.State, act: rules.Act) -> None:
    answer = rules.answer(state, act)
    assert answer in rules.Answer
    assert (answer is rules.Answer.CONFIRMED) is ((state, act) == (rules.State.PENDING, rules.Act.CONFIRM))
    if answer is rules.Answer.WITHDRAWN:
        assert state is rules.State.CONFIRMED  # nothing else has a count to leave


def test_no_pair_of_state_and_act_is_forgotten() -> None:
    assert len([rules.answer(state, act) for state in rules.State for act in rules.Act]) == 27


@given(st.sampled_from(rules.State), st.sampled_from(rules.Act))
def test_what_may_stand_on_a_list_is_emptied_where_another_is_deleted_unless_it_is_erased(
    state: rules.State, act: rules.Act
) -> None:
    usual, listed = rules.answer(state, act), rules.answer(state, act, was_withdrawn=True)
    deletes = usual is rules.Answer.DELETED and act is not rules.Act.ERASE
    assert listed is (rules.Answer.EMPTIED if deletes else usual)


_AFTER = {
    rules.Answer.CONFIRMED: rules.State.CONFIRMED,
    rules.Answer.WITHDRAWN: rules.State.WITHDRAWN,
    rules.Answer.EMPTIED: rules.State.WITHDRAWN,
}


@given(st.lists(st.sampled_from(rules.Act), max_size=12))
def test_an_act_done_twice_does_no_more_than_once(acts: list[rules.Act]) -> None:
    """Whatever came before: the second click finds it standing, refused or gone."""
    state = rules.State.PENDING
    for act in acts:
        answer = rules.answer(state, act)
        if answer is rules.Answer.DELETED:
            return
        state = _AFTER.get(answer, state)
        if act in (rules.Act.CONFIRM, rules.Act.WITHDRAW, rules.Act.DISOWN):
            assert rules.answer(state, act) in (rules.Answer.STANDS, rules.Answer.REFUSED)


# How many mails


@given(st.lists(st.integers(0, 90_000), max_size=30))
def test_a_mailbox_gets_no_more_mails_than_stated_in_a_window(pauses: list[int]) -> None:
    now, mails, sent = datetime(2026, 5, 4, tzinfo=UTC), rules.Mails(0, None), list[datetime]()
    for pause in pauses:
        now += timedelta(seconds=pause)
        more = rules.one_mail_more(mails, now)
        if more:
            mails = more
            sent.append(now)
    assert mails.number <= rules.MAILS_A_DAY
    windows = [sum(start <= moment < start + rules.MAILS_WINDOW for moment in sent) for start in sent]
    assert all(number <= 2 * rules.MAILS_A_DAY for number in windows)  # the end of one window and the start of the next


def test_enough_mails_leave_the_row_and_its_last_link() -> None:
    for state in (rules.State.PENDING, rules.State.WITHDRAWN):
        assert rules.on_signing(state, has_enough_mails=True) is rules.Signing.ENOUGH
    assert rules.on_signing(rules.State.CONFIRMED, has_enough_mails=True) is rules.Signing.TELL_BY_MAIL


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Maria Ortiz", "María Ortíz"),
        ("maria ortiz", "Maria Ortiz"),
        ("Maria Ortiz", "Maria Ortiz y Ruiz"),
        ("M. Ortiz", "Maria Ortiz"),
        ("Maria Ortiz", "Marta Lopez-Ortiz"),
        ("Ortiz Maria", "Maria Ortiz"),
        ("MariaOrtiz", "Maria Ortiz"),
        ("Jon Smyth", "John Smith"),
        ("O'Neil", "O’Neill"),
        ("مريم حسن", "مريم الحسن"),
        ("王小明", "王晓明"),
        ("Straße", "STRASSE"),
    ],
)
def test_one_persons_name_can_be_spelled_so_and_so(before: str, after: str) -> None:
    assert rules.is_spelling_of(before, after)
    assert rules.is_spelling_of(after, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Maria Ortiz", "Jeff Bezos"),
        ("Maria Ortiz", "Jo Lee"),
        ("Jo Lee", "Management knows you"),
        ("M Ortiz", "M Lee"),
        ("Maria Ortiz", "Мария Ортис"),
        ("王小明", "李大山"),
    ],
)
def test_another_name_is_no_other_spelling(before: str, after: str) -> None:
    assert not rules.is_spelling_of(before, after)
    assert not rules.is_spelling_of(after, before)


@given(st.text(max_size=60))
def test_every_name_is_a_spelling_of_itself(name: str) -> None:
    assert rules.is_spelling_of(name, name)
