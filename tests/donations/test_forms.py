"""The donation form: one amount, an address, and a name only where it is to be shown."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import MultiDict

from campaigns.donations.forms import DonateForm, amount_text
from campaigns.kernel.money import Money

PRESETS = tuple(Money(amount * 100, "USD") for amount in (15, 30, 50))


@pytest.fixture(autouse=True)
def request_context() -> Iterator[None]:
    """A site and a request, because forms speak the reader's language."""
    site = Flask("test")
    Babel(site)
    with site.test_request_context():
        yield


def typed(**fields: str) -> DonateForm:
    form = DonateForm(formdata=MultiDict({"email": "rosa@example.org", **fields}), presets=PRESETS)
    form.validate()
    return form


def fresh(chosen: str | Money) -> DonateForm:
    return DonateForm(formdata=None, presets=PRESETS, chosen=chosen)


@pytest.mark.parametrize(
    ("fields", "amount"),
    [
        ({"preset": "30"}, "30"),
        ({"preset": "other", "amount": "12.50"}, "12.50"),
        ({"amount": "12,50"}, "12,50"),
        ({"preset": "30", "amount": "30.00"}, "30"),
    ],
)
def test_one_amount_is_taken(fields: dict[str, str], amount: str) -> None:
    form = typed(**fields)
    assert form.errors == {}
    assert form.chosen_amount == amount


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({}, "preset", "Choose an amount."),
        ({"preset": "40"}, "preset", "Choose one of the amounts, or enter your own."),
        ({"preset": "other"}, "amount", "Enter the amount you want to give."),
        ({"preset": "other", "amount": "9" * 21}, "amount", "Enter an amount in figures, like 30 or 12.50."),
        ({"preset": "other", "amount": "3\x000"}, "amount", "Enter an amount in figures, like 30 or 12.50."),
        ({"preset": "30", "email": ""}, "email", "Enter your e-mail address."),
        ({"preset": "30", "email": "rosa@localhost"}, "email", "Enter an e-mail address like name@example.org."),
        ({"preset": "30", "show_name": "y"}, "name", "Enter the name to show, or leave the box above empty."),
        ({"preset": "30", "name": "x" * 101}, "name", "Shorten your name to 100 characters."),
        ({"preset": "30", "name": "42"}, "name", "Enter your name in letters, at least two."),
        ({"preset": "30", "name": "www.x.example"}, "name", "Enter your name alone, without an address."),
        ({"preset": "30", "message": "x" * 501}, "message", "Shorten this to 500 characters."),
        ({"preset": "30", "message": "\x07"}, "message", "Type this again: it holds characters that cannot be shown."),
    ],
)
def test_each_refusal_says_what_to_do(fields: dict[str, str], field: str, sentence: str) -> None:
    assert typed(**fields).errors == {field: [sentence]}


def test_two_different_amounts_are_never_guessed_between() -> None:
    errors = typed(preset="30", amount="300").errors
    assert errors == {"amount": ["Two amounts are given. Choose “Other amount”, or clear this box."]}


@pytest.mark.parametrize(
    ("chosen", "preset", "amount"),
    [
        (Money(3000, "USD"), "30", ""),
        ("30", "30", ""),
        ("30.00", "30", ""),
        ("12.50", "other", "12.50"),
        (Money(2000, "USD"), "other", "20"),
        ("other", "other", ""),
        ("", "", ""),
        ("<script>" * 10, "other", "<script><script><scr"),
    ],
)
def test_an_address_can_choose_the_amount(chosen: str | Money, preset: str, amount: str) -> None:
    form = fresh(chosen)
    assert (form.preset.data, form.amount.data) == (preset, amount)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(3000, "USD"), "30"),
        (Money(1250, "USD"), "12.50"),
        (Money(500, "JPY"), "500"),
        (Money(30000, "KWD"), "30"),
        (Money(100000000, "USD"), "1000000"),
    ],
)
def test_amounts_in_addresses_are_plain_figures(money: Money, text: str) -> None:
    assert amount_text(money) == text


def test_the_views_own_refusal_stands_beside_the_amount() -> None:
    form = typed(preset="other", amount="0.10")
    form.refuse_amount("Give at least 1.")
    assert form.errors == {"amount": ["Give at least 1."]}


def test_a_fund_without_presets_takes_any_amount() -> None:
    form = DonateForm(formdata=MultiDict({"amount": "20", "email": "rosa@example.org"}), presets=())
    assert form.validate()
    assert form.chosen_amount == "20"


@pytest.mark.parametrize("field", ["preset", "amount", "email", "name", "message"])
def test_ten_thousand_characters_are_refused_in_words(field: str) -> None:
    assert typed(**{"preset": "other", "amount": "20", field: "x" * 10_000}).errors
