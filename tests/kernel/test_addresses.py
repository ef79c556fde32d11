"""One mailbox, one spelling: by the provider's own rules and by nobody else's."""

import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from campaigns.kernel.addresses import InvalidAddress, canonical


@pytest.mark.parametrize(
    ("typed", "mailbox"),
    [
        ("maria@example.org", "maria@example.org"),
        ("  Maria@Example.ORG\n", "maria@example.org"),
        ("maria@example.org.", "maria@example.org"),
        # Gmail ignores dots, and what follows a plus.
        ("m.a.r.i.a+strike@googlemail.com", "maria@gmail.com"),
        ("Maria.Ortiz@Gmail.com", "mariaortiz@gmail.com"),
        # Proton ignores dots, hyphens and underscores.
        ("maria.o_r-tiz+x@protonmail.com", "mariaortiz@proton.me"),
        ("mariaortiz@pm.me", "mariaortiz@proton.me"),
        ("mariaortiz@protonmail.ch", "mariaortiz@proton.me"),
        # A plus, but no dots.
        ("maria.o+x@outlook.com", "maria.o@outlook.com"),
        ("maria.o+x@hotmail.com", "maria.o@hotmail.com"),
        ("maria.o+x@fastmail.com", "maria.o@fastmail.com"),
        ("maria.o+x@me.com", "maria.o@icloud.com"),
        ("maria.o@mac.com", "maria.o@icloud.com"),
        ("maria.o+x@hotmail.co.uk", "maria.o@hotmail.co.uk"),
        ("maria.o+x@outlook.de", "maria.o@outlook.de"),
        ("maria.o+x@live.nl", "maria.o@live.nl"),
        ("maria.o+x@posteo.de", "maria.o@posteo.de"),
        ("maria.o+x@mailbox.org", "maria.o@mailbox.org"),
        ("maria.o+x@riseup.net", "maria.o@riseup.net"),
        # A hyphen at Yahoo.
        ("maria.o-strike@yahoo.com", "maria.o@yahoo.com"),
        ("maria.o+strike@yahoo.com", "maria.o+strike@yahoo.com"),
        # Nobody else's rules are known.
        ("maria.o+x-y@example.org", "maria.o+x-y@example.org"),
        ("maria.o+x@mail.gmail.com", "maria.o+x@mail.gmail.com"),
        ("maria.o+x@live.example", "maria.o+x@live.example"),
        ("maria.o+x@gmx.de", "maria.o+x@gmx.de"),
        # What is left must be something.
        ("+strike@gmail.com", "+strike@gmail.com"),
        ("-strike@yahoo.com", "-strike@yahoo.com"),
        ("...@gmail.com", "...@gmail.com"),
        # Other scripts: one spelling for each way to write it.
        ("maria@bücher.example", "maria@xn--bcher-kva.example"),
        ("maria@BÜCHER.example", "maria@xn--bcher-kva.example"),
        ("maria@xn--bcher-kva.example", "maria@xn--bcher-kva.example"),
        ("m@ｇｍａｉｌ.com", "m@gmail.com"),
        ("m@gmail。com", "m@gmail.com"),
        ("m@gmail.com。", "m@gmail.com"),
        # Letters that an older rule read as others: their domains have other owners (UTS #46, table 1).
        ("rosa@straße.de", "rosa@xn--strae-oqa.de"),
        ("rosa@STRAẞE.de", "rosa@xn--strae-oqa.de"),
        ("rosa@xn--strae-oqa.de.", "rosa@xn--strae-oqa.de"),
        ("rosa@strasse.de", "rosa@strasse.de"),
        ("rosa@mail。ｆａß.de。", "rosa@mail.xn--fa-hia.de"),
        ("rosa@βόλος.com", "rosa@xn--nxasmm1c.com"),
        ("rosa@βόλοσ.com", "rosa@xn--nxasmq6b.com"),
        ("rosa@ශ්\u200dරී.com", "rosa@xn--10cl1a0b660p.com"),
        ("rosa@نامه\u200cای.com", "rosa@xn--mgba3gch31f060k.com"),
        ("jose\u0301@example.org", "jos\u00e9@example.org"),
        ("JOSÉ@example.org", "jos\u00e9@example.org"),
        # The last @ divides.
        ('"a@b"@example.org', '"a@b"@example.org'),
    ],
)
def test_a_mailbox_has_one_spelling(typed: str, mailbox: str) -> None:
    assert canonical(typed) == mailbox
    assert canonical(mailbox) == mailbox


@pytest.mark.parametrize(
    "typed",
    [
        *["", "maria", "@example.org", "maria@", "maria@.", "maria@a..b", "maria@ ", "m@[127.0.0.1]"],
        *["ma ria@example.org", "m@exa mple.org", "m\x00@example.org", "m@exa!mple.org", "m@¨.org"],
        *["m@" + "a" * 64 + ".org", "m@" + "ß" * 64 + ".org", "m@ß .org", "m@ß\x00.org", "m@ß..org"],
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidAddress):
        canonical(typed)


DOMAINS = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "icloud.com",
    "me.com",
    "proton.me",
    "yahoo.com",
    "fastmail.com",
    "example.org",
]
domains = st.sampled_from(DOMAINS) | st.text(max_size=20)
local_parts = st.text(string.ascii_letters + string.digits + ".+-_", min_size=1, max_size=20)


@settings(deadline=None)
@given(st.text(max_size=20) | local_parts, domains)
def test_a_canonical_address_stays_as_it_is(local: str, domain: str) -> None:
    try:
        mailbox = canonical(f"{local}@{domain}")
    except InvalidAddress:
        assume(False)
    assert canonical(mailbox) == mailbox


@settings(deadline=None)
@given(local_parts, st.sampled_from(DOMAINS))
def test_capitals_make_no_difference(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    assert canonical(address.upper()) == canonical(address.lower()) == canonical(address.swapcase())


@settings(deadline=None)
@given(local_parts, local_parts)
def test_elsewhere_every_dot_and_plus_tells_two_people_apart(one: str, other: str) -> None:
    assume(one.lower() != other.lower())
    assert canonical(f"{one}@example.org") != canonical(f"{other}@example.org")


@settings(deadline=None)
@given(st.text(string.ascii_lowercase, min_size=1), st.text(string.ascii_lowercase + ".+", max_size=9))
def test_a_tag_is_left_out_where_the_provider_leaves_it_out(name: str, tag: str) -> None:
    for domain in ("gmail.com", "outlook.com", "icloud.com", "proton.me", "fastmail.com"):
        assert canonical(f"{name}+{tag}@{domain}") == canonical(f"{name}@{domain}")
