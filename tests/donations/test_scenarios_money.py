"""Scenarios 26-37 of the forty that a payment must survive: fees, refunds, disputes, and what nobody can explain.

Each test's sentence begins with the number; 28 is told with the form.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.kernel.money import Money
from campaigns.kernel.ports import CheckoutRequest, PaymentsRefused, PaymentsUnavailable, RemoteSession
from sandbox.stripe import disputes, fraud_warnings, refunds
from tests.donations.make import FEE, GIVEN, MARIA, Story
from tests.donations.real import RealStory
from tests.make import GIVE, appeal, fund

BOOKED = ["recognised", "settled"]
NOTHING = Money(0, "USD")
DISPUTE_FEE = Money(1500, "USD")


def paid(story: Story) -> str:
    """Give and pay; return the session's id."""
    session_id = story.world.give()
    story.world.pay(session_id)
    return session_id


def heard(story: Story, session_id: str) -> None:
    """Ring for a session once more, under an event of its own."""
    story.completed(session_id, f"evt_{len(story.rows('SELECT id FROM payment_event'))}")


def test_a_gift_whose_fee_is_not_known_for_an_hour_counts_at_once_and_settles_by_the_sweep(story: Story) -> None:
    """26."""
    story.world.checkout.delays_settlement = True
    session_id = paid(story)
    assert (story.entries(), story.figures().given) == (["recognised"], GIVEN)
    assert (story.balance("stripe:uncollected"), story.told()) == (3000, [])
    story.world.clock.move(hours=1)
    story.world.checkout.settle(session_id)
    story.sweep()
    assert (story.entries(), story.balance("stripe:uncollected"), story.told()) == (BOOKED, 0, [])


def test_a_fee_that_nobody_foresaw_leaves_the_earmark_whole(short_story: Story) -> None:
    """27. The card was a foreign one: five dollars instead of one."""
    short_story.world.checkout.delays_settlement = True
    session_id = paid(short_story)
    short_story.world.checkout.settle(session_id)
    charge = short_story.world.checkout.charge_of(session_id)
    assert charge.movement
    dear = replace(charge.movement, fee=Money(500, "USD"), net=GIVEN - Money(500, "USD"))
    session = short_story.world.checkout.sessions[session_id]
    short_story.world.checkout.sessions[session_id] = replace(session, charge=replace(charge, movement=dear))
    heard(short_story, session_id)
    assert short_story.figures().left == GIVEN
    assert short_story.general_fees() == Money(500, "USD")


@pytest.mark.parametrize("source", ["", "fr_of_a_product_that_is_new"])
def test_what_nobody_can_explain_stands_in_suspense_once_and_is_told(story: Story, source: str) -> None:
    """29. The sum of our own entries is still what lies with the provider."""
    paid(story)
    odd = story.world.checkout.move("climate_contribution" if source else "stripe_fee", -200, source)
    story.sweep(minutes=5)
    assert story.entries() == BOOKED  # too early to say
    story.sweep()
    story.sweep()
    assert (story.entries(), story.told()) == ([*BOOKED, "unknown"], ["suspense"])
    assert story.in_suspense() == 200
    (mail,) = story.world.mailer.to("hub@example.org")
    assert odd.id in mail.text
    assert story.balance() == story.world.checkout.balance().sums[0].minor


def test_two_refunds_of_the_same_amount_are_two_entries(real_story: RealStory) -> None:
    """30."""
    session_id = real_story.give()
    for _ in range(2):
        refunds.make(real_story.account, real_story.charge_of(session_id), 500)
    real_story.deliver(real_story.events(session_id)["charge.refunded"])
    assert real_story.entries() == [*BOOKED, "refunded", "refunded"]
    assert real_story.figures().refunded == Money(1000, "USD")
    assert {row["state"] for row in real_story.rows("SELECT state FROM payment_refund")} == {"succeeded"}


def test_a_refund_of_all_that_was_left_is_taken_in_from_the_provider_s_side(real_story: RealStory) -> None:
    """31. Ours are made at the desk later; here somebody made them on Stripe's pages, up to the last cent."""
    session_id = real_story.give()
    for cents in (1, 2999):
        refunds.make(real_story.account, real_story.charge_of(session_id), cents)
    real_story.sweep()
    assert (real_story.figures().left, real_story.told()) == (NOTHING, [])
    assert "Given back" in real_story.page()


def test_a_refund_from_a_fund_that_is_spent_takes_it_below_zero_and_is_told(story: Story) -> None:
    """32. Money that has gone is booked."""
    story.change(appeal(fund=fund(fees_borne_by="fund")))
    session_id = paid(story)
    story.world.checkout.refund(session_id, 3000)
    heard(story, session_id)
    heard(story, session_id)
    assert (story.figures().left, story.told()) == (-FEE, ["overdrawn"])


def test_a_refund_that_waits_is_booked_when_it_moves(real_story: RealStory) -> None:
    """33, the one that succeeds."""
    session_id = real_story.give()
    refunds.hold(real_story.account, "insufficient_funds")
    refund = refunds.make(real_story.account, real_story.charge_of(session_id))
    real_story.deliver(real_story.events(session_id)["refund.created"])
    assert real_story.entries() == BOOKED
    refunds.finish(real_story.account, refund)
    real_story.deliver(real_story.events(session_id)["refund.updated"])
    assert (real_story.entries(), real_story.figures().left) == ([*BOOKED, "refunded"], NOTHING)


def test_a_refund_that_fails_gives_each_earmark_back_just_what_it_lost(real_story: RealStory) -> None:
    """33, the one that fails: though nothing was held any more, and though the charge counts as not refunded again."""
    session_id = real_story.give()
    refund = refunds.make(real_story.account, real_story.charge_of(session_id))
    real_story.deliver(real_story.events(session_id)["charge.refunded"])
    assert real_story.figures().left == NOTHING
    refunds.fail(real_story.account, refund)
    failed = real_story.events(session_id)["refund.failed"]
    real_story.deliver(failed, failed)
    assert real_story.entries() == [*BOOKED, "refunded", "refunded"]
    figures = real_story.figures()
    assert (figures.left, figures.refunded) == (GIVEN, NOTHING)
    assert "Your gift has arrived" in real_story.page()
    assert real_story.told() == ["refund_failed"]
    assert any("could not give" in mail.subject for mail in real_story.world.mailer.to(MARIA))
    (row,) = real_story.rows("SELECT state FROM payment_refund")
    assert row["state"] == "failed"


def test_a_refund_of_a_month_that_fails_comes_back_to_its_fund(real_story: RealStory) -> None:
    """33, of what is paid each month: its charge is found by way of its invoice."""
    real_story.give(frequency="monthly")
    real_story.sweep()
    (charge,) = real_story.account.store.find("charge")
    refund = refunds.make(real_story.account, charge)
    real_story.sweep()
    assert real_story.figures().left == NOTHING
    refunds.fail(real_story.account, refund)
    real_story.sweep()
    assert real_story.entries() == [*BOOKED, "refunded", "refunded"]
    assert (real_story.figures().left, real_story.told()) == (GIVEN, ["refund_failed"])


def test_a_failure_that_comes_late_changes_nothing_of_later_refunds(story: Story) -> None:
    """33, both heard of at once and in one sync."""
    session_id = paid(story)
    first = story.world.checkout.refund(session_id, 1000)
    story.world.clock.move(seconds=1)
    story.world.checkout.refund(session_id, 2000)
    story.world.checkout.fail_refund(session_id, first)
    heard(story, session_id)
    assert story.entries() == [*BOOKED, "refunded", "refunded", "refunded"]
    assert (story.figures().left, story.figures().refunded) == (Money(1000, "USD"), Money(2000, "USD"))


def test_a_page_whose_answer_was_lost_is_never_asked_for_again_after_its_key_is_pruned(short_story: Story) -> None:
    """34, for the one thing we ask the provider to make today. What was paid on it all the same is found."""
    checkout = short_story.world.checkout
    really_open = checkout.open_session

    def open_and_lose(request: CheckoutRequest) -> RemoteSession:
        really_open(request)
        raise PaymentsUnavailable("the answer was lost")

    checkout.open_session = open_and_lose  # type: ignore[method-assign]  # the crash between the call and the commit
    assert short_story.world.client.post("/campaigns/rescind/donate", data=GIVE).status_code == 503
    short_story.sweep(minutes=25 * 60)
    (payment,) = short_story.rows("SELECT state FROM payment")
    assert (payment["state"], len(checkout.sessions)) == ("expired", 1)
    checkout.pay("cs_test_1")
    short_story.sweep()
    assert short_story.entries() == BOOKED


def test_an_inquiry_books_nothing_and_becomes_one_entry_when_it_escalates(real_story: RealStory) -> None:
    """35."""
    account, session_id = real_story.account, real_story.give()
    inquiry = disputes.inquire(account, real_story.charge_of(session_id))
    real_story.deliver(real_story.events(session_id)["charge.dispute.created"])
    assert (real_story.entries(), real_story.told()) == (BOOKED, ["inquiry"])
    disputes.escalate(account, inquiry)
    real_story.deliver(real_story.events(session_id)["charge.dispute.funds_withdrawn"])
    assert real_story.entries() == [*BOOKED, "disputed"]
    assert sorted(real_story.told()) == ["dispute", "inquiry"]


def test_an_inquiry_that_closes_has_moved_no_money(real_story: RealStory) -> None:
    """35, the other end."""
    account, session_id = real_story.account, real_story.give()
    disputes.close_inquiry(account, disputes.inquire(account, real_story.charge_of(session_id)))
    real_story.deliver(real_story.events(session_id)["charge.dispute.closed"])
    assert real_story.entries() == BOOKED
    (row,) = real_story.rows("SELECT state FROM payment_dispute")
    assert row["state"] == "inquiry_closed"


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
@pytest.mark.parametrize("borne_by", ["general", "fund"])
def test_a_dispute_that_is_won_leaves_the_gift_whole_and_costs_its_fee(
    real_story: RealStory, borne_by: str, backwards: bool
) -> None:
    """36, won."""
    real_story.change(appeal(fund=fund(fees_borne_by=borne_by)))
    account, session_id = real_story.account, real_story.give()
    disputes.win(account, disputes.dispute(account, real_story.charge_of(session_id)))
    told = real_story.events(session_id)
    rung = [told[f"charge.dispute.{word}"] for word in ("created", "funds_withdrawn", "funds_reinstated", "closed")]
    real_story.deliver(*(rung[::-1] if backwards else rung))
    assert real_story.entries() == [*BOOKED, "disputed", "disputed"]
    figures, fees = real_story.figures(), FEE + DISPUTE_FEE
    assert (figures.given, figures.disputed) == (GIVEN, NOTHING)
    assert (figures.fees, real_story.general_fees()) == ((fees, NOTHING) if borne_by == "fund" else (NOTHING, fees))
    (row,) = real_story.rows("SELECT state FROM payment_dispute")
    assert row["state"] == "won"


def test_a_dispute_that_is_lost_is_gone_from_the_fund(real_story: RealStory) -> None:
    """36, lost."""
    account, session_id = real_story.account, real_story.give()
    disputes.lose(account, disputes.dispute(account, real_story.charge_of(session_id)))
    told = real_story.events(session_id)
    real_story.deliver(told["charge.dispute.closed"], told["charge.dispute.created"])
    figures = real_story.figures()
    assert (figures.disputed, figures.left, real_story.told()) == (GIVEN, NOTHING, ["dispute"])


def test_a_dispute_about_a_gift_that_was_given_back_in_part_takes_the_rest(story: Story) -> None:
    """37, in part."""
    session_id = paid(story)
    story.world.checkout.refund(session_id, 1000)
    dispute = story.world.checkout.dispute(session_id, 2000)
    heard(story, session_id)
    assert (story.figures().left, story.told()) == (NOTHING, ["dispute"])
    story.world.checkout.win(session_id, dispute)
    heard(story, session_id)
    assert story.figures().left == Money(2000, "USD")


@pytest.mark.parametrize(("refunded", "disputed"), [(3000, 3000), (1000, 3000), (0, 3333)])
def test_a_dispute_about_more_than_is_held_is_booked_and_told(story: Story, refunded: int, disputed: int) -> None:
    """37, of what was given back already, and of more than the charge."""
    session_id = paid(story)
    if refunded:
        story.world.checkout.refund(session_id, refunded)
        heard(story, session_id)
        story.world.clock.move(seconds=1)
    dispute = story.world.checkout.dispute(session_id, disputed)
    heard(story, session_id)
    assert story.figures().left == Money(3000 - refunded - disputed, "USD")
    assert sorted(story.told()) == ["dispute", "dispute_exceeds", "overdrawn"]
    story.world.checkout.win(session_id, dispute)
    heard(story, session_id)
    assert story.figures().left == Money(3000 - refunded, "USD")


def test_a_warning_of_fraud_asks_the_treasurer_to_give_back(real_story: RealStory) -> None:
    """37, before any money moves."""
    session_id = real_story.give()
    warning = fraud_warnings.warn(real_story.account, real_story.charge_of(session_id))
    rung = real_story.events()["radar.early_fraud_warning.created"]
    real_story.deliver(rung, rung)
    assert (real_story.entries(), real_story.told()) == (BOOKED, ["fraud_warning"])
    real_story.worker("the mail")
    (mail,) = real_story.world.mailer.to("hub@example.org")
    assert warning["id"] in mail.text


@pytest.mark.parametrize("problem", [ValueError, PaymentsRefused])
def test_a_balance_transaction_that_cannot_be_taken_in_has_a_job_of_its_own_and_holds_nobody_up(
    short_story: Story, problem: type[Exception]
) -> None:
    """29 and 7: the cursor goes on, the broken one is tried again by itself."""
    checkout = short_story.world.checkout
    broken, sound = short_story.world.give(), short_story.world.give(email="jo@example.org")
    for session_id in (broken, sound):
        checkout.pay(session_id)
    fetch = checkout.fetch_session

    def stumble(asked: str) -> RemoteSession:
        if asked == broken:
            raise problem("1050 ISK has a part that ISK cannot hold")
        return fetch(asked)

    checkout.fetch_session = stumble  # type: ignore[method-assign]  # a shape nobody foresaw
    short_story.sweep()
    assert short_story.entries() == BOOKED
    assert short_story.told() == ["not_taken_in"]
    checkout.fetch_session = fetch  # type: ignore[method-assign]
    short_story.world.clock.move(minutes=1)
    short_story.worker("the job")
    assert short_story.entries() == [*BOOKED, *BOOKED]


def test_the_books_are_read_from_48_hours_before_the_last_sweep_on(short_story: Story) -> None:
    """7. A cursor that moved on is no reason to miss what was listed late."""
    paid(short_story)
    short_story.sweep(minutes=3 * 24 * 60)
    asked: list[timedelta] = []
    movements = short_story.world.checkout.movements

    def note(since: object) -> object:
        asked.append(short_story.world.clock() - since)  # type: ignore[operator]  # it is a moment
        return movements(since)  # type: ignore[arg-type]

    short_story.world.checkout.movements = note  # type: ignore[method-assign,assignment]  # one look on the way
    short_story.sweep(minutes=5)
    assert asked == [timedelta(hours=48, minutes=5)]


def test_what_moved_before_this_site_began_is_read_only_when_asked_for(short_story: Story) -> None:
    """29. An account that has sold something before; its balance is explained once somebody reads all of it."""
    short_story.world.checkout.move("stripe_fee", -200)
    short_story.world.clock.move(days=3)
    short_story.sweep()
    paid(short_story)
    short_story.sweep()
    short_story.world.app.extensions["undersigned.payments"].sweep(back=timedelta(days=31))
    assert short_story.entries() == BOOKED
    result = short_story.world.app.test_cli_runner().invoke(args=["payments", "sweep", "--days", "5"])
    assert result.exit_code == 0, result.output
    assert short_story.entries() == [*BOOKED, "unknown"]
    assert short_story.balance() == short_story.world.checkout.balance().sums[0].minor
