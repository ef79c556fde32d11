"""What the switches mean together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.switches.rules import Standing, Switch, standing

SWITCHES = st.dictionaries(st.sampled_from([*map(str, Switch), "later"]), st.text(max_size=20))


@given(SWITCHES)
def test_each_switch_means_itself_whatever_else_is_on(on: dict[str, str]) -> None:
    found = standing(on)
    assert found.signing_paused is ("signing" in on)
    assert found.mail_paused is ("mail" in on)
    assert found.read_only is ("read_only" in on)
    assert found.banner == on.get("banner", "")
    assert found.takes_signatures is not ("signing" in on or "read_only" in on)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (
            Standing(signing_paused=True, signing_words="A flood.", read_only=True, read_only_words="We move."),
            "A flood.",
        ),
        (Standing(read_only=True, read_only_words="We move."), "We move."),
        (Standing(signing_paused=True), ""),
    ],
)
def test_what_is_said_is_about_the_nearest_cause(now: Standing, said: str) -> None:
    assert now.why_no_signing == said


def test_nothing_is_on_where_nobody_turned_anything() -> None:
    assert standing({}) == Standing()
