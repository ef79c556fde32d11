"""The earmarks that are written on what is paid at the provider, so that they can be found again. Pure.

A fund's and a purpose's id lead to the frozen sentence. No person's data stands here; Stripe allows 50 keys, names of
40 and values of 500 characters (https://docs.stripe.com/api/metadata).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

PAYMENT = "payment"  # our id: of a payment made once, or of what is paid each month
SITE = "site"  # the installation's host
GIFT = "gift"
KINDS = frozenset({GIFT, "fee_cover"})
MAX_LINES = 10


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """One earmark: how many minor units one fund is to have, under which purpose; `kind` is gift or fee_cover."""

    fund_id: UUID
    purpose_id: UUID
    minor: int
    kind: str = GIFT


def lines_to_metadata(lines: Sequence[MarkedLine]) -> dict[str, str]:
    """Return `line_1` … `line_10`. Raises ValueError for more lines than that."""
    if not 0 < len(lines) <= MAX_LINES:
        raise ValueError(f"a gift has 1 to {MAX_LINES} lines, not {len(lines)}")
    return {
        f"line_{number}": f"{line.fund_id} {line.purpose_id} {line.minor} {line.kind}"
        for number, line in enumerate(lines, start=1)
    }


def lines_from_metadata(metadata: Mapping[str, str]) -> tuple[MarkedLine, ...]:
    """Return the lines; a name without a value is no line.

    Raises ValueError where one is missing among others, is no line, or there is none.
    """
    found = {name: value for name, value in metadata.items() if value and name.startswith("line_")}
    names = [f"line_{number}" for number in range(1, len(found) + 1)]
    if not names or found.keys() != set(names):
        raise ValueError("lines are missing")
    return tuple(_line(found[name]) for name in names)


def _line(text: str) -> MarkedLine:
    fund, purpose, minor, kind = text.split(" ")
    if not (minor.isascii() and minor.isdigit() and int(minor) > 0) or kind not in KINDS:
        raise ValueError(f"not a line: {text}")
    return MarkedLine(UUID(fund), UUID(purpose), int(minor), kind)
