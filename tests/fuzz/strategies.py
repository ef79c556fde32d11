"""What hostile people, broken programs and bad luck send."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st
from werkzeug.routing import Rule

from tests.fuzz.sending import CHUNKED, FITTING, FORM, Request

T = TypeVar("T")
# Stands for all that is personal: it may come back in the field that it was typed into, and nowhere else.
PERSONAL = "Quillfeather"
# A tag or attribute of this name in a page was written by whoever typed it.
EVIL = "evilmark"

TYPED = [
    b"",
    b" \t\xc2\xa0\xe3\x80\x80 ",
    PERSONAL.encode(),
    f"Maria {PERSONAL}".encode(),
    f"{PERSONAL}\0".encode(),
    f"\x1b[31m{PERSONAL}\x07".encode(),
    f"{PERSONAL}\r\nBcc: boss@example.org".encode(),
    f"\u202e{PERSONAL}\u2066\u2069\u200b\ufeff".encode(),
    PERSONAL.encode() + b"\xed\xa0\x80",  # a lone surrogate
    PERSONAL.encode() + b"\xff\xfe\xc3\x28\xf0\x9f",
    b"\xed\xb0\x80\xed\xa0\x80%00%ED%A0%80",
    f"<script>alert(1)</script>{PERSONAL}".encode(),
    f"\"><{EVIL} {EVIL}=1>".encode(),
    f"' {EVIL}='{PERSONAL}".encode(),
    f"\" {EVIL}=\"1\" autofocus onfocus=\"alert(1)".encode(),
    f"</textarea></title></script><{EVIL}>{PERSONAL}".encode(),
    f"--><{EVIL}><!--".encode(),
    f"<bdi><{EVIL}/><svg onload=alert(1)>".encode(),
    f"javascript:alert('{PERSONAL}')".encode(),
    b"{{ 'evil' ~ 'template' }}{% raw %}",
    b"%(count)s %s {0} {name} %%",
    f'=HYPERLINK("http://x";"{PERSONAL}")'.encode(),
    b"+1+1|' /C calc'!A0",
    b"'; DROP TABLE signature; --",
    "٣٠٫٥".encode(), "١٢٣".encode(), "3\u202e0".encode(), "½²Ⅷ".encode(), "𝟛𝟘".encode(),
    b"0", b"-5", b"+5", b"1e9", b"NaN", b"Infinity", b"0x1E", b"1_000", b"1,000", b"1.000,50", b"30.001", b"00030",
    b"999999999999999999999999", b"25000.01", b"0.999", b".5", b"5.", b"other", b"y", b"false", b"US", b"us",
    b"public", b"PUBLIC",
    "é".encode() * 101, ("e\u0301" * 100).encode(), "ﷺ".encode() * 100, b"x" * 10_000, b"<" * 5000, b"9" * 5000,
    f"{PERSONAL.lower()}@example.org".encode(),
    f'"{PERSONAL}"@example.org'.encode(), f"{PERSONAL}@[127.0.0.1]".encode(), f"{PERSONAL}@xn--a.example".encode(),
    "quillfeather@bücher.example".encode(), "quillfeather@ⓔxample.org".encode(), "quillfeather@ß.example".encode(),
    "用户@例子.广告".encode(), "quillfeather@example。org".encode(), "ﬀ@example.org".encode(),
    "\u0131\u0130@example.org".encode(), f"{'l' * 64}@{'d' * 63}.example.org".encode(),
    "quillfeather@\u200dexample.org".encode(), "a\u0300\u0315b@example.org".encode(), b"q@xn--ls8h.example",
    "quillfeather@☃.example".encode(), "quillfeather@ǅ.example".encode(), "quillfeather@a\u0661.example".encode(),
]  # fmt: skip

HOSTILE = st.one_of(
    st.sampled_from(TYPED),
    st.text(max_size=40).map(str.encode),
    st.lists(st.sampled_from(TYPED), min_size=2, max_size=3).map(b"".join),
    st.binary(max_size=30),
)

PLACES = [
    b"", b".", b"..", b"%", b"%00", b"%2e%2e%2f", b"\0", b"a/b", b"//evil.example", b"\\..\\", b"x" * 5000, b"\xff\xfe",
    b"\xed\xa0\x80", "ｒｅｓｃｉｎｄ".encode(), b"RESCIND", b"rescind\n", b"rescind ", b"-1", b"0", b"null",
    b"00000000-0000-0000-0000-000000000000", b"<script>alert(1)</script>", f"\"><{EVIL}>".encode(), PERSONAL.encode(),
    b"../../etc/passwd", b"css/../print/list.css", b"Print/list.css", b"a;b=c", b"a?b#c", "e\u0301".encode() * 300,
]  # fmt: skip
IN_A_PATH = st.one_of(st.sampled_from(PLACES), HOSTILE)
METHODS = [
    "GET",
    "POST",
    "HEAD",
    "OPTIONS",
    "PUT",
    "DELETE",
    "PATCH",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "X",
    "get",
    "pOsT",
]

_NO_HEADER = "\r\n\0"
ODD = st.text(st.characters(max_codepoint=255, exclude_characters=_NO_HEADER), max_size=40)
HEADERS: dict[str, list[str]] = {
    "Accept": ["*/*", "application/json", "text/html;q=x", ","],
    "Accept-Encoding": ["gzip", "gzip;q=0", "br, gzip", "*", "identity;q=0", "gzip" * 2000, ";;;=,"],
    "Accept-Language": ["de", "ar,en;q=0.5", "xx-XX", "*", "en;q=1e999", "-", "i-klingon, zh-Hant-x-y", "a" * 9000],
    "Authorization": ["Bearer x", "Basic Og==", "Basic \xff", "Bearer", "Digest x=\"", "Negotiate " + "A" * 5000],
    "Cookie": ["desk=x", "desk=.eJw.x.y", "desk=" + "A" * 9000, "=;=;", "desk=\xff; x=\"", "remember_token=1|\xe9"],
    "Content-Encoding": ["gzip", "br", "x"],
    "Expect": ["100-continue", "x"],
    "Forwarded": ["for=evil;host=evil.example;proto=https"],
    "Host": ["localhost", "localhost:80", "evil.example", "", "localhost:99999", "[::1", "a b", "\xfc.example",
             "x" * 3000, f"\"><{EVIL}>", "localhost@evil.example", "localhost/..", ":", "::1", "localhost:x"],
    "If-Match": ["*", '"x"'],
    "If-Modified-Since": ["Thu, 01 Jan 1970 00:00:00 GMT", "tomorrow", "Thu, 99 Foo 99999 00:00:00 GMT", "0"],
    "If-None-Match": ["*", 'W/"x"', '"', "W/", "", '"' * 500],
    "If-Range": ['"x"', "Thu, 01 Jan 2037 00:00:00 GMT", "x"],
    "Origin": ["http://localhost", "null", "https://evil.example", "", "http://[::1", "http://localhost:99999", "//"],
    "Range": ["bytes=0-0", "bytes=-1", "bytes=5-2", "bytes=0-0,2-3,5-5", "bytes=99999999999999999999-", "bytes=x",
              "x=1-2", "bytes=-0", "bytes=" + "0-1," * 500],
    "Referer": ["https://evil.example/?Quillfeather", "\xff"],
    "Sec-Fetch-Site": ["same-origin", "none", "same-site", "cross-site", "", "x"],
    "Stripe-Signature": ["genuine", "t=1,v1=x", "t=x", ",", "=", "t=1,v1=\xe9", "t=" + "9" * 5000 + ",v1=x"],
    "User-Agent": ["", PERSONAL, "x" * 9000, "\xff"],
    "X-Forwarded-For": ["1.2.3.4", "x, y"],
    "X-Forwarded-Host": ["evil.example"],
    "X-Forwarded-Proto": ["https", "x"],
    "X-HTTP-Method-Override": ["DELETE"],
    "X-Requested-With": ["XMLHttpRequest"],
}  # fmt: skip
CONTENT_TYPES = [
    FORM, f"{FORM}; charset=x-none", f"{FORM}; charset=utf-16", "multipart/form-data", "multipart/form-data; boundary=",
    "multipart/form-data; boundary=b", 'multipart/form-data; boundary="', "multipart/form-data; boundary=\xff",
    "multipart/mixed; boundary=b", "application/json", "application/json; charset=x", "text/plain", "", ";", "/",
    "x" * 5000,
]  # fmt: skip
LENGTHS = [FITTING] * 40 + [CHUNKED, "", "0", "1", "99999", "-1", "x", "1e3", "٣", "9" * 30, " 5", "+5", "5, 5"]


def mostly(usual: st.SearchStrategy[T], seldom: st.SearchStrategy[T], times: int = 4) -> st.SearchStrategy[T]:
    """`usual`, so many times as often as `seldom`. (Naming it so many times to one_of would count once.)"""
    return st.integers(0, times).flatmap(lambda lot: usual if lot < times else seldom)


def header() -> st.SearchStrategy[tuple[str, str]]:
    """One header that the site may read, with one of its own odd values or any at all."""
    return st.sampled_from(sorted(HEADERS)).flatmap(
        lambda name: st.tuples(st.just(name), st.one_of(st.sampled_from(HEADERS[name]), ODD))
    )


def headers() -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    """Half of the requests have none: a wrong Origin keeps all else from being read."""
    several = st.lists(header(), min_size=1, max_size=4, unique_by=lambda pair: pair[0])
    return st.one_of(st.just(()), several.map(tuple))


Pairs = Sequence[tuple[str, bytes]]


def as_form(pairs: Pairs) -> bytes:
    return "&".join(f"{name}={quote_from_bytes(value)}" for name, value in pairs).encode()


def as_raw_form(pairs: Pairs) -> bytes:
    """The same by a program that does not know how to write it."""
    return b"&".join(name.encode() + b"=" + value for name, value in pairs)


def as_parts(pairs: Pairs, boundary: str = "b", extra: str = "", end: str = "--\r\n") -> bytes:
    """A multipart body (RFC 7578); `extra` goes into each part's head."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + value + b"\r\n"
        for name, value in pairs
    ]
    return b"".join(parts) + f"--{boundary}{end}".encode()


PART_EXTRAS = [
    "", '; filename="x.txt"', '; filename=""', "; filename*=UTF-8''%ff%00",
    "\r\nContent-Type: text/plain; charset=utf-7",
    "\r\nContent-Type: text/plain; charset=x-none", "\r\nContent-Transfer-Encoding: base64", "\r\n\r\n", "\r\nX", '"',
    "\r\nContent-Length: 99999", "\r\nX: " + "x" * 9000, "; name*=UTF-8''other", "; name=other",
]  # fmt: skip
ENDS = ["--\r\n", "", "--", "\r\n", "-", "--\r\n--b--\r\n", "\r\n\r\n\r\n"]


def pairs(fields: Mapping[str, bytes]) -> st.SearchStrategy[list[tuple[str, bytes]]]:
    """Fields of real names in any order, some missing, some twice; `fields` has a fitting value for each."""
    names = st.sampled_from([*sorted(fields), "unknown", "name[]", "__proto__", "csrf_token"])
    loose = st.lists(st.tuples(names, HOSTILE), max_size=8)
    changed = loose.map(lambda more: [*((name, fields[name]) for name in fields if name not in dict(more)), *more])
    return st.one_of(loose, changed, st.just(list(fields.items())))


def bodies(fields: Mapping[str, bytes]) -> st.SearchStrategy[tuple[bytes, str | None]]:
    """A body and what is said of it, which need not be true."""
    sent = pairs(fields)
    form = st.builds(as_form, sent)
    parts = st.builds(as_parts, sent, st.just("b"), st.sampled_from(PART_EXTRAS), st.sampled_from(ENDS))
    values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
    document = st.recursive(
        values, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(fields)), inner)
    )
    true = st.one_of(
        st.tuples(form, st.just(FORM)),
        st.tuples(st.builds(as_raw_form, sent), st.just(FORM)),
        st.tuples(parts, st.just("multipart/form-data; boundary=b")),
        st.tuples(document.map(lambda value: json.dumps(value).encode()), st.just("application/json")),
        st.just((b"", None)),
    )
    raw = st.one_of(
        st.binary(max_size=200), st.sampled_from([b"[" * 20_000, b"x" * 300_000, b"a&" * 3000, b"\xff\xfe"])
    )
    untrue = st.tuples(st.one_of(form, parts, raw), st.one_of(st.sampled_from(CONTENT_TYPES), ODD))
    return mostly(true, untrue, 2)


def paths(rule: Rule, known: Mapping[str, Sequence[str]]) -> st.SearchStrategy[bytes]:
    """An address of `rule`; `known` has values for its parts under which there is something."""
    pieces = [
        _argument(known.get(text, ())) if is_argument else st.just(text.encode()) for is_argument, text in _pieces(rule)
    ]
    straight = st.tuples(*pieces).map(b"".join)
    bent = st.tuples(
        straight, st.sampled_from([b"", b"/", b"//evil.example"]), st.sampled_from([b"", b"/", b"//", b"\0"])
    )
    return mostly(straight, bent.map(lambda three: three[1] + three[0] + three[2]), 8)


def _argument(known: Sequence[str]) -> st.SearchStrategy[bytes]:
    """Mostly one that leads somewhere: behind a wrong one is the same wall everywhere."""
    if not known:
        return IN_A_PATH
    right = st.sampled_from([value.encode() for value in known])
    return mostly(right, IN_A_PATH)


def _pieces(rule: Rule) -> list[tuple[bool, str]]:
    """Split "/campaigns/<slug>/sign" into what stands there and what is put in."""
    pieces: list[tuple[bool, str]] = []
    for part in rule.rule.replace(">", "<").split("<"):
        pieces.append((len(pieces) % 2 == 1, part.rpartition(":")[2] if len(pieces) % 2 else part))
    return pieces


def queries() -> st.SearchStrategy[bytes]:
    names = st.sampled_from(["id", "amount", "next", "page", "lang", "via", ""])
    sent = st.lists(st.tuples(names, HOSTILE), max_size=3)
    return st.one_of(st.just(b""), sent.map(as_form), sent.map(as_raw_form), st.binary(max_size=40))


def requests_to(
    rule: Rule, known: Mapping[str, Sequence[str]], fields: Mapping[str, bytes]
) -> st.SearchStrategy[Request]:
    """Any request to one door; most by a method that it takes."""
    own = [method for method in sorted(rule.methods or ()) if method in ("GET", "POST")]
    body = bodies(fields)
    return st.builds(
        lambda method, path, query, sent, body, length: Request(method, path, query, sent, body[0], body[1], length),
        mostly(st.sampled_from(own), st.sampled_from(METHODS)),
        paths(rule, known),
        queries(),
        headers(),
        body,
        st.sampled_from(LENGTHS),
    )


def mutated(valid: Mapping[str, bytes]) -> st.SearchStrategy[list[tuple[str, bytes]]]:
    """A form that is right, with one field or several missing, changed or sent twice."""

    def change(name: str) -> st.SearchStrategy[list[bytes]]:
        twice = st.tuples(HOSTILE, st.just(valid[name]))
        several: st.SearchStrategy[list[bytes]] = st.one_of(
            st.just([]), twice.map(list), twice.map(lambda pair: [pair[1], pair[0]])
        )
        return mostly(HOSTILE.map(lambda value: [value]), several, 2)

    names = st.lists(st.sampled_from(sorted(valid)), max_size=3, unique=True)
    changes = names.flatmap(lambda chosen: st.fixed_dictionaries({name: change(name) for name in chosen}))
    return changes.map(lambda changed: [(name, value) for name in valid for value in changed.get(name, [valid[name]])])
