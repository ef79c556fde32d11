"""What is written on a session can be read again, and nothing else is."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.donations import metadata
from campaigns.donations.metadata import Mark
from campaigns.payments.metadata import KINDS, MarkedLine, lines_to_metadata

LINES = st.lists(
    st.builds(MarkedLine, st.uuids(), st.uuids(), st.integers(1, 10**12), st.sampled_from(sorted(KINDS))),
    min_size=1,
    max_size=10,
)


def mark(*lines: MarkedLine) -> Mark:
    return Mark(str(uuid4()), "0123456789abcdef", uuid4(), "localhost:8000", lines or (line(),))


def line(minor: int = 3000) -> MarkedLine:
    return MarkedLine(uuid4(), uuid4(), minor)


@given(LINES, st.randoms())
def test_what_was_written_is_read_in_any_order_of_the_keys(lines: list[MarkedLine], random: object) -> None:
    written = metadata.to_metadata(mark(*lines))
    assert all(len(name) <= 40 and len(value) <= 500 for name, value in written.items())
    shuffled = dict(sorted(written.items(), key=lambda _: random.random()))  # type: ignore[attr-defined]
    read = metadata.from_metadata(shuffled)
    assert read is not None
    assert (metadata.to_metadata(read), read.lines) == (written, tuple(lines))


@pytest.mark.parametrize("name", ["payment", "donation", "campaign", "site", "line_1", "line_2"])
def test_a_mark_of_which_a_part_is_gone_is_none(name: str) -> None:
    written = metadata.to_metadata(mark(line(1), line(2), line(3)))
    assert metadata.from_metadata({key: value for key, value in written.items() if key != name}) is None


@pytest.mark.parametrize(
    "text",
    ["", "x", f"{UUID(int=1)} {UUID(int=2)} 0 gift", f"{UUID(int=1)} {UUID(int=2)} -5 gift",
     f"{UUID(int=1)} {UUID(int=2)} 5 tip", f"{UUID(int=1)} {UUID(int=2)} ٥ gift", f"{UUID(int=1)} 5 gift"],
)  # fmt: skip
def test_what_is_no_line_is_none(text: str) -> None:
    assert metadata.from_metadata(metadata.to_metadata(mark()) | {"line_1": text}) is None


@pytest.mark.parametrize("number", [0, 11])
def test_a_gift_has_one_to_ten_lines(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 10 lines"):
        lines_to_metadata([line()] * number)


@given(LINES, st.integers(1, 10))
def test_how_a_monthly_gift_was_shared_out_is_read_whatever_its_shares_are_now(
    weights: list[MarkedLine], shares: int
) -> None:
    """Stripe keeps each key that an update does not name, and drops one that it names as empty."""
    shown = weights[:shares]
    before, after = mark(*weights), mark(*shown)
    written = metadata.to_metadata(before) | metadata.weights_to_metadata(weights, len(weights))
    written |= metadata.to_metadata(after) | metadata.weights_to_metadata(weights, len(shown))
    kept = {name: value for name, value in written.items() if value}
    assert len(written) <= 50
    assert metadata.weights_from_metadata(kept) == tuple(weights)
    assert metadata.from_metadata(kept) == after


def test_where_nothing_says_how_a_monthly_gift_was_shared_out_its_shares_do() -> None:
    lines = (line(399), line(1))
    written = metadata.to_metadata(mark(*lines))
    assert metadata.weights_from_metadata(written) == lines
    assert metadata.weights_from_metadata(written | {"weight_1": "x"}) == lines
