"""Use-cases: promise a gift."""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.campaign.operations import ensure_general_fund
from campaigns.campaign.queries import CampaignFacts, FundFacts, find_fund
from campaigns.db.sealing import fingerprint
from campaigns.donations import queries, rules
from campaigns.donations.models import Donation, DonationLine
from campaigns.donations.queries import GiftLine
from campaigns.funds.rules import chargeable, descriptor_for, limits, within_limits
from campaigns.gate import operations as gate
from campaigns.gate.rules import Visit
from campaigns.kernel.errors import Refusal
from campaigns.kernel.fees import CardFee
from campaigns.kernel.ids import derived_id, public_id, row_id
from campaigns.kernel.money import Money, parse_amount, split_charge
from campaigns.mailboxes import operations as mailboxes
from campaigns.outbox.operations import insert_ignoring
from campaigns.payments import operations as payments
from campaigns.payments import queries as payment_queries
from campaigns.payments.operations import SESSION_LIFETIME


class AppealClosed(Refusal):
    """This fund takes no gifts at the moment."""

    status = HTTPStatus.GONE


NO_VISIT = Visit()


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftFields:
    """What a giver filled in, cleaned by the form; amounts as typed.

    `shares` are the amounts for each fund, in the funds' order; left empty, `amount` is shared evenly. `language` is
    that of the page. `attempt` is the form's own mark. Where it and all else is the same, the same gift is meant;
    empty means a new one.
    """

    amount: str
    email: str
    name: str
    show_name: bool
    message: str
    shares: tuple[str, ...] = ()
    cover_fees: bool = False
    dedication: str = ""
    language: str = ""
    attempt: str = ""
    source: str = ""
    frequency: str = rules.ONCE
    visit: Visit = NO_VISIT


@dataclass(frozen=True, slots=True)
class Promise:
    """A gift that waits for its payment, on the page of `session_id` where one was opened.

    `descriptor` is what the card statement says after the account's own name; empty for nothing.
    """

    donation_id: UUID
    payment_id: UUID
    public_id: str
    amount: Money
    lines: tuple[GiftLine, ...]
    expires_at: datetime
    descriptor: str = ""
    session_id: str | None = None


class Part(NamedTuple):
    """What one fund is to have of a gift, or of what is added for the fee."""

    fund: FundFacts
    amount: Money
    kind: str = rules.GIFT


def promise(
    session: Session,
    campaign: CampaignFacts,
    funds: Sequence[FundFacts],
    fields: GiftFields,
    fee: CardFee,
    *,
    now: datetime,
) -> Promise:
    """Store a gift with its earmarks and a payment in state `pre`; a form sent again returns what it promised before.

    `funds` are of one currency. Raises AppealClosed, InvalidAmount, TooSmall, TooLarge, UnchargeableAmount,
    PartsDiffer, TooManyFunds, TryLater, ProofWanted.
    """
    parts = parts_of(session, campaign, funds, fields, fee, now=now)
    made = (
        _promised(session, parts, _values(gift_id, campaign, fields, total_of(parts), now), fields.visit)
        for gift_id in _gift_ids(campaign, parts, fields)
    )
    found = next(promise for promise in made if promise)
    given_to = [part.fund.descriptor for part in parts if part.kind == rules.GIFT]
    return replace(found, descriptor=descriptor_for(given_to, _general(session, funds[0], now).descriptor))


def parts_of(
    session: Session,
    campaign: CampaignFacts,
    funds: Sequence[FundFacts],
    fields: GiftFields,
    fee: CardFee,
    *,
    now: datetime,
) -> list[Part]:
    """Return what each fund is to have of what was typed, with what is added for the card fee. Raises as `promise`."""
    if not (campaign.appeal_open and funds and all(fund.is_open for fund in funds)):
        raise AppealClosed
    parts = _parts(funds, fields)
    if fields.cover_fees:
        parts += _covers(parts, _general(session, funds[0], now), fee)
    chargeable(total_of(parts))
    return parts


def _general(session: Session, fund: FundFacts, now: datetime) -> FundFacts:
    general = find_fund(session, ensure_general_fund(session, fund.currency, fund.recipient, now))
    assert general is not None  # it was just made sure of
    return general


def _parts(funds: Sequence[FundFacts], fields: GiftFields) -> list[Part]:
    """Read what was typed; each part stays within what its fund takes."""
    nothing = funds[0].money(0)
    shares = [parse_amount(text, nothing.currency) if text else nothing for text in fields.shares]
    whole = parse_amount(fields.amount, nothing.currency) if fields.amount or not any(shares) else None
    amounts = rules.parts(whole, shares or [nothing] * len(funds))
    given = [Part(fund, amount) for fund, amount in zip(funds, amounts, strict=True) if amount]
    for fund, amount, _ in given or [Part(funds[0], nothing)]:
        lower, upper = limits(fund.currency, fund.least_minor, fund.most_minor)
        within_limits(amount, lower, upper, fund.name if len(funds) > 1 else "")
    return given


def _covers(parts: Sequence[Part], general: FundFacts, fee: CardFee) -> list[Part]:
    """Return what is added for the fee, for each fund that bears one in proportion to its gifts."""
    weights: dict[UUID, int] = {}
    funds = {general.id: general} | {part.fund.id: part.fund for part in parts}
    for part in parts:
        bearer = general.id if part.fund.fees_borne_by_general else part.fund.id
        weights[bearer] = weights.get(bearer, 0) + part.amount.minor
    shares = split_charge(fee.cover(total_of(parts)), list(weights.values()))
    covers = zip(weights, shares, strict=True)
    return [Part(funds[fund_id], share, rules.FEE_COVER) for fund_id, share in covers if share]


def total_of(parts: Sequence[Part]) -> Money:
    """Return all of a gift."""
    return Money(sum(part.amount.minor for part in parts), parts[0].amount.currency)


def _gift_ids(campaign: CampaignFacts, parts: Sequence[Part], fields: GiftFields) -> Iterator[UUID]:
    """Yield the ids of the first, second, … gift of one form: the primary key decides between two clicks.

    All that was typed is in them, because a proxy may have handed one form to many people.
    """
    attempt = fields.attempt or secrets.token_hex()
    typed = [fields.email, fields.name, fields.show_name, fields.message, fields.dedication, fields.language]
    lines = [[str(part.fund.purpose_id), part.amount.minor, part.amount.currency, part.kind] for part in parts]
    for number in count(1):
        meant = [number, attempt, str(campaign.id), lines, *typed, *filter(None, [fields.source])]
        yield derived_id(fingerprint("gift", json.dumps(meant)))


def _values(gift_id: UUID, campaign: CampaignFacts, fields: GiftFields, amount: Money, now: datetime) -> dict[str, Any]:
    return {
        "id": gift_id, "public_id": public_id(), "campaign_id": campaign.id, "amount_minor": amount.minor,
        "currency": amount.currency, "email": fields.email, "email_hash": mailboxes.hash_of(fields.email),
        "name": fields.name or None, "message": fields.message or None, "show_name": fields.show_name,
        "message_state": rules.asks_to_be_shown(fields.message, fields.show_name),
        "dedication": fields.dedication or None, "language": fields.language or None,
        "source": fields.source or None, "created_at": now,
    }  # fmt: skip


def _promised(session: Session, parts: Sequence[Part], values: dict[str, Any], visit: Visit) -> Promise | None:
    """Add the gift unless it is there, and return its promise; None where the one that is there has had its end."""
    gift_id, now, amount = values["id"], values["created_at"], Money(values["amount_minor"], values["currency"])
    if insert_ignoring(session, Donation, values):
        admit(session, parts, values["email_hash"], visit, now)
        session.add_all(_line(gift_id, place, part, now) for place, part in enumerate(parts))
        payments.prepare(session, rules.KIND, gift_id, amount, now=now)
    gift, payment = session.get_one(Donation, gift_id), payment_queries.of_subject(session, rules.KIND, gift_id)
    assert payment is not None  # it was prepared in one transaction with its gift
    if not rules.is_same_gift(payment.state, gift.created_at, now):
        return None
    ends = gift.created_at + SESSION_LIFETIME
    lines = queries.lines_of(session, gift_id)
    return Promise(gift_id, payment.id, gift.public_id, amount, lines, ends, session_id=payment.session_id)


def _line(gift_id: UUID, place: int, part: Part, now: datetime) -> DonationLine:
    return DonationLine(
        id=row_id(now), donation_id=gift_id, fund_id=part.fund.id, purpose_id=part.fund.purpose_id,
        amount_minor=part.amount.minor, kind=part.kind, position=place,
    )  # fmt: skip


def admit(session: Session, parts: Sequence[Part], email_hash: bytes, visit: Visit, now: datetime) -> None:
    """A new gift passes the gate, in the unit of work that stores it; the same form sent again does not come here.

    A gift for several funds passes that of each. Raises TryLater, ProofWanted.
    """
    funds = {str(part.fund.id) for part in parts if part.kind == rules.GIFT}
    is_known = partial(queries.is_known_giver, session, email_hash)
    gate.admit(session, funds, email_hash, visit, is_known=is_known, now=now)
