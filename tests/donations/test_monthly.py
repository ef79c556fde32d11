"""A monthly gift is promised once, its months keep its earmarks, and its giver can be forgotten."""

from uuid import UUID

import pytest
from sqlalchemy import select

from campaigns.donations.models import MonthlyGift, MonthlyGiftLine
from campaigns.kernel.ids import row_id
from campaigns.kernel.money import Money
from campaigns.kernel.ports import PaymentsUnavailable
from tests.donations.make import MARIA
from tests.donations.test_shares import add_funds, funds_of
from tests.make import GIVE, World, appeal, fund, petition
from tests.recurring.make import Months
from tests.supporters.pages import OwnPage


@pytest.fixture
def months(sqlite_world: World) -> Months:
    sqlite_world.publish(appeal())
    return Months(sqlite_world)


def test_a_form_sent_twice_leads_to_one_page(months: Months) -> None:
    first, second = (months.promise(attempt="form-1") for _ in range(2))
    assert first == second
    assert len(months.rows("SELECT id FROM monthly_gift")) == 1


def test_once_it_was_paid_the_same_form_means_another_gift(months: Months) -> None:
    first = months.promise(attempt="form-1")
    months.vendor.pay(first)
    assert months.promise(attempt="form-1") != first
    assert months.donations() == 1, "what was found out on the way is booked"


def test_a_form_for_once_and_one_for_each_month_are_two_gifts(months: Months) -> None:
    months.promise(attempt="form-1")
    months.world.give(attempt="form-1")
    assert len(months.rows("SELECT id FROM monthly_gift")) == 1
    assert months.donations() == 1


def test_how_often_is_once_unless_it_is_said(months: Months) -> None:
    months.world.give()
    assert months.rows("SELECT id FROM monthly_gift") == []
    answer = months.world.client.post("/campaigns/rescind/donate", data=GIVE | {"frequency": "daily"})
    assert answer.status_code == 422
    assert "Choose once or every month." in answer.text


def test_while_the_provider_is_away_the_form_comes_back(months: Months) -> None:
    months.vendor.is_away = True
    answer = months.world.client.post("/campaigns/rescind/donate", data=GIVE | {"frequency": "monthly"})
    assert answer.status_code == 503
    assert 'value="monthly" checked' in answer.text


def test_a_page_that_was_opened_before_a_crash_is_known_by_its_number(months: Months) -> None:
    """The row is there, the page is opened, and nobody has noted that: its payment is found all the same."""
    session_id = months.promise()
    with months.world.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE payment_subscription SET session_id = NULL, state = 'pre'")
    months.vendor.pay(session_id)
    months.tell("checkout.session", session_id)
    assert months.donations() == 1


def test_what_is_kept_with_the_subscription_finds_a_month_again(months: Months) -> None:
    session_id = months.promise()
    metadata = months.vendor.requests[session_id].metadata
    line = f"{months.world.ask().fund.id} {months.world.ask().fund.purpose_id} 3000 gift"
    (row,) = months.rows("SELECT public_id FROM payment_subscription")
    assert metadata["line_1"] == line
    assert (metadata["site"], metadata["donation"]) == ("localhost", row["public_id"])
    assert metadata["campaign"] == str(months.world.campaign().id)
    assert MARIA not in str(metadata)


def test_each_month_carries_what_the_giver_chose(months: Months) -> None:
    subscription_id = months.begin(show_name="y", name="Maria Ortiz", via="canteen")
    months.renew(subscription_id)
    rows = months.rows("SELECT show_name, source, monthly_gift_id FROM donation")
    assert [(bool(row["show_name"]), row["source"]) for row in rows] == [(True, "canteen")] * 2
    assert len({row["monthly_gift_id"] for row in rows}) == 1


def test_a_purpose_that_is_reworded_leaves_the_months_the_sentence_they_were_given_under(months: Months) -> None:
    subscription_id = months.begin()
    months.change(appeal(fund=fund(purpose="Another sentence.")))
    months.renew(subscription_id)
    assert len({row["purpose_id"] for row in months.rows("SELECT purpose_id FROM donation_line")}) == 1
    assert "Jo Hill's costs while the firing is fought." in months.world.mailer.to(MARIA)[-1].text


def test_a_fund_that_closes_does_not_stop_what_was_begun(months: Months) -> None:
    subscription_id = months.begin()
    months.change(petition())
    months.renew(subscription_id)
    assert months.donations() == 2


def _second_line(months: Months, minor: int) -> UUID:
    """Let the one monthly gift have a second earmark, in the general fund."""
    with months.world.work() as session:
        gift = session.scalars(select(MonthlyGift)).one()
        first = session.scalars(select(MonthlyGiftLine)).one()
        first.amount_minor -= minor
        line = MonthlyGiftLine(
            id=row_id(months.world.clock()), monthly_gift_id=gift.id, fund_id=first.fund_id,
            purpose_id=first.purpose_id, amount_minor=minor, kind=first.kind, position=1,
        )  # fmt: skip
        session.add(line)
        return line.id


def test_another_amount_is_shared_out_as_the_old_one_was(months: Months) -> None:
    subscription_id = months.begin()
    _second_line(months, 1000)
    months.press("amount", amount="10")
    months.renew(subscription_id)
    amounts = [row["amount_minor"] for row in months.rows("SELECT amount_minor FROM donation_line ORDER BY id")]
    assert sorted(amounts[1:]) == [333, 667]
    assert months.vendor.subscriptions[subscription_id].amount == Money(1000, "USD")
    assert {"line_1", "line_2"} <= set(months.vendor.subscriptions[subscription_id].metadata)


def _newest(months: Months) -> list[int]:
    """What the newest month gives under each earmark."""
    query = (
        "SELECT amount_minor FROM donation_line WHERE donation_id ="
        " (SELECT id FROM donation ORDER BY created_at DESC LIMIT 1) ORDER BY position"
    )
    return [row["amount_minor"] for row in months.rows(query)]


@pytest.mark.parametrize(
    ("smaller", "lines"), [("1", [100]), ("3", [299, 1]), ("200.01", [19951, 50])], ids=["nothing", "a cent", "half"]
)
def test_an_amount_that_is_lowered_and_raised_again_goes_where_it_went_before(
    months: Months, smaller: str, lines: list[int]
) -> None:
    subscription_id = months.begin(amount="400", preset="other")
    _second_line(months, 100)
    months.press("amount", amount=smaller)
    months.renew(subscription_id)
    assert _newest(months) == lines
    months.press("amount", amount="400")
    months.renew(subscription_id)
    assert _newest(months) == [39_900, 100]


def test_a_month_of_dinars_is_shared_out_in_what_a_card_can_be_charged(months: Months) -> None:
    add_funds(months.world, fund(name="Rent", currency="KWD", suggested_minor=0, presets_minor=()))
    dinars = funds_of(months.world)["Rent"]
    subscription_id = months.begin(amount="10", preset="other", fund=str(dinars.id))
    _second_line(months, 3330)
    months.press("amount", amount="10.01")
    months.renew(subscription_id)
    assert _newest(months) == [6680, 3330]


def test_who_erases_themselves_is_charged_no_more(months: Months) -> None:
    subscription_id = months.begin()
    own = OwnPage.asked(months.world)
    assert own.post("erase").status_code == 200
    months.world.run_worker()
    assert months.vendor.subscriptions[subscription_id].status == "canceled"
    assert months.rows("SELECT id FROM monthly_gift WHERE email_hash IS NOT NULL") == []
    assert months.rows("SELECT digest FROM payment_subscription_link") == []


def test_who_erases_themselves_while_the_provider_is_away_is_charged_no_more_afterwards(months: Months) -> None:
    subscription_id = months.begin()
    own = OwnPage.asked(months.world)
    months.vendor.is_away = True
    own.post("erase")
    months.world.run_worker()
    with pytest.raises(PaymentsUnavailable):
        months.vendor.fetch_subscription(subscription_id)
    months.vendor.is_away = False
    months.world.clock.move(hours=2)
    months.world.run_worker()
    assert months.vendor.subscriptions[subscription_id].status == "canceled"


@pytest.mark.parametrize("ended", [False, True], ids=["never begun", "ended"])
def test_what_never_began_and_what_ended_is_emptied_after_a_month(months: Months, ended: bool) -> None:
    if ended:
        months.begin()
        months.press("cancel")
    else:
        months.promise()
    months.world.clock.move(days=29)
    months.world.run_worker()
    assert len(months.rows("SELECT id FROM monthly_gift WHERE email_hash IS NOT NULL")) == 1
    months.world.clock.move(days=2)
    months.world.run_worker()
    assert months.rows("SELECT id FROM monthly_gift WHERE email_hash IS NOT NULL") == []


def test_what_runs_is_kept_however_old(months: Months) -> None:
    months.begin()
    months.world.clock.move(days=400)
    months.world.run_worker()
    assert len(months.rows("SELECT id FROM monthly_gift WHERE email_hash IS NOT NULL")) == 1
