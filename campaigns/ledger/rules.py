"""What an entry is, before any database: drafts, balance, canonical form, the chain of hashes.

An amount is signed minor units of the entry's currency: a debit is positive, a credit negative, and the
postings of an entry sum to zero. Money given to a fund is a credit on that fund.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from campaigns.kernel.money import Money, split
from campaigns.kernel.ports import BalanceMovement

GENESIS = "0" * 64  # the hash before the first entry
_SOURCE_KEY = re.compile(r"(charge|bt|request):\S+")


class Account(StrEnum):
    """Where money is, or whose it is."""

    FUND = "fund"
    UNCOLLECTED = "stripe:uncollected"
    BALANCE = "stripe:balance"
    IN_TRANSIT = "bank:in_transit"
    BANK = "bank"
    SUSPENSE = "suspense"


class Meaning(StrEnum):
    """Why a fund gained or lost money."""

    GIVEN = "given"
    FEE = "fee"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    PAID_OUT = "paid_out"
    TRANSFERRED = "transferred"


# Debit is positive. People read what came in as positive, and also what went back or out.
SIGNS = dict.fromkeys(Meaning, 1) | {Meaning.GIVEN: -1, Meaning.TRANSFERRED: -1}


class Kind(StrEnum):
    """What happened."""

    RECOGNISED = "recognised"
    SETTLED = "settled"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    PAYOUT = "payout"
    UNKNOWN = "unknown"
    RECEIVED = "received"
    DEPOSITED = "deposited"
    DISBURSED = "disbursed"
    TRANSFERRED = "transferred"


class ImpossibleEntry(ValueError):
    """A draft that breaks a law of the ledger: a programmer's mistake, never a visitor's."""


class EarmarkLine(NamedTuple):
    """The part of one gift that goes to one fund. `line_id` is the donation's line, where there is one.

    `is_cover` marks what a giver added for the card fee: it is not given to the fund's purpose, it makes the fees
    smaller that the fund bears, and it leaves them as they were where it goes back.
    """

    fund_id: UUID
    line_id: UUID | None
    amount: Money
    is_cover: bool = False

    def meaning(self, otherwise: Meaning) -> Meaning:
        """Return why the fund gains or loses this line's money: `otherwise`, but for what covers a fee."""
        return Meaning.FEE if self.is_cover else otherwise


class Bearer(NamedTuple):
    """A fund that bears a share of the fees, by `weight` (non-negative)."""

    fund_id: UUID
    weight: int


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry. `fund_id` and `meaning` are set exactly on the fund's account."""

    account: str
    amount: int
    currency: str
    fund_id: UUID | None = None
    meaning: str | None = None
    donation_line_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that may be posted. Raises ImpossibleEntry where it breaks a law.

    `source_key` names the one thing in the world this entry is about: a charge, a balance transaction, or our
    own request. `description` is a person's reason; it never holds personal data, for it can never be erased.
    """

    source_key: str
    kind: Kind
    currency: str
    occurred_at: datetime
    postings: tuple[Posting, ...]
    description: str = ""

    def __post_init__(self) -> None:
        found = faults(self.currency, self.postings)
        if not _SOURCE_KEY.fullmatch(self.source_key):
            found.append(f"not a source key: {self.source_key!r}")
        if self.occurred_at.tzinfo is None:
            found.append("a time without a zone")
        if found:
            raise ImpossibleEntry(f"{self.source_key}: {'; '.join(found)}")


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as it stands in the journal, right or wrong. `postings` carry their positions."""

    sequence: int
    source_key: str
    kind: str
    currency: str
    occurred_at: datetime
    recorded_at: datetime
    description: str
    prev_hash: str
    postings: tuple[tuple[int, Posting], ...]

    def says_the_same_as(self, draft: Draft) -> bool:
        """Tell whether `draft` moves the same money at the same time. The wording of a reason may differ."""
        postings = tuple(posting for _, posting in self.postings)
        mine = (self.source_key, self.kind, self.currency, self.occurred_at, postings)
        return mine == (draft.source_key, draft.kind, draft.currency, draft.occurred_at, draft.postings)


# Laws of one entry


def faults(currency: str, postings: Sequence[Posting]) -> list[str]:
    """Return in words what is wrong with the postings of an entry in `currency`; empty where it is sound."""
    found = [fault for posting in postings for fault in _posting_faults(currency, posting)]
    if len(postings) < 2:
        found.append("fewer than two postings")
    if sum(posting.amount for posting in postings) != 0:
        found.append("the postings do not sum to zero")
    return found


def _posting_faults(currency: str, posting: Posting) -> list[str]:
    on_a_fund = posting.account == Account.FUND
    laws = {
        "a posting of nothing": posting.amount != 0,
        "an amount in parts of a minor unit": type(posting.amount) is int,
        f"a posting in {posting.currency}, not {currency}": posting.currency == currency,
        f"an unknown account: {posting.account}": posting.account in set(Account),
        f"an unknown meaning: {posting.meaning}": posting.meaning in {None, *Meaning},
        "a fund exactly on the fund's account": (posting.fund_id is not None) == on_a_fund,
        "a meaning exactly on the fund's account": (posting.meaning is not None) == on_a_fund,
        "an earmark line off the fund's account": on_a_fund or posting.donation_line_id is None,
    }
    return [fault for fault, holds in laws.items() if not holds]


# What the payment provider tells


def recognised(charge_id: str, lines: Sequence[EarmarkLine], occurred_at: datetime) -> Draft:
    """A charge succeeded: the gift counts at once, although the money is still on its way."""
    return _gift(f"charge:{charge_id}", Kind.RECOGNISED, Account.UNCOLLECTED, lines, occurred_at)


def settled(movement: BalanceMovement, bearers: Sequence[Bearer]) -> Draft:
    """The provider booked a charge: net on its balance, the fee on the funds that bear it."""
    uncollected = _posting(Account.UNCOLLECTED, -movement.gross)
    return _moved(movement, Kind.SETTLED, [uncollected], bearers)


def refunded(movement: BalanceMovement, lines: Sequence[EarmarkLine], bearers: Sequence[Bearer] = ()) -> Draft:
    """Money went back to the giver, or came back to us where the refund failed (a positive movement).

    `lines` say what each earmark still holds of the gift; the movement is shared out in that proportion by
    largest remainder, so a refund of all that is left empties every line exactly.
    """
    return _moved(movement, Kind.REFUNDED, _returned(movement, Meaning.REFUNDED, lines), bearers)


def disputed(movement: BalanceMovement, lines: Sequence[EarmarkLine], bearers: Sequence[Bearer] = ()) -> Draft:
    """The bank took a disputed gift back, or gave it back (a positive movement). `lines` as for `refunded`."""
    return _moved(movement, Kind.DISPUTED, _returned(movement, Meaning.DISPUTED, lines), bearers)


def payout(movement: BalanceMovement, bearers: Sequence[Bearer] = ()) -> Draft:
    """The provider sent its balance to our bank, or took it back (a positive movement)."""
    return _moved(movement, Kind.PAYOUT, [_posting(Account.IN_TRANSIT, -movement.gross)], bearers)


def unknown(movement: BalanceMovement) -> Draft:
    """A movement nobody can explain yet: booked all the same, for the treasurer to see, its fee apart."""
    suspense = [_posting(Account.SUSPENSE, -movement.gross), _posting(Account.SUSPENSE, movement.fee)]
    return _moved(movement, Kind.UNKNOWN, suspense, None)


# What people tell


def received(request_id: UUID, lines: Sequence[EarmarkLine], occurred_at: datetime, description: str = "") -> Draft:
    """A gift came to the bank by cash, cheque or transfer."""
    return _gift(f"request:{request_id}", Kind.RECEIVED, Account.BANK, lines, occurred_at, description)


def deposited(request_id: UUID, amount: Money, occurred_at: datetime, description: str = "") -> Draft:
    """The bank shows a payout that was in transit."""
    postings = [_posting(Account.BANK, amount), _posting(Account.IN_TRANSIT, -amount)]
    return _requested(request_id, Kind.DEPOSITED, amount, occurred_at, description, postings)


def disbursed(request_id: UUID, fund_id: UUID, amount: Money, occurred_at: datetime, description: str) -> Draft:
    """A fund paid money out of the bank for its purpose."""
    postings = [_on_fund(fund_id, Meaning.PAID_OUT, amount), _posting(Account.BANK, -amount)]
    return _requested(request_id, Kind.DISBURSED, amount, occurred_at, description, postings)


def transferred(
    request_id: UUID, from_fund: UUID, to_fund: UUID, amount: Money, occurred_at: datetime, description: str
) -> Draft:
    """A fund handed money to another fund."""
    postings = [
        _on_fund(from_fund, Meaning.TRANSFERRED, amount),
        _on_fund(to_fund, Meaning.TRANSFERRED, -amount),
    ]
    return _requested(request_id, Kind.TRANSFERRED, amount, occurred_at, description, postings)


# How drafts are put together


def _posting(account: Account, amount: Money) -> Posting:
    return Posting(account, amount.minor, amount.currency)


def _on_fund(fund_id: UUID, meaning: Meaning, amount: Money, line_id: UUID | None = None) -> Posting:
    return Posting(Account.FUND, amount.minor, amount.currency, fund_id, meaning, line_id)


def _gift(
    source_key: str,
    kind: Kind,
    arrived: Account,
    lines: Sequence[EarmarkLine],
    occurred_at: datetime,
    description: str = "",
) -> Draft:
    if not lines or any(line.amount.minor <= 0 for line in lines):
        raise ImpossibleEntry(f"{source_key}: a gift has lines, and each gives something")
    total = sum((line.amount for line in lines[1:]), lines[0].amount)
    given = [_on_fund(line.fund_id, line.meaning(Meaning.GIVEN), -line.amount, line.line_id) for line in lines]
    return Draft(source_key, kind, total.currency, occurred_at, (_posting(arrived, total), *given), description)


def _moved(
    movement: BalanceMovement, kind: Kind, against: Iterable[Posting], bearers: Sequence[Bearer] | None
) -> Draft:
    """`bearers` is None where `against` bears the fee itself. The provider's own word is kept as description."""
    fees = [] if bearers is None else _borne(movement.fee, bearers)
    postings = (_posting(Account.BALANCE, movement.net), *fees, *against)
    moving = tuple(posting for posting in postings if posting.amount)
    return Draft(f"bt:{movement.id}", kind, movement.net.currency, movement.created_at, moving, movement.kind)


def _borne(fee: Money, bearers: Sequence[Bearer]) -> list[Posting]:
    if not fee:
        return []
    shares = _shared(fee, [bearer.weight for bearer in bearers])
    return [_on_fund(bearer.fund_id, Meaning.FEE, share) for bearer, share in zip(bearers, shares, strict=True)]


def _returned(movement: BalanceMovement, meaning: Meaning, lines: Sequence[EarmarkLine]) -> list[Posting]:
    shares = _shared(-movement.gross, [line.amount.minor for line in lines])
    return [
        _on_fund(line.fund_id, line.meaning(meaning), share, line.line_id)
        for line, share in zip(lines, shares, strict=True)
    ]


def _shared(amount: Money, weights: Sequence[int]) -> list[Money]:
    try:
        return split(amount, weights)
    except ValueError as error:
        raise ImpossibleEntry(f"{amount} cannot be shared out by {list(weights)}") from error


def _requested(
    request_id: UUID,
    kind: Kind,
    amount: Money,
    occurred_at: datetime,
    description: str,
    postings: Sequence[Posting],
) -> Draft:
    if amount.minor <= 0:
        raise ImpossibleEntry(f"request:{request_id}: {amount} is not an amount to move")
    return Draft(f"request:{request_id}", kind, amount.currency, occurred_at, tuple(postings), description)


# The chain


def canonical(record: Record) -> bytes:
    """Return the one spelling of `record` that is hashed: JSON with sorted keys, no spaces, UTF-8, times in UTC.

    Anybody can rebuild it from an export with any JSON library (it is what RFC 8785 asks for these values).
    """
    content = {
        "currency": record.currency,
        "description": record.description,
        "kind": record.kind,
        "occurred_at": _moment(record.occurred_at),
        "postings": [_canonical_posting(position, posting) for position, posting in record.postings],
        "prev_hash": record.prev_hash,
        "recorded_at": _moment(record.recorded_at),
        "sequence": record.sequence,
        "source_key": record.source_key,
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _canonical_posting(position: int, posting: Posting) -> dict[str, object]:
    return {
        "account": posting.account,
        "amount": posting.amount,
        "currency": posting.currency,
        "donation_line": _text(posting.donation_line_id),
        "fund": _text(posting.fund_id),
        "meaning": posting.meaning,
        "position": position,
    }


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)


def chain_hash(record: Record) -> str:
    """Return the SHA-256 (hex) of the canonical record, which holds the hash of the entry before it."""
    return hashlib.sha256(canonical(record)).hexdigest()


# Figures


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of a fund's money. `transferred` is what other funds handed over, net, and may be negative."""

    fund_id: UUID
    given: Money
    fees: Money
    refunded: Money
    disputed: Money
    paid_out: Money
    transferred: Money

    @property
    def left(self) -> Money:
        """Return what is left of the fund; below zero where more went back or out than came in."""
        gone = self.refunded + self.disputed + self.fees + self.paid_out
        return self.given - gone + self.transferred


def figures(fund_id: UUID, currency: str, sums: Mapping[str, int]) -> Figures:
    """Read `sums` (debits less credits on the fund, by meaning) as figures a person understands."""
    given, fees, refunded, disputed, paid_out, transferred = (
        Money(SIGNS[meaning] * sums.get(meaning, 0), currency) for meaning in Meaning
    )
    return Figures(fund_id, given, fees, refunded, disputed, paid_out, transferred)
