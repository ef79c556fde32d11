"""A promise keeps its earmark and its words, and its giver sealed."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from campaigns.campaign import operations as campaign_operations
from campaigns.donations import operations, queries
from campaigns.donations.operations import AppealClosed, GiftFields, Promise
from campaigns.funds.rules import TooLarge, TooSmall
from campaigns.kernel.errors import InvalidValue
from campaigns.kernel.fees import CardFee
from campaigns.kernel.money import InvalidAmount, Money
from tests.make import World, appeal, fund

FEE = CardFee(Decimal("2.9"))
FIELDS = GiftFields(amount="30", email="maria@example.org", name="Maria Ortiz", show_name=True, message="For Josephine")


def promise(world: World, fields: GiftFields = FIELDS) -> Promise:
    with world.work() as session:
        return operations.promise(session, world.campaign(), [world.ask().fund], fields, FEE, now=world.clock())


def rows(world: World, table: str) -> list[Any]:
    with world.engine.connect() as connection:
        return list(connection.execute(text(f"SELECT * FROM {table}")).mappings())


def test_a_promise_is_a_gift_a_line_and_a_payment_nobody_has_been_asked_for(world: World) -> None:
    world.publish(appeal())
    made = promise(world)
    (donation,), (line,), (payment,) = (rows(world, table) for table in ("donation", "donation_line", "payment"))
    assert made.amount == Money(3000, "USD")
    assert donation["public_id"] == made.public_id
    assert (line["amount_minor"], payment["amount_minor"], payment["state"]) == (3000, 3000, "pre")
    assert world.checkout.requests == []


def test_who_gave_is_sealed_at_rest(world: World) -> None:
    world.publish(appeal())
    promise(world)
    (donation,) = rows(world, "donation")
    for column in ("email", "name", "message"):
        assert not {word for word in (b"maria", b"Maria", b"Josephine") if word in bytes(donation[column])}


def test_an_empty_name_and_message_are_none(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    promise(sqlite_world, GiftFields(amount="30", email="m@example.org", name="", show_name=False, message=""))
    (donation,) = rows(sqlite_world, "donation")
    assert (donation["name"], donation["message"]) == (None, None)


@pytest.mark.parametrize(
    ("amount", "refusal"), [("0", TooSmall), ("25000.01", TooLarge), ("1.000,50", InvalidAmount), ("", InvalidAmount)]
)
def test_an_amount_that_cannot_be_taken_leaves_nothing(
    sqlite_world: World, amount: str, refusal: type[InvalidValue]
) -> None:
    sqlite_world.publish(appeal())
    with pytest.raises(refusal):
        promise(sqlite_world, GiftFields(amount=amount, email="m@example.org", name="", show_name=False, message=""))
    assert rows(sqlite_world, "donation") == rows(sqlite_world, "payment") == []


def test_an_appeal_that_closed_since_the_form_was_opened_takes_no_promise(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    seen = sqlite_world.ask().fund
    with sqlite_world.work() as session:
        closed = appeal(has_appeal=False)
        campaign_operations.change(session, "rescind", closed, actor="test", now=sqlite_world.clock())
    with pytest.raises(AppealClosed), sqlite_world.work() as session:
        operations.promise(session, sqlite_world.campaign(), [seen], FIELDS, FEE, now=sqlite_world.clock())


def test_a_gift_keeps_the_words_it_was_given_under(world: World) -> None:
    world.publish(appeal())
    made = promise(world)
    with world.work() as session:
        changed = appeal(fund=fund(purpose="Something else entirely.", beyond="Elsewhere.", recipient="Others"))
        campaign_operations.change(session, "rescind", changed, actor="test", now=world.clock())
    with world.reading() as session:
        (line,) = queries.lines_of(session, made.donation_id)
    assert line.purpose == "Jo Hill's costs while the firing is fought."
    assert (line.beyond, line.recipient) == ("Organizing at the hub.", "Hub Workers e. V.")
