"""Whose mail and whose network: what a target owns."""

import pytest

from campaigns.campaign.employer import (
    Danger,
    NoDomain,
    NoNetwork,
    TooWide,
    employer,
    read_domains,
    read_networks,
)

TARGET = employer(
    ("airhub.com", "exämple.org", "straße.de"),
    ("198.51.100.0/24", "203.0.113.7/32", "2001:db8:12::/48"),
)


@pytest.mark.parametrize(
    ("email", "is_theirs"),
    [
        ("rosa@airhub.com", True),
        ("Rosa.Delgado@AirHub.COM", True),
        ("rosa@mail.eu.airhub.com", True),
        ("rosa@airhub.com.", True),
        ("rosa@airhub。com", True),
        ("rosa@exämple.org", True),
        ("rosa@EXÄMPLE.org", True),
        ("rosa@xn--exmple-cua.org", True),
        ("rosa@post.exämple.org", True),
        ("rosa@straße.de", True),
        ("rosa@xn--strae-oqa.de", True),
        ("rosa@strasse.de", False),
        ("rosa@notairhub.com", False),
        ("rosa@airhub.com.example.net", False),
        ("rosa@com", False),
        ("airhub.com@example.org", False),
        ("rosa@example.org", False),
        ("rosa@", False),
        ("", False),
        ("rosa@..", False),
    ],
)
def test_an_address_is_theirs_in_every_spelling_and_below_their_domain(email: str, is_theirs: bool) -> None:
    assert TARGET.owns_mail(email) is is_theirs


@pytest.mark.parametrize(
    ("address", "is_theirs"),
    [
        ("198.51.100.0", True),
        ("198.51.100.255", True),
        ("198.51.101.0", False),
        ("203.0.113.7", True),
        ("203.0.113.8", False),
        ("::ffff:198.51.100.9", True),
        ("::ffff:198.51.101.9", False),
        ("2001:db8:12::1", True),
        ("2001:DB8:12:ffff:ffff:ffff:ffff:ffff", True),
        ("2001:db8:13::1", False),
        ("fe80::1%eth0", False),
        ("", False),
        (None, False),
        ("unix:", False),
        ("198.51.100.9, 10.0.0.1", False),
    ],
)
def test_an_address_of_the_net_is_theirs_in_both_versions(address: str | None, is_theirs: bool) -> None:
    assert TARGET.owns_network(address) is is_theirs


@pytest.mark.parametrize(
    ("email", "address", "danger"),
    [
        ("rosa@airhub.com", "192.0.2.1", Danger.MAIL),
        ("rosa@example.org", "198.51.100.1", Danger.NETWORK),
        ("rosa@airhub.com", "198.51.100.1", Danger.BOTH),
        ("rosa@example.org", "192.0.2.1", None),
    ],
)
def test_the_danger_says_what_of_a_signature_they_would_read(email: str, address: str, danger: Danger | None) -> None:
    assert TARGET.danger(email, address) is danger


def test_a_target_of_which_nothing_is_known_warns_nobody() -> None:
    assert employer((), ()).danger("rosa@airhub.com", "198.51.100.1") is None


def test_domains_are_read_as_people_type_them() -> None:
    assert read_domains("AirHub.com, @airhub.eu\nrosa@post.exämple.org airhub.com. STRAẞE.de") == (
        "airhub.com",
        "airhub.eu",
        "post.exämple.org",
        "straße.de",
    )


@pytest.mark.parametrize("text", ["localhost", "a b", "air hub.com", "198.51.100.7", "com", "..", "-", "a..b.com"])
def test_what_no_address_ends_in_is_no_domain(text: str) -> None:
    with pytest.raises(NoDomain):
        read_domains(text)


def test_networks_are_kept_as_the_range_they_name() -> None:
    typed = "198.51.100.7/24, 203.0.113.7\n2001:DB8:12::9/48 198.51.100.0/24"
    assert read_networks(typed) == ("198.51.100.0/24", "203.0.113.7/32", "2001:db8:12::/48")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("198.51.100.0/33", NoNetwork),
        ("198.51.100", NoNetwork),
        ("airhub.com", NoNetwork),
        ("2001:db8::/129", NoNetwork),
        ("0.0.0.0/0", TooWide),
        ("10.0.0.0/7", TooWide),
        ("::/0", TooWide),
        ("2000::/3", TooWide),
    ],
)
def test_what_is_no_network_or_takes_in_half_the_world_is_refused(text: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read_networks(text)
