"""What is written on a session at the provider, so that a gift can be found again where our row is lost. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from campaigns.payments.metadata import PAYMENT, SITE, MarkedLine, lines_from_metadata, lines_to_metadata


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
