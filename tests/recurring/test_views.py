"""The owner's own doors: a mailed link opens them, a GET changes nothing, nobody else can."""

import re

import pytest

from campaigns.kernel.money import Money
from campaigns.kernel.subscription_ports import NewAmount
from campaigns.recurring.rules import LINK_LIFETIME
from tests.donations.make import MARIA
from tests.make import World, appeal, fund
from tests.recurring.make import Months
from tests.supporters.pages import OwnPage

DOORS = ("amount", "pause", "resume", "cancel", "card")


def test_the_return_page_is_right_before_any_webhook_has_come(short_months: Months) -> None:
    session_id = short_months.promise()
    path = short_months.vendor.requests[session_id].success_url.removeprefix("http://localhost")
    assert "Not begun yet" in short_months.world.client.get(path).text
    short_months.vendor.pay(session_id)
    page = short_months.world.client.get(path)
    assert "It has begun" in page.text
    assert short_months.donations() == 1, "looking may sync: that is the one thing a GET does"
    assert MARIA not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_page_that_closed_unpaid_says_so(short_months: Months) -> None:
    session_id = short_months.promise()
    short_months.vendor.expire(session_id)
    path = short_months.vendor.requests[session_id].success_url.removeprefix("http://localhost")
    assert "The payment page has closed" in short_months.world.client.get(path).text


def test_the_return_page_works_while_the_provider_is_away(short_months: Months) -> None:
    session_id = short_months.promise()
    short_months.vendor.is_away = True
    path = short_months.vendor.requests[session_id].success_url.removeprefix("http://localhost")
    assert "Not begun yet" in short_months.world.client.get(path).text


def test_an_unknown_number_leads_nowhere(short_months: Months) -> None:
    assert short_months.world.client.get("/monthly/unknown").status_code == 404


def test_opening_the_link_changes_nothing_and_shows_no_address(short_months: Months) -> None:
    short_months.begin()
    before = (short_months.rows("SELECT * FROM payment_subscription"), list(short_months.vendor.calls))
    page = short_months.world.client.get(short_months.manage())
    assert page.status_code == 200
    assert "$30" in page.text
    assert MARIA not in page.text
    assert (short_months.rows("SELECT * FROM payment_subscription"), short_months.vendor.calls) == before
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex")


@pytest.mark.parametrize("door", DOORS)
def test_no_door_opens_by_get_or_with_another_s_link(short_months: Months, door: str) -> None:
    short_months.begin()
    client = short_months.world.client
    assert client.get(f"{short_months.manage()}/{door}").status_code == 405
    answer = client.post(f"/monthly/manage/wrong/{door}", data={"amount": "5"})
    assert answer.status_code == 404
    assert "This link is too old" in answer.text


def test_the_amount_is_changed_for_the_next_month(months: Months) -> None:
    subscription_id = months.begin()
    assert months.press("amount", amount="12,50").headers["Location"].endswith("?done=amount")
    months.world.run_worker()
    assert months.vendor.subscriptions[subscription_id].amount == Money(1250, "USD")
    assert months.monthly(subscription_id).amount == Money(1250, "USD")
    assert months.subjects()[-1] == "Changed: Jo Hill and the hub"
    assert months.donations() == 1, "nothing is charged for it"


@pytest.mark.parametrize("typed", ["", "0", "0.5", "abc", "1.000", "9999999999", "-3", "30\x00", "9" * 30])
def test_an_amount_that_no_card_carries_is_refused_beside_its_field(short_months: Months, typed: str) -> None:
    subscription_id = short_months.begin()
    answer = short_months.press("amount", amount=typed)
    assert answer.status_code == 422
    assert 'id="amount-error"' in answer.text
    assert short_months.vendor.subscriptions[subscription_id].amount == Money(3000, "USD")


@pytest.mark.parametrize(("typed", "status"), [("10.005", 422), ("10.05", 303)])
def test_what_cards_cannot_be_charged_is_refused_before_it_is_kept(
    sqlite_world: World, typed: str, status: int
) -> None:
    sqlite_world.publish(appeal(fund=fund(currency="KWD", suggested_minor=0, presets_minor=())))
    dinars = Months(sqlite_world)
    dinars.begin(amount="10", preset="other")
    answer = dinars.press("amount", amount=typed)
    assert answer.status_code == status
    assert ("Cards cannot be charged the last decimal" in answer.text) is (status == 422)
    assert len(dinars.rows("SELECT id FROM payment_subscription_change WHERE act = 'amount'")) == (status == 303)


def test_it_is_paused_and_goes_on(months: Months) -> None:
    subscription_id = months.begin()
    assert months.press("pause").status_code == 303
    assert months.monthly(subscription_id).state == "paused"
    assert "Paused: no money is taken." in months.world.client.get(months.manage()).text
    months.world.clock.move(seconds=5)
    assert months.press("resume").status_code == 303
    assert months.monthly(subscription_id).state == "active"
    months.world.run_worker()
    assert months.subjects()[-2:] == ["Paused: Jo Hill and the hub", "It goes on: Jo Hill and the hub"]


def test_it_is_stopped_and_pressing_twice_is_harmless(months: Months) -> None:
    subscription_id = months.begin()
    path = months.manage()
    for _ in range(2):
        assert months.world.client.post(f"{path}/cancel").status_code == 303
    assert months.monthly(subscription_id).state == "ended"
    assert months.vendor.subscriptions[subscription_id].status == "canceled"
    months.world.run_worker()
    assert months.subjects()[1:] == ["Ended: Jo Hill and the hub"]
    assert "Ended: no more money is taken." in months.world.client.get(path).text
    assert months.world.client.post(f"{path}/amount", data={"amount": "5"}).status_code == 409


def test_a_new_card_is_entered_at_the_provider_s(short_months: Months) -> None:
    subscription_id = short_months.begin()
    answer = short_months.press("card")
    customer = short_months.vendor.subscriptions[subscription_id].customer_id
    assert (answer.status_code, answer.headers["Location"]) == (303, f"https://pay.example/portal/{customer}")


def test_what_is_asked_for_while_the_provider_is_away_is_done_later(short_months: Months) -> None:
    subscription_id = short_months.begin()
    short_months.vendor.is_away = True
    assert short_months.press("cancel").status_code == 303
    assert "What you asked for is kept" in short_months.world.client.get(short_months.manage()).text
    short_months.vendor.is_away = False
    short_months.world.clock.move(minutes=10)
    short_months.world.run_worker()
    assert short_months.monthly(subscription_id).state == "ended"


def test_an_older_change_that_waits_never_undoes_a_newer_one(short_months: Months) -> None:
    subscription_id = short_months.begin()
    short_months.vendor.is_away = True
    short_months.press("amount", amount="15")
    short_months.world.clock.move(minutes=1)
    short_months.vendor.is_away = False
    short_months.press("amount", amount="20")
    short_months.world.clock.move(hours=1)
    short_months.world.run_worker()
    assert short_months.vendor.subscriptions[subscription_id].amount == Money(2000, "USD")
    states = [row["state"] for row in short_months.rows("SELECT state FROM payment_subscription_change ORDER BY id")]
    assert states == ["done", "overtaken", "done"]


def test_the_present_amount_typed_again_takes_back_another_that_waits(months: Months) -> None:
    subscription_id = months.begin()
    months.vendor.is_away = True
    months.press("amount", amount="20")
    months.world.clock.move(minutes=1)
    assert months.press("amount", amount="30").status_code == 303
    months.vendor.is_away = False
    months.world.clock.move(hours=1)
    months.world.run_worker()
    assert months.vendor.subscriptions[subscription_id].amount == Money(3000, "USD")
    assert months.monthly(subscription_id).amount == Money(3000, "USD")


@pytest.mark.parametrize("is_paused", [True, False])
def test_what_is_so_already_takes_back_its_opposite_that_waits(short_months: Months, is_paused: bool) -> None:
    subscription_id = short_months.begin()
    if is_paused:
        short_months.press("pause")
        short_months.world.run_worker()
    now, opposite = ("pause", "resume") if is_paused else ("resume", "pause")
    short_months.vendor.is_away = True
    for act in (opposite, now):
        short_months.world.clock.move(minutes=1)
        assert f"/{act}" in short_months.world.client.get(short_months.manage()).text, "its button stands there"
        assert short_months.press(act).status_code == 303
    short_months.vendor.is_away = False
    short_months.world.clock.move(hours=1)
    short_months.world.run_worker()
    assert short_months.vendor.subscriptions[subscription_id].is_paused is is_paused


Wish = tuple[str, dict[str, str]]


@pytest.mark.parametrize(
    ("slow", "later"),
    [(("amount", {"amount": "500"}), [("amount", {"amount": "20"})]),
     (("amount", {"amount": "500"}), [("amount", {"amount": "40"}), ("amount", {"amount": "20"})]),
     (("amount", {"amount": "500"}), [("amount", {"amount": "20"}), ("pause", {})]),
     (("amount", {"amount": "20"}), [("amount", {"amount": "500"}), ("amount", {"amount": "20"})])],
    ids=["one", "two", "of another sort", "back again"],
)  # fmt: skip
def test_a_slow_change_that_lands_after_a_later_one_does_not_win(months: Months, slow: Wish, later: list[Wish]) -> None:
    subscription_id, path = months.begin(), months.manage()
    real, late = months.vendor.change_amount, list(later)

    def slowly(remote_id: str, new: NewAmount, key: str) -> None:
        while late:  # all this is asked for and done while the first call is on its way
            act, data = late.pop(0)
            months.world.clock.move(seconds=1)
            assert months.world.client.post(f"{path}/{act}", data=data).status_code == 303
        real(remote_id, new, key)

    months.vendor.change_amount = slowly  # type: ignore[method-assign]
    months.press(slow[0], **slow[1])
    months.world.clock.move(hours=1)
    months.world.run_worker()
    assert months.vendor.subscriptions[subscription_id].amount == Money(2000, "USD")
    assert months.monthly(subscription_id).amount == Money(2000, "USD")
    assert months.monthly(subscription_id).waits == ()


@pytest.mark.parametrize("is_found_void", [True, False])
def test_a_slow_pause_that_lands_after_it_was_resumed_does_not_win(short_months: Months, is_found_void: bool) -> None:
    """A worker may find the job of the pause void while its call is on its way: it lands all the same."""
    subscription_id, path, vendor = short_months.begin(), short_months.manage(), short_months.vendor
    real = vendor.pause

    def slowly(remote_id: str, key: str) -> None:
        vendor.pause = real  # type: ignore[method-assign]
        short_months.world.clock.move(seconds=1)
        assert short_months.world.client.post(f"{path}/resume").status_code == 303
        if is_found_void:
            short_months.world.run_worker()
        real(remote_id, key)

    vendor.pause = slowly  # type: ignore[method-assign]
    short_months.press("pause")
    short_months.world.clock.move(hours=1)
    short_months.world.run_worker()
    assert not vendor.subscriptions[subscription_id].is_paused
    assert short_months.monthly(subscription_id).state == "active"


def test_every_mail_s_link_works_until_the_next_month_s_has_come(short_months: Months) -> None:
    short_months.begin()
    path = short_months.manage()
    short_months.world.clock.move(days=31)
    assert short_months.world.client.get(path).status_code == 200
    short_months.world.clock.move(days=LINK_LIFETIME.days - 31)
    assert short_months.world.client.get(path).status_code == 404


def test_the_link_of_what_is_paused_opens_for_as_long_as_no_newer_mail_comes(short_months: Months) -> None:
    short_months.begin()
    short_months.press("pause")
    short_months.world.run_worker()
    short_months.world.clock.move(days=300)
    assert short_months.press("resume").status_code == 303


def test_it_stands_on_the_own_page_and_opens_from_there(short_months: Months) -> None:
    subscription_id = short_months.begin()
    own = OwnPage.asked(short_months.world)
    assert "What you pay each month" in own.see().text
    answer = own.post(f"monthly/{short_months.monthly(subscription_id).id}")
    assert answer.status_code == 303
    assert short_months.world.client.get(answer.headers["Location"]).status_code == 200
    told = own.see("/data.json").get_json()["monthly_gifts"]
    assert [(each["each_month"]["amount"], each["state"]) for each in told] == [("30.00", "active")]


def test_nobody_opens_another_s_from_their_own_page(short_months: Months) -> None:
    subscription_id = short_months.begin()
    short_months.world.give(email="other@example.org")
    own = OwnPage.asked(short_months.world, "other@example.org")
    assert own.post(f"monthly/{short_months.monthly(subscription_id).id}").status_code == 404


@pytest.mark.parametrize("is_paid_before", [True, False])
def test_who_is_erased_while_the_page_is_open_is_not_charged_each_month(months: Months, is_paid_before: bool) -> None:
    """The page cannot be taken back: what begins on it ends at once, whichever was first, the payment or its event."""
    months.world.pay(months.world.give())
    own, session_id = OwnPage.asked(months.world), months.promise()
    if is_paid_before:
        months.vendor.pay(session_id)
    assert own.post("erase").status_code == 200
    sent = len(months.world.mailer.to(MARIA))
    subscription_id = months.vendor.signups[session_id].subscription_id or months.vendor.pay(session_id)
    months.tell("checkout.session", session_id)
    months.world.run_worker()
    assert months.vendor.subscriptions[subscription_id].status == "canceled"
    assert months.monthly(subscription_id).state == "ended"
    assert len(months.world.mailer.to(MARIA)) == sent, "there is no address left to write to"


# Nobody at the desk can redirect a giver's link


def test_the_address_of_a_monthly_payment_stands_in_no_form_of_the_desk(short_months: Months) -> None:
    """No door takes it: the link goes to the address it was begun with, or nowhere."""
    short_months.begin()
    rules = short_months.world.app.url_map.iter_rules()
    doors = {rule.endpoint for rule in rules if "POST" in (rule.methods or ()) and rule.rule.startswith("/desk")}
    assert not {door for door in doors if "monthly" in door or "recurring" in door}
    assert {door for door in doors if "member" in door} == {
        "membership_desk.take_out", "membership_desk.add_tier", "membership_desk.change_tier",
    }  # fmt: skip


@pytest.mark.parametrize("role", ["organizer", "treasurer", "admin"])
def test_no_page_of_the_desk_shows_a_link_to_a_monthly_payment(short_months: Months, role: str) -> None:
    short_months.begin()
    desk = short_months.world.desk(role)
    for path in ("/desk/", "/desk/money", "/desk/members", "/desk/members/tiers", "/desk/campaigns/rescind"):
        assert not re.search(r"/monthly/(manage/)?\w", desk.get(path).text), path


def test_what_somebody_types_on_the_web_never_decides_where_a_link_goes(short_months: Months) -> None:
    short_months.begin()
    assert short_months.world.client.post("/my", data={"email": "thief@example.org"}).status_code == 200
    short_months.world.run_worker()
    assert short_months.subjects("thief@example.org") == []
