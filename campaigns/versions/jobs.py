"""The job that tells people of a correction."""

from dataclasses import dataclass
from uuid import UUID

from campaigns.campaign import queries as campaigns
from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Payload
from campaigns.versions import queries, telling


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells those who signed an earlier text, a batch in each unit of work."""

    work: Work
    clock: Clock

    def run(self, payload: Payload) -> None:
        """Job: queue a mail for each. Safe to run again at any point."""
        notice_id = UUID(payload["notice"])
        while self._batch(notice_id):
            pass

    def _batch(self, notice_id: UUID) -> bool:
        with self.work() as session:
            campaign_id = queries.campaign_of_notice(session, notice_id)
            campaign = campaigns.find(session, campaign_id, self.clock())
            assert campaign is not None  # a foreign key holds it
            return telling.tell_some(session, notice_id, campaign, now=self.clock())
