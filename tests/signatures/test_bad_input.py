"""Whatever is put into the sign form: a plain sentence, what was typed kept, the database whole."""

import io
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from campaigns.outbox.models import OutboxItem
from campaigns.signatures.models import Signature
from tests.make import SIGN, World, a_world

FORM = "application/x-www-form-urlencoded"
SHOWN = "Type this again: it holds characters that cannot be shown."
NO_ADDRESS = "Enter an e-mail address like name@example.org."

REFUSED = [
    ("name", "", "Enter your name."),
    ("name", " \t\u3000 ", "Enter your name."),
    ("name", "x" * 10_000, "Shorten your name to 100 characters."),
    ("name", "Mar\0ia", SHOWN),
    ("name", "Mar\x1b[31mia", SHOWN),
    ("name", "7", "Enter your name in letters, at least two."),
    ("name", "\u200b\u200b", "Enter your name in letters, at least two."),
    ("name", "=1+1", "Enter your name in letters, at least two."),
    ("name", "Buy at https://spam.example", "Enter your name alone, without an address."),
    ("name", "<a href='//x'>www.spam.example</a>", "Enter your name alone, without an address."),
    ("email", "", "Enter your e-mail address."),
    ("email", "maria@example", NO_ADDRESS),
    ("email", "maria", NO_ADDRESS),
    ("email", "maria@@example.org", NO_ADDRESS),
    ("email", "maria@example.org\0", NO_ADDRESS),
    ("email", "maria@example.org\r\nBcc: boss@example.org", NO_ADDRESS),
    ("email", "maria@example.org,boss@example.org", NO_ADDRESS),
    ("email", f"{'x' * 300}@example.org", NO_ADDRESS),
    ("email", "<script>alert(1)</script>", NO_ADDRESS),
    ("town", "x" * 10_000, "Shorten this to 100 characters."),
    ("town", "Heb\0ron", SHOWN),
    ("postcode", "9" * 21, "Shorten this to 20 characters."),
    ("postcode", "41\x07048", SHOWN),
    ("country", "XX", "Choose your country."),
    ("country", "", "Choose your country."),
    ("country", "USA", "Choose your country."),
    ("country", "<b>", "Choose your country."),
    ("visibility", "", "Choose who may see your name."),
    ("visibility", "everyone", "Choose who may see your name."),
    ("visibility", "PUBLIC", "Choose who may see your name."),
    ("comment", "x" * 10_000, "Shorten this to 500 characters."),
    ("comment", "a\0b", SHOWN),
]  # fmt: skip


@pytest.fixture(scope="module")
def petition_open(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One site for all that is refused: nothing of it may be left behind."""
    with a_world(sqlite_template, tmp_path_factory.mktemp("refused")) as world:
        world.publish()
        yield world


@pytest.mark.parametrize(("field", "typed", "sentence"), REFUSED)
def test_a_refused_field_says_why_and_all_that_was_typed_is_kept(
    petition_open: World, field: str, typed: str, sentence: str
) -> None:
    answer = petition_open.sign(**{field: typed})
    assert answer.status_code == 422
    assert unescape(_error_at(answer.text, field)) == sentence
    for other, value in SIGN.items():
        if other != field:
            assert escape(value) in answer.text, other
    if field in ("name", "email", "town", "postcode", "comment") and typed.isprintable():
        assert _kept(answer.text, field) == typed.strip()
    assert "<script>alert" not in answer.text
    assert _rows(petition_open) == 0


def _error_at(page: str, field: str) -> str:
    """The sentence beside a field, found by the id that the field's aria-describedby names."""
    _, found, rest = page.partition(f'id="{field}-error"')
    assert found, f"no error beside {field}"
    return rest.partition(">")[2].partition("<")[0].strip()


def _kept(page: str, field: str) -> str:
    _, _, rest = page.partition(f' id="{field}"')
    if field == "comment":
        return unescape(rest.partition(">")[2].partition("</textarea>")[0]).strip()
    return unescape(rest.partition('value="')[2].partition('"')[0])


def _rows(world: World) -> int:
    with world.reading() as session:
        return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in (Signature, OutboxItem))


@pytest.mark.parametrize("field", ["name", "email", "visibility"])
def test_a_needed_field_that_is_not_sent_at_all_is_asked_for(sqlite_world: World, field: str) -> None:
    sqlite_world.publish()
    data = {name: value for name, value in SIGN.items() if name != field}
    answer = sqlite_world.client.post("/campaigns/rescind/sign", data=data)
    assert answer.status_code == 422
    assert _error_at(answer.text, field)
    assert _rows(sqlite_world) == 0


@pytest.mark.parametrize("field", ["town", "postcode", "comment"])
def test_a_field_nobody_needs_may_be_missing(sqlite_world: World, field: str) -> None:
    sqlite_world.publish()
    data = {name: value for name, value in SIGN.items() if name != field}
    assert sqlite_world.client.post("/campaigns/rescind/sign", data=data).status_code == 200


def test_each_of_several_mistakes_is_named_at_once(sqlite_world: World) -> None:
    sqlite_world.publish()
    answer = sqlite_world.sign(name="", email="x", visibility="")
    assert [bool(_error_at(answer.text, field)) for field in ("name", "email", "visibility")] == [True] * 3


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("\u202ezitrO airaM", "zitrO airaM"),
        ("Maria\u2066 \u2069Ortiz", "Maria Ortiz"),
        ("<b>Maria</b>", "<b>Maria</b>"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ('"><img src=x onerror=alert(1)>', '"><img src=x onerror=alert(1)>'),
        ("=HYPERLINK(A1)", "=HYPERLINK(A1)"),
        ("{{ config }} Maria", "{{ config }} Maria"),
        ("Maria\r\nBcc: Ortiz", "Maria Bcc: Ortiz"),
        ("  Maria \t  Ortiz ", "Maria Ortiz"),
        ("Jose\u0301", "José"),
        ("王伟", "王伟"),
    ],
)
def test_a_strange_name_is_a_name_and_nothing_else(sqlite_world: World, name: str, kept: str) -> None:
    sqlite_world.publish()
    assert sqlite_world.sign(name=name, visibility="public").status_code == 200
    sqlite_world.run_worker()
    mail = sqlite_world.mailer.sent[-1]
    assert f"Hello {kept}," in mail.text
    assert "\n" not in mail.subject
    assert mail.to == SIGN["email"]
    assert escape(kept, quote=False) in _unquoted(sqlite_world.confirm().text)
    page = sqlite_world.see("/campaigns/rescind").text
    assert f"<bdi>{escape(kept, quote=False)}</bdi>" in _unquoted(page)
    assert not {"\u202e", "\u2066", "\u2069"} & set(page)


def _unquoted(page: str) -> str:
    return page.replace("&#34;", '"').replace("&#39;", "'")


BODIES: list[tuple[str, dict[str, Any], int]] = [
    ("nothing", {}, 422),
    ("bytes that are no UTF-8", {"data": b"name=Mar\xffia&country=US", "content_type": FORM}, 422),
    ("no form at all", {"data": b"\x00\x01\x02", "content_type": FORM}, 422),
    ("JSON", {"json": SIGN}, 422),
    ("broken JSON", {"data": b'{"name":', "content_type": "application/json"}, 422),
    ("a multipart body without its boundary", {"data": b"x", "content_type": "multipart/form-data"}, 422),
    (
        "a multipart body cut off",
        {
            "data": b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nMar',
            "content_type": "multipart/form-data; boundary=b",
        },
        422,
    ),
    ("a boundary of nothing", {"data": b"----", "content_type": "multipart/form-data; boundary="}, 422),
    ("an unknown charset", {"data": b"name=x", "content_type": f"{FORM}; charset=x-none"}, 422),
    ("5,000 fields", {"data": "&".join(f"f{n}=1" for n in range(5000)), "content_type": FORM}, 422),
    (
        "300 parts",
        {"data": {f"f{n}": "1" for n in range(300)}, "content_type": "multipart/form-data"},
        413,
    ),
    ("a body of 300 kB", {"data": b"name=" + b"x" * 300_000, "content_type": FORM}, 413),
    ("a part of 300 kB", {"data": {"name": "x" * 300_000}, "content_type": "multipart/form-data"}, 413),
    ("a file for a name", {"data": SIGN | {"name": (io.BytesIO(b"x"), "x.txt")}}, 422),
    ("a file for a tick", {"data": SIGN | {"name": "", "updates": (io.BytesIO(b"x"), "x.txt")}}, 422),
]


@pytest.mark.parametrize(("body", "status"), [pytest.param(*row[1:], id=row[0]) for row in BODIES])
def test_a_body_that_is_no_form_is_refused_calmly(petition_open: World, body: dict[str, Any], status: int) -> None:
    answer = petition_open.client.post("/campaigns/rescind/sign", **body)
    assert answer.status_code == status
    assert "<h1" in answer.text
    assert _rows(petition_open) == 0


def test_a_field_sent_twice_is_read_once(sqlite_world: World) -> None:
    sqlite_world.publish()
    twice: dict[str, Any] = SIGN | {"name": ["Maria Ortiz", "Another Name"]}
    assert sqlite_world.client.post("/campaigns/rescind/sign", data=twice).status_code == 200
    sqlite_world.run_worker()
    assert "Hello Maria Ortiz," in sqlite_world.mailer.sent[-1].text


def test_bytes_that_are_no_utf8_become_marks_and_break_nothing(world: World) -> None:
    world.publish()
    body = b"name=Mar%FFia&email=maria%40example.org&country=US&visibility=public&town=%C3%28&comment=%ED%A0%80"
    assert world.client.post("/campaigns/rescind/sign", data=body, content_type=FORM).status_code < 500
