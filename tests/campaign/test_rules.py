"""What a campaign is at a moment: its address, its phase, its goal, what it still lacks."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign import rules
from campaigns.campaign.rules import Demand

DEADLINE = datetime(2026, 5, 10, 3, 59, tzinfo=UTC)  # 23:59 of the 9th in New York
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("headline", "slug"),
    [
        ("Rescind the write-ups", "rescind-the-write-ups"),
        ("  Five   Days in Bessemer! ", "five-days-in-bessemer"),
        ("Für Zoë und Łukasz: 8 Stunden", "fur-zoe-und-ukasz-8-stunden"),
        ("<b>Rehire</b> & pay", "b-rehire-b-pay"),
        ("../../etc/passwd", "etc-passwd"),
        ("بيان العمال", "campaign"),
        ("!!!", "campaign"),
        ("", "campaign"),
        ("x" * 61, "x" * 60),
        (" ".join(["word"] * 30), "-".join(["word"] * 12)),
    ],
)
def test_an_address_is_made_of_the_headlines_latin_letters(headline: str, slug: str) -> None:
    assert rules.slug_for(headline) == slug


@given(st.text(max_size=200))
def test_every_headline_makes_a_short_plain_address(headline: str) -> None:
    slug = rules.slug_for(headline)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= rules.MAX_SLUG


def test_no_campaign_takes_the_address_of_the_desks_own_page() -> None:
    """/desk/campaigns/new makes a campaign; one called so could never be opened at the desk."""
    assert rules.slug_for("New!") == "campaign"


@pytest.mark.parametrize(
    ("deadline", "now", "phase"),
    [
        (None, DEADLINE, "open"),
        (DEADLINE, DEADLINE - DAY - SECOND, "open"),
        (DEADLINE, DEADLINE - DAY, "last_day"),
        (DEADLINE, DEADLINE - SECOND, "last_day"),
        (DEADLINE, DEADLINE, "closed"),
        (DEADLINE, DEADLINE + 400 * DAY, "closed"),
    ],
)
def test_a_campaign_is_open_then_in_its_last_day_then_closed(
    deadline: datetime | None, now: datetime, phase: str
) -> None:
    assert rules.phase(deadline, now) == phase


@pytest.mark.parametrize(
    ("now", "zone", "left"),
    [
        # One and the same moment is another day elsewhere.
        (datetime(2026, 5, 9, 3, 59, tzinfo=UTC), "America/New_York", 1),
        (datetime(2026, 5, 9, 4, 0, tzinfo=UTC), "America/New_York", 0),
        (datetime(2026, 5, 9, 4, 0, tzinfo=UTC), "UTC", 1),
        (datetime(2026, 5, 9, 15, 0, tzinfo=UTC), "Asia/Tokyo", 0),
        (datetime(2026, 5, 9, 14, 59, tzinfo=UTC), "Asia/Tokyo", 1),
        (datetime(2026, 5, 1, 12, 0, tzinfo=UTC), "America/New_York", 8),
        # Over the night in which New York's clocks went forward.
        (datetime(2026, 3, 7, 12, 0, tzinfo=UTC), "America/New_York", 63),
        (DEADLINE + DAY, "UTC", 0),
    ],
)
def test_days_left_are_midnights_where_the_campaign_is(now: datetime, zone: str, left: int) -> None:
    assert rules.days_left(DEADLINE, now, zone) == left


@pytest.mark.parametrize(
    ("left", "hours"),
    [(timedelta(hours=24), 24), (timedelta(hours=2, minutes=59), 2), (timedelta(minutes=59), 0), (timedelta(-1), 0)],
)
def test_hours_are_whole_and_never_less_than_none(left: timedelta, hours: int) -> None:
    now = datetime(2026, 5, 4, 15, tzinfo=UTC)
    assert rules.hours_left(now + left, now) == hours
    assert rules.hours_left(None, now) is None


def test_a_campaign_without_a_deadline_has_no_days_left() -> None:
    assert rules.days_left(None, DEADLINE, "UTC") is None


@pytest.mark.parametrize(
    ("deadline", "now", "takes"),
    [
        (None, DEADLINE, True),
        (DEADLINE, DEADLINE, True),
        (DEADLINE, DEADLINE + DAY - SECOND, True),
        (DEADLINE, DEADLINE + DAY, False),
    ],
)
def test_a_mail_under_way_can_be_answered_for_a_day_after_the_end(
    deadline: datetime | None, now: datetime, takes: bool
) -> None:
    assert rules.takes_confirmations(deadline, now) is takes


@pytest.mark.parametrize(
    ("total", "goal", "shown"),
    [(0, 100, 100), (99, 100, 100), (100, 100, 250), (300, 300, 500), (999_999, 25, 1_000_000)],
)
def test_the_goal_is_the_campaigns_own_then_the_next_step(total: int, goal: int, shown: int) -> None:
    assert rules.next_goal(total, goal) == shown


@given(st.integers(0, 50_000_000), st.integers(1, 100_000_000))
def test_a_goal_lies_ahead_and_stands_still_until_it_is_reached(total: int, goal: int) -> None:
    shown = rules.next_goal(total, goal)
    assert shown > total
    assert rules.next_goal(shown - 1, goal) == shown
    assert rules.next_goal(total + 1, goal) >= shown


COMPLETE: dict[str, Any] = {
    "headline": "Rescind the write-ups",
    "target_name": "Hub Management",
    "has_petition": True,
    "demands": (Demand("Rescind them", ""),),
    "has_appeal": True,
    "purpose": "Costs of the fired.",
}


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, []),
        ({"headline": "  "}, ["Write a headline."]),
        ({"target_name": ""}, ["Say who is asked."]),
        ({"has_petition": False, "has_appeal": False}, ["Choose a petition, an appeal, or both."]),
        ({"demands": ()}, ["Write at least one demand."]),
        ({"demands": (), "has_petition": False}, []),
        ({"is_over": True}, ["The deadline has passed. Choose a later one, or none."]),
        ({"is_over": True, "has_petition": False}, []),
        ({"purpose": " "}, ["Say what the fund's money is for."]),
        ({"purpose": "", "has_appeal": False}, []),
        ({"headline": "", "demands": ()}, ["Write a headline.", "Write at least one demand."]),
    ],
)
def test_a_draft_is_told_each_thing_it_lacks(changes: dict[str, Any], missing: list[str]) -> None:
    assert rules.missing_for_publication(**COMPLETE | changes) == missing


def test_the_consent_names_who_keeps_what_for_whom_and_how_long() -> None:
    wording = rules.consent_wording("Hub Workers", "Hub Management")
    for fact in ("Hub Workers keeps", "list to Hub Management", "30 days", "e-mail address and postcode never are"):
        assert fact in wording


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("Hub Management", "Hub Management", True),
        ("hub management", "HUB Management", True),
        ("Hub  Management ", "Hub Management", True),
        ("Hub-Management", "Hub Management", True),
        ("Hub Management Inc", "Hub Management, Inc.", True),
        ("Straße AG", "STRASSE AG", True),
        ("Caf\u00e9 AG", "Cafe\u0301 AG", True),
        ("Hub Managment", "Hub Management", False),
        ("Hub Management", "Another Company", False),
        ("Hub Management", "Hub", False),
        ("Cafe AG", "Caf\u00e9 AG", False),
        ("3.5 Group", "35 Group", False),
        ("A+B", "AB", False),
        ("\u0915\u093f", "\u0915\u093e", False),  # two words that differ in a vowel sign alone
        ("...", "!", False),
    ],
)
def test_a_name_is_the_same_if_only_capitals_spaces_and_stops_differ(before: str, after: str, same: bool) -> None:
    assert rules.is_same_name(before, after) is same
    assert rules.is_same_name(after, before) is same
