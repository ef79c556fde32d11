"""The sign form: what it takes, what it refuses, and in which words."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from campaigns.signatures.forms import SignForm

GOOD = {
    "name": "Rosa Delgado",
    "email": "rosa@example.org",
    "town": "Hebron",
    "postcode": "41048",
    "country": "US",
    "visibility": "delivered",
    "comment": "For my sister.",
    "updates": "y",
}


@pytest.fixture(autouse=True)
def request_context() -> Iterator[None]:
    """A site and a request, because forms speak the reader's language."""
    site = Flask("test")
    Babel(site)
    with site.test_request_context():
        yield


def typed(**changed: str) -> SignForm:
    form = SignForm(formdata=MultiDict({**GOOD, **changed}))
    form.validate()
    return form


def test_a_complete_form_is_taken() -> None:
    form = typed()
    assert form.errors == {}
    assert form.data == {**GOOD, "updates": True}


def test_town_postcode_comment_and_news_may_be_left_out() -> None:
    form = SignForm(formdata=MultiDict({name: GOOD[name] for name in ("name", "email", "country", "visibility")}))
    assert form.validate()
    assert (form.town.data, form.postcode.data, form.comment.data, form.updates.data) == ("", "", "", False)


def test_an_empty_form_asks_for_four_things() -> None:
    form = SignForm(formdata=MultiDict({"name": " "}))
    form.validate()
    assert {name: errors[0] for name, errors in form.errors.items()} == {
        "name": "Enter your name.",
        "email": "Enter your e-mail address.",
        "country": "Choose your country.",
        "visibility": "Choose who may see your name.",
    }


def test_nothing_is_chosen_for_the_signatory() -> None:
    form = SignForm(formdata=None, default_country="IT")
    assert (form.visibility.data, form.updates.data) == ("", False)
    assert form.country.data == "IT"


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("name", "R", "Enter your name in letters, at least two."),
        ("name", "1234", "Enter your name in letters, at least two."),
        ("name", "x" * 101, "Shorten your name to 100 characters."),
        ("name", "Rosa http://x.example", "Enter your name alone, without an address."),
        ("name", "rosa@example.org", "Enter your name alone, without an address."),
        ("name", "Rosa\x00Delgado", "Type this again: it holds characters that cannot be shown."),
        ("name", "\u202e\u2066", "Enter your name."),
        ("email", "rosa", "Enter an e-mail address like name@example.org."),
        ("email", "rosa@localhost", "Enter an e-mail address like name@example.org."),
        ("email", "rosa@[127.0.0.1]", "Enter an e-mail address like name@example.org."),
        ("email", "rosa@example.org\nBcc: x@example.org", "Enter an e-mail address like name@example.org."),
        ("email", f"{'x' * 300}@example.org", "Enter an e-mail address like name@example.org."),
        ("town", "x" * 101, "Shorten this to 100 characters."),
        ("town", "Heb\x07ron", "Type this again: it holds characters that cannot be shown."),
        ("postcode", "1" * 21, "Shorten this to 20 characters."),
        ("country", "ZZ", "Choose your country."),
        ("country", "us", "Choose your country."),
        ("visibility", "secret", "Choose who may see your name."),
        ("comment", "x" * 501, "Shorten this to 500 characters."),
        ("comment", "a\x00b", "Type this again: it holds characters that cannot be shown."),
    ],
)
def test_each_refusal_says_what_to_do_and_keeps_what_was_typed(field: str, text: str, sentence: str) -> None:
    form = typed(**{field: text})
    assert form.errors == {field: [sentence]}
    assert all(form.data[name] for name in GOOD if name != field)


@pytest.mark.parametrize(
    "name",
    [
        "Jo",
        "O'Brien",
        "أمل حداد",
        "王秀英",
        "Nguyễn Thị Hoa",
        "St.John Rivers",
        "X Æ A-12",
        "x" * 100,
        "Łukasz",
        "می\u200cروم",
    ],
)
def test_real_names_are_taken(name: str) -> None:
    assert typed(name=name).errors == {}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("rosa@EXAMPLE.org", "rosa@example.org"),
        ("Rosa.D+x@example.org", "Rosa.D+x@example.org"),
        (" rosa@exämple.org ", "rosa@exämple.org"),
    ],
)
def test_an_address_keeps_its_own_spelling_before_the_at(text: str, kept: str) -> None:
    assert typed(email=text).email.data == kept


def test_a_comment_keeps_its_lines_and_counts_each_line_end_once() -> None:
    form = typed(comment="a\r\n" * 250)
    assert form.errors == {}
    assert form.comment.data == "a\n" * 249 + "a"


@pytest.mark.parametrize("field", GOOD)
def test_ten_thousand_characters_are_refused_in_words(field: str) -> None:
    for letter in "x", "@", "\u0301", "\u202e", "é.":
        form = typed(**{field: letter * 10_000})
        assert field in {*form.errors, "updates"} or letter == "\u202e"


def test_likely_countries_stand_before_all_others_and_nowhere_twice() -> None:
    likely, others = SignForm(formdata=None, likely_countries=("US", "IT")).country_choices
    assert [code for code, _ in likely] == ["US", "IT"]
    assert not set(likely) & set(others)
    assert len(likely) + len(others) > 240


def test_the_default_country_is_the_likely_one() -> None:
    likely, _ = SignForm(formdata=None, default_country="IT").country_choices
    assert likely == [("IT", "Italy")]


@given(st.dictionaries(st.sampled_from(list(GOOD)), st.text(max_size=300)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_taken_can_be_stored_and_shown(changed: dict[str, str]) -> None:
    form = typed(**changed)
    if form.errors:
        return
    text = "".join(value for value in form.data.values() if isinstance(value, str))
    assert text.encode()
    assert not any(ord(letter) < 32 and letter != "\n" for letter in text)
