"""Builders for the donations' tests: a site with an open appeal, and what a story asks of it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

from sqlalchemy import text

from campaigns.campaign import operations as campaign_operations
from campaigns.campaign import queries as campaign_queries
from campaigns.campaign.operations import CampaignFields
from campaigns.donations import checks as donation_checks
from campaigns.donations import receipting
from campaigns.kernel.money import Money
from campaigns.ledger import checks, queries
from campaigns.ledger.rules import Figures
from campaigns.payments import checks as payment_checks
from campaigns.receipts import checks as receipt_checks
from tests.fakes.checkout import fee_of
from tests.make import World

MARIA = "maria@example.org"
GIVEN = Money(3000, "USD")
FEE = fee_of(GIVEN)


@dataclass
class Story:
    """A site with an open appeal, and what the stories ask of it."""

    world: World

    def rows(self, query: str) -> list[Any]:
        with self.world.engine.connect() as connection:
            return list(connection.execute(text(query)).mappings())

    def entries(self) -> list[str]:
        """The kinds of the journal's entries in their order."""
        return [str(row["kind"]) for row in self.rows("SELECT kind FROM ledger_entry ORDER BY sequence")]

    def told(self) -> list[str]:
        """The words of what a treasurer has to look at, in their order; each has its mail."""
        rows = self.rows("SELECT word, about FROM payment_notice ORDER BY noted_at, word")
        mails = {
            row["subject"] for row in self.rows("SELECT subject FROM outbox_item WHERE kind = 'payments.alarm_mail'")
        }
        assert mails == {f"{row['word']}:{row['about']}" for row in rows}
        return [str(row["word"]) for row in rows]

    def sweep(self, minutes: float = 15) -> None:
        """Some time later, a sweep, and a worker without its schedules."""
        self.world.clock.move(minutes=minutes)
        self.world.app.extensions["undersigned.payments"].sweep()
        self.worker("after the sweep")

    def in_suspense(self) -> int:
        """What lies on the account of the unexplained, in minor units."""
        (row,) = self.rows("SELECT coalesce(sum(amount), 0) AS total FROM ledger_posting WHERE account = 'suspense'")
        return int(row["total"])

    def balance(self, account: str = "stripe:balance") -> int:
        """What lies on an account, in minor units."""
        total = f"SELECT coalesce(sum(amount), 0) AS total FROM ledger_posting WHERE account = '{account}'"
        return int(self.rows(total)[0]["total"])

    def receipts(self) -> int:
        return len(self.world.mailer.to(MARIA))

    def page(self, number: int = 0) -> str:
        donations = self.rows("SELECT public_id FROM donation ORDER BY created_at, id")
        return self.world.client.get(f"/donations/{donations[number]['public_id']}").text

    def ring(self, event_id: str, kind: str, subject: str | None) -> int:
        """The doorbell and, some time later, a worker."""
        status = self.world.ring(event_id, kind, str(subject)).status_code
        self.world.run_worker()
        return status

    def completed(self, session_id: str, event_id: str = "evt_completed") -> int:
        return self.ring(event_id, "checkout.session", session_id)

    def figures(self, currency: str = "USD") -> Figures:
        with self.world.reading() as session:
            return queries.figures_of(session, self.world.ask().fund.id, currency)

    def general_fees(self) -> Money:
        with self.world.reading() as session:
            general = campaign_queries.general_fund(session, "USD")
            assert general is not None
            return queries.figures_of(session, general.id, "USD").fees

    def change(self, fields: CampaignFields) -> None:
        with self.world.work() as session:
            campaign_operations.change(session, "rescind", fields, actor="test", now=self.world.clock())

    def worker(self, name: str) -> int:
        drained: int = self.world.app.extensions["undersigned.worker"](name).drain()
        return drained

    def prove(self) -> None:
        with self.world.reading() as session:
            assert checks.verify(session) == []
            assert receipt_checks.verify(session) == receipting.GIFTS.verify(session) == []
            assert list(donation_checks.verify(session)) == []
            assert [found for found in payment_checks.verify(session, self.world.clock()) if found.law != "S3"] == []
            for found in queries.figures(session):
                gone = found.refunded.minor + found.disputed.minor + found.fees.minor + found.paid_out.minor
                assert found.left.minor == found.given.minor - gone


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do all deeds at the same moment, each in a thread of its own."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        start.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))
