"""Use-cases: promise a gift."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.campaign.queries import CampaignFacts, FundFacts
from campaigns.db.sealing import fingerprint
from campaigns.donations import queries, rules
from campaigns.donations.models import Donation, DonationLine
from campaigns.gate import operations as gate
from campaigns.gate.rules import Visit
from campaigns.kernel.errors import Refusal
from campaigns.kernel.ids import derived_id, public_id, row_id
from campaigns.kernel.money import Money, parse_amount
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
    """What a giver filled in, cleaned by the form; `amount` as typed.

    `attempt` is the form's own mark. Where it and all else is the same, the same gift is meant; empty means a new one.
    """

    amount: str
    email: str
    name: str
    show_name: bool
    message: str
    attempt: str = ""
    source: str = ""
    visit: Visit = NO_VISIT


@dataclass(frozen=True, slots=True)
class Promise:
    """A gift that waits for its payment, on the page of `session_id` where one was opened."""

    donation_id: UUID
    payment_id: UUID
    public_id: str
    amount: Money
    expires_at: datetime
    session_id: str | None = None


def promise(
    session: Session, campaign: CampaignFacts, fund: FundFacts, fields: GiftFields, *, now: datetime
) -> Promise:
    """Store a gift with its earmark and a payment in state `pre`; a form sent again returns what it promised before.

    Raises AppealClosed, InvalidAmount, TooSmall, TooLarge, TryLater, ProofWanted.
    """
    if not (campaign.appeal_open and fund.is_open):
        raise AppealClosed
    amount = rules.within_limits(parse_amount(fields.amount, fund.currency))
    made = (
        _promised(session, fund, _values(gift_id, campaign, fields, amount, now), fields.visit)
        for gift_id in _gift_ids(campaign, fund, fields, amount)
    )
    return next(promise for promise in made if promise)


def _gift_ids(campaign: CampaignFacts, fund: FundFacts, fields: GiftFields, amount: Money) -> Iterator[UUID]:
    """Yield the ids of the first, second, … gift of one form: the primary key decides between two clicks.

    All that was typed is in them, because a proxy may have handed one form to many people.
    """
    attempt = fields.attempt or secrets.token_hex()
    typed = [fields.email, fields.name, fields.show_name, fields.message]
    meant = [attempt, str(campaign.id), str(fund.purpose_id), amount.minor, amount.currency, *typed]
    for number in count(1):
        yield derived_id(fingerprint("gift", json.dumps([number, *meant])))


def _values(gift_id: UUID, campaign: CampaignFacts, fields: GiftFields, amount: Money, now: datetime) -> dict[str, Any]:
    return {
        "id": gift_id, "public_id": public_id(), "campaign_id": campaign.id, "amount_minor": amount.minor,
        "currency": amount.currency, "email": fields.email, "email_hash": mailboxes.hash_of(fields.email),
        "name": fields.name or None, "message": fields.message or None, "show_name": fields.show_name,
        "source": fields.source or None, "created_at": now,
    }  # fmt: skip


def _promised(session: Session, fund: FundFacts, values: dict[str, Any], visit: Visit) -> Promise | None:
    """Add the gift unless it is there, and return its promise; None where the one that is there has had its end."""
    gift_id, now, amount = values["id"], values["created_at"], Money(values["amount_minor"], values["currency"])
    if insert_ignoring(session, Donation, values):
        _admit(session, fund.id, values["email_hash"], visit, now)
        session.add(
            DonationLine(id=row_id(now), donation_id=gift_id, fund_id=fund.id, purpose_id=fund.purpose_id,
                         amount_minor=amount.minor)
        )  # fmt: skip
        payments.prepare(session, rules.KIND, gift_id, amount, now=now)
    gift, payment = session.get_one(Donation, gift_id), payment_queries.of_subject(session, rules.KIND, gift_id)
    assert payment is not None  # it was prepared in one transaction with its gift
    if not rules.is_same_gift(payment.state, gift.created_at, now):
        return None
    ends = gift.created_at + SESSION_LIFETIME
    return Promise(gift_id, payment.id, gift.public_id, amount, ends, payment.session_id)


def _admit(session: Session, fund_id: UUID, email_hash: bytes, visit: Visit, now: datetime) -> None:
    """A new gift passes the gate, in the unit of work that stores it; the same form sent again does not come here."""
    is_known = partial(queries.is_known_giver, session, email_hash)
    gate.admit(session, str(fund_id), email_hash, visit, is_known=is_known, now=now)
