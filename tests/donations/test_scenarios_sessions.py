"""Scenarios 19-24 of the forty that a payment must survive: pages, slow methods, and money that is not what was asked.

Each test's sentence begins with the number; 25 is told with the form.
"""

from dataclasses import replace

import pytest

from campaigns.kernel.money import Money
from campaigns.ledger import queries
from tests.donations.make import GIVEN, MARIA, Story
from tests.donations.real import RealStory
from tests.make import appeal, fund
from tests.sandbox.driving import visit

BOOKED = ["recognised", "settled"]


def test_a_page_that_runs_out_is_no_gift_unless_it_was_paid_in_its_last_second(short_story: Story) -> None:
    """19."""
    session_id = short_story.world.give()
    short_story.world.checkout.expire(session_id)
    short_story.completed(session_id, "evt_expired")
    (payment,) = short_story.rows("SELECT state FROM payment")
    assert (payment["state"], short_story.entries()) == ("expired", [])
    short_story.world.checkout.pay(session_id)
    short_story.completed(session_id, "evt_completed")
    assert (short_story.entries(), short_story.receipts()) == (BOOKED, 1)


def test_a_bank_that_pays_days_later_makes_one_gift(real_story: RealStory) -> None:
    """20."""
    session_id = real_story.world.give()
    visit(f"{real_story.rig.stripe_url}/pay/{session_id}", {"do": "pay", "card": "debit"})
    real_story.deliver(real_story.events(session_id)["checkout.session.completed"])
    assert "On its way" in real_story.page()
    assert (real_story.entries(), real_story.receipts()) == ([], 0)
    real_story.account.move_clock(5 * 24 * 3600)
    real_story.deliver(real_story.events(session_id)["checkout.session.async_payment_succeeded"])
    assert (real_story.entries(), real_story.receipts()) == (BOOKED, 1)


def test_a_bank_that_refuses_days_later_makes_none_and_the_giver_is_told(real_story: RealStory) -> None:
    """21. The next try is one gift."""
    session_id = real_story.world.give()
    visit(f"{real_story.rig.stripe_url}/pay/{session_id}", {"do": "pay", "card": "debit-fails"})
    real_story.deliver(real_story.events(session_id)["checkout.session.completed"])
    real_story.account.move_clock(5 * 24 * 3600)
    failed = real_story.events(session_id)["checkout.session.async_payment_failed"]
    real_story.deliver(failed, failed)
    assert "The payment did not go through" in real_story.page()
    assert real_story.entries() == []
    (mail,) = real_story.world.mailer.to(MARIA)
    assert "did not go through" in mail.subject
    real_story.world.clock.move(days=5)
    again = real_story.give()
    real_story.deliver(real_story.events(again)["checkout.session.completed"])
    assert (real_story.entries(), real_story.figures().given) == (BOOKED, GIVEN)


def test_two_tabs_that_were_both_paid_are_both_booked_and_told(story: Story) -> None:
    """22."""
    first, second = story.world.give(), story.world.give()
    story.world.pay(first)
    assert story.told() == []
    story.world.pay(second)
    assert (story.figures().given, story.receipts()) == (GIVEN + GIVEN, 2)
    assert story.told() == ["duplicate"]


def test_two_pages_of_one_attempt_that_were_both_paid_are_two_gifts_and_told(story: Story) -> None:
    """22, where both pages name the same payment of ours."""
    checkout, first = story.world.checkout, story.world.give()
    checkout.sessions["cs_second"] = replace(checkout.sessions[first], id="cs_second")
    story.world.pay(first)
    story.world.pay("cs_second")
    story.completed("cs_second", "evt_again")
    assert (story.figures().given, story.receipts()) == (GIVEN + GIVEN, 2)
    assert len(story.rows("SELECT id FROM donation")) == 2
    assert story.told() == ["duplicate"]


def test_equal_gifts_of_two_people_or_of_two_days_are_no_duplicates(short_story: Story) -> None:
    """22, what is no duplicate."""
    short_story.world.pay(short_story.world.give())
    short_story.world.pay(short_story.world.give(email="jo@example.org"))
    short_story.world.clock.move(days=1)
    short_story.world.pay(short_story.world.give())
    assert short_story.told() == []


@pytest.mark.parametrize("amount", [Money(1, "USD"), Money(300_000, "USD"), Money(3000, "EUR")], ids=str)
def test_money_that_is_not_what_was_promised_is_parked_told_and_stands_in_suspense(story: Story, amount: Money) -> None:
    """23."""
    session_id = story.world.give()
    charge = story.world.checkout.pay(session_id, amount).charge
    story.completed(session_id)
    story.completed(session_id, "evt_again")
    (payment,) = story.rows("SELECT state FROM payment")
    assert (payment["state"], story.entries(), story.told()) == ("parked", [], ["mismatch"])
    story.sweep()
    story.sweep()
    assert story.entries() == ["unknown"]
    assert charge
    assert charge.movement
    assert story.in_suspense() == -charge.movement.net.minor
    assert story.told() == ["mismatch", "suspense"]
    assert story.figures(amount.currency).given == Money(0, amount.currency)
    assert len(story.world.mailer.to("hub@example.org")) == 2


def test_a_reference_that_anybody_can_write_pays_nothing(short_story: Story) -> None:
    """23: a payment link of the same account takes a reference from its address, but no metadata."""
    checkout, first = short_story.world.checkout, short_story.world.give()
    checkout.sessions["cs_link"] = replace(checkout.sessions[first], id="cs_link", metadata={})
    short_story.world.pay(first)
    short_story.world.pay("cs_link")
    short_story.sweep()
    assert short_story.entries() == [*BOOKED, "unknown"]
    assert short_story.figures().given == GIVEN
    assert sorted(short_story.told()) == ["mismatch", "suspense"]


@pytest.mark.parametrize(
    "change", [{"is_open": False}, {"purpose": "Something else entirely."}], ids=["shut", "reworded"]
)
def test_a_fund_that_changes_meanwhile_gets_what_was_promised_to_it_and_that_is_told(
    short_story: Story, change: dict[str, object]
) -> None:
    """24."""
    session_id = short_story.world.give()
    given_to = short_story.world.ask().fund.id
    short_story.change(appeal(fund=fund(**change)))
    short_story.world.pay(session_id)
    short_story.completed(session_id, "evt_again")
    with short_story.world.reading() as session:
        assert queries.figures_of(session, given_to, "USD").given == GIVEN
    assert "Jo Hill's costs while the firing is fought." in short_story.world.mailer.to(MARIA)[0].text
    assert short_story.told() == ["fund_changed"]
