"""A backup that knows nothing of a monthly gift: it is made again from what stands on it at the provider."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest

from campaigns.campaign.queries import FundFacts
from campaigns.kernel.money import Money
from tests.donations.make import GIVEN, MARIA, at_once
from tests.donations.test_shares import KITCHEN, TYPED, add_funds, funds_of
from tests.recurring.make import Months
from tests.supporters.pages import OwnPage

MONTH = ["recognised", "settled"]


@dataclass
class Lost:
    """A monthly gift of two months that began after the backup, and what stood in the database before it was lost."""

    months: Months
    session_id: str
    subscription_id: str
    keys: list[str]
    public_ids: list[str]
    lines: list[tuple[str, int, str]]
    numbers: list[Any]
    mails: int

    @classmethod
    def of(cls, months: Months, *, then: Callable[[Months, str], object] = Months.renew, **changes: str) -> "Lost":
        """Let a gift begin and `then` go on after a backup, and put the backup back."""
        months.sweep()
        before = months.snapshot()
        session_id = months.promise(**changes)
        subscription_id = months.vendor.pay(session_id)
        months.tell("checkout.session", session_id)
        then(months, subscription_id)
        lost = cls(
            months, session_id, subscription_id, months.keys(), months.public_ids(), _lines(months),
            _numbers(months), len(months.subjects()),
        )  # fmt: skip
        months.restore(before)
        assert (months.keys(), _numbers(months)) == ([], [])
        return lost

    def assert_is_back(self) -> None:
        """The same number, address and agreement; the same months, under the same keys and addresses."""
        assert _numbers(self.months) == self.numbers
        assert self.months.keys() == self.keys
        assert self.months.public_ids() == self.public_ids
        assert _lines(self.months) == self.lines
        assert len(self.months.subjects()) == self.mails, "no mail is sent twice"
        assert self.months.told() == ["restored"]


def _numbers(months: Months) -> list[Any]:
    names = "id, public_id, kind, state, amount_minor, currency, session_id, remote_id, customer_id"
    return [tuple(row.values()) for row in months.rows(f"SELECT {names} FROM payment_subscription ORDER BY id")]


def _lines(months: Months) -> list[tuple[str, int, str]]:
    """What each month gave to which fund, the months in their order."""
    query = (
        "SELECT fund.name, line.amount_minor, line.kind FROM donation_line AS line JOIN fund ON fund.id = line.fund_id"
        " JOIN payment ON payment.subject_id = line.donation_id ORDER BY payment.paid_at, line.position"
    )
    return [tuple(row.values()) for row in months.rows(query)]


def _last_invoice(lost: Lost) -> str:
    return lost.months.vendor.subscriptions[lost.subscription_id].latest_invoice_id or ""


def _charge(lost: Lost) -> str:
    charge = lost.months.vendor.invoices[_last_invoice(lost)].charge
    assert charge
    return charge.id


def _ask(lost: Lost, kind: str, subject: str) -> None:
    """What a worker does about one event, with no sweep behind it."""
    assert lost.months.recurring.sync_subject(kind, subject)


def _sweep(lost: Lost) -> None:
    lost.months.bank_knows()
    lost.months.sweep()


FINDERS: dict[str, Callable[[Lost], None]] = {
    "its subscription": lambda lost: _ask(lost, "subscription", lost.subscription_id),
    "its newest invoice": lambda lost: _ask(lost, "invoice", _last_invoice(lost)),
    "a charge": lambda lost: _ask(lost, "charge", _charge(lost)),
    "its page": lambda lost: _ask(lost, "checkout.session", lost.session_id),
    "the sweep of the provider's books": _sweep,
    "the daily look at a month's invoices": lambda lost: lost.months.recurring.sweep_all(),
}


@pytest.mark.parametrize("find", FINDERS.values(), ids=FINDERS)
def test_a_monthly_gift_of_after_the_backup_is_made_again_with_all_its_months(
    months: Months, find: Callable[[Lost], None]
) -> None:
    lost = Lost.of(months)
    find(lost)
    months.worker("behind it")
    lost.assert_is_back()
    assert months.figures().given == GIVEN + GIVEN
    assert months.in_suspense() == 0


def test_what_happens_after_the_restore_is_told_and_its_link_opens(months: Months) -> None:
    lost = Lost.of(months)
    months.world.mailer.sent.clear()
    months.renew(lost.subscription_id)
    assert months.subjects() == ["Thank you: receipt for $30.00"]
    assert "has begun" not in months.world.mailer.to(MARIA)[0].text, "it is the third month"
    assert months.figures().given == GIVEN + GIVEN + GIVEN
    assert months.press("amount", amount="45").status_code == 303
    assert months.vendor.subscriptions[lost.subscription_id].amount == Money(4500, "USD")
    months.renew(lost.subscription_id)
    assert months.figures().given == GIVEN + GIVEN + GIVEN + Money(4500, "USD")


def test_looked_at_again_and_again_it_is_one_gift(months: Months) -> None:
    lost = Lost.of(months)
    for _ in range(2):
        months.tell("subscription", lost.subscription_id, "invoice", _last_invoice(lost), "charge", _charge(lost))
        months.tell("checkout.session", lost.session_id)
    lost.assert_is_back()


def test_looked_at_by_several_at_once_it_is_one_gift(months: Months) -> None:
    lost = Lost.of(months)
    look = months.recurring.sync_subject
    at_once(
        lambda: look("subscription", lost.subscription_id),
        lambda: look("invoice", _last_invoice(lost)),
        lambda: look("checkout.session", lost.session_id),
        lambda: look("subscription", lost.subscription_id),
    )
    months.world.run_worker()
    assert sorted(months.keys()) == sorted(lost.keys)
    assert (months.public_ids(), _numbers(months)) == (lost.public_ids, lost.numbers)
    assert len(months.rows("SELECT id FROM monthly_gift")) == len(months.rows("SELECT id FROM monthly_gift_line")) == 1


STRANGE = {
    "another site": {"site": "elsewhere.example"},
    "another number": {"payment": str(uuid4())},
    "no number": {"payment": "5"},
    "an unknown campaign": {"campaign": str(uuid4())},
    "an unknown fund": {"line_1": f"{uuid4()} {uuid4()} 3000 gift"},
    "half a line": {"line_1": str(uuid4())},
    "a hole among the lines": {"line_3": f"{uuid4()} {uuid4()} 3000 gift"},
}


def assert_stays_unexplained(lost: Lost) -> None:
    """Whoever looks, nothing is made; the money stands in suspense and is told, and no fund has it."""
    months = lost.months
    months.tell("subscription", lost.subscription_id, "invoice", _last_invoice(lost), "charge", _charge(lost))
    months.tell("checkout.session", lost.session_id)
    assert (months.entries(), _numbers(months)) == ([], [])
    assert months.rows("SELECT id FROM monthly_gift") == months.rows("SELECT id FROM member") == []
    _sweep(lost)
    assert set(months.entries()) == {"unknown"}
    assert set(months.told()) == {"suspense"}
    assert months.in_suspense() < 0


@pytest.mark.parametrize("metadata", STRANGE.values(), ids=STRANGE)
def test_a_mark_that_is_not_ours_or_names_nothing_here_makes_no_gift(
    short_months: Months, metadata: dict[str, str]
) -> None:
    lost = Lost.of(short_months)
    short_months.rewrite(lost.subscription_id, **metadata)
    assert_stays_unexplained(lost)


def test_a_purpose_of_another_fund_makes_no_gift(months: Months) -> None:
    lost = Lost.of(months)
    mine, other = months.world.ask().fund, _second_fund(months)
    months.rewrite(lost.subscription_id, line_1=f"{other.id} {mine.purpose_id} 3000 gift")
    assert_stays_unexplained(lost)


def test_what_is_charged_in_another_currency_than_its_funds_makes_no_gift(months: Months) -> None:
    lost = Lost.of(months)
    months.vendor.change(lost.subscription_id, amount=Money(3000, "EUR"))
    assert_stays_unexplained(lost)


def test_what_is_of_the_other_mode_makes_no_gift(short_months: Months) -> None:
    lost = Lost.of(short_months)
    short_months.vendor.change(lost.subscription_id, livemode=True)
    assert_stays_unexplained(lost)


def test_a_number_alone_proves_nothing_without_the_page_it_began_on(short_months: Months) -> None:
    """Somebody copied a subscription at the provider's, with all that is written on it."""
    lost = Lost.of(short_months)
    signups = short_months.vendor.signups
    signups[lost.session_id] = replace(signups[lost.session_id], subscription_id="sub_another")
    assert_stays_unexplained(lost)


def test_a_page_that_names_another_number_makes_no_gift(short_months: Months) -> None:
    lost = Lost.of(short_months)
    signups = short_months.vendor.signups
    signups[lost.session_id] = replace(signups[lost.session_id], reference=str(uuid4()))
    assert_stays_unexplained(lost)


def test_what_was_never_paid_is_not_made_again(short_months: Months) -> None:
    lost = Lost.of(short_months)
    short_months.vendor.change(lost.subscription_id, status="incomplete_expired")
    short_months.tell("subscription", lost.subscription_id)
    assert _numbers(short_months) == []


def test_what_has_ended_meanwhile_is_ended_and_its_months_are_booked(months: Months) -> None:
    def renew_and_stop(months: Months, subscription_id: str) -> None:
        months.renew(subscription_id)
        assert months.press("cancel").status_code == 303
        months.world.run_worker()

    lost = Lost.of(months, then=renew_and_stop)
    assert [row[3] for row in lost.numbers] == ["ended"]
    _sweep(lost)
    lost.assert_is_back()
    assert months.figures().given == GIVEN + GIVEN


def test_a_month_that_was_given_back_is_given_back_again(months: Months) -> None:
    def refund(months: Months, subscription_id: str) -> None:
        invoice_id = months.vendor.subscriptions[subscription_id].latest_invoice_id or ""
        months.tell("refund", months.vendor.refund(invoice_id, 1000))

    lost = Lost.of(months, then=refund)
    _sweep(lost)
    lost.assert_is_back()
    assert months.figures().refunded == Money(1000, "USD")


def test_a_month_that_waits_for_its_money_is_no_gift_yet(months: Months) -> None:
    lost = Lost.of(months, then=lambda months, subscription_id: months.renew(subscription_id, paid=False))
    _sweep(lost)
    assert [row[3] for row in _numbers(months)] == ["past_due"]
    assert (months.entries(), len(months.subjects())) == (MONTH, lost.mails)


def _second_fund(months: Months) -> FundFacts:
    add_funds(months.world, KITCHEN)
    return funds_of(months.world)["Strike kitchen"]


def test_a_month_before_the_amount_was_changed_has_the_shares_it_had(months: Months) -> None:
    """For two funds and with the fee: each cent goes where it went, by what stands on each month's own invoice."""
    second = _second_fund(months)
    shares = {f"share_{months.world.ask().fund.id.hex}": "10.01", f"share_{second.id.hex}": "20.01"}
    parts = TYPED | shares | {"cover_fees": "y"}

    def change_and_renew(months: Months, subscription_id: str) -> None:
        assert months.press("amount", amount="17.77").status_code == 303
        months.renew(subscription_id)

    lost = Lost.of(months, then=change_and_renew, **parts)
    months.tell("subscription", lost.subscription_id)
    lost.assert_is_back()


def test_a_fund_that_gets_nothing_of_a_small_month_is_not_forgotten_by_a_restore(months: Months) -> None:
    second = _second_fund(months)
    shares = {f"share_{months.world.ask().fund.id.hex}": "399", f"share_{second.id.hex}": "1"}

    def lower_and_renew(months: Months, subscription_id: str) -> None:
        assert months.press("amount", amount="1").status_code == 303
        months.renew(subscription_id)

    lost = Lost.of(months, then=lower_and_renew, **TYPED | shares)
    months.tell("subscription", lost.subscription_id)
    lost.assert_is_back()
    months.renew(lost.subscription_id)
    assert months.press("amount", amount="400").status_code == 303
    months.renew(lost.subscription_id)
    assert [minor for _, minor, _ in _lines(months)] == [39_900, 100, 100, 100, 39_900, 100]


def test_an_amount_that_was_changed_after_the_backup_is_booked_as_its_owner_agreed(months: Months) -> None:
    """The row is there and knows the old amount alone; the new one stands on the invoice, in our own words."""
    subscription_id = months.begin()
    before = months.snapshot()
    assert months.press("amount", amount="45").status_code == 303
    months.restore(before)
    months.renew(subscription_id)
    assert months.figures().given == GIVEN + Money(4500, "USD")


def test_a_price_that_somebody_changed_at_the_provider_s_is_parked_after_a_restore_too(short_months: Months) -> None:
    lost = Lost.of(short_months)
    short_months.vendor.change(lost.subscription_id, amount=Money(9900, "USD"))
    short_months.renew(lost.subscription_id)
    assert short_months.figures().given == GIVEN + GIVEN
    states = [row["state"] for row in short_months.rows("SELECT state FROM payment ORDER BY created_at")]
    assert sorted(states) == ["paid", "paid", "parked"]


def test_once_it_is_back_a_month_needs_no_mark_of_its_own(short_months: Months) -> None:
    lost = Lost.of(short_months)
    short_months.tell("subscription", lost.subscription_id)
    short_months.rewrite(lost.subscription_id, payment="", line_1="")
    short_months.renew(lost.subscription_id)
    assert short_months.figures().given == GIVEN + GIVEN + GIVEN


def test_without_an_address_the_months_are_booked_and_nobody_is_written_to(short_months: Months) -> None:
    lost = Lost.of(short_months)
    signups = short_months.vendor.signups
    signups[lost.session_id] = replace(signups[lost.session_id], email="")
    short_months.renew(lost.subscription_id)
    assert short_months.figures().given == GIVEN + GIVEN + GIVEN
    assert len(short_months.subjects()) == lost.mails


def test_the_language_it_was_promised_in_is_known_again(short_months: Months) -> None:
    lost = Lost.of(short_months)
    short_months.tell("subscription", lost.subscription_id)
    (gift,) = short_months.rows("SELECT language, show_name FROM monthly_gift")
    assert (gift["language"], bool(gift["show_name"])) == ("en", False)
    assert {row["language"] for row in short_months.rows("SELECT language FROM donation")} == {"en"}


def test_it_stands_on_its_owner_s_page_again_and_opens_from_there(short_months: Months) -> None:
    lost = Lost.of(short_months)
    short_months.tell("subscription", lost.subscription_id)
    own = OwnPage.asked(short_months.world)
    answer = own.post(f"monthly/{short_months.monthly(lost.subscription_id).id}")
    assert answer.status_code == 303
    assert short_months.world.client.get(answer.headers["Location"]).status_code == 200


def test_no_person_s_data_is_written_at_the_provider_s(short_months: Months) -> None:
    typed = {"name": "Maria Ortiz", "show_name": "y", "message": "For Josephine", "dedication": "For Josephine"}
    session_id = short_months.promise(**typed)
    written = " ".join(short_months.vendor.requests[session_id].metadata.values())
    assert not [each for each in ("Maria", "maria", "Josephine") if each in written]
