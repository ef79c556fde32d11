"""Countries by name in the reader's language (CLDR), for a select."""

import unicodedata
from functools import lru_cache

from babel import Locale

# Two-letter codes in CLDR that are no country: unions, test regions, "unknown", islands nobody lives on.
_NO_COUNTRY = frozenset("EU EZ UN XA XB QO ZZ AC CP CQ DG EA IC TA BV HM AQ".split())


@lru_cache(maxsize=64)
def countries(locale: str) -> tuple[tuple[str, str], ...]:
    """Return (ISO 3166 code, name) of every country, by name. `locale` is a CLDR name like "pt_BR"."""
    names = Locale.parse(locale).territories
    found = [(code, name) for code, name in names.items() if len(code) == 2 and code not in _NO_COUNTRY]
    return tuple(sorted(found, key=lambda pair: _sort_key(pair[1])))


@lru_cache(maxsize=1)
def codes() -> frozenset[str]:
    """Return the ISO 3166 codes that `countries` offers."""
    return frozenset(code for code, _ in countries("en"))


def _sort_key(name: str) -> str:
    """Put Åland beside Albania: accents do not count."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
