"""A gift is made again only from a mark of this site that names what exists here."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from campaigns.kernel.money import Money
from campaigns.payments.rules import State
from tests.donations.make import Story


def lost(story: Story, **metadata: str) -> str:
    """A paid session of whose payment we know nothing, with `metadata` in place of what was written."""
    checkout, session_id = story.world.checkout, story.world.give()
    reference = str(uuid4())
    marks = {**checkout.sessions[session_id].metadata, "payment": reference, "donation": "lost_and_found", **metadata}
    checkout.sessions["cs_lost"] = replace(
        checkout.sessions[session_id], id="cs_lost", reference=reference, metadata=marks
    )
    checkout.pay("cs_lost")
    return "cs_lost"


def sync(story: Story, session_id: str) -> Any:
    return story.world.app.extensions["undersigned.payments"].sync(session_id)


def test_a_lost_gift_is_found_once_however_often_it_is_looked_at(story: Story) -> None:
    session_id = lost(story)
    assert [sync(story, session_id) for _ in range(3)] == [State.PAID] * 3
    assert story.entries() == ["recognised", "settled"]
    (gift,) = story.rows("SELECT amount_minor, show_name FROM donation WHERE public_id = 'lost_and_found'")
    assert (gift["amount_minor"], bool(gift["show_name"])) == (3000, False)
    assert (story.told(), story.receipts()) == (["restored"], 0)


def _line(fund: object, purpose: object, minor: int = 3000) -> str:
    return f"{fund} {purpose} {minor} gift"


STRANGE = {
    "another site": {"site": "elsewhere.example"},
    "another payment": {"payment": str(uuid4())},
    "an unknown campaign": {"campaign": str(uuid4())},
    "an unknown fund": {"line_1": _line(uuid4(), uuid4())},
    "half a line": {"line_1": str(uuid4())},
    "a hole among the lines": {"line_3": _line(uuid4(), uuid4())},
}


@pytest.mark.parametrize("metadata", STRANGE.values(), ids=STRANGE)
def test_a_mark_that_is_not_ours_makes_no_gift(short_story: Story, metadata: dict[str, str]) -> None:
    session_id = lost(short_story, **metadata)
    assert sync(short_story, session_id) is None
    assert short_story.entries() == []
    short_story.sweep()
    assert (short_story.entries(), short_story.told()) == (["unknown"], ["suspense"])


def test_a_mark_that_promises_another_amount_is_parked(short_story: Story) -> None:
    fund = short_story.world.ask().fund
    session_id = lost(short_story, line_1=_line(fund.id, fund.purpose_id, 2999))
    assert sync(short_story, session_id) is State.PARKED
    assert short_story.entries() == []
    assert sorted(short_story.told()) == ["mismatch", "restored"]


def test_a_mark_of_the_other_mode_makes_no_gift(short_story: Story) -> None:
    session_id = lost(short_story)
    sessions = short_story.world.checkout.sessions
    sessions[session_id] = replace(sessions[session_id], livemode=True)
    assert sync(short_story, session_id) is None


def test_a_gift_of_several_lines_gets_each_of_them_again(story: Story) -> None:
    fund = story.world.ask().fund
    lines = {f"line_{number}": _line(fund.id, fund.purpose_id, 1000) for number in (1, 2, 3)}
    assert sync(story, lost(story, **lines)) is State.PAID
    assert story.figures().given == Money(3000, "USD")
    assert len(story.rows("SELECT id FROM donation_line WHERE amount_minor = 1000")) == 3
