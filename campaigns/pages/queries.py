"""What a page shows of several features together."""

from dataclasses import dataclass

from campaigns.campaign.queries import CampaignFacts
from campaigns.campaign.rules import next_goal
from campaigns.signatures.queries import Count


@dataclass(frozen=True, slots=True)
class CountShown:
    """The count with its meter: all who count move it, and how many of them signed on paper is shown apart."""

    total: int
    goal: int
    paper: int = 0

    @classmethod
    def of(cls, total: int, goal: int, paper: int = 0) -> "CountShown":
        """Return the count against the campaign's goal or the next step of the ladder."""
        return cls(total, next_goal(total, goal), paper)

    @property
    def online(self) -> int:
        """Those who signed on this site."""
        return self.total - self.paper

    @property
    def fraction(self) -> float:
        """How full the meter is, 0 to 1."""
        return min(1.0, self.total / self.goal) if self.goal else 1.0

    @property
    def is_first(self) -> bool:
        """Nobody has signed yet: the page says so kindly instead of "0 have signed"."""
        return self.total == 0


class HomeEntry:
    """A campaign on the home page: its facts and its count."""

    def __init__(self, facts: CampaignFacts, count: Count) -> None:
        self._facts = facts
        self.count = count

    def __getattr__(self, name: str) -> object:
        return getattr(self._facts, name)
