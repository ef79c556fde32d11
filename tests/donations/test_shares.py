"""One gift for several funds, and what is added for the card fee: each cent on its line, there and back."""

from decimal import Decimal
from typing import Any

import pytest
from werkzeug.test import TestResponse

from campaigns.campaign import operations as campaigns
from campaigns.campaign import queries as campaign_queries
from campaigns.campaign.models import Fund
from campaigns.campaign.queries import FundFacts
from campaigns.donations import queries
from campaigns.kernel.money import Money, to_stripe
from campaigns.ledger import queries as journal
from campaigns.ledger.rules import Figures
from tests.donations.make import MARIA, Story
from tests.fakes.checkout import fee_of
from tests.make import World, appeal, fund

FORM = "/campaigns/rescind/donate"
TYPED = {"preset": "other", "email": MARIA, "fund": "USD"}
KITCHEN = fund(name="Strike kitchen", purpose="Meals at the gate.", beyond="The next strike.", tax="No deduction.")
LEGAL = fund(name="Legal costs", purpose="Lawyers.", recipient="Hub Legal e. V.")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def add_funds(world: World, *wanted: Any) -> None:
    with world.work() as session:
        for number, fields in enumerate(wanted, 1):
            made = world.clock.move(seconds=1)
            assert campaigns.add_fund(session, world.campaign().id, fields, made), number


def funds_of(world: World) -> dict[str, FundFacts]:
    with world.reading() as session:
        return {found.name: found for found in campaign_queries.every_fund(session)}


def figures(world: World, name: str) -> Figures:
    with world.reading() as session:
        return journal.figures_of(session, funds_of(world)[name].id, "USD")


@pytest.fixture
def three(story: Story) -> Story:
    """An appeal for three funds in dollars."""
    add_funds(story.world, KITCHEN, LEGAL)
    return story


@pytest.fixture
def three_short(short_story: Story) -> Story:
    add_funds(short_story.world, KITCHEN, LEGAL)
    return short_story


NAMES = ("Jo Hill and the hub", "Strike kitchen", "Legal costs")


def given(world: World) -> list[int]:
    return [figures(world, name).given.minor for name in NAMES]


def left(world: World) -> list[int]:
    return [figures(world, name).left.minor for name in NAMES]


def post(world: World, **fields: str) -> TestResponse:
    return world.client.post(FORM, data=TYPED | fields)


def give(world: World, **fields: str) -> str:
    answer = post(world, **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"].rpartition("/")[2])


def shares(world: World, *typed: str) -> dict[str, str]:
    funds = funds_of(world)
    return {f"share_{funds[name].id.hex}": text for name, text in zip(NAMES, typed, strict=True)}


def refund(story: Story, session_id: str, minor: int) -> None:
    story.world.checkout.refund(session_id, minor)
    story.completed(session_id, f"evt_refund_{minor}_{story.world.clock().isoformat()}")


# Shared


def test_ten_over_three_funds_falls_the_same_way_there_and_back(three: Story) -> None:
    """Scenario 28: 10.00 over three, then 5.00 back, then the other 5.00."""
    session_id = give(three.world, amount="10.00")
    three.world.pay(session_id)
    assert given(three.world) == [334, 333, 333]
    refund(three, session_id, 500)
    assert (left(three.world), sum(left(three.world))) == ([167, 166, 167], 500)
    refund(three, session_id, 500)
    assert left(three.world) == [0, 0, 0]
    assert three.entries() == ["recognised", "settled", "refunded", "refunded"]
    assert "Given back" in three.page()


def test_the_amounts_for_each_fund_are_taken_as_they_were_typed(three_short: Story) -> None:
    world = three_short.world
    world.pay(give(world, amount="", preset="", **shares(world, "5", "", "2,50")))
    assert given(world) == [500, 0, 250]
    (asked,) = world.checkout.requests
    assert [(line.name, line.amount) for line in asked.lines] == [(NAMES[0], usd(500)), (NAMES[2], usd(250))]


def test_one_fund_of_several_is_given_to_alone(three_short: Story) -> None:
    world = three_short.world
    world.pay(give(world, amount="30", fund=str(funds_of(world)["Strike kitchen"].id)))
    assert given(world) == [0, 3000, 0]


WRONG: list[tuple[dict[str, str], tuple[str, str, str], str]] = [
    ({"amount": "30"}, ("5", "", "5"), "The amounts for each fund come to $10, and the whole says $30."),
    ({"preset": "30"}, ("5", "", "5"), "The amounts for each fund come to $10, and the whole says $30."),
    ({"amount": "1"}, ("", "", ""), "“Jo Hill and the hub” takes at least $1."),
    ({"amount": "", "preset": ""}, ("0.50", "", "5"), "“Jo Hill and the hub” takes at least $1."),
    ({"amount": "", "preset": ""}, ("", "25000.01", ""), "“Strike kitchen” takes at most $25,000 at once."),
    ({"amount": "", "preset": ""}, ("five", "", ""), "Enter an amount in figures, like 30 or 12.50."),
    ({"amount": "", "preset": ""}, ("1.000,50", "", ""), "Enter an amount in figures, like 30 or 12.50."),
    ({"amount": "", "preset": ""}, ("", "", ""), "Choose an amount."),
    ({"amount": ""}, ("", "", ""), "Enter the amount you want to give."),
    ({"amount": "", "preset": ""}, ("0", "0", "0"), "Enter an amount in figures, like 30 or 12.50."),
]


def test_what_cannot_be_shared_is_refused_and_kept_as_it_was_typed(three_short: Story) -> None:
    world = three_short.world
    for typed, parts, sentence in WRONG:
        answer = post(world, **typed, **shares(world, *parts))
        assert (answer.status_code, sentence in answer.text) == (422, True), (typed, parts)
        for text in filter(None, (typed.get("amount"), *parts)):
            assert f'value="{text}"' in answer.text
    assert three_short.rows("SELECT id FROM donation") == []


def test_a_fund_that_closed_meanwhile_is_not_given_to_and_nothing_typed_is_lost(three_short: Story) -> None:
    world = three_short.world
    gone = str(funds_of(world)["Strike kitchen"].id)
    with world.work() as session:
        session.get_one(Fund, funds_of(world)["Strike kitchen"].id).is_open = False
    answer = post(world, amount="42", fund=gone, message="Eat well")
    assert answer.status_code == 410
    assert "The fund you chose takes no gifts any more." in answer.text
    assert 'value="42"' in answer.text
    assert "Eat well" in answer.text
    assert three_short.rows("SELECT id FROM donation") == []


def test_funds_of_other_currencies_are_never_given_to_together(three_short: Story) -> None:
    world = three_short.world
    add_funds(world, fund(name="Piacenza", currency="EUR", presets_minor=(2000,), suggested_minor=2000))
    page = world.see(FORM).text
    assert f"fund={funds_of(world)['Piacenza'].id}" in page
    assert ("fund=USD" in page, "fund=EUR" in page) == (True, False)
    assert post(world, amount="30", fund="EUR").status_code == 410
    world.pay(give(world, preset="20", fund=str(funds_of(world)["Piacenza"].id)))
    with world.reading() as session:
        assert journal.figures_of(session, funds_of(world)["Piacenza"].id, "EUR").given == Money(2000, "EUR")


def test_two_clicks_on_a_shared_gift_open_one_page(three_short: Story) -> None:
    typed = {"attempt": "one-form", "amount": "10", "cover_fees": "y"}
    assert give(three_short.world, **typed) == give(three_short.world, **typed)
    assert len(three_short.world.checkout.sessions) == 1
    assert give(three_short.world, **typed | {"cover_fees": ""}) != give(three_short.world, **typed)


# The words of each line


def test_each_line_keeps_the_words_it_was_given_under(three_short: Story) -> None:
    world = three_short.world
    session_id = give(world, amount="30")
    with world.work() as session:
        for name, found in funds_of(world).items():
            other = fund(name=name, purpose="Else", beyond="Else", recipient="Else", tax="Else")
            campaigns.write_fund(session, session.get_one(Fund, found.id), other, world.clock())
    world.pay(session_id)
    for text in (three_short.page(), world.mailer.to(MARIA)[0].text):
        for words in ("Meals at the gate.", "Lawyers.", "The next strike.", "Hub Legal e. V.", "No deduction."):
            assert words in text
        assert "Else" not in text


def test_the_payment_page_says_what_for_who_gets_it_and_what_of_taxes(three_short: Story) -> None:
    give(three_short.world, amount="30")
    (asked,) = three_short.world.checkout.requests
    said = {line.name: line.description for line in asked.lines}
    assert said["Strike kitchen"] == (
        "Meals at the gate. · Goes to: Hub Workers e. V. · No deduction. · The next strike."
    )
    assert all(len(words) <= 500 for words in said.values())


# The card fee


@pytest.mark.parametrize("covers", [False, True])
def test_what_is_added_for_the_fee_is_a_line_of_its_own_and_not_given(story: Story, covers: bool) -> None:
    """Scenario 27: the real fee is never quite the estimate; the purpose has what was promised to it all the same."""
    world = story.world
    extra = {"cover_fees": "y"} if covers else {}
    world.pay(give(world, amount="30", fund="", **extra))
    (asked,) = world.checkout.requests
    added = usd(121 if covers else 0)
    lines = [("Jo Hill and the hub", usd(3000))] + [("Card fee, as estimated", added)] * covers
    assert [(line.name, line.amount) for line in asked.lines] == lines
    assert figures(world, "Jo Hill and the hub").left == figures(world, "Jo Hill and the hub").given == usd(3000)
    general = figures(world, "General fund")
    assert general.given == usd(0)
    assert general.fees == fee_of(usd(3000) + added) - added
    assert general.left == -general.fees
    (donation,) = story.rows("SELECT amount_minor FROM donation")
    assert donation["amount_minor"] == 3000 + added.minor


def test_a_fund_that_bears_its_fees_has_the_addition_but_was_not_given_it(short_story: Story) -> None:
    short_story.change(appeal(fund=fund(fees_borne_by="fund")))
    short_story.world.pay(give(short_story.world, amount="30", fund="", cover_fees="y"))
    found = short_story.figures()
    assert (found.given, found.fees) == (usd(3000), fee_of(usd(3121)) - usd(121))
    assert short_story.general_fees() == usd(0)
    page = short_story.world.see(FORM).text
    assert "$30" in page
    assert "$31" not in page
    assert "given by 1 person" in page


def test_a_gift_goes_back_with_its_addition_and_leaves_the_fee_as_it_was(story: Story) -> None:
    world = story.world
    session_id = give(world, amount="30", fund="", cover_fees="y")
    world.pay(session_id)
    refund(story, session_id, 1000)
    with world.reading() as session:
        (row,) = story.rows("SELECT id, public_id FROM donation")
        gift = queries.find(session, row["public_id"])
        assert gift is not None
        assert (gift.refunded, gift.kept) == (usd(1000), usd(2121))
    refund(story, session_id, 2121)
    fund_, general = figures(world, "Jo Hill and the hub"), figures(world, "General fund")
    assert (fund_.given, fund_.refunded, fund_.left) == (usd(3000), usd(3000), usd(0))
    assert (general.given, general.refunded, general.fees) == (usd(0), usd(0), fee_of(usd(3121)))


def test_the_addition_of_a_shared_gift_goes_to_whoever_bears_the_fees(three_short: Story) -> None:
    world = three_short.world
    add_funds(world, fund(name="Fourth", fees_borne_by="fund"))
    funds = funds_of(world)
    parts = {f"share_{funds[name].id.hex}": text for name, text in (("Strike kitchen", "10"), ("Fourth", "20"))}
    world.pay(give(world, amount="", preset="", cover_fees="y", **parts))
    rows = three_short.rows("SELECT kind, amount_minor FROM donation_line ORDER BY position")
    assert [(row["kind"], row["amount_minor"]) for row in rows] == [
        ("gift", 1000), ("gift", 2000), ("fee_cover", 40), ("fee_cover", 81),
    ]  # fmt: skip
    assert figures(world, "Fourth").given == usd(2000)
    assert figures(world, "Strike kitchen").fees == usd(0)


DINARS = ("Legal aid", "Rent", "Food")


def dinars(world: World) -> None:
    """Let three funds be in a currency whose third decimal no card is charged; each bears its fees."""
    kuwaiti = {"currency": "KWD", "presets_minor": (), "suggested_minor": 0, "fees_borne_by": "fund"}
    add_funds(world, *(fund(name=name, **kuwaiti) for name in DINARS))


def charged(world: World) -> list[int]:
    """What the payment page is asked to charge, line by line, in what the provider counts in."""
    return [to_stripe(line.amount) for line in world.checkout.requests[-1].lines]


@pytest.mark.parametrize("frequency", ["once", "monthly"])
@pytest.mark.parametrize("amount", ["10", "10.01", "9.99", "12.34", "7"])
def test_dinars_shared_evenly_with_the_fee_added_can_be_charged(story: Story, amount: str, frequency: str) -> None:
    world = story.world
    dinars(world)
    session_id = give(world, amount=amount, fund="KWD", cover_fees="y", frequency=frequency)
    if frequency == "once":
        assert sum(charged(world)) > 0
        world.pay(session_id)
    rows = story.rows("SELECT * FROM donation_line" if frequency == "once" else "SELECT * FROM monthly_gift_line")
    gifts = [row["amount_minor"] for row in rows if row["kind"] == "gift"]
    covers = [row["amount_minor"] for row in rows if row["kind"] == "fee_cover"]
    assert (sum(gifts), len(gifts), len(covers)) == (int(Decimal(amount) * 1000), 3, 3)
    assert [minor % 10 for minor in gifts + covers] == [0] * 6


TOO_FINE = [
    ("10.005", "Cards cannot be charged the last decimal of this currency."),
    ("0.02", "“Legal aid” takes at least KWD\xa01."),
    ("2.99", "“Food” takes at least KWD\xa01."),
]


@pytest.mark.parametrize("frequency", ["once", "monthly"])
@pytest.mark.parametrize(("amount", "sentence"), TOO_FINE)
def test_dinars_that_cannot_be_shared_are_refused_before_anything_is_kept(
    short_story: Story, amount: str, sentence: str, frequency: str
) -> None:
    dinars(short_story.world)
    answer = post(short_story.world, amount=amount, fund="KWD", cover_fees="y", frequency=frequency)
    assert (answer.status_code, sentence in answer.text) == (422, True), answer.text
    assert short_story.rows("SELECT id FROM donation") == short_story.rows("SELECT id FROM monthly_gift") == []


def test_the_gifts_page_and_the_receipt_name_the_addition(short_story: Story) -> None:
    short_story.world.pay(give(short_story.world, amount="30", fund="", cover_fees="y"))
    assert "Added for the card fee" in short_story.page()
    mail = short_story.world.mailer.to(MARIA)[0].text
    assert "$1.21  added for the card fee" in mail
    assert "$31.21" in mail


def test_the_form_says_before_paying_what_the_fee_comes_to(short_story: Story) -> None:
    page = short_story.world.see(FORM).text
    assert "About 2.9\u00a0% and $0.30: $1.21 for a gift of $30." in page
    assert "It is an estimate" in page


def test_a_site_that_names_no_fee_offers_to_add_none(short_story: Story) -> None:
    assert 'name="cover_fees"' in short_story.world.see(FORM).text
    giving = short_story.world.app.extensions["undersigned.giving"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(giving.fee), "cover", lambda _fee, gift: Money(0, gift.currency))
        assert 'name="cover_fees"' not in short_story.world.see(FORM).text
