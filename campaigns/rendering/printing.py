"""What all print HTML needs: its templates, the letters of the headline face, names that run the other way."""

import re
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

# What League Gothic has; a headline with anything else is set in Noto Sans, whole.
GOTHIC = re.compile(
    "[ -~\u00a0-\u00b4\u00b6-\u0107\u010a-\u0113\u0116-\u011b\u011e-\u0123\u0126-\u012b\u012e-\u0133\u0136\u0137"
    "\u0139-\u013f\u0141-\u0148\u014a-\u014d\u0150-\u015b\u015e-\u016b\u016e-\u017e\u01a0\u01a1\u01af\u01b0"
    "\u0218-\u021b\u1e80-\u1e85\u1e9e\u1ea0-\u1ef9\u2013\u2014\u2018-\u201a\u201c-\u201e\u2022\u2026\u2039\u203a"
    "\u20ac\u2122]*"
)
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")


def print_environment(templates: Path, translations: NullTranslations | None = None) -> Environment:
    """Return what the functions below render with; `templates` is the folder of all templates."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    install: Any = environment  # the i18n extension adds the method
    install.install_gettext_translations(translations or NullTranslations(), newstyle=True)
    return environment


def isolated(text: str, always: bool) -> str:
    """Keep a field that may run the other way from turning its neighbours round (Unicode's isolates, UAX 9)."""
    return f"\u2068{text}\u2069" if always or _RIGHT_TO_LEFT.search(text) else text
