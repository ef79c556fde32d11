"""Keys of networks and domains, and the kept list."""

from datetime import date

import pytest
from disposable_email_domains import blocklist

from campaigns.abuse.checks import domain_key, is_disposable, key_of_the_day, key_of_the_day_before, lasting_key
from campaigns.abuse.rules import ORDINARY_MAIL_HOSTS
from tests.make import World

DAY = date(2026, 11, 20)


def test_a_network_has_another_key_each_day_and_for_each_petition(sqlite_world: World) -> None:
    lasting = lasting_key("203.0.113.7")
    keys = {
        key_of_the_day(key, subject, day)
        for key in (lasting, lasting_key("203.0.113.8"))
        for subject in ("one", "another")
        for day in (DAY, date(2026, 11, 21))
    }
    assert len(keys) == 8
    assert key_of_the_day(lasting, "one", DAY) == key_of_the_day(lasting_key("203.0.113.7"), "one", DAY)


def test_the_days_before_is_found_from_a_key_of_today_and_from_no_other(sqlite_world: World) -> None:
    lasting, day_before = lasting_key("203.0.113.7"), date(2026, 11, 19)
    today, yesterday = (key_of_the_day(lasting, "one", day) for day in (DAY, day_before))
    assert key_of_the_day_before(today, "one", DAY) == yesterday
    assert key_of_the_day_before(today, "another", DAY) != key_of_the_day(lasting, "another", day_before)
    assert key_of_the_day_before(b"a key of an older kind"[:16], "one", DAY) != yesterday


def test_no_key_holds_what_it_was_made_of(sqlite_world: World) -> None:
    for key in (lasting_key("203.0.113.7"), domain_key("example.org")):
        assert b"203" not in key
        assert b"example" not in key


@pytest.mark.parametrize(
    ("domain", "disposable"),
    [
        ("mailinator.com", True),
        ("inbox.mailinator.com", True),
        ("s7.box.mailinator.com", True),
        ("example.org", False),
        ("mailinator.com.example", False),
        ("com", False),
        ("xn--mnchen-3ya.example", False),
    ],
)
def test_disposable_domains_are_known_with_what_is_below_them(domain: str, disposable: bool) -> None:
    assert is_disposable(domain) is disposable


def test_no_ordinary_host_is_on_the_kept_list() -> None:
    assert not ORDINARY_MAIL_HOSTS & set(blocklist)
