"""What speaks against somebody, and what does not."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.abuse.rules import (
    DAY_LIMIT,
    ONE_DOMAIN_LIMIT,
    ORDINARY_MAIL_HOSTS,
    PRESSURE_LASTS,
    PRESSURE_RATE,
    SHORT_LIMIT,
    Crowd,
    Reason,
    Traces,
    domain_and_parents,
    is_public_suffix,
    is_settled_by_confirming,
    is_suspicious,
    network_of,
    pressure_until,
    read,
    reasons_at_once,
    registrable,
    written,
)
from campaigns.kernel import addresses, mailboxes

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MANY = ONE_DOMAIN_LIMIT


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:3::1", "2001:db8:1:3::/64"),
        ("127.0.0.1", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("10.1.2.3", None),
        ("172.17.0.1", None),
        ("192.168.1.20", None),
        ("fe80::1%eth0", None),
        ("fd00::1", None),
        ("", None),
        (None, None),
        ("unknown", None),
        ("203.0.113.7, 198.51.100.2", None),
        ("203.0.113.7:4711", None),
    ],
)
def test_an_address_belongs_to_one_network_and_our_own_proxies_to_none(
    address: str | None, network: str | None
) -> None:
    assert network_of(address) == network


@given(st.ip_addresses(network="2000::/3"), st.integers(0, 2**64 - 1))
def test_whoever_changes_the_last_half_of_the_address_stays_in_the_network(address: IPv6Address, half: int) -> None:
    neighbour = IPv6Address(int(address) >> 64 << 64 | half)
    assert network_of(str(address)) == network_of(str(neighbour)) is not None


@pytest.mark.parametrize(
    ("traces", "disposable", "reasons"),
    [
        (Traces(), False, set()),
        (Traces(network="203.0.113.7"), False, set()),
        (Traces(trapped=True), False, {Reason.TRAP}),
        (Traces(), True, {Reason.DISPOSABLE}),
        (Traces(unproven=True), False, {Reason.UNPROVEN}),
        (Traces(trapped=True, unproven=True), True, {Reason.TRAP, Reason.DISPOSABLE, Reason.UNPROVEN}),
    ],
)
def test_what_speaks_against_a_submission_by_itself(traces: Traces, disposable: bool, reasons: set[Reason]) -> None:
    assert reasons_at_once(traces, is_disposable=disposable) == reasons


CROWDS = {
    "one person": (Crowd(1, 1, 1), False),
    "a shift at one domain, under the limits": (Crowd(SHORT_LIMIT, DAY_LIMIT, DAY_LIMIT), False),
    "a plant of 400, each with another domain": (Crowd(400, 400, 1), False),
    "a plant of 400, most at one ordinary host": (Crowd(400, 400, 300, is_ordinary=True), False),
    "a plant of 400, some at one small domain": (Crowd(400, 400, MANY - 1), False),
    "many in ten minutes at one uncommon domain": (Crowd(SHORT_LIMIT + 1, SHORT_LIMIT + 1, MANY), True),
    "many in a day at one uncommon domain": (Crowd(0, DAY_LIMIT + 1, MANY), True),
    "the same from a network somebody vouches for": (Crowd(400, 400, 400, is_shared=True), False),
}


@pytest.mark.parametrize("name", CROWDS)
def test_an_address_alone_condemns_nobody(name: str) -> None:
    crowd, held = CROWDS[name]
    assert is_suspicious(crowd) is held


@pytest.mark.parametrize("reasons", [set(pair) for size in range(3) for pair in combinations(Reason, size)])
def test_only_a_missing_proof_is_settled_by_confirming(reasons: set[Reason]) -> None:
    assert is_settled_by_confirming(reasons) is (reasons == {Reason.UNPROVEN})
    assert read(written(reasons)) == reasons


LATER = NOW + timedelta(minutes=4)


@pytest.mark.parametrize(
    ("rate", "until", "after"),
    [
        (0, None, None),
        (PRESSURE_RATE, None, None),
        (PRESSURE_RATE + 1, None, NOW + PRESSURE_LASTS),
        (PRESSURE_RATE + 1, LATER, NOW + PRESSURE_LASTS),
        (0, LATER, LATER),
        (0, NOW, None),
    ],
)
def test_pressure_switches_itself_on_and_off(rate: int, until: datetime | None, after: datetime | None) -> None:
    assert pressure_until(rate, until, NOW) == after


def test_a_domain_stands_for_the_ones_it_is_part_of_but_for_no_whole_country() -> None:
    assert domain_and_parents("a.b.example.org") == ["a.b.example.org", "b.example.org", "example.org"]
    assert domain_and_parents("example.org") == ["example.org"]
    assert domain_and_parents("localhost") == ["localhost"]


@pytest.mark.parametrize(
    "domain", ["uk", "example", "co.uk", "com.br", "edu.au", "or.jp", "ca.us", "k12.ca.us", "mi.it", "github.io"]
)
def test_strangers_share_what_registries_sell_below(domain: str) -> None:
    assert is_public_suffix(domain)


@pytest.mark.parametrize("domain", ["shop.co.uk", "example.org", "shop.de", "co.example", "hm.de", "com.shop.de"])
def test_nobody_shares_a_domain_with_strangers_that_one_can_buy(domain: str) -> None:
    assert not is_public_suffix(domain)


@pytest.mark.parametrize(
    ("domain", "bought"),
    [
        ("catch-all.example", "catch-all.example"),
        ("s7.catch-all.example", "catch-all.example"),
        ("a.b.c.catch-all.co.uk", "catch-all.co.uk"),
        ("mail.yahoo.co.uk", "yahoo.co.uk"),
        ("co.uk", "co.uk"),
        ("north.k12.ca.us", "north.k12.ca.us"),
        ("staff.north.k12.ca.us", "north.k12.ca.us"),
        ("a.shop.minato.tokyo.jp", "shop.minato.tokyo.jp"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_all_below_what_somebody_bought_is_theirs(domain: str, bought: str) -> None:
    assert registrable(domain) == bought


@given(st.lists(st.sampled_from(["a", "co", "com", "k12", "ca", "us", "uk", "de", "example"]), min_size=1, max_size=5))
def test_what_somebody_bought_is_the_domain_itself_or_a_part_of_it_and_stays_what_it_is(labels: list[str]) -> None:
    domain = ".".join(labels)
    bought = registrable(domain)
    assert domain == bought or domain.endswith(f".{bought}")
    assert registrable(bought) == bought == registrable(f"s1.{bought}") or is_public_suffix(bought)


def test_ordinary_hosts_are_what_somebody_bought() -> None:
    assert {host for host in ORDINARY_MAIL_HOSTS if registrable(host) != host} == set()


def test_ordinary_hosts_are_written_as_addresses_are_looked_up() -> None:
    for host in ORDINARY_MAIL_HOSTS:
        assert addresses.canonical(f"somebody@{host}") == f"somebody@{host}"


NATIONAL = "yahoo.ca yahoo.com.au hotmail.ca hotmail.co.uk outlook.it outlook.com.br live.nl live.com.mx".split()


@pytest.mark.parametrize("domain", [*mailboxes.PROVIDERS, *NATIONAL, "rocketmail.com", "pm.me", "posteo.net"])
def test_where_a_hint_sends_people_many_are_no_crowd(domain: str) -> None:
    assert addresses.canonical(f"somebody@{domain}").rpartition("@")[2] in ORDINARY_MAIL_HOSTS


@pytest.mark.parametrize("domain", ["live.example", "yahoo.example.org", "airhub.com", "mail.gmail.com"])
def test_what_only_looks_like_a_host_of_everybodys_is_none(domain: str) -> None:
    assert domain not in ORDINARY_MAIL_HOSTS
