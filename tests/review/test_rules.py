"""Who fits, what a decision does, what is worth an alarm."""

import re
import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.abuse.rules import Reason
from campaigns.review.rules import (
    DOMAIN_ALARM,
    PLACE_ALARM,
    Candidate,
    Decision,
    Outcome,
    Phase,
    Rule,
    Step,
    after,
    fits,
    folded,
    matches,
    outcome,
    trending_domains,
    trending_places,
)
from campaigns.signatures.rules import Effect, Review, State, Visibility, counts, effect_of_review

EVERY = list(product(State, Review, Decision))


@pytest.mark.parametrize(("state", "review", "decision"), EVERY)
def test_every_state_review_and_decision_has_a_named_answer(state: State, review: Review, decision: Decision) -> None:
    answer = outcome(state, review, decision)
    if state is State.WITHDRAWN:
        assert answer is Outcome.LEFT
    elif review is decision.review:
        assert answer is Outcome.ALREADY
    else:
        assert answer is Outcome.CHANGED


@pytest.mark.parametrize("state", [State.PENDING, State.CONFIRMED])
def test_what_the_machine_alone_holds_an_organizer_can_hold_too(state: State) -> None:
    assert outcome(state, Review.HELD, Decision.HOLD, is_theirs=False) is Outcome.CHANGED
    assert outcome(State.WITHDRAWN, Review.HELD, Decision.HOLD, is_theirs=False) is Outcome.LEFT


@pytest.mark.parametrize(("state", "review", "decision"), EVERY)
@pytest.mark.parametrize("visibility", Visibility)
def test_what_changes_is_what_the_count_gains_or_loses(
    state: State, review: Review, decision: Decision, visibility: Visibility
) -> None:
    effect = effect_of_review(state, visibility, review, decision.review)
    before, later = counts(state, review), counts(state, decision.review)
    assert effect.total == later - before
    assert effect.public == (effect.total if visibility is Visibility.PUBLIC else 0)
    assert effect + effect_of_review(state, visibility, decision.review, review) == Effect(0, 0)


ALLOWED = {
    (Phase.COUNTING, Step.CANCEL): Phase.CANCELLED,
    (Phase.READY, Step.CANCEL): Phase.CANCELLED,
    (Phase.READY, Step.APPLY): Phase.RUNNING,
    (Phase.RUNNING, Step.CANCEL): Phase.CANCELLED,
    (Phase.DONE, Step.UNDO): Phase.UNDOING,
    (Phase.CANCELLED, Step.UNDO): Phase.UNDOING,
}


@pytest.mark.parametrize(("phase", "step"), list(product(Phase, Step)))
def test_every_phase_answers_to_every_step(phase: Phase, step: Step) -> None:
    assert after(phase, step) is ALLOWED.get((phase, step))


@pytest.mark.parametrize(
    ("pattern", "text", "fitting"),
    [
        ("mailinator.com", "mailinator.com", True),
        ("Mailinator.COM", "mailinator.com", True),
        ("mailinator.com", "inbox.mailinator.com", False),
        ("*.mailinator.com", "inbox.mailinator.com", True),
        ("*.mailinator.com", "mailinator.com", False),
        ("john*", "John Smith", True),
        ("*smith", "John Smith", True),
        ("j?hn*", "Jahn Smith", True),
        ("*bot*", "A Robot", True),
        ("[a-z]*", "John", False),
        ("john.*", "John Smith", False),
        ("", "", True),
        ("", "John", False),
        ("***", "", True),
        ("?", "", False),
        ("müller", "MÜLLER", True),
        ("mu\u0308ller", "Müller", True),
        ("strasse", "Straße", True),
    ],
)
def test_a_pattern_knows_the_star_the_question_mark_and_nothing_else(pattern: str, text: str, fitting: bool) -> None:
    assert matches(pattern, text) is fitting


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_a_pattern_fits_what_the_same_expression_fits(pattern: str, text: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(mark, re.escape(mark)) for mark in pattern)
    assert matches(pattern, text) is bool(re.fullmatch(expression, text))


def test_no_pattern_takes_long() -> None:
    begun = time.process_time()
    assert not matches("*a" * 50 + "b", "a" * 100)
    assert time.process_time() - begun < 1


def candidate(**changes: object) -> Candidate:
    values = {"domain": "example.org", "name": "Maria Ortiz", "town": "Hebron", "country": "US"}
    usual = {"visibility": Visibility.PUBLIC, "reasons": frozenset({Reason.CROWD})}
    return Candidate(**(values | usual | changes))  # type: ignore[arg-type]  # values of a table


@pytest.mark.parametrize(
    ("rule", "fitting"),
    [
        (Rule(), True),
        (Rule(domain="example.org"), True),
        (Rule(domain="example.com"), False),
        (Rule(name="maria*"), True),
        (Rule(name="maria*", place="Berlin"), False),
        (Rule(place="hebron"), True),
        (Rule(place="us"), True),
        (Rule(place="U*"), False),
        (Rule(reason=Reason.CROWD), True),
        (Rule(reason=Reason.TRAP), False),
        (Rule(reason=Reason.CROWD, domain="example.org", name="*ortiz", place="Heb*"), True),
    ],
)
def test_whoever_fits_fits_all_that_is_given(rule: Rule, fitting: bool) -> None:
    assert fits(rule, candidate()) is fitting


@pytest.mark.parametrize("rule", [Rule(name="maria*"), Rule(name="*"), Rule(place="Hebron"), Rule(place="US")])
def test_name_and_town_of_who_is_only_counted_cannot_be_guessed_by_patterns(rule: Rule) -> None:
    assert fits(rule, candidate())
    assert not fits(rule, candidate(visibility=Visibility.COUNTED))
    assert fits(Rule(domain="example.org"), candidate(visibility=Visibility.COUNTED))


def test_a_domain_stands_out_by_number_by_share_and_by_not_being_everybodys() -> None:
    many = ["catch-all.example"] * DOMAIN_ALARM
    assert trending_domains(many) == [("catch-all.example", DOMAIN_ALARM)]
    assert trending_domains(many[1:]) == []
    assert trending_domains(["gmail.com"] * 900) == []
    assert trending_domains([*many, *[f"d{each}.example" for each in range(DOMAIN_ALARM * 10)]]) == []


@pytest.mark.parametrize(
    ("domains", "told"),
    [
        ([f"s{each}.catch-all.example" for each in range(DOMAIN_ALARM)], ["*.catch-all.example"]),
        ([f"s{each}.a.catch-all.example" for each in range(DOMAIN_ALARM)], ["*.a.catch-all.example"]),
        ([f"s.a{each}.catch-all.example" for each in range(DOMAIN_ALARM)], ["*.catch-all.example"]),
        (["mail.catch-all.example"] * DOMAIN_ALARM, ["mail.catch-all.example"]),
        (
            [*["m.catch-all.example"] * DOMAIN_ALARM, *[f"s{each}.catch-all.example" for each in range(DOMAIN_ALARM)]],
            ["*.catch-all.example", "m.catch-all.example"],
        ),
        ([f"s{each}.gmail.com" for each in range(DOMAIN_ALARM)], []),
        ([f"shop{each}.co.uk" for each in range(DOMAIN_ALARM)], []),
        ([f"school{each}.edu.au" for each in range(DOMAIN_ALARM)], []),
        (["yahoo.co.uk"] * DOMAIN_ALARM, []),
        ([f"s{each}.shop.co.uk" for each in range(DOMAIN_ALARM)], ["*.shop.co.uk"]),
    ],
)
def test_what_hides_below_many_subdomains_stands_out_too(domains: list[str], told: list[str]) -> None:
    trends = trending_domains(domains)
    assert [label for label, _ in trends] == told
    for label, number in trends:  # the label is the pattern that a decision about them takes
        assert sum(matches(label, domain) for domain in domains) == number


def test_a_place_stands_out_however_it_is_spelt() -> None:
    many = ["Hebron", "HEBRON", " hebron"] * PLACE_ALARM
    ((place, number),) = trending_places(many)
    assert (folded(place), number) == ("hebron", 3 * PLACE_ALARM)
    assert trending_places([""] * 900) == []
    assert trending_places([*["Hebron"] * PLACE_ALARM, *[f"t{each}" for each in range(PLACE_ALARM + 1)]]) == []
