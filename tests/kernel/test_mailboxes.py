"""Near misses of mail providers: a hint where one is sure to help."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.kernel.mailboxes import LARGE_HOSTS, PROVIDERS, is_provider, suggested_address, suggested_domain

LETTERS = "abcdefghijklmnopqrstuvwxyz.-"
domains = st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z0-9-]{1,10}){1,2}", fullmatch=True)


@st.composite
def slips(draw: st.DrawFn) -> str:
    """A provider with one slip of the finger: a letter more, less, other, or two swapped."""
    domain = draw(st.sampled_from(PROVIDERS))
    at = draw(st.integers(0, len(domain) - 2))
    kind, letter = draw(st.sampled_from("mlos")), draw(st.sampled_from(LETTERS))
    before, here, after = domain[:at], domain[at : at + 2], domain[at + 2 :]
    changed = {"m": letter + here, "l": here[1], "o": letter + here[1], "s": here[::-1]}
    return before + changed[kind] + after


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("GMAI.COM", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("yaho.com", "yahoo.com"),
        ("yahoo.con", "yahoo.com"),
        ("yahoo.co", "yahoo.com"),
        ("outlok.com", "outlook.com"),
        ("iclod.com", "icloud.com"),
        ("liberi.it", "libero.it"),
        ("t-onlin.de", "t-online.de"),
        ("yaho.co.uk", "yahoo.co.uk"),
        ("icould.com", "icloud.com"),
        ("mgail.com", "gmail.com"),  # as near to ymail.com, which fewer have
        ("wmail.com", "gmail.com"),
    ],
)
def test_a_slip_is_noticed(typed: str, meant: str) -> None:
    assert suggested_domain(typed) == meant


@pytest.mark.parametrize(
    "domain",
    ["example.org", "airhub.com", "hubworkers.org", "yahoo.de", "hotmail.nl", "live.se", "mail.com", "me.com",
     "posteo.net", "", ".", "x" * 5000, "gmail", "☃.com"],
)  # fmt: skip
def test_what_may_well_be_right_is_left_alone(domain: str) -> None:
    assert suggested_domain(domain) is None


@pytest.mark.parametrize("domain", LARGE_HOSTS)
def test_nobody_is_asked_about_a_large_host_of_their_country(domain: str) -> None:
    assert suggested_domain(domain) is None


@given(st.one_of(domains, slips(), st.sampled_from(PROVIDERS), st.text(max_size=50)))
def test_a_suggestion_is_a_provider_never_the_same_and_never_corrected_again(typed: str) -> None:
    found = suggested_domain(typed)
    if is_provider(typed.casefold()):
        assert found is None
    if found is not None:
        assert found in PROVIDERS
        assert found != typed.casefold()
        assert suggested_domain(found) is None


@given(st.sampled_from(PROVIDERS), st.booleans())
def test_no_provider_is_ever_corrected_to_another(domain: str, is_shouted: bool) -> None:
    assert suggested_domain(domain.upper() if is_shouted else domain) is None


@pytest.mark.parametrize(
    ("email", "suggested"),
    [
        ("Rosa.D+x@gmial.com", "Rosa.D+x@gmail.com"),
        ('"a@b"@gmial.com', '"a@b"@gmail.com'),
        ("rosa@gmail.com", None),
        ("@gmial.com", None),
        ("gmial.com", None),
        ("", None),
    ],
)
def test_the_address_keeps_all_before_the_at(email: str, suggested: str | None) -> None:
    assert suggested_address(email) == suggested
