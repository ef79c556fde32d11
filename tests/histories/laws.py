"""What must hold of the books after every step, and what must be there once everything was swept up."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from campaigns.donations import receipting
from campaigns.kernel.money import from_stripe
from campaigns.ledger import checks
from campaigns.ledger.models import LedgerEntry, LedgerPosting
from campaigns.ledger.rules import Account, Meaning
from campaigns.outbox.models import OutboxItem
from campaigns.payments.models import Payment
from campaigns.receipts import checks as receipt_checks
from campaigns.receipts.models import Receipt
from sandbox.stripe import balance
from sandbox.stripe.store import Json
from tests.histories.site import Site

# What the provider calls it, and what it means to a fund. What is not here is nobody's gift.
MEANINGS = {
    "refund": Meaning.REFUNDED, "payment_refund": Meaning.REFUNDED, "refund_failure": Meaning.REFUNDED,
    "payment_failure_refund": Meaning.REFUNDED, "adjustment": Meaning.DISPUTED,
}  # fmt: skip
OF_GIFTS = {"charge", "payment", *MEANINGS}  # nobody else uses this account
ISSUED = (receipting.RECEIPT_MAIL, receipting.CORRECTED_MAIL)


def broken_laws(site: Site) -> list[str]:
    """Return in words every law that is broken now, however much is still on its way."""
    entries = _entries(site)
    return [
        *_unbalanced(entries),
        *_recognitions(site, entries),
        *_movements(site, entries),
        *_figures(site, entries),
        *_mails(site),
    ]


def missing(site: Site) -> list[str]:
    """Return in words what the books do not hold although the provider knows it."""
    entries = _entries(site)
    return [*_unbooked(site, entries), *_balances(site, entries), *_uncollected(site, entries), *_verified(site)]


Entries = dict[str, list[LedgerPosting]]


def _entries(site: Site) -> Entries:
    postings = defaultdict(list)
    for key, posting in site.rows(
        select(LedgerEntry.source_key, LedgerPosting).join(
            LedgerPosting, LedgerPosting.sequence == LedgerEntry.sequence
        )
    ):
        postings[key].append(posting)
    return postings


def _sum(postings: list[LedgerPosting], account: Account, meaning: Meaning | None = None) -> int:
    return sum(each.amount for each in postings if (each.account, each.meaning) == (account, meaning))


def _minor(amount: int, thing: Json) -> int:
    return from_stripe(amount, thing["currency"]).minor


def _unbalanced(entries: Entries) -> Iterator[str]:
    for key, postings in entries.items():
        if sum(posting.amount for posting in postings):
            yield f"{key} does not sum to zero"


def _recognitions(site: Site, entries: Entries) -> Iterator[str]:
    """Each paid gift has exactly one recognition, of all of it; nothing else has one."""
    charges = {charge["id"]: charge for charge in site.provider.all("charge")}
    recognised = {key.removeprefix("charge:"): -_given(rows) for key, rows in entries.items() if "charge:" in key}
    paid = {
        row.charge_id: row.amount_minor
        for row in site.rows(select(Payment.charge_id, Payment.amount_minor).where(Payment.state == "paid"))
    }
    if recognised != paid:
        yield f"recognised {recognised}, paid {paid}"
    for charge_id, minor in recognised.items():
        charge = charges[charge_id]
        if (charge["status"], _minor(charge["amount"], charge)) != ("succeeded", minor):
            yield f"{charge_id} is recognised as {minor}"


def _given(postings: list[LedgerPosting]) -> int:
    return _sum(postings, Account.FUND, Meaning.GIVEN)


def _movements(site: Site, entries: Entries) -> Iterator[str]:
    """Each entry of a balance transaction moves what that moves. That there is one at most, its key says."""
    known = {f"bt:{each['id']}": each for each in site.provider.all("balance_transaction")}
    for key, postings in entries.items():
        if key.startswith("bt:"):
            movement = known[key]
            if _sum(postings, Account.BALANCE) != _minor(movement["net"], movement):
                yield f"{key} moves another amount"


def _figures(site: Site, entries: Entries) -> Iterator[str]:
    """The funds hold what the provider's own objects add up to, of all that is booked."""
    expected: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for movement in site.provider.all("balance_transaction"):
        postings = entries.get(f"bt:{movement['id']}", [])
        if postings and not _sum(postings, Account.SUSPENSE):
            expected[MEANINGS.get(movement["type"], "")] -= _minor(movement["amount"], movement)
            expected[Meaning.FEE] += _minor(movement["fee"], movement)
    for postings in entries.values():
        for posting in postings:
            held[posting.meaning or ""] += posting.amount
    for meaning in (Meaning.REFUNDED, Meaning.DISPUTED, Meaning.FEE):
        if held[meaning] != expected[meaning]:
            yield f"{meaning}: the funds hold {held[meaning]}, the provider knows {expected[meaning]}"


def _mails(site: Site) -> Iterator[str]:
    """One mail for each receipt, queued once, and each paid gift has a first receipt and what follows from it."""
    paid = {row.subject_id for row in site.rows(select(Payment.subject_id).where(Payment.state == "paid"))}
    receipts = {str(row.id): row for row in site.rows(select(Receipt.id, Receipt.subject_id, Receipt.voided_at))}
    if {row.subject_id for row in receipts.values()} != paid:
        yield f"receipts for {receipts}, paid {paid}"
    mails = Counter(row.subject for row in site.rows(select(OutboxItem.subject).where(OutboxItem.kind.in_(ISSUED))))
    if mails != Counter(list(receipts)):
        yield f"mails about {dict(mails)}, receipts {list(receipts)}"
    with site.app.extensions["undersigned"].reading() as session:
        yield from map(str, [*receipting.GIFTS.verify(session), *receipt_checks.verify(session)])


# When all is swept up


def _unbooked(site: Site, entries: Entries) -> Iterator[str]:
    for movement in site.provider.all("balance_transaction"):
        postings = entries.get(f"bt:{movement['id']}", [])
        if not postings:
            yield f"{movement['id']} ({movement['type']}) is not booked"
        elif movement["type"] in OF_GIFTS and _sum(postings, Account.SUSPENSE):
            yield f"{movement['id']} ({movement['type']}) is of a gift, and lies in suspense"
    for charge in site.provider.all("charge"):
        if charge["status"] == "succeeded" and f"charge:{charge['id']}" not in entries:
            yield f"{charge['id']} is not recognised"


def _balances(site: Site, entries: Entries) -> Iterator[str]:
    everything = [posting for postings in entries.values() for posting in postings]
    for part in ("available", "pending"):
        for money in balance.of(site.provider.account)[part]:
            currency = money["currency"].upper()
            everything.append(
                LedgerPosting(account=Account.BALANCE, currency=currency, amount=-_minor(money["amount"], money))
            )
    left: Counter[str] = Counter()
    for posting in everything:
        left[posting.currency] += posting.amount if posting.account == Account.BALANCE else 0
    for currency, minor in left.items():
        if minor:
            yield f"the books differ from the provider's balance by {minor} {currency}"


def _uncollected(site: Site, entries: Entries) -> Iterator[str]:
    """What is recognised waits for nothing but its balance transaction."""
    waiting = sum(_sum(postings, Account.UNCOLLECTED) for postings in entries.values())
    unsettled = [each for each in site.provider.all("charge") if not each["balance_transaction"]]
    expected = sum(_minor(each["amount"], each) for each in unsettled if f"charge:{each['id']}" in entries)
    if waiting != expected:
        yield f"{waiting} are uncollected, the provider has {expected} that are not on its balance yet"


def _verified(site: Site) -> Iterator[str]:
    with site.app.extensions["undersigned"].reading() as session:
        yield from map(str, checks.verify(session))
