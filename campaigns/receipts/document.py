"""A receipt as print HTML. Pure: values in, HTML out. The same receipt gives the same HTML."""

from collections.abc import Mapping
from typing import Any

from babel import Locale
from jinja2 import Environment

from campaigns.receipts.queries import ReceiptFacts
from campaigns.receipts.rules import Content, paper_of
from campaigns.rendering.formats import long_date, money
from campaigns.rendering.printing import GOTHIC, isolated

_LONG = 1_500  # from how many characters of wording the type is smaller, so that it all stays on one page
_VERY_LONG = 3_000


def receipt_html(receipt: ReceiptFacts, content: Content, environment: Environment) -> str:
    """Return one receipt; one that is void says so across the page, with what replaces it."""
    words = sum(len(line.purpose) + len(line.beyond) + len(line.tax) for line in content.lines)
    values = {"receipt": receipt, "content": content, "size": _size(words), "paper": paper_of(receipt.amount.currency)}
    return rendered("receipts/print/receipt.html", content.language, content.zone, values, environment)


def _size(words: int) -> str:
    if words > _VERY_LONG:
        return "smallest"
    return "small" if words > _LONG else "plain"


def rendered(template: str, language: str, zone: str, values: Mapping[str, Any], environment: Environment) -> str:
    """Return a page of print in `language` (a BCP 47 tag), with the house's ways to write money, days and names.

    Moments are shown as the day they fall on in `zone`.
    """
    locale = Locale.parse(language, sep="-")
    return environment.get_template(template).render(
        values,
        language=language,
        direction=locale.text_direction,
        money=lambda amount: money(amount, locale),
        day=lambda moment: long_date(moment, locale, zone),
        own=lambda text: isolated(text, locale.text_direction == "rtl"),
        is_gothic=GOTHIC.fullmatch,
    )
