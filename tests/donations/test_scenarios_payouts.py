"""Scenario 39 of the forty that a payment must survive: payouts."""

from dataclasses import replace

from campaigns.kernel.money import Money
from sandbox.stripe import payouts
from tests.donations.make import Story
from tests.donations.real import RealStory
from tests.sandbox.driving import visit

BOOKED = ["recognised", "settled"]
IN_TRANSIT = "bank:in_transit"


def test_a_payout_that_fails_after_it_was_paid_lies_with_the_provider_again(real_story: RealStory) -> None:
    """39."""
    session_id = real_story.world.give()
    visit(f"{real_story.rig.stripe_url}/pay/{session_id}", {"do": "pay", "card": "0077"})
    (payout,) = payouts.pay_out(real_story.account)
    real_story.sweep()
    assert real_story.entries() == [*BOOKED, "payout"]
    assert (real_story.balance(), real_story.balance(IN_TRANSIT)) == (0, payout["amount"])
    payouts.fail(real_story.account, payouts.arrive(real_story.account, payout))
    real_story.deliver(real_story.events()["payout.failed"])
    assert (real_story.balance(), real_story.balance(IN_TRANSIT)) == (payout["amount"], 0)
    assert real_story.told() == ["payout_failed"]
    (row,) = real_story.rows("SELECT state FROM payout")
    assert row["state"] == "failed"


def test_payouts_by_hand_and_below_zero_are_booked_too(story: Story) -> None:
    """39."""
    story.world.pay(story.world.give())
    by_hand, back = story.world.checkout.pay_out(500, automatic=False), story.world.checkout.pay_out(-200)
    for number, payout in enumerate((by_hand, back, by_hand)):
        story.ring(f"evt_payout_{number}", "payout", payout.id)
    assert story.entries() == [*BOOKED, "payout", "payout"]
    assert story.balance(IN_TRANSIT) == 300
    assert story.balance() == story.world.checkout.balance().sums[0].minor


def test_a_payout_that_is_not_the_sum_of_its_parts_is_told(short_story: Story) -> None:
    """39."""
    checkout = short_story.world.checkout
    payout = checkout.pay_out(500)
    checkout.payouts[payout.id] = replace(payout, parts=Money(499, "USD"))
    short_story.ring("evt_payout", "payout", payout.id)
    assert short_story.told() == ["payout_parts"]
