"""What visitors type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rendering import typed


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Rosa   Delgado ", "Rosa Delgado"),
        ("Zoe\u0308", "Zoë"),
        ("Rosa\u202egrosso\u202c", "Rosagrosso"),
        ("\u2067أمل\u2069", "أمل"),
        ("Rosa\tDelgado\r\n", "Rosa Delgado"),
        ("王\u3000秀英", "王 秀英"),
        ("می\u200cروم", "می\u200cروم"),
        ("a\x00b", "a\x00b"),
        (None, ""),
        ("   ", ""),
    ],
)
def test_a_line_is_tidied_and_no_letter_is_lost(text: str | None, kept: str) -> None:
    assert typed.one_line(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\r\nb\rc\n", "a\nb\nc"), ("a\u2028b", "a\nb"), (None, ""), ("a\u202eb", "ab")],
)
def test_paragraphs_keep_their_line_ends(text: str | None, kept: str) -> None:
    assert typed.paragraphs(text) == kept


@pytest.mark.parametrize("text", ["\x00", "a\x07", "\x1b[31m", "\x7f", "\x85", "\ud800"])
def test_control_characters_are_seen(text: str) -> None:
    assert not typed.is_showable(typed.one_line(f"Rosa{text}Delgado"))


@pytest.mark.parametrize("text", ["Rosa Delgado", "أمل حداد", "王秀英", "Nguyễn Thị Hoa", "می\u200cروم", "a\nb"])
def test_names_of_every_script_can_be_shown(text: str) -> None:
    assert typed.is_showable(text)
    assert typed.has_letter(text)


@pytest.mark.parametrize("text", ["123", "...", "👍👍", ""])
def test_figures_and_signs_are_no_letters(text: str) -> None:
    assert not typed.has_letter(text)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Buy at http://x.example", True),
        ("www.x.example", True),
        ("rosa@example.org", True),
        ("cheap-pills.com", True),
        ("cheap-pills.com/now", True),
        ("St.John Rivers", False),
        ("J.R.R. Tolkien", False),
        ("Dr.Comfort", False),
        ("Rosa Delgado", False),
    ],
)
def test_advertisers_are_told_from_names_with_points(text: str, held: bool) -> None:
    assert typed.holds_address(text) is held


@given(st.text(max_size=200))
def test_tidying_twice_changes_nothing(text: str) -> None:
    for tidy in (typed.one_line, typed.paragraphs):
        assert tidy(tidy(text)) == tidy(text)


@given(st.text(max_size=200))
def test_no_mark_that_turns_the_reading_order_is_left(text: str) -> None:
    assert not set(typed.one_line(text)) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
