"""What is written on a session at the provider, so that a gift can be found again where our row is lost. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from campaigns.payments.metadata import MAX_LINES, PAYMENT, SITE, MarkedLine, lines_from_metadata, lines_to_metadata


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose payment a session is. `site` is the installation's host, `donation` the public id."""

    payment: str
    donation: str
    campaign: UUID
    site: str
    lines: tuple[MarkedLine, ...]


def to_metadata(mark: Mark) -> dict[str, str]:
    """Return what is written on the session, on its payment intent and on a subscription, all alike."""
    head = {PAYMENT: mark.payment, "donation": mark.donation, "campaign": str(mark.campaign), SITE: mark.site}
    return head | lines_to_metadata(mark.lines)


def from_metadata(metadata: Mapping[str, str]) -> Mark | None:
    """Return the mark that `to_metadata` wrote; None where there is none, or part of it is gone or wrong."""
    try:
        head = (metadata[PAYMENT], metadata["donation"], UUID(metadata["campaign"]), metadata[SITE])
        return Mark(*head, lines_from_metadata(metadata))
    except (KeyError, ValueError):
        return None


def weights_to_metadata(weights: Sequence[MarkedLine], shares: int) -> dict[str, str]:
    """Return what stands beside the mark of a monthly gift: how its giver shared it out, whatever is paid now.

    Of its lines only the first `shares` are in the mark, where the amount leaves nothing for others: Stripe keeps each
    key that is not named, so that theirs are named and emptied (https://docs.stripe.com/api/metadata).
    """
    lines = lines_to_metadata(weights)
    unused = dict.fromkeys(list(lines)[shares:], "")
    return {_weight(name): text for name, text in lines.items()} | unused


def weights_from_metadata(metadata: Mapping[str, str]) -> tuple[MarkedLine, ...]:
    """Return how a monthly gift was shared out; where that does not stand there, by the shares of now."""
    names = [f"line_{number}" for number in range(1, MAX_LINES + 1)]
    try:
        return lines_from_metadata({name: metadata.get(_weight(name), "") for name in names})
    except ValueError:
        return lines_from_metadata(metadata)


def _weight(name: str) -> str:
    return name.replace("line_", "weight_")
