"""A backup that knows nothing of a member: they are made again from what stands on their subscription."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from campaigns.kernel.money import Money
from campaigns.membership import queries
from campaigns.membership.models import MembershipTier
from tests.donations.make import at_once
from tests.donations.test_shares import add_funds, funds_of
from tests.make import fund
from tests.membership.make import LEE, Union, make_tier

FIFTEEN = Money(1500, "USD")


@dataclass
class Lost:
    """A member of two months who joined after the backup, and what stood in the database before it was lost."""

    union: Union
    subscription_id: str
    keys: list[str]
    rows: list[Any]
    mails: int

    @classmethod
    def of(
        cls, union: Union, tier: UUID | None = None, *, then: Callable[[Union, str], object] = Union.renew
    ) -> "Lost":
        """Let somebody join and `then` go on after a backup, and put the backup back."""
        tier = tier or make_tier(union.world, fund_id=union.world.ask().fund.id)
        union.sweep()
        before = union.snapshot()
        subscription_id = union.join(tier)
        then(union, subscription_id)
        lost = cls(union, subscription_id, union.keys(), _rows(union), len(union.subjects(LEE)))
        union.restore(before)
        assert (union.keys(), _rows(union)) == ([], [])
        return lost

    @property
    def invoice_id(self) -> str:
        return self.union.vendor.subscriptions[self.subscription_id].latest_invoice_id or ""

    def sweep(self) -> None:
        self.union.bank_knows()
        self.union.sweep()

    def assert_is_back(self) -> None:
        """The same member in the same tier, the same months for the same fund, and no mail a second time."""
        assert _rows(self.union) == self.rows
        assert self.union.keys() == self.keys
        assert len(self.union.subjects(LEE)) == self.mails
        assert self.union.told() == ["restored"]


def _rows(union: Union) -> list[Any]:
    query = (
        "SELECT member.id, member.tier_id, member.purpose_id, paying.id AS number, paying.public_id, paying.state,"
        " paying.amount_minor, paying.remote_id, dues.id AS dues_id, dues.public_id AS dues_public_id, dues.fund_id,"
        " dues.amount_minor AS paid FROM member JOIN payment_subscription AS paying ON paying.subject_id = member.id"
        " LEFT JOIN dues ON dues.member_id = member.id ORDER BY dues.created_at"
    )
    return [tuple(row.values()) for row in union.rows(query)]


def test_a_member_of_after_the_backup_is_made_again_with_tier_and_months(union: Union) -> None:
    lost = Lost.of(union)
    union.tell("invoice", lost.invoice_id)
    lost.assert_is_back()
    assert union.figures().given == FIFTEEN + FIFTEEN
    with union.world.reading() as session:
        (member,) = queries.members(session)
    assert (member.email, member.tier, member.amount, member.name) == (LEE, "Standard", FIFTEEN, "")


def test_the_sweep_finds_a_lost_member_by_the_provider_s_books(union: Union) -> None:
    lost = Lost.of(union)
    lost.sweep()
    lost.assert_is_back()
    assert union.in_suspense() == 0


def test_a_month_after_the_restore_has_its_receipt_whose_link_opens(union: Union) -> None:
    lost = Lost.of(union)
    union.world.mailer.sent.clear()
    union.renew(lost.subscription_id)
    (receipt,) = union.world.mailer.to(LEE)
    assert receipt.subject == "Your dues: receipt for $15.00"
    assert "Welcome" not in receipt.text, "it is the third month"
    assert union.world.client.post(f"{union.manage(LEE)}/cancel").status_code == 303
    assert union.vendor.subscriptions[lost.subscription_id].status == "canceled"


def test_a_lost_member_who_is_looked_at_several_times_at_once_is_one(union: Union) -> None:
    lost, look = Lost.of(union), union.recurring.sync_subject
    at_once(
        lambda: look("invoice", lost.invoice_id),
        lambda: look("subscription", lost.subscription_id),
        lambda: look("subscription", lost.subscription_id),
    )
    union.tell("subscription", lost.subscription_id, "invoice", lost.invoice_id)
    assert sorted(union.keys()) == sorted(lost.keys)
    assert _rows(union) == lost.rows


def test_who_changed_to_another_tier_is_in_that_one(union: Union) -> None:
    fund_id = union.world.ask().fund.id
    tier = make_tier(union.world, fund_id=fund_id)
    solidarity = make_tier(union.world, fund_id=fund_id, name="Solidarity", amount="30")

    def change_and_renew(union: Union, subscription_id: str) -> None:
        assert union.world.client.post(f"{union.manage(LEE)}/amount", data={"amount": "30.00"}).status_code == 303
        union.renew(subscription_id)

    lost = Lost.of(union, tier, then=change_and_renew)
    lost.sweep()
    lost.assert_is_back()
    assert union.figures().given == FIFTEEN + Money(3000, "USD")
    with union.world.reading() as session:
        assert [member.tier for member in queries.members(session)] == ["Solidarity"]
    assert str(solidarity) in union.vendor.subscriptions[lost.subscription_id].metadata["tier"]


def test_who_left_meanwhile_has_left_and_the_months_are_booked(union: Union) -> None:
    def leave(union: Union, _subscription_id: str) -> None:
        assert union.world.client.post(f"{union.manage(LEE)}/cancel").status_code == 303
        union.world.run_worker()

    lost = Lost.of(union, then=leave)
    lost.sweep()
    lost.assert_is_back()
    with union.world.reading() as session:
        assert [member.state for member in queries.members(session)] == ["ended"]


def test_a_tier_whose_fund_was_changed_since_leaves_a_lost_member_the_fund_they_joined_for(short_union: Union) -> None:
    tier = make_tier(short_union.world, fund_id=short_union.world.ask().fund.id)
    general = make_tier(short_union.world)
    lost = Lost.of(short_union, tier)
    with short_union.world.work() as session:
        session.get_one(MembershipTier, tier).fund_id = session.get_one(MembershipTier, general).fund_id
    lost.sweep()
    lost.assert_is_back()


STRANGE = {
    "another site": {"site": "elsewhere.example"},
    "an unknown tier": {"tier": str(uuid4())},
    "no tier": {"tier": ""},
    "no member": {"member": "somebody"},
    "an unknown fund": {"line_1": f"{uuid4()} {uuid4()} 1500 gift"},
    "two lines": {"line_2": f"{uuid4()} {uuid4()} 1500 gift"},
}


@pytest.mark.parametrize("metadata", STRANGE.values(), ids=STRANGE)
def test_a_mark_that_is_not_ours_or_names_nothing_here_makes_no_member(
    short_union: Union, metadata: dict[str, str]
) -> None:
    lost = Lost.of(short_union)
    short_union.rewrite(lost.subscription_id, **metadata)
    assert_stays_unexplained(lost)


def test_an_unknown_purpose_makes_no_member(union: Union) -> None:
    lost = Lost.of(union)
    union.rewrite(lost.subscription_id, line_1=f"{union.world.ask().fund.id} {uuid4()} 1500 gift")
    assert_stays_unexplained(lost)


@pytest.mark.parametrize("amount", [Money(1500, "EUR"), Money(1500, "JPY")], ids=str)
def test_dues_in_another_currency_than_the_fund_s_make_no_member(short_union: Union, amount: Money) -> None:
    lost = Lost.of(short_union)
    short_union.vendor.change(lost.subscription_id, amount=amount)
    assert_stays_unexplained(lost)


def test_a_tier_of_another_currency_makes_no_member(short_union: Union) -> None:
    euro = make_tier(short_union.world, currency="EUR")
    lost = Lost.of(short_union)
    short_union.rewrite(lost.subscription_id, tier=str(euro))
    assert_stays_unexplained(lost)


def test_a_fund_of_another_currency_makes_no_member(short_union: Union) -> None:
    lost = Lost.of(short_union)
    add_funds(short_union.world, fund(name="Euros", currency="EUR"))
    euros = funds_of(short_union.world)["Euros"]
    short_union.rewrite(lost.subscription_id, line_1=f"{euros.id} {euros.purpose_id} 1500 gift")
    assert_stays_unexplained(lost)


def test_a_member_s_number_proves_nothing_without_the_page_they_joined_on(short_union: Union) -> None:
    lost = Lost.of(short_union)
    signups = short_union.vendor.signups
    signups.update({key: replace(each, reference=str(uuid4())) for key, each in signups.items()})
    assert_stays_unexplained(lost)


def assert_stays_unexplained(lost: Lost) -> None:
    """Whoever looks, nobody is made; the money stands in suspense and is told, and no fund has it."""
    union = lost.union
    union.tell("subscription", lost.subscription_id, "invoice", lost.invoice_id)
    assert union.entries() == _rows(union) == union.rows("SELECT id FROM member") == []
    lost.sweep()
    assert set(union.entries()) == {"unknown"}
    assert set(union.told()) == {"suspense"}


def test_no_member_s_data_is_written_at_the_provider_s(short_union: Union) -> None:
    subscription_id = short_union.join(make_tier(short_union.world))
    written = " ".join(short_union.vendor.subscriptions[subscription_id].metadata.values())
    assert not [each for each in ("Lee", "Park", LEE) if each in written]
