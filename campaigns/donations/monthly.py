"""Use-cases of gifts that come again each month: promise one, and make each paid month a donation of its own."""

import json
import secrets
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from campaigns.campaign.models import Fund, FundPurpose
from campaigns.campaign.queries import CampaignFacts, FundFacts
from campaigns.db.sealing import fingerprint
from campaigns.donations import metadata, restoring, rules
from campaigns.donations.metadata import Mark
from campaigns.donations.models import Donation, DonationLine, MonthlyGift, MonthlyGiftLine
from campaigns.donations.months import KIND
from campaigns.donations.operations import GiftFields, Part, admit, parts_of, total_of
from campaigns.funds import rules as fund_rules
from campaigns.gate.rules import Visit
from campaigns.kernel.fees import CardFee
from campaigns.kernel.ids import derived_id, derived_public_id, row_id
from campaigns.kernel.money import Money, split_charge
from campaigns.kernel.subscription_ports import RemoteSubscription
from campaigns.mailboxes import operations as mailboxes
from campaigns.outbox.operations import insert_ignoring
from campaigns.payments.metadata import MarkedLine, lines_from_metadata
from campaigns.payments.rules import State as PaymentState
from campaigns.recurring import operations as recurring
from campaigns.recurring import queries as standing
from campaigns.recurring.booking import About, Period, RestoredMonthly
from campaigns.recurring.operations import Begun
from campaigns.recurring.queries import Monthly
from campaigns.recurring.rules import State

ENDED_KEPT: Final = timedelta(days=30)
_WAITING: Final = {State.PRE: PaymentState.PRE, State.OPEN: PaymentState.OPEN}


def promise(
    session: Session,
    campaign: CampaignFacts,
    funds: Sequence[FundFacts],
    fields: GiftFields,
    fee: CardFee,
    *,
    now: datetime,
) -> Begun:
    """Store a monthly gift with its earmarks; a form sent again returns what it promised before.

    Raises what `operations.promise` raises.
    """
    parts = parts_of(session, campaign, funds, fields, fee, now=now)
    made = (_promised(session, parts, values, fields.visit) for values in _tries(campaign, parts, fields, now))
    return next(begun for begun in made if begun)


def _tries(
    campaign: CampaignFacts, parts: Sequence[Part], fields: GiftFields, now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the first, second, … monthly gift of one form: see donations.operations."""
    attempt = fields.attempt or secrets.token_hex()
    lines = [[str(part.fund.purpose_id), part.amount.minor, part.amount.currency, part.kind] for part in parts]
    typed = [fields.email, fields.name, fields.show_name, fields.message, fields.dedication, fields.language]
    values = {
        "campaign_id": campaign.id, "email": fields.email, "email_hash": mailboxes.hash_of(fields.email),
        "name": fields.name or None, "show_name": fields.show_name, "message": fields.message or None,
        "dedication": fields.dedication or None, "language": fields.language or None, "source": fields.source or None,
        "created_at": now,
    }  # fmt: skip
    for number in count(1):
        meant = [number, attempt, str(campaign.id), lines, *typed, *filter(None, [fields.source])]
        yield values | {"id": derived_id(fingerprint("monthly gift", json.dumps(meant)))}


def _promised(session: Session, parts: Sequence[Part], values: dict[str, Any], visit: Visit) -> Begun | None:
    gift_id, now = values["id"], values["created_at"]
    if insert_ignoring(session, MonthlyGift, values):
        admit(session, parts, values["email_hash"], visit, now)
        session.add_all(
            MonthlyGiftLine(id=row_id(now), monthly_gift_id=gift_id, fund_id=part.fund.id,
                            purpose_id=part.fund.purpose_id, amount_minor=part.amount.minor, kind=part.kind,
                            position=place)
            for place, part in enumerate(parts)
        )  # fmt: skip
        return recurring.begin(session, KIND, gift_id, total_of(parts), now=now)
    begun = recurring.begun(session, KIND, gift_id)
    waiting = _WAITING.get(begun.state)
    return begun if waiting and rules.is_same_gift(waiting, begun.created_at, now) else None


@dataclass(frozen=True, slots=True)
class MonthlyGifts:
    """What a monthly gift does when a month is paid: a PeriodHandler. `site` is a mark of this installation."""

    site: str
    payment_kind: str = rules.KIND

    def begin_period(self, session: Session, monthly: Monthly, period: Period, now: datetime) -> UUID:
        """Make the month's donation, under the earmarks of the monthly gift; the same id for the same invoice."""
        gift, mark = session.get_one(MonthlyGift, monthly.subject_id), fingerprint("month", period.invoice_id)
        values = {
            "id": derived_id(mark), "public_id": derived_public_id(mark), "campaign_id": gift.campaign_id,
            "amount_minor": period.amount.minor, "currency": period.amount.currency, "email": gift.email,
            "email_hash": gift.email_hash, "name": gift.name, "show_name": gift.show_name,
            "dedication": gift.dedication, "language": gift.language,
            "source": gift.source, "monthly_gift_id": gift.id, "created_at": period.paid_at,
        } | _message(session, gift)  # fmt: skip
        if insert_ignoring(session, Donation, values):
            self._add_lines(session, gift.id, derived_id(mark), period, now)
        return derived_id(mark)

    def _add_lines(self, session: Session, gift_id: UUID, donation_id: UUID, period: Period, now: datetime) -> None:
        shares = _shares_of_month(session, gift_id, period) or _shares(session, gift_id, period.amount)
        for line, share in shares:
            session.add(
                DonationLine(id=row_id(now), donation_id=donation_id, fund_id=line.fund_id, purpose_id=line.purpose_id,
                             amount_minor=share.minor, kind=line.kind, position=line.position)
            )  # fmt: skip
        session.flush()

    def about(self, session: Session, subject_id: UUID) -> About:
        """Say what the months are for, in the words it was begun under."""
        rows = session.execute(
            select(Fund.name, FundPurpose.sentence, FundPurpose.recipient, Fund.currency, MonthlyGift.email)
            .select_from(MonthlyGiftLine)
            .join(MonthlyGift, MonthlyGift.id == MonthlyGiftLine.monthly_gift_id)
            .join(Fund, Fund.id == MonthlyGiftLine.fund_id)
            .join(FundPurpose, FundPurpose.id == MonthlyGiftLine.purpose_id)
            .where(MonthlyGiftLine.monthly_gift_id == subject_id)
            .where(MonthlyGiftLine.kind == rules.GIFT)
            .order_by(MonthlyGiftLine.position)
        ).all()
        currency = rows[0].currency
        return About(
            email=rows[0].email,
            is_gift=True,
            title=", ".join(row.name for row in rows),
            lines=tuple((row.name, row.sentence, row.recipient) for row in rows),
            least=fund_rules.least(currency),
            most=fund_rules.most(currency),
        )

    def metadata(self, session: Session, monthly: Monthly, amount: Money) -> dict[str, str]:
        """Return by what a month can be found again: our ids, and each earmark with its part of `amount`."""
        gift = session.get_one(MonthlyGift, monthly.subject_id)
        lines = tuple(_marked_line(line, share.minor) for line, share in _shares(session, gift.id, amount))
        weights = tuple(_marked_line(line, line.amount_minor) for line in _lines(session, gift.id))
        mark = Mark(str(monthly.id), monthly.public_id, gift.campaign_id, self.site, lines)
        beside = {restoring.LANGUAGE: gift.language} if gift.language else {}
        return metadata.to_metadata(mark) | metadata.weights_to_metadata(weights, len(lines)) | beside

    def restored(
        self, session: Session, remote: RemoteSubscription, email: str, now: datetime
    ) -> RestoredMonthly | None:
        """Make a lost monthly gift again."""
        return restoring.restored_monthly(session, remote, email, self.site, now)

    def amount_changed(self, session: Session, subject_id: UUID, amount: Money, now: datetime) -> None:
        """Note nothing: the earmarks stay the weights that the giver chose, and each month is shared out by them.

        Were they rounded to each new amount, a small month would redirect every larger one after it.
        """


def _message(session: Session, gift: MonthlyGift) -> dict[str, Any]:
    """What was written stands with the first month alone."""
    is_first = session.scalars(select(Donation.id).where(Donation.monthly_gift_id == gift.id).limit(1)).first() is None
    message = gift.message if is_first else None
    return {"message": message, "message_state": rules.asks_to_be_shown(message or "", gift.show_name)}


def _shares(session: Session, gift_id: UUID, amount: Money) -> list[tuple[MonthlyGiftLine, Money]]:
    """Return the earmarks with their parts of `amount`, in proportion; a part of nothing is left out."""
    lines = _lines(session, gift_id)
    shares = split_charge(amount, [line.amount_minor for line in lines])
    return [(line, share) for line, share in zip(lines, shares, strict=True) if share]


def _lines(session: Session, gift_id: UUID) -> list[MonthlyGiftLine]:
    mine = select(MonthlyGiftLine).where(MonthlyGiftLine.monthly_gift_id == gift_id)
    return list(session.scalars(mine.order_by(MonthlyGiftLine.position)))


def _shares_of_month(session: Session, gift_id: UUID, period: Period) -> list[tuple[MonthlyGiftLine, Money]]:
    """Return the earmarks with what the month's own invoice says of each; none where it says something else.

    So a month of before the amount was changed has the same shares whenever it is booked, after a restore too.
    """
    marked, currency = _marked(period.metadata), period.amount.currency
    fits = (line for line in _lines(session, gift_id) if marked and _is_of(marked[0], line))
    shares = [(line, Money(marked.popleft().minor, currency)) for line in fits]
    is_all = not marked and sum(share.minor for _, share in shares) == period.amount.minor
    return shares if is_all else []


def _marked(written: Mapping[str, str]) -> deque[MarkedLine]:
    try:
        return deque(lines_from_metadata(written))
    except ValueError:
        return deque()


def _marked_line(line: MonthlyGiftLine, minor: int) -> MarkedLine:
    return MarkedLine(line.fund_id, line.purpose_id, minor, line.kind)


def _is_of(mark: MarkedLine, line: MonthlyGiftLine) -> bool:
    return (mark.fund_id, mark.purpose_id, mark.kind) == (line.fund_id, line.purpose_id, line.kind)


def receipt_facts(session: Session, donation_id: UUID, now: datetime) -> dict[str, object]:
    """Return what the receipt of a month says besides: that it is the first, and a link to change what is monthly."""
    gift_id = session.scalars(select(Donation.monthly_gift_id).where(Donation.id == donation_id)).one()
    monthly = standing.of_subject(session, KIND, gift_id) if gift_id else None
    if monthly is None:
        return {}
    months = session.scalar(select(func.count()).where(Donation.monthly_gift_id == gift_id)) or 0
    return {"manage": recurring.new_link(session, monthly.id, now=now), "is_first_month": months == 1}


def erase(session: Session, email_hash: bytes, *, now: datetime) -> None:
    """Stop the monthly gifts under an address and empty them; the donations of paid months are erased as gifts are."""
    mine = MonthlyGift.email_hash == email_hash
    ids = list(session.scalars(select(MonthlyGift.id).where(mine)))
    recurring.let_go(session, KIND, ids, now=now)
    _empty(session, ids)


def empty_old(session: Session, now: datetime, limit: int) -> int:
    """Empty monthly gifts that never began, and those that ended some time ago; return how many."""
    rows = session.scalars(
        select(MonthlyGift.id)
        .where(MonthlyGift.email_hash.is_not(None), MonthlyGift.id.in_(standing.over_before(KIND, now - ENDED_KEPT)))
        .limit(limit)
    )
    return _empty(session, list(rows))


def _empty(session: Session, ids: Sequence[UUID]) -> int:
    emptied = {"email": "", "email_hash": None, "name": None, "show_name": False, "message": None, "dedication": None}
    result = session.execute(update(MonthlyGift).where(MonthlyGift.id.in_(ids)).values(emptied))
    assert isinstance(result, CursorResult)
    return result.rowcount
