"""Countries by name."""

import pytest

from campaigns.rendering.countries import codes, countries


def test_every_country_is_offered_once() -> None:
    assert len(codes()) == len(countries("en")) > 240
    assert {"US", "IT", "PS", "TW", "XK"} <= codes()


@pytest.mark.parametrize("code", ["EU", "UN", "ZZ", "XA", "001", "usa", ""])
def test_what_is_no_country_is_not_offered(code: str) -> None:
    assert code not in codes()


@pytest.mark.parametrize(("locale", "name"), [("en", "Germany"), ("es", "Alemania"), ("ar", "ألمانيا")])
def test_countries_are_named_in_the_readers_language(locale: str, name: str) -> None:
    assert dict(countries(locale))["DE"] == name


def test_accents_do_not_send_a_country_to_the_end() -> None:
    names = [name for _, name in countries("en")]
    assert names.index("Åland Islands") < names.index("Albania") < names.index("Zimbabwe")
