"""Typing help: a hint at a mistyped provider, a postcode that fits its country, fields that browsers can fill."""

from html import unescape

import pytest

from campaigns.kernel.mailboxes import PROVIDERS
from tests.make import World


def test_the_check_mail_page_asks_about_a_slip_and_signs_all_the_same(sqlite_world: World) -> None:
    sqlite_world.publish()
    page = sqlite_world.sign(email="maria@gmial.com").text
    assert "Did you mean <strong><bdi>maria@gmail.com</bdi></strong>?" in page
    assert "maria@gmial.com" in page
    sqlite_world.run_worker()
    assert sqlite_world.mailer.link("maria@gmial.com", "/confirm/")


@pytest.mark.parametrize("email", ["maria@gmail.com", "maria@example.org", "maria@yahoo.de"])
def test_what_may_be_right_gets_no_hint(sqlite_world: World, email: str) -> None:
    sqlite_world.publish()
    sqlite_world.sign(email="somebody@gmial.com")
    assert "Did you mean" not in sqlite_world.sign(email=email).text


def test_the_hint_is_escaped_and_keeps_nothing_of_the_one_before(sqlite_world: World) -> None:
    sqlite_world.publish()
    browser = sqlite_world.client
    first, second = (
        browser.post(
            "/campaigns/rescind/sign",
            data={"name": "Jo Hill", "email": email, "country": "US", "visibility": "counted"},
        ).text
        for email in ("rosa'&@gmial.com", "jo@gmial.com")
    )
    assert "rosa&#39;&amp;@gmail.com" in first
    assert "rosa" not in second


def test_a_refused_form_shows_the_hint_beside_the_address(sqlite_world: World) -> None:
    sqlite_world.publish()
    page = sqlite_world.sign(email="maria@hotmial.com", name="").text
    assert "Did you mean maria@hotmail.com?</p>" in page


def test_the_form_brings_the_providers_for_the_hint_while_typing(sqlite_world: World) -> None:
    sqlite_world.publish()
    page = sqlite_world.see("/campaigns/rescind/sign").text
    assert f'data-mail-providers="{" ".join(PROVIDERS)}"' in page
    assert "{}" in unescape(page.partition('data-words="')[2].partition('"')[0])


def test_a_postcode_that_is_sure_not_to_fit_is_refused_beside_its_field(sqlite_world: World) -> None:
    sqlite_world.publish()
    answer = sqlite_world.sign(postcode="4104")
    assert answer.status_code == 422
    sentence = "Enter a postcode like 95014, or leave this empty."
    assert f'<p class="error" id="postcode-error">{sentence}</p>' in answer.text


@pytest.mark.parametrize(
    ("postcode", "country"), [("", "US"), ("41048-1234", "US"), ("m2", "GB"), ("anything", "AE"), ("D-53225", "DE")]
)
def test_on_a_doubt_nobody_is_refused(sqlite_world: World, postcode: str, country: str) -> None:
    sqlite_world.publish()
    assert sqlite_world.sign(postcode=postcode, country=country).status_code == 200


def test_a_country_that_is_none_is_complained_of_once(sqlite_world: World) -> None:
    sqlite_world.publish()
    page = sqlite_world.sign(postcode="4104", country="ZZ").text
    assert "Choose your country." in page
    assert 'id="postcode-error"' not in page


@pytest.mark.parametrize(
    ("field", "attributes"),
    [
        ("name", 'autocomplete="name"'),
        ("email", 'autocomplete="email" inputmode="email"'),
        ("town", 'autocomplete="address-level2"'),
        ("postcode", 'autocomplete="postal-code"'),
        ("country", 'autocomplete="country"'),
    ],
)
def test_browsers_are_told_what_each_field_holds(sqlite_world: World, field: str, attributes: str) -> None:
    sqlite_world.publish()
    tag = sqlite_world.see("/campaigns/rescind").text.partition(f'id="{field}"')[2].partition(">")[0]
    assert attributes in tag
