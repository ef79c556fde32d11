"""What spans units of work: ask the provider outside any transaction, then take in the answer."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.money import Money
from campaigns.kernel.ports import Payload, PaymentsUnavailable, is_away
from campaigns.kernel.subscription_ports import (
    MonthlyRequest,
    NewAmount,
    RemoteInvoice,
    RemoteSignup,
    RemoteSubscription,
    Subscriptions,
)
from campaigns.payments import booking as payments
from campaigns.payments.rules import State as PaymentState
from campaigns.recurring import booking, operations, queries, restoring, rules
from campaigns.recurring.booking import PeriodHandlers, Taken
from campaigns.recurring.operations import Begun, Change
from campaigns.recurring.queries import Monthly
from campaigns.recurring.rules import Act, State

Answer = TypeVar("Answer")
Id = TypeVar("Id", str, UUID)

log = logging.getLogger(__name__)
SWEEP_AFTER = timedelta(minutes=2)
SWEEP_BATCH = 200
SWEEP_ALL_EVERY = timedelta(days=1)
WARN_EVERY = timedelta(hours=12)
_BEFORE_ALL = UUID(int=0)
_OF_A_PAYMENT = ("payment_intent", "charge", "refund", "dispute")


@dataclass(frozen=True, slots=True)
class Root:
    """What an object of the provider belongs to, of what is paid monthly: its page, subscription or invoice."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Recurring:
    """The flows of monthly payments with what the factory hands them."""

    work: Work
    vendor: Subscriptions
    handlers: PeriodHandlers
    paying: payments.Handlers
    clock: Clock
    livemode: bool

    def open_page(self, begun: Begun, request: MonthlyRequest) -> str:
        """Open the hosted page of a monthly payment and return its address. Raises PaymentsUnavailable."""
        remote = self.vendor.open_signup(request)
        with self.work() as session:
            operations.opened(session, begun.id, remote.id)
        if remote.url is None:
            raise PaymentsUnavailable("the session has no page")
        return remote.url

    def still_open(self, session_id: str) -> str | None:
        """Return the address of a page that was opened before; None where it has had its end, which is taken in."""
        try:
            remote = self.vendor.fetch_signup(session_id)
        except LookupError as unknown:
            raise PaymentsUnavailable("the session is not known") from unknown
        if remote.status == "open":
            return remote.url
        self.sync_signup(session_id)
        return None

    def look_up(self, public_id: str, *, may_write: bool = True) -> Monthly | None:
        """Return a monthly payment, asking the provider first where nobody has told us that it has begun."""
        with self.work() as session:
            found = queries.find_public(session, public_id)
        if found is None or found.session_id is None or found.state is not State.OPEN or not may_write:
            return found
        try:
            self.sync_signup(found.session_id)
        except PaymentsUnavailable:
            return found
        with self.work() as session:
            return queries.find_public(session, public_id)

    # What the doorbell, the return page and the sweep ask for

    def look_into(self, kind: str, object_id: str) -> PaymentState | None:
        """Sync what an object belongs to; return None where it is nothing monthly, else that it is under way.

        What is booked is booked by then; what is not, like a balance transaction that is not there yet, may wait.
        Raises PaymentsUnavailable.
        """
        return PaymentState.PROCESSING if self.sync_subject(kind, object_id) else None

    def sync_subject(self, kind: str, object_id: str) -> bool:
        """Sync what an object belongs to; return whether it is something that is paid monthly here.

        Raises PaymentsUnavailable.
        """
        root = self.find_root(kind, object_id)
        match root:
            case Root("checkout.session", session_id):
                return self.sync_signup(session_id)
            case Root("subscription", remote_id):
                return self.sync_subscription(remote_id)
            case Root("invoice", invoice_id):
                return self.sync_invoice(invoice_id)
        return False

    def find_root(self, kind: str, object_id: str) -> Root | None:
        """Return what an object belongs to; None where that is nothing monthly. Raises PaymentsUnavailable.

        Our own rows know most of it; the provider is asked about objects that are new to us.
        """
        if kind in ("subscription", "invoice"):
            return Root(kind, object_id)
        if kind == "checkout.session":
            return Root(kind, object_id) if self._is_monthly_page(object_id) else None
        if kind not in _OF_A_PAYMENT:
            return None
        with self.work() as session:
            is_ours, invoice_id = queries.invoice_of_payment(session, object_id)
        if not is_ours:
            invoice_id = _unless_unknown(lambda: self.vendor.find_invoice(kind, object_id))
        return Root("invoice", invoice_id) if invoice_id else None

    def _is_monthly_page(self, session_id: str) -> bool:
        with self.work() as session:
            if queries.of_session(session, session_id):
                return True
            if queries.is_page_for_once(session, session_id):
                return False
        remote = _unless_unknown(lambda: self.vendor.fetch_signup(session_id))
        return remote is not None and remote.is_monthly

    def sync_signup(self, session_id: str) -> bool:
        """Take in what a hosted page says, and what has begun on it; return whether it is ours."""
        remote = _unless_unknown(lambda: self.vendor.fetch_signup(session_id))
        if remote is None:
            return False
        monthly = self._take_in_signup(remote)
        if monthly is None and remote.subscription_id and self.sync_subscription(remote.subscription_id):
            return self._take_in_signup(remote) is not None
        if monthly is None:
            log.warning("a page for something monthly that is not ours", extra={"session": session_id})
            return False
        if monthly.remote_id and remote.subscription_id:
            self.sync_subscription(monthly.remote_id)
        return True

    def _take_in_signup(self, remote: RemoteSignup) -> Monthly | None:
        with self.work() as session:
            return booking.take_in_signup(session, remote, livemode=self.livemode)

    def sync_subscription(self, remote_id: str, *, with_invoice: bool = True) -> bool:
        """Take in where a subscription stands, with its newest invoice; return whether it is ours."""
        asked_at = self.clock()
        remote = _unless_unknown(lambda: self.vendor.fetch_subscription(remote_id))
        if remote is None:
            return False
        with self.work() as session:
            monthly = self._take_in(session, remote, asked_at)
            invoice_id = remote.latest_invoice_id
            is_known = invoice_id is None or queries.is_settled(session, invoice_id)
        if monthly is None:
            return self._restored(remote, asked_at)
        if invoice_id and with_invoice and not is_known:
            self.sync_invoice(invoice_id)
        return True

    def _take_in(self, session: Session, remote: RemoteSubscription, asked_at: datetime) -> Monthly | None:
        return booking.take_in_subscription(
            session, remote, self.handlers, livemode=self.livemode, asked_at=asked_at, now=self.clock()
        )

    def _restored(self, remote: RemoteSubscription, asked_at: datetime) -> bool:
        """Make again what none of our rows knows, and book its months, the oldest first; return whether it is ours."""
        began_on = self.vendor.find_signup(remote.id) if rules.number(remote.metadata) else None
        is_ours = False
        if began_on is not None and remote.livemode == self.livemode:
            with self.work() as session:
                is_made = restoring.restored(session, remote, began_on, self.handlers, self.clock())
                is_ours = is_made and self._take_in(session, remote, asked_at) is not None
        if not is_ours:
            log.warning("a subscription that is not ours", extra={"subscription": remote.id})
            return False
        paid = self.vendor.paid_invoices(remote.begun_at - queries.OVERLAP, remote.id)
        self._each(self.sync_invoice, reversed(paid))
        return True

    def sync_invoice(self, invoice_id: str) -> bool:
        """Book what an invoice shows; return whether it is ours."""
        remote = _unless_unknown(lambda: self.vendor.fetch_invoice(invoice_id))
        if remote is None:
            return False
        taken = self._take_in_invoice(remote)
        if taken is None and self._is_lost(remote):
            taken = self._take_in_invoice(remote)
        if taken is None:
            log.warning("an invoice that is not ours", extra={"invoice": invoice_id})
            return False
        if taken.payment is PaymentState.PARKED:
            log.error("an invoice asks for what nobody agreed to; parked", extra={"invoice": invoice_id})
        if taken.monthly.state in rules.BEGINNING and remote.subscription_id:
            self.sync_subscription(remote.subscription_id, with_invoice=False)
        return True

    def _take_in_invoice(self, remote: RemoteInvoice) -> Taken | None:
        with self.work() as session:
            return booking.take_in_invoice(
                session, remote, self.handlers, self.paying, livemode=self.livemode, now=self.clock()
            )

    def _is_lost(self, remote: RemoteInvoice) -> bool:
        """Say whether an invoice that no row of ours knows is of something that is made again now."""
        if remote.subscription_id is None or rules.number(remote.metadata) is None:
            return False
        return self.sync_subscription(remote.subscription_id, with_invoice=False)

    # What its owner wants

    def act(self, subscription_id: UUID, act: Act, amount: Money | None = None) -> None:
        """Keep what the owner wants, then do it; where the provider is away, a worker does it later.

        Raises NotNow, StillBeginning, OtherCurrency.
        """
        with self.work() as session:
            change_id = operations.ask(session, subscription_id, act, amount, now=self.clock())
        try:
            self.carry_out({"change": str(change_id)})
        except PaymentsUnavailable as away:
            log.error("a change waits for the provider", extra={"act": act.value, "problem": str(away)})

    def carry_out(self, payload: Payload) -> None:
        """Job: do what an owner asked for, unless it is done or void. Raises PaymentsUnavailable."""
        with self.work() as session:
            change = operations.due(session, UUID(payload["change"]), now=self.clock())
        if change is None:
            return
        try:
            self._call(change)
        except LookupError:
            log.error("the provider does not know what shall be changed", extra={"subscription": change.remote_id})
        with self.work() as session:
            if operations.carried_out(session, change, now=self.clock()) and change.amount is not None:
                self._amount_changed(session, change, change.amount)
        self.sync_subscription(change.remote_id)

    def _call(self, change: Change) -> None:
        key = f"change:{change.id}"
        match change.act:
            case Act.AMOUNT if change.amount is not None:
                self.vendor.change_amount(change.remote_id, self._new_amount(change, change.amount), key)
            case Act.PAUSE:
                self.vendor.pause(change.remote_id, key)
            case Act.RESUME:
                self.vendor.resume(change.remote_id, key)
            case Act.CANCEL:
                self.vendor.cancel(change.remote_id)

    def _new_amount(self, change: Change, amount: Money) -> NewAmount:
        with self.work() as session:
            monthly = queries.find(session, change.subscription_id)
            assert monthly is not None
            return NewAmount(amount, self.handlers[monthly.kind].metadata(session, monthly, amount))

    def _amount_changed(self, session: Session, change: Change, amount: Money) -> None:
        monthly = queries.find(session, change.subscription_id)
        assert monthly is not None
        now = self.clock()
        self.handlers[monthly.kind].amount_changed(session, monthly.subject_id, amount, now)
        key, facts = str(change.id), {"word": "amount"}
        booking.tell(session, rules.CHANGED_MAIL, key, monthly, self.handlers, facts, happened_at=now, now=now)

    def portal(self, monthly: Monthly, return_url: str) -> str:
        """Return the address of the provider's page for a new card. Raises StillBeginning, PaymentsUnavailable."""
        if monthly.customer_id is None:
            raise operations.StillBeginning
        return self.vendor.open_portal(monthly.customer_id, return_url)

    # What runs by itself

    def first_asked_at(self, session: Session) -> datetime | None:
        """Return when the first monthly payment was begun, None where there is none."""
        return queries.first_asked_at(session)

    def sweep(self, older_than: timedelta = SWEEP_AFTER, since: datetime | None = None) -> int:
        """Find what no event told us; return how much was looked at. One that fails keeps no other waiting.

        `since` is the moment from which paid invoices are asked for, by default OVERLAP before the newest we know.
        Raises PaymentsUnavailable: the next sweep goes on.
        """
        now = self.clock()
        with self.work() as session:
            pages = queries.unfinished_pages(session, now, older_than, SWEEP_BATCH)
            late = queries.overdue(session, now, SWEEP_BATCH)
            unsettled = queries.unsettled_invoices(session, now, older_than, SWEEP_BATCH)
            begins = queries.swept_from(session) if since is None else since
        looked = self._each(self.sync_signup, pages) + self._each(self.sync_subscription, late)
        if begins is None:
            return looked
        return looked + self._each(self.sync_invoice, dict.fromkeys([*unsettled, *self._missing(begins)]))

    def sweep_all(self) -> None:
        """Look at every invoice of a month and more, whatever was looked at before."""
        self.sweep(since=self.clock() - queries.SWEPT_FOR)

    def _missing(self, since: datetime) -> list[str]:
        """Return the paid invoices that we have not booked, the oldest first."""
        paid = list(reversed(self.vendor.paid_invoices(since)))
        with self.work() as session:
            return [invoice_id for invoice_id in paid if not queries.is_settled(session, invoice_id)]

    def _each(self, sync: Callable[[Id], object], ids: Iterable[Id]) -> int:
        looked = 0
        for object_id in ids:
            looked += 1
            try:
                sync(object_id)
            except Exception as problem:
                if is_away(problem):
                    raise
                log.exception("something monthly cannot be taken in", extra={"object": str(object_id)})
        return looked

    def warn_of_cards(self) -> None:
        """Write to everybody whose card stops working soon, once for each card's month; the provider is asked first."""
        last = _BEFORE_ALL
        while page := self._expiring(last):
            self._each(self._look_at_card, page)
            last = page[-1]

    def _expiring(self, after: UUID) -> list[UUID]:
        with self.work() as session:
            return queries.expiring_cards(session, self.clock().date(), SWEEP_BATCH, after)

    def _look_at_card(self, subscription_id: UUID) -> None:
        with self.work() as session:
            monthly = queries.find(session, subscription_id)
        if monthly and monthly.remote_id:
            self.sync_subscription(monthly.remote_id)
        with self.work() as session:
            monthly = queries.find(session, subscription_id)
            if monthly and monthly.is_live and rules.expires_soon(monthly.card_expires, self.clock().date()):
                self._warn(session, monthly)

    def _warn(self, session: Session, monthly: Monthly) -> None:
        assert monthly.card_expires is not None
        now, month = self.clock(), (monthly.card_expires - timedelta(days=1)).isoformat()
        key, facts = f"{monthly.id}:{month[:7]}", {"month": month}
        booking.tell(session, rules.CARD_MAIL, key, monthly, self.handlers, facts, happened_at=now, now=now)


def _unless_unknown(ask: Callable[[], Answer]) -> Answer | None:
    try:
        return ask()
    except LookupError:
        log.warning("the provider knows no such object")
        return None
