"""What runs outside a request: actions by the batch, and the watch for what stands out."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from campaigns.campaign import queries as campaigns
from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ids import first_row_id
from campaigns.kernel.ports import Payload
from campaigns.review import operations, queries
from campaigns.review.rules import ALARM_WINDOW, trending_domains, trending_places

WATCH_EVERY = timedelta(minutes=10)
Trend = tuple[UUID, str, str, int]  # campaign, kind, label, number


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The review's jobs with what the factory hands them. `reading` gives a session that holds no write lock."""

    work: Work
    reading: Work
    clock: Clock

    def run(self, payload: Payload) -> None:
        """Job: work on an action, a batch in each transaction, until its phase is over or somebody cancels it."""
        while self._batch(UUID(payload["action"])):
            pass

    def _batch(self, action_id: UUID) -> bool:
        with self.work() as session:
            return operations.advance(session, action_id, now=self.clock())

    def watch(self) -> None:
        """Raise an alarm for each mail domain and each town that stands out in the last ALARM_WINDOW."""
        trends = self._trends()
        if not trends:
            return
        with self.work() as session:
            facts = {campaign.id: campaign for campaign in campaigns.every(session, self.clock())}
            for campaign_id, kind, label, number in trends:
                operations.raise_alarm(session, facts[campaign_id], kind, label, number, now=self.clock())

    def _trends(self) -> list[Trend]:
        domains: defaultdict[UUID, list[str]] = defaultdict(list)
        places: defaultdict[UUID, list[str]] = defaultdict(list)
        with self.reading() as session:
            for campaign_id, domain, town in queries.recent(session, first_row_id(self.clock() - ALARM_WINDOW)):
                domains[campaign_id].append(domain)
                places[campaign_id].append(town)
        found = [(each, "domain", *trend) for each, given in domains.items() for trend in trending_domains(given)]
        return found + [(each, "place", *trend) for each, given in places.items() for trend in trending_places(given)]
