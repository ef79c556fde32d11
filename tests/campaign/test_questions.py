"""What a campaign asks: nothing promised about an answer changes behind the signatory's back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign.questions import Kind, Question, ReadBy, asked, dump, load, merged, printed

WORKPLACE = Question("q1", Kind.WORKPLACE, read_by=ReadBy.DELIVERED)
YEARS = Question("q2", Kind.TEXT, "Years at the hub", read_by=ReadBy.DELIVERED)
SHIFT = Question("q3", Kind.CHOICE, "Shift", choices=("Day", "Night"))
MEMBER = Question("q4", Kind.TICK, "I am a member of the union", read_by=ReadBy.DELIVERED)
ALL = (WORKPLACE, YEARS, SHIFT, MEMBER)

questions = st.builds(
    Question,
    key=st.sampled_from(["", "q1", "q2", "q3", "q9"]),
    kind=st.sampled_from(Kind),
    label=st.sampled_from(["", "Shift", "Years"]),
    is_required=st.booleans(),
    read_by=st.sampled_from(ReadBy),
)


def test_questions_come_back_as_they_were_stored() -> None:
    assert load(dump(ALL)) == ALL
    assert load(None) == ()


def test_new_questions_get_keys_that_were_never_used() -> None:
    first = merged((), (replace(YEARS, key=""), replace(SHIFT, key="")))
    assert [question.key for question in first] == ["q1", "q2"]
    second = merged(first, (first[1], replace(MEMBER, key="")))
    assert [(question.key, question.is_removed) for question in second] == [("q2", False), ("q3", False), ("q1", True)]
    third = merged(second, (replace(YEARS, key=""),))
    assert [question.key for question in asked(third)] == ["q4"]


@pytest.mark.parametrize(
    ("old", "changes", "is_same"),
    [
        (WORKPLACE, {"label": "Your depot"}, True),
        (WORKPLACE, {"help": "As it stands on your payslip"}, True),
        (WORKPLACE, {"is_required": True}, True),
        (WORKPLACE, {"read_by": ReadBy.PRIVATE}, True),
        (SHIFT, {"choices": ("Day", "Night", "Weekend")}, True),
        (SHIFT, {"read_by": ReadBy.DELIVERED}, False),
        (SHIFT, {"label": "Which shift should be cut?"}, False),
        (MEMBER, {"label": "I would strike"}, False),
        (YEARS, {"kind": Kind.TICK}, False),
    ],
)
def test_other_words_or_a_wider_circle_of_readers_make_another_question(
    old: Question, changes: dict[str, object], is_same: bool
) -> None:
    (new, *rest) = merged((old,), (replace(old, **changes),))
    assert (new.key == old.key) is is_same
    assert [question.is_removed for question in rest] == ([] if is_same else [True])


@given(st.lists(st.lists(questions, max_size=5), max_size=5))
def test_no_question_is_ever_lost_and_no_key_stands_twice(saves: list[list[Question]]) -> None:
    stored: tuple[Question, ...] = ()
    for wanted in saves:
        before = {question.key: question for question in stored}
        stored = merged(stored, wanted)
        keys = [question.key for question in stored]
        assert len(keys) == len(set(keys))
        assert set(before) <= set(keys)
        assert len(asked(stored)) == len(wanted)
        for question in asked(stored):
            old = before.get(question.key)
            assert old is None or (old.kind is question.kind and old.is_delivered >= question.is_delivered)


def test_the_list_prints_what_was_marked_for_it_in_the_order_it_was_asked() -> None:
    answers = {"q1": "Air Hub", "q2": "12", "q3": "Night", "q4": "yes"}
    assert printed(ALL, answers) == "Air Hub · Years at the hub: 12 · I am a member of the union"
    assert printed(ALL, {"q3": "Night"}) == ""
    assert printed((replace(WORKPLACE, is_removed=True), MEMBER), answers) == "I am a member of the union"


def test_a_phone_number_is_never_printed() -> None:
    phone = Question("q5", Kind.PHONE, read_by=ReadBy.DELIVERED)
    assert printed((phone,), {"q5": "+1 859 555 0100"}) == ""
