"""Builds lists to print."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment

from campaigns.deliveries.document import ListDocument, qr_code
from campaigns.kernel.ports import ListedName
from campaigns.rendering.printing import print_environment

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
URL = "https://example.org/verify/5f0c1e"
DIGEST = sha256(b"a list").hexdigest()
SHORT_DIGEST = f"{DIGEST[:4]} {DIGEST[4:8]} {DIGEST[8:12]}"


def environment() -> Environment:
    return print_environment(TEMPLATES)


def a_list(named: int = 2, **changed: Any) -> ListDocument:
    """Return a list with `named` names, 4 withheld and 3 on paper, unless said otherwise."""
    withheld, on_paper = changed.get("withheld", 4), changed.get("on_paper", 3)
    values: dict[str, Any] = {
        "list_number": 3,
        "target_name": "Management of the Air Hub",
        "target_address": ("2 Loomis Road", "Hebron, KY 41048"),
        "headline": "Reinstate Connor Spence.",
        "demands": (("Reinstate Connor Spence with back pay.", ""), ("Rescind every write-up.", "All eleven.")),
        "statement": "We, the undersigned, put these demands to you.",
        "named": named,
        "withheld": withheld,
        "on_paper": on_paper,
        "total": named + withheld + on_paper,
        "answer_expected": date(2023, 12, 22),
        "handed_over": date(2023, 12, 15),
        "organisation": "Air Hub Workers’ Union",
        "contact": "12 Depot Street, Hebron",
        "verify_url": URL,
        "digest": DIGEST,
        "language": "en-GB",
        "paper": "letter",
        "qr_svg": qr_code(URL, f"QR code: {URL}"),
    }
    return ListDocument(**(values | changed))


def names(count: int, first: int = 1) -> list[ListedName]:
    """Return `count` different names numbered from `first`."""
    return [ListedName(number, f"Rosa Delgado {number}", "Hebron, KY") for number in range(first, first + count)]


def listed(*pairs: tuple[str, str]) -> Sequence[ListedName]:
    """Return these (name, place) as they would be listed."""
    return [ListedName(number, name, place) for number, (name, place) in enumerate(pairs, 1)]
