"""Somebody who has left everything that can be left on a site, and where each column of it stands in their file."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import select, update

from campaigns.campaign.questions import Kind, Question, ReadBy
from campaigns.db import Base
from campaigns.deliveries import operations as deliveries
from campaigns.kernel.money import Money
from campaigns.paper import operations as paper
from campaigns.paper.checks import check_all
from campaigns.paper.rules import Typed
from campaigns.receipts.rules import read, shown_number
from campaigns.signatures.models import Signature
from tests.coalition.make import add_partner, ticked
from tests.make import SIGN, World, appeal, petition
from tests.membership.make import Union, make_tier
from tests.subscriptions.make import subscribe
from tests.supporters.pages import OwnPage

Row = Mapping[str, Any]
MARIA, NAME = SIGN["email"], SIGN["name"]
QUESTIONS = (Question("", Kind.PHONE), Question("", Kind.WORKPLACE, read_by=ReadBy.DELIVERED))


@dataclass(frozen=True)
class Told:
    """Where in the file a column stands, or its like, and how it reads there: `how` is asked of the whole row.

    `follows`: it points to another row, of which `how` is asked.
    """

    paths: str
    how: Callable[[Row], Any] | None = None
    follows: bool = False


def _to(paths: str, column: str) -> Told:
    return Told(paths, itemgetter(column), follows=True)


def _amount(row: Row) -> str:
    return str(Money(row["amount_minor"], row.get("currency", "USD")).decimal())


def _number(row: Row) -> str:
    return shown_number(row["series"], row["number"])


def _said(row: Row) -> list[str]:
    content = read(row["content"])
    return [content.email, content.name, content.issuer, content.given_on.isoformat()]


EACH_MONTH = "monthly_gifts.{0} memberships.{0}".format
RECEIPT = "gifts.receipts.{0} memberships.paid.receipts.{0}".format
HANDED_OUT: dict[str, dict[str, Told]] = {
    "signature": {
        "campaign_id": _to("signatures.campaign", "slug"),
        "version_id": _to("signatures.text.version", "number"),
        "consent_id": _to("signatures.agreed_to", "text"),
        **{name: Told(f"signatures.{name}") for name in "email name town postcode country comment visibility".split()},
        "comment_state": Told("signatures.comment_is"),
        "answers": Told("signatures.answers.answered", lambda row: list(json.loads(row["answers"]).values())),
        "source": Told("signatures.came_by"),
        "opt_in_id": Told("signatures.partner.agreed_to", lambda row: [row["words"], row["disclosure"]], follows=True),
        "opt_in_ended_at": Told("signatures.partner.taken_back_at"),
        "wants_updates": Told("signatures.updates"),
        "state": Told("signatures.state"),
        "review": Told("signatures.review"),
        "created_at": Told("signatures.signed_at"),
        "confirmed_at": Told("signatures.confirmed_at"),
        "withdrawn_at": Told("signatures.withdrawn_at"),
        "paper_id": Told("signatures.on_paper", lambda row: row["paper_id"] is not None),
    },
    "delivery_row": {
        "delivery_id": _to("signatures.lists.list", "public_id"),
        "number": Told("signatures.lists.row"),
        "version": Told("signatures.lists.text_version"),
        **{name: Told(f"signatures.lists.{name}") for name in ("name", "place", "details")},
    },
    "subscription": {
        "campaign_id": _to("news.campaign", "slug"),
        "created_at": Told("news.asked_at"),
        **{name: Told(f"news.{name}") for name in ("email", "state", "confirmed_at")},
    },
    "donation": {
        "public_id": Told("gifts.number"),
        "campaign_id": _to("gifts.campaign", "slug"),
        "amount_minor": Told("gifts.amount.amount", _amount),
        "currency": Told("gifts.amount.currency"),
        **{name: Told(f"gifts.{name}") for name in "email name message show_name dedication language".split()},
        "message_state": Told("gifts.message_is"),
        "source": Told("gifts.came_by"),
        "created_at": Told("gifts.promised_at"),
    },
    "donation_line": {
        "fund_id": _to("gifts.earmarks.fund", "name"),
        "purpose_id": _to("gifts.earmarks.purpose", "sentence"),
        "amount_minor": Told("gifts.earmarks.amount.amount", _amount),
        "kind": Told("gifts.earmarks.is_for_the_card_fee", lambda row: row["kind"] == "fee_cover"),
    },
    "payment": {"paid_at": Told("gifts.paid_at memberships.paid.at")},
    "receipt": {
        "series": Told(RECEIPT("number"), _number),
        "number": Told(RECEIPT("number"), _number),
        "amount_minor": Told(RECEIPT("amount.amount"), _amount),
        "currency": Told(RECEIPT("amount.currency")),
        "content": Told(f"{RECEIPT('made_out_to')} {RECEIPT('received_by')} {RECEIPT('given_on')}", _said),
        "issued_at": Told(RECEIPT("issued_at")),
        "voided_at": Told(RECEIPT("void_since")),
        "void_reason": Told(RECEIPT("void_because")),
        "replaced_by": Told(RECEIPT("replaced_by"), _number, follows=True),
    },
    "monthly_gift": {
        "campaign_id": _to("monthly_gifts.campaign", "headline"),
        **{name: Told(f"monthly_gifts.{name}") for name in "email name show_name message dedication language".split()},
        "source": Told("monthly_gifts.came_by"),
        "created_at": Told("monthly_gifts.begun_at"),
    },
    "member": {
        "tier_id": _to("memberships.tier", "name"),
        "email": Told("memberships.email"),
        "name": Told("memberships.name"),
        "source": Told("memberships.came_by"),
        "created_at": Told("memberships.begun_at"),
    },
    "dues": {
        "public_id": Told("memberships.paid.number"),
        "fund_id": _to("memberships.paid.fund", "name"),
        "purpose_id": _to("memberships.paid.purpose", "sentence"),
        "amount_minor": Told("memberships.paid.amount", _amount),
        "currency": Told("memberships.paid.currency"),
        "created_at": Told("memberships.paid.at"),
    },
    "payment_subscription": {
        "public_id": Told(f"{EACH_MONTH('number')} gifts.month_of"),
        "amount_minor": Told(EACH_MONTH("each_month.amount"), _amount),
        "currency": Told(EACH_MONTH("each_month.currency")),
        "period_end": Told(EACH_MONTH("paid_until")),
        **{name: Told(EACH_MONTH(name)) for name in ("state", "card_expires", "ends_at", "ended_at")},
    },
    "payment_subscription_change": {
        "act": Told(EACH_MONTH("asked.for")),
        "amount_minor": Told(EACH_MONTH("asked.each_month.amount"), _amount),
        "state": Told(EACH_MONTH("asked.state")),
        "created_at": Told(EACH_MONTH("asked.at")),
        "done_at": Told(EACH_MONTH("asked.done_at")),
    },
}  # fmt: skip

# Not handed out, because … A name without a column is a whole table.
NOT_HANDED_OUT = {
    "it is a number of ours, or says under which row this one stands: the file is nested so":
        "signature.id donation.id donation_line.id donation_line.donation_id donation_line.position monthly_gift.id "
        "member.id dues.id dues.member_id receipt.id receipt.subject_kind receipt.subject_id subscription.id "
        "delivery_row.signature_id delivery_row.position payment.id payment.kind payment.subject_id "
        "payment_subscription.id payment_subscription.kind payment_subscription.subject_id "
        "payment_subscription_change.id payment_subscription_change.subscription_id",
    "it is a keyed hash of the address, which is handed out":
        "signature.email_hash subscription.email_hash donation.email_hash monthly_gift.email_hash member.email_hash",
    "it is what is left of a link's secret, and how long that holds: the link itself is in the mailbox":
        "signature.token_digest signature.token_expires_at subscription.token_digest subscription.token_expires_at "
        "mailbox_link payment_subscription_link",
    "it is a keyed hash of a network or a mail domain, or of a sum that a browser did: gone after two days":
        "signature.network_key signature.domain_key signature.proof subscription.network_key subscription.domain_key "
        "payment_try",
    "which rule holds whom is for organizers alone (decision 7); that it is being checked is told":
        "signature.held_because signature.judged_at review_action review_change review_alarm",
    "it is about mails that are in the mailbox, or on their way to it":
        "signature.mails signature.mails_since signature.reminded_at subscription.mails subscription.mails_since "
        "outbox_item",
    "it is a place on a sheet, or in a table, beside other people; that a signature came on paper is told":
        "signature.paper_row signature.is_claimed paper_import paper_photo",
    "with it a hash on a list could be shown to be of this name: it leaves the site for nobody":
        "delivery_row.salt delivery_row.withheld_hash delivery_row.named_hash",
    "it is a list of the campaign's, of many people; each own row is told": "delivery",
    "the gift and the month of dues say it: amount, state, what went back, and the receipts that follow":
        "payment.amount_minor payment.currency payment.state payment.is_settled payment.created_at "
        "payment.subscription_id payment_refund payment_dispute payment_notice ledger_posting",
    "each month that was paid is a gift of its own, and tells its earmarks": "monthly_gift_line",
    "it is the gift's place among the months: its gift tells their number (month_of)": "donation.monthly_gift_id",
    "each month of dues tells the sentence it was paid under": "member.purpose_id",
    "it is empty as long as anything stands under the address": "member.erased_at",
    "it is the provider's own name for it, or when we looked there: the provider tells what they keep":
        "payment.session_id payment.intent_id payment.charge_id payment.invoice_id payment.expires_at payment_event "
        "payment_subscription.session_id payment_subscription.remote_id payment_subscription.customer_id "
        "payment_subscription.expires_at payment_subscription.seen_at payment_subscription.created_at "
        "payment_subscription.started_at",
    "it is the digest of a file that was mailed": "receipt_print",
}  # fmt: skip


def leaves(value: Any, path: str) -> Iterator[Any]:
    """Everything that stands in a file under keys with dots between, whatever lists are on the way."""
    if isinstance(value, list):
        for each in value:
            yield from leaves(each, path)
    elif isinstance(value, dict):
        key, _, rest = path.partition(".")
        for each in [value[key]] if key else value.values():
            yield from leaves(each, rest)
    else:
        yield value


def rows_of(world: World, table: str) -> list[Row]:
    with world.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(Base.metadata.tables[table])).mappings()]


def expected(world: World, table: str, column: str, told: Told) -> Iterator[Any]:
    """What the file should say of a column, a row after the other."""
    for row in rows_of(world, table):
        value = row[column]
        if value is not None:
            of = _pointed_to(world, table, column, value) if told.follows else row
            value = told.how(of) if told.how else value
            yield from value if isinstance(value, list) else [_written(value)]


def _pointed_to(world: World, table: str, column: str, value: Any) -> Row:
    (key,) = Base.metadata.tables[table].columns[column].foreign_keys
    return next(row for row in rows_of(world, key.column.table.name) if row["id"] == value)


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def leaves_everything(world: World) -> OwnPage:
    """Let one person do all that can be done under one address."""
    world.publish(appeal(questions=QUESTIONS))
    add_partner(world)
    world.sign_and_confirm(
        visibility="public", comment="Because.", updates="y", answer_q1="+1 859 555 0100", answer_q2="Depot 17",
        **ticked(world),
    )  # fmt: skip
    _on_a_list(world)
    page = OwnPage.asked(world)
    assert page.post(page.of("/stop-partner")).status_code == 303
    _withdraws_and_signs_again(world, page)
    _on_paper(world)
    _is_held(world)
    subscribe(world, MARIA)
    _gives(world)
    _pays_each_month(Union(world))
    return OwnPage.asked(world)


def _on_a_list(world: World) -> None:
    with world.work() as session:
        deliveries.request(session, world.campaign(), paper="a4", answer_expected=None, actor="t", now=world.clock())
    world.run_worker()


def _withdraws_and_signs_again(world: World, page: OwnPage) -> None:
    world.publish(petition(slug="again"))
    world.clock.move(minutes=1)
    world.sign_and_confirm("again", visibility="counted")
    assert page.withdraw().status_code == 303
    world.clock.move(minutes=1)
    world.sign_and_confirm("again", visibility="counted")


def _on_paper(world: World) -> None:
    world.publish(petition(slug="paper"))
    with world.work() as session:
        campaign = world.campaign("paper")
        paper.ask_print(session, campaign, paper="a4", sheets=1, actor="test", now=world.clock())
        rows = [*check_all([Typed(1, NAME, "Hebron", "41048", "US", MARIA, is_listed=True)])]
        paper.enter_sheet(session, campaign.id, 1, rows, actor="test", now=world.clock())


def _is_held(world: World) -> None:
    world.publish(petition(slug="held"))
    world.sign("held")
    with world.work() as session:
        mine = Signature.campaign_id == world.campaign("held").id
        session.execute(update(Signature).where(mine).values(review="held", held_because="trap"))


def _gives(world: World) -> None:
    """Part of a gift goes back, so that its first receipt is void."""
    hosted = world.give(
        name=NAME, message="Hold on", show_name="y", dedication="For Jo", via="canteen", cover_fees="y"
    )  # fmt: skip
    world.pay(hosted)
    world.checkout.refund(hosted, 1000)
    assert world.ring("evt_refund", "checkout.session", hosted).status_code == 200
    world.run_worker()


def _pays_each_month(union: Union) -> None:
    """One monthly gift that will end, one that has ended, one that never began; and dues."""
    typed = {"name": NAME, "message": "Each month", "show_name": "y", "dedication": "For Ana", "via": "night-shift"}
    ending, ended = (union.begin(**typed, preset=preset) for preset in ("10", "50"))
    union.vendor.change(ending, ends_at=datetime(2033, 5, 1, tzinfo=UTC))
    union.vendor.change(ended, status="canceled", ended_at=union.world.clock())
    union.tell("subscription", ending, "subscription", ended)
    union.promise(**typed | {"message": "Never began"})
    union.join(make_tier(union.world), name=NAME, email=MARIA, via="night-shift")
