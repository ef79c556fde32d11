"""Reads of gifts: what is still held, what a fund shows, and who is never among it."""

from dataclasses import fields

import pytest

from campaigns.campaign.operations import CampaignFields
from campaigns.donations import queries
from campaigns.donations.queries import FundShown, Gift, GiftLine
from campaigns.kernel.money import Money
from campaigns.ledger import rules as ledger_rules
from tests.donations.make import FEE, GIVEN, Story
from tests.make import World, appeal, fund, petition


def test_what_a_gift_still_holds_shrinks_with_each_refund(story: Story) -> None:
    session_id = story.world.give()
    story.world.pay(session_id)
    (donation,) = story.rows("SELECT public_id FROM donation")
    for minor, held in ((500, 2500), (500, 2000), (2000, 0)):
        story.world.checkout.refund(session_id, minor)
        story.completed(session_id, f"evt_{held}")
        with story.world.reading() as session:
            gift = queries.find(session, donation["public_id"])
            assert gift is not None
            assert [line.amount for line in queries.still_held(session, gift.id)] == [Money(held, "USD")]
            assert gift.refunded == Money(3000 - held, "USD")


def test_a_bearer_of_the_link_is_handed_no_persons_data() -> None:
    names = {field.name for shown in (Gift, GiftLine) for field in fields(shown)}
    assert not {"email", "name", "message", "show_name"} & names


def test_a_gift_that_is_not_there_is_none(sqlite_world: World) -> None:
    with sqlite_world.reading() as session:
        assert queries.find(session, "nowhere") is None


def shown(world: World) -> FundShown:
    with world.reading() as session:
        (found,) = queries.funds_shown(session, world.campaign())
    return found


def test_a_fund_shows_what_its_treasurer_sees(short_story: Story) -> None:
    short_story.change(appeal(fund=fund(fees_borne_by="fund")))
    first, second = short_story.world.give(), short_story.world.give(email="jo@example.org")
    short_story.world.pay(first)
    short_story.world.pay(second)
    short_story.world.checkout.refund(first, 1000)
    short_story.completed(first, "evt_refund")
    found, figures = shown(short_story.world), short_story.figures()
    assert (found.given, found.refunded, found.fees) == (GIVEN + GIVEN, Money(1000, "USD"), FEE + FEE)
    assert found.left == found.given - found.refunded - found.fees - found.paid_out == figures.left
    assert found.givers == 2


def test_promises_are_not_counted_among_givers(short_story: Story) -> None:
    short_story.world.give()
    assert (shown(short_story.world).givers, shown(short_story.world).given) == (0, Money(0, "USD"))


@pytest.mark.parametrize("fields", [petition(), appeal(fund=fund(is_open=False))], ids=["no appeal", "closed"])
def test_without_an_open_appeal_there_is_no_fund_to_show(sqlite_world: World, fields: CampaignFields) -> None:
    campaign = sqlite_world.publish(fields)
    with sqlite_world.reading() as session:
        assert queries.funds_shown(session, campaign) == []


SHARES = [  # given, fees, refunded, paid out: the share of what came in that was paid out
    (10_000, 0, 0, 0, 0.0),
    (10_000, 0, 0, 2_500, 0.25),
    (10_000, 1_000, 1_000, 4_000, 0.5),
    (10_000, 0, 0, 20_000, 1.0),
    (0, 0, 0, 0, 0.0),
    (1_000, 0, 1_000, 500, 0.0),
    (1_000, 500, 1_000, 500, 0.0),
]


def test_the_share_paid_out_is_never_outside_its_meter(short_story: Story) -> None:
    ask = short_story.world.ask()
    for given, fees, refunded, paid_out, fraction in SHARES:
        sums = {"given": -given, "fee": fees, "refunded": refunded, "paid_out": paid_out}
        figures = ledger_rules.figures(ask.fund.id, "USD", sums)
        assert FundShown(ask, figures, 1).fraction_paid == pytest.approx(fraction)
