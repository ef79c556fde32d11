"""How money that goes back is shared out among the earmarks of its gift, and how that is undone. Pure."""

from collections.abc import Sequence

from campaigns.kernel.money import Money
from campaigns.ledger.rules import EarmarkLine, Meaning, Posting, Record


def to_share_out(held: Sequence[EarmarkLine], given: Sequence[EarmarkLine]) -> list[EarmarkLine]:
    """Return the lines in whose proportion money goes back: what each still holds, or where none does, what was given.

    A line that has lost more than it was given (a dispute may exceed its charge) bears nothing more while others hold.
    """
    left = [line._replace(amount=Money(max(0, line.amount.minor), line.amount.currency)) for line in held]
    return left if any(line.amount for line in left) else list(given)


def taken(record: Record, meaning: Meaning) -> list[EarmarkLine]:
    """Return what an entry took from each earmark under `meaning`: money that comes back is shared out by it.

    Where the same sum comes back, each earmark gets exactly what it lost.
    """
    return [
        EarmarkLine(
            posting.fund_id, posting.donation_line_id, Money(posting.amount, posting.currency), _is_cover(posting)
        )
        for _, posting in record.postings
        if (posting.meaning == meaning or _is_cover(posting)) and posting.fund_id is not None and posting.amount > 0
    ]


def _is_cover(posting: Posting) -> bool:
    """What was added for the card fee is the only fee that stands on a line of a gift."""
    return posting.meaning == Meaning.FEE and posting.donation_line_id is not None
