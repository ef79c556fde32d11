"""Somebody joins, pays each month, changes, leaves: and the dues are booked to the fund their tier names."""

import re

import pytest

from campaigns.campaign import queries as campaigns
from campaigns.campaign.operations import ensure_general_fund
from campaigns.kernel.money import Money
from campaigns.ledger import queries as journal
from campaigns.ledger.rules import Figures
from campaigns.membership import queries
from campaigns.membership.models import MembershipTier
from campaigns.membership.queries import MemberRow
from tests.fakes.checkout import fee_of
from tests.membership.make import LEE, Union, make_tier
from tests.supporters.pages import OwnPage

FIFTEEN = Money(1500, "USD")


def general(union: Union) -> Figures:
    with union.world.reading() as session:
        fund = campaigns.general_fund(session, "USD")
        assert fund is not None
        return journal.figures_of(session, fund.id, "USD")


def members(union: Union) -> list[MemberRow]:
    with union.world.reading() as session:
        return queries.members(session)


def test_the_first_month_welcomes_and_is_booked_to_the_general_fund(union: Union) -> None:
    union.join(make_tier(union.world))
    assert (general(union).given, general(union).fees) == (FIFTEEN, fee_of(FIFTEEN))
    assert [(row.name, row.tier, row.state) for row in members(union)] == [("Lee Park", "Standard", "active")]
    (receipt,) = union.world.mailer.to(LEE)
    assert receipt.subject == "Your dues: receipt for $15.00"
    assert "Welcome to Hub Workers e. V." in receipt.text
    assert "Costs that no other fund bears" in receipt.text


def test_each_month_is_booked_once_and_has_its_receipt(union: Union) -> None:
    subscription_id = union.join(make_tier(union.world))
    invoice_id = union.renew(subscription_id)
    union.tell("invoice", invoice_id, "invoice", invoice_id)
    assert general(union).given == FIFTEEN + FIFTEEN
    assert len(union.world.mailer.to(LEE)) == 2
    assert "Welcome" not in union.world.mailer.to(LEE)[1].text
    assert union.donations() == 0, "dues are no gifts"


def test_dues_go_to_the_fund_that_the_tier_names_for_as_long_as_one_is_a_member(union: Union) -> None:
    fund_id = union.world.ask().fund.id
    tier = make_tier(union.world, fund_id=fund_id)
    subscription_id = union.join(tier)
    with union.world.work() as session:
        other = ensure_general_fund(session, "USD", "Hub Workers e. V.", union.world.clock())
        session.get_one(MembershipTier, tier).fund_id = other
    union.renew(subscription_id)
    assert union.figures().given == FIFTEEN + FIFTEEN
    assert general(union).fees == fee_of(FIFTEEN) + fee_of(FIFTEEN)


def test_a_member_changes_to_another_tier_of_the_same_fund(union: Union) -> None:
    subscription_id = union.join(make_tier(union.world))
    make_tier(union.world, name="Solidarity", amount="30")
    make_tier(union.world, name="Closed", amount="50", is_open=False)
    page = union.world.client.get(union.manage(LEE)).text
    assert "Solidarity" in page
    assert "Closed" not in page
    refused = union.world.client.post(f"{union.manage(LEE)}/amount", data={"amount": "50.00"})
    assert refused.status_code == 422
    assert union.world.client.post(f"{union.manage(LEE)}/amount", data={"amount": "30.00"}).status_code == 303
    assert [row.tier for row in members(union)] == ["Solidarity"]
    union.renew(subscription_id)
    assert general(union).given == Money(4500, "USD")


def test_a_tier_that_costs_more_from_now_on_leaves_members_what_they_agreed_to(union: Union) -> None:
    tier = make_tier(union.world)
    subscription_id = union.join(tier)
    with union.world.work() as session:
        session.get_one(MembershipTier, tier).amount_minor = 9900
    union.renew(subscription_id)
    assert general(union).given == FIFTEEN + FIFTEEN
    assert [row.amount for row in members(union)] == [FIFTEEN]


@pytest.mark.parametrize("typed", ["2000.00", "15.00"])
def test_a_member_is_never_charged_a_number_of_another_currency(union: Union, typed: str) -> None:
    """Tiers of before they kept their currency: who chose 2,000 forints was charged 2,000 dollars."""
    tier = make_tier(union.world)
    subscription_id = union.join(tier)
    with union.world.work() as session:
        row = session.get_one(MembershipTier, tier)
        row.fund_id = ensure_general_fund(session, "HUF", "Hub Workers e. V.", union.world.clock())
        row.currency, row.amount_minor = "HUF", 200_000
    page = union.world.client.get(union.manage(LEE)).text
    assert "HUF" not in re.sub(r"/monthly/manage/\S+", "", page)
    assert 'value="15.00"' in page
    answer = union.world.client.post(f"{union.manage(LEE)}/amount", data={"amount": typed})
    assert answer.status_code == (303 if typed == "15.00" else 422)
    union.world.run_worker()
    assert union.vendor.subscriptions[subscription_id].amount == FIFTEEN


def test_a_tier_of_another_currency_and_another_fund_is_not_offered(short_union: Union) -> None:
    short_union.join(make_tier(short_union.world))
    make_tier(short_union.world, name="Forints", amount="2000", currency="HUF")
    assert "Forints" not in short_union.world.client.get(short_union.manage(LEE)).text


def test_who_pauses_and_who_leaves_stands_so_in_the_list(union: Union) -> None:
    union.join(make_tier(union.world))
    union.world.client.post(f"{union.manage(LEE)}/pause")
    assert [row.state for row in members(union)] == ["paused"]
    union.world.clock.move(seconds=5)
    union.world.client.post(f"{union.manage(LEE)}/cancel")
    assert [row.state for row in members(union)] == ["ended"]


def test_a_month_that_is_given_back_leaves_the_fund_as_it_was(union: Union) -> None:
    subscription_id = union.join(make_tier(union.world))
    invoice_id = union.vendor.subscriptions[subscription_id].latest_invoice_id or ""
    union.tell("refund", union.vendor.refund(invoice_id, 500))
    union.tell("refund", union.vendor.refund(invoice_id, 1000))
    assert general(union).refunded == FIFTEEN


def test_one_form_sent_twice_is_one_member_on_one_page(short_union: Union) -> None:
    tier = make_tier(short_union.world)
    first, second = (short_union.ask(tier, attempt="form-1").headers["Location"] for _ in range(2))
    assert first == second
    assert len(short_union.rows("SELECT id FROM member")) == 1


def test_who_never_pays_is_in_no_list_and_is_forgotten(short_union: Union) -> None:
    short_union.ask(make_tier(short_union.world))
    assert members(short_union) == []
    short_union.world.clock.move(days=31)
    short_union.world.run_worker()
    assert short_union.rows("SELECT email_hash FROM member WHERE email_hash IS NOT NULL") == []


def test_a_member_sees_takes_along_and_erases_what_stands_under_the_address(union: Union) -> None:
    subscription_id = union.join(make_tier(union.world))
    own = OwnPage.asked(union.world, LEE)
    assert "Membership, $15 a month" in own.see().text
    (told,) = own.see("/data.json").get_json()["memberships"]
    assert (told["tier"], told["name"], told["paid"][0]["amount"]) == ("Standard", "Lee Park", "15.00")
    assert own.post("erase").status_code == 200
    union.world.run_worker()
    assert union.vendor.subscriptions[subscription_id].status == "canceled", "nobody is charged who is erased"
    assert members(union) == []
    assert general(union).given == FIFTEEN
    sent = len(union.world.mailer.sent)
    union.vendor.change(subscription_id, status="active")
    union.renew(subscription_id, paid=False)
    assert len(union.world.mailer.sent) <= sent + 1


def test_who_is_erased_while_joining_is_not_charged_each_month(union: Union) -> None:
    union.world.pay(union.world.give(email=LEE))
    own, answer = OwnPage.asked(union.world, LEE), union.ask(make_tier(union.world))
    session_id = str(answer.headers["Location"]).rpartition("/")[2]
    assert own.post("erase").status_code == 200
    subscription_id = union.vendor.pay(session_id)
    union.tell("checkout.session", session_id)
    union.world.run_worker()
    assert union.vendor.subscriptions[subscription_id].status == "canceled"
    assert members(union) == []
