"""The reader's language: Flask-Babel's, asked once for a request instead of once for a sentence."""

from typing import Any

from babel import Locale
from flask import Flask, g
from flask_babel import Babel, get_locale, get_translations

from campaigns.rendering import formats

DEFAULT = "en"


def install(site: Flask) -> None:
    """Give templates the language, its sentences and its ways to write money and dates."""
    Babel(site, default_locale=DEFAULT)
    jinja: Any = site.jinja_env  # the i18n extension adds the method
    jinja.install_gettext_callables(
        lambda sentence: _translations().ugettext(sentence),
        lambda one, many, number: _translations().ungettext(one, many, number),
        newstyle=True,
        pgettext=lambda context, sentence: _translations().upgettext(context, sentence),
        npgettext=lambda context, one, many, number: _translations().unpgettext(context, one, many, number),
    )
    site.jinja_env.filters.update(formats.filters(reader_locale))
    site.context_processor(lambda: {"locale": reader_locale()})


def language_of(_accepted: str) -> str:
    """Return the language that a request with this Accept-Language header is answered in."""
    return DEFAULT  # the only one that has a catalogue


def reader_locale() -> Locale:
    """Return the locale of this request; the default outside of one."""
    return get_locale() or Locale(DEFAULT)


def _translations() -> Any:
    if "translations" not in g:
        g.translations = get_translations()
    return g.translations
