"""All that is kept about a supporter, as JSON for themselves."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.coalition.queries import OptIn
from campaigns.deliveries.queries import OnList
from campaigns.donations.months import OwnMonthly
from campaigns.donations.queries import GiftLine, OwnGift
from campaigns.kernel.money import Money
from campaigns.membership.queries import OwnMembership, OwnMonth
from campaigns.receipts.queries import ReceiptFacts
from campaigns.recurring.queries import Asked, Monthly
from campaigns.signatures.overviews import OwnSignature
from campaigns.subscriptions.queries import OwnNews
from campaigns.supporters.queries import Supporter


def as_json(supporter: Supporter, now: datetime) -> str:
    """Return the whole of it: keys in English, times in UTC (ISO 8601), amounts as decimal text with the currency."""
    signed = [
        _signature(each.signature, was_corrected_since=each.is_corrected)
        | {"deleted_on": _time(each.deleted_on), "lists": [_on_list(on) for on in each.lists]}
        | {"partner": _opt_in(each.opt_in)}
        for each in supporter.signed
    ]
    numbers: dict[UUID | None, str] = {own.monthly.subject_id: own.monthly.public_id for own in supporter.every_monthly}
    gifts = [
        _gift(own, supporter.receipts.get(own.gift.id, ())) | {"month_of": numbers.get(own.monthly_gift_id)}
        for own in supporter.gifts
    ]
    content: dict[str, Any] = {"address": supporter.email, "as_of": _time(now), "signatures": signed, "gifts": gifts}
    content["news"] = [_news(own) for own in supporter.news]
    content["monthly_gifts"] = [_monthly_gift(own, supporter.asked) for own in supporter.every_monthly]
    content["memberships"] = [_membership(own, supporter) for own in supporter.every_membership]
    return json.dumps(content, ensure_ascii=False, indent=2)


def _signature(own: OwnSignature, *, was_corrected_since: bool) -> dict[str, Any]:
    text = {"version": own.version, "headline": own.text_headline, "demands": own.demands}
    return {
        "campaign": own.campaign_slug,
        "text": text | {"was_corrected_since": was_corrected_since},
        "agreed_to": own.consent,
        "name": own.name,
        "email": own.email,
        "town": own.town,
        "postcode": own.postcode,
        "country": own.country,
        "comment": own.comment,
        "comment_is": own.comment_state.value if own.comment_state else None,
        "answers": [{"asked": asked.label or asked.kind.value, "answered": answer} for asked, answer in own.answers],
        "came_by": own.source,
        "on_paper": own.on_paper,
        "visibility": own.visibility.value,
        "updates": own.wants_updates,
        "state": own.state.value,
        "review": own.review.value,
        "signed_at": _time(own.created_at),
        "confirmed_at": _time(own.confirmed_at),
        "withdrawn_at": _time(own.withdrawn_at),
    }


def _on_list(on: OnList) -> dict[str, Any]:
    where = {"list": on.public_id, "number": on.list_number, "frozen_at": _time(on.frozen_at), "row": on.row}
    return where | {"name": on.name, "place": on.place, "details": on.details, "text_version": on.version}


def _opt_in(own: OptIn | None) -> dict[str, Any] | None:
    if own is None:
        return None
    return {"name": own.partner_name, "agreed_to": [own.words, own.disclosure], "taken_back_at": _time(own.ended_at)}


def _news(own: OwnNews) -> dict[str, Any]:
    return {
        "campaign": own.campaign_slug,
        "email": own.email,
        "state": own.state.value,
        "asked_at": _time(own.created_at),
        "confirmed_at": _time(own.confirmed_at),
    }


def _gift(own: OwnGift, receipts: Sequence[ReceiptFacts]) -> dict[str, Any]:
    return {
        "number": own.gift.public_id,
        "campaign": own.gift.campaign_slug,
        "amount": _amount(own.gift.amount),
        "given_back": _amount(own.gift.given_back),
        "state": own.gift.state,
        "promised_at": _time(own.created_at),
        "paid_at": _time(own.gift.paid_at),
        "earmarks": [_line(line) for line in own.gift.lines],
        "email": own.email,
        "name": own.name,
        "message": own.message,
        "show_name": own.show_name,
        "message_is": own.message_state or None,
        "dedication": own.dedication,
        "language": own.language or None,
        "came_by": own.source,
        "receipts": [_receipt(receipt) for receipt in receipts],
    }


def _receipt(receipt: ReceiptFacts) -> dict[str, Any]:
    said = receipt.content
    return {
        "number": receipt.shown,
        "amount": _amount(receipt.amount),
        "issued_at": _time(receipt.issued_at),
        "void_since": _time(receipt.voided_at),
        "void_because": receipt.void_reason.value if receipt.void_reason else None,
        "replaced_by": receipt.successor or None,
        "made_out_to": {"email": said.email, "name": said.name} if said else None,
        "received_by": said.issuer if said else None,
        "given_on": said.given_on.isoformat() if said else None,
    }


def _monthly_gift(own: OwnMonthly, asked: Mapping[UUID, Sequence[Asked]]) -> dict[str, Any]:
    typed = {"email": own.email, "name": own.name, "message": own.message, "dedication": own.dedication}
    mine = {"campaign": own.headline, "show_name": own.show_name, "language": own.language or None}
    return mine | typed | _monthly(own.monthly, own.created_at, asked) | {"came_by": own.source}


def _membership(own: OwnMembership, supporter: Supporter) -> dict[str, Any]:
    paid = [_month(month, supporter.receipts.get(month.id, ())) for month in own.paid]
    return (
        {"tier": own.tier, "email": own.email, "name": own.name}
        | _monthly(own.monthly, own.created_at, supporter.asked)
        | {"came_by": own.source, "paid": paid}
    )


def _month(month: OwnMonth, receipts: Sequence[ReceiptFacts]) -> dict[str, Any]:
    mine = {"number": month.public_id, "at": _time(month.at), **_amount(month.amount)}
    mine |= {"fund": month.fund_name, "purpose": month.purpose}
    return mine | {"receipts": [_receipt(receipt) for receipt in receipts]}


def _monthly(monthly: Monthly, begun_at: datetime, asked: Mapping[UUID, Sequence[Asked]]) -> dict[str, Any]:
    return {
        "number": monthly.public_id,
        "each_month": _amount(monthly.amount),
        "state": monthly.state.value,
        "begun_at": _time(begun_at),
        "paid_until": _time(monthly.period_end),
        "card_expires": monthly.card_expires.isoformat() if monthly.card_expires else None,
        "ends_at": _time(monthly.ends_at),
        "ended_at": _time(monthly.ended_at),
        "asked": [_asked(each) for each in asked.get(monthly.id, ())],
    }


def _asked(asked: Asked) -> dict[str, Any]:
    amount = _amount(asked.amount) if asked.amount else None
    return {
        "for": asked.act.value, "each_month": amount, "state": asked.state, "at": _time(asked.at),
        "done_at": _time(asked.done_at),
    }  # fmt: skip


def _line(line: GiftLine) -> dict[str, Any]:
    return {
        "fund": line.fund_name,
        "purpose": line.purpose,
        "beyond": line.beyond,
        "goes_to": line.recipient,
        "taxes": line.tax,
        "is_for_the_card_fee": line.is_fee_cover,
        "amount": _amount(line.amount),
    }


def _amount(money: Money) -> dict[str, str]:
    return {"amount": str(money.decimal()), "currency": money.currency}


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
