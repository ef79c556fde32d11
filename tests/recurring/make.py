"""Builders: a site with an open appeal, somebody who gives monthly, and what befalls them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from campaigns.kernel.ports import SourcedMovement
from campaigns.outbox import operations as outbox
from campaigns.recurring import queries
from campaigns.recurring.flows import Recurring
from campaigns.recurring.queries import Monthly
from tests.backups import keep
from tests.donations.make import MARIA, Story
from tests.fakes.subscriptions import FakeSubscriptions


@dataclass
class Months(Story):
    """A story of monthly gifts. The doorbell rings only where a test says so."""

    rung: int = 0

    @property
    def vendor(self) -> FakeSubscriptions:
        return self.world.subscriptions

    @property
    def recurring(self) -> Recurring:
        found: Recurring = self.world.app.extensions["undersigned.recurring"]
        return found

    def promise(self, **changes: str) -> str:
        """Fill in the form for a monthly gift; return the id of the hosted page."""
        return self.world.give(**{"frequency": "monthly", **changes})

    def begin(self, **changes: str) -> str:
        """Begin a monthly gift whose events all arrive; return the provider's id."""
        session_id = self.promise(**changes)
        subscription_id = self.vendor.pay(session_id)
        self.tell("checkout.session", session_id)
        return subscription_id

    def tell(self, *pairs: str) -> None:
        """Ring for (kind, id, kind, id, …), then let a worker run."""
        for kind, subject in zip(pairs[::2], pairs[1::2], strict=True):
            self.rung += 1
            assert self.world.ring(f"evt_{self.rung}", kind, subject).status_code == 200
        self.world.run_worker()

    def renew(self, subscription_id: str, *, paid: bool = True) -> str:
        """A month later the card is charged, and the events arrive; return the invoice's id."""
        self.world.clock.move(days=30)
        invoice_id = self.vendor.renew(subscription_id, paid=paid)
        self.tell("invoice", invoice_id, "subscription", subscription_id)
        return invoice_id

    def monthly(self, subscription_id: str) -> Monthly:
        with self.world.reading() as session:
            found = queries.of_remote(session, subscription_id)
        assert found is not None
        return found

    def subjects(self, email: str = MARIA) -> list[str]:
        return [mail.subject for mail in self.world.mailer.to(email)]

    def manage(self, email: str = MARIA) -> str:
        """The path in the newest mail that leads to the owner's page."""
        return self.world.mailer.link(email, "/monthly/manage/")

    def press(self, act: str, **data: str) -> Any:
        return self.world.client.post(f"{self.manage()}/{act}", data=data)

    def spoil(self, fetch: str, broken: str, problem: type[Exception] = ValueError) -> None:
        """Let `fetch` fail whenever it asks for the object `broken`: by default over what nobody can read."""
        sound = getattr(self.vendor, fetch)

        def fetched(object_id: str) -> Any:
            if object_id == broken:
                raise problem(object_id)
            return sound(object_id)

        setattr(self.vendor, fetch, fetched)

    def keys(self) -> list[str]:
        """What the journal's entries are about, in their order."""
        return [str(row["source_key"]) for row in self.rows("SELECT source_key FROM ledger_entry ORDER BY sequence")]

    def public_ids(self) -> list[str]:
        return sorted(str(row["public_id"]) for row in self.rows("SELECT public_id FROM donation"))

    def snapshot(self) -> Callable[[], None]:
        """A backup of the database as it is now."""
        return keep(self.world.engine)

    def restore(self, put_back: Callable[[], None]) -> None:
        """Put a backup in the place of all that has happened since, as the restore command does."""
        put_back()
        with self.world.work() as session:
            outbox.note_restore(session, self.world.clock())

    def bank_knows(self) -> None:
        """Let the provider's books hold every charge of a month that has its balance transaction."""
        known = {each.movement.id for each in self.world.checkout.booked}
        for charge in (invoice.charge for invoice in self.vendor.invoices.values()):
            if charge and charge.movement and charge.movement.id not in known:
                self.world.checkout.booked.append(SourcedMovement(charge.movement, "charge", charge.id))

    def rewrite(self, subscription_id: str, **metadata: str) -> None:
        """Let something else be written on a subscription and on each of its invoices."""
        written = {**self.vendor.subscriptions[subscription_id].metadata, **metadata}
        self.vendor.change(subscription_id, metadata=written)
        for invoice in list(self.vendor.invoices.values()):
            if invoice.subscription_id == subscription_id:
                self.vendor.invoices[invoice.id] = replace(invoice, metadata={**invoice.metadata, **metadata})

    def donations(self) -> int:
        return len(self.rows("SELECT id FROM donation"))
