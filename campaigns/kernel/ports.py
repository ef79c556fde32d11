"""What the outside world can do for us. The factory hands in who does it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from campaigns.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message; `type` is its media type, like application/pdf."""

    name: str
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail, ready to hand over. `message_id` stays the same however often it is tried."""

    to: str
    subject: str
    text: str
    html: str = ""
    message_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


class MailNotAccepted(Exception):
    """The mail server did not take the message. `final` says that trying again cannot help."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


class Mailer(Protocol):
    """Hands messages to a mail server."""

    def send(self, message: Message) -> None:
        """Hand over `message`; raises MailNotAccepted."""


class PaymentsUnavailable(Exception):
    """The payment provider did not answer, or answered that it cannot now."""


class PaymentsRefused(PaymentsUnavailable):
    """The payment provider answered that it will not do this one thing. It may well do the next."""


def is_away(problem: Exception) -> bool:
    """Say whether a problem is that the payment provider is away: then nothing else need be asked for."""
    return isinstance(problem, PaymentsUnavailable) and not isinstance(problem, PaymentsRefused)


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """One line the giver sees on the hosted payment page."""

    name: str
    description: str
    amount: Money


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """What is asked of the hosted payment page."""

    reference: str
    idempotency_key: str
    lines: Sequence[CheckoutLine]
    email: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    locale: str
    metadata: Mapping[str, str]
    descriptor: str = ""  # what a card statement says after the account's own name


@dataclass(frozen=True, slots=True)
class BalanceMovement:
    """One balance transaction: `net = gross - fee`, in the settlement currency's minor units."""

    id: str
    kind: str
    gross: Money
    fee: Money
    net: Money
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RemoteRefund:
    """Money on its way back to the giver, with its balance transaction once the provider has booked it.

    `failure` is the balance transaction that brings the money back to us where the refund failed.
    """

    id: str
    amount: Money
    status: str
    created_at: datetime
    movement: BalanceMovement | None
    failure: BalanceMovement | None = None


@dataclass(frozen=True, slots=True)
class RemoteDispute:
    """The giver's bank asks about a charge, or takes it back.

    `movements` are in their order: none (an inquiry, or nothing withdrawn yet), what was withdrawn, and what came back.
    """

    id: str
    amount: Money
    status: str
    created_at: datetime
    movements: tuple[BalanceMovement, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteCharge:
    """A successful charge, with its settlement once the provider has booked it."""

    id: str
    amount: Money
    created_at: datetime
    movement: BalanceMovement | None
    refunds: tuple[RemoteRefund, ...] = ()
    disputes: tuple[RemoteDispute, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteSession:
    """A hosted payment page as the provider knows it now.

    `status` is open, complete or expired; `payment_status` is paid, unpaid or no_payment_required.
    """

    id: str
    url: str | None
    status: str
    payment_status: str
    total: Money
    reference: str | None
    livemode: bool
    payment_intent_id: str | None
    intent_status: str | None
    charge: RemoteCharge | None
    metadata: Mapping[str, str] = field(default_factory=dict)
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Root:
    """What is synced when something below it moves: a session ("checkout.session") with its charge, for example."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Doorbell:
    """A verified webhook event: which object rang, nothing more is believed.

    `account` names whose event it is where that is not the endpoint's own account.
    """

    id: str
    type: str
    livemode: bool
    api_version: str | None
    subject_id: str
    subject_kind: str
    account: str | None = None


class NotGenuine(Exception):
    """The webhook's signature, age or shape is not what the provider sends."""


class Checkout(Protocol):
    """The payment provider."""

    def open_session(self, request: CheckoutRequest) -> RemoteSession:
        """Open a hosted payment page; the same idempotency key gives the same page. Raises PaymentsUnavailable."""

    def fetch_session(self, session_id: str) -> RemoteSession:
        """Return the session with its intent, charge and balance transaction.

        Raises PaymentsUnavailable, and LookupError for an id that the provider does not know.
        """

    def find_root(self, kind: str, object_id: str) -> Root | None:
        """Return the session behind a session, payment intent, charge, refund, dispute or early fraud warning.

        None where there is none. Raises PaymentsUnavailable, and LookupError for an id that the provider does not know.
        """

    def read_doorbell(self, body: bytes, signature: str, now: datetime) -> Doorbell:
        """Verify a webhook's raw body against its signature header. Raises NotGenuine."""


@dataclass(frozen=True, slots=True)
class SourcedMovement:
    """A balance transaction and what moved: its kind ("charge", "payout", …) and id, both empty where nothing did."""

    movement: BalanceMovement
    source_kind: str
    source_id: str


@dataclass(frozen=True, slots=True)
class RemotePayout:
    """The provider's balance on its way to our bank, or back where it failed.

    `parts` is the sum of what an automatic payout paid out; None where the provider does not know it (yet).
    """

    id: str
    amount: Money
    status: str
    is_automatic: bool
    created_at: datetime
    movement: BalanceMovement | None
    failure: BalanceMovement | None = None
    parts: Money | None = None


@dataclass(frozen=True, slots=True)
class RemoteEndpoint:
    """An address that the provider rings. `events` are the types it rings for; "*" is every type."""

    url: str
    is_enabled: bool
    livemode: bool
    api_version: str | None
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoteBalance:
    """What lies with the provider, one sum for each currency, whether or not it can be paid out already."""

    sums: tuple[Money, ...]
    livemode: bool


class Books(Protocol):
    """What the provider has in its own books. Every call raises PaymentsUnavailable."""

    @property
    def api_version(self) -> str:
        """The version of the provider's language that we speak."""

    def movements(self, since: datetime) -> Iterator[Sequence[SourcedMovement]]:
        """Yield every balance transaction made since then, the newest first, a page at a time."""

    def fetch_movement(self, movement_id: str) -> SourcedMovement:
        """Return one balance transaction. Raises LookupError where the provider does not know it."""

    def fetch_payout(self, payout_id: str) -> RemotePayout:
        """Return a payout with its balance transactions. Raises LookupError where the provider does not know it."""

    def undelivered(self, since: datetime) -> Iterator[Doorbell]:
        """Yield the events since then that reached no endpoint, the newest first. The provider keeps 30 days."""

    def balance(self) -> RemoteBalance:
        """Return what lies with the provider."""

    def endpoints(self) -> Sequence[RemoteEndpoint]:
        """Return every address that the provider rings."""

    def account_id(self) -> str:
        """Return whose books these are."""

    def server_clock(self) -> datetime:
        """Return the provider's own time, to the second."""


class Files(Protocol):
    """Where documents are kept, by key."""

    def put(self, key: str, data: bytes) -> None:
        """Store `data` under `key`, whole or not at all. Raises OSError where it cannot be stored."""

    def stream(self, key: str) -> Iterator[bytes]:
        """Yield the parts of the file. Raises FileNotFoundError before the first part."""

    def size(self, key: str) -> int:
        """Return its size in bytes. Raises FileNotFoundError."""

    def delete(self, key: str) -> None:
        """Remove the file; a missing one is no error."""


@dataclass(frozen=True, slots=True)
class ListedName:
    """One printed line: number in the list, name, place, and what else the signatory lets stand there.

    `version` is the number of the text that was signed, 0 where the list does not say.
    """

    number: int
    name: str
    place: str
    details: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class PrintedFile:
    """A finished PDF with its own digest (SHA-256, hex) and number of pages.

    `unprintable` names the characters that no installed font has: they stand in the file as empty boxes.
    """

    data: bytes
    sha256: str
    pages: int
    unprintable: tuple[str, ...] = ()


class Printer(Protocol):
    """Makes PDFs from print HTML."""

    def print_list(self, letter_html: str, chunks: Sequence["PrintChunk"], footer: "PrintFooter") -> PrintedFile:
        """Return one tagged PDF: the letter, then each chunk of names, with the footer on every page."""

    def print_document(self, html: str) -> PrintedFile:
        """Return a document of its own, like blank sheets, as a tagged PDF."""

    def forget(self, before: datetime | None = None) -> int:
        """Delete what is kept to print faster and was not wanted since `before` (all for None); return how many."""


@dataclass(frozen=True, slots=True)
class PrintChunk:
    """A run of names: its print HTML and, for the tag tree, each line's exact text in order."""

    html: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class PrintFooter:
    """`left` stands on each page as it is; `page` gets n and m, like "Page {n} of {m}"."""

    left: str
    page: str


Payload = dict[str, Any]
