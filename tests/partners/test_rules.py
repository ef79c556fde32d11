"""What is said under a partner's words, and what marks them."""

import pytest

from campaigns.partners.rules import disclosure, mark_of


def test_the_words_say_who_gives_what_to_whom_and_that_it_holds_for_hidden_names_too() -> None:
    said = disclosure("Hub Workers", "Night Shift Committee")
    assert "Hub Workers gives your name and e-mail address to Night Shift Committee" in said
    assert "even if you choose that nobody may see your name" in said
    assert "take it back" in said


@pytest.mark.parametrize("other", [("Words.", "Other"), ("Word.s", "Said"), ("Words", ".Said"), ("", "Words.Said")])
def test_other_words_have_another_mark(other: tuple[str, str]) -> None:
    assert mark_of("Words.", "Said") == mark_of("Words.", "Said")
    assert mark_of(*other) != mark_of("Words.", "Said")
