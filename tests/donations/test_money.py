"""What becomes of the money: on its way, not what was asked, settled late, given back. Whose it was stays sealed."""

from dataclasses import replace
from pathlib import Path

import pytest

from campaigns.kernel.money import Money
from campaigns.ledger import queries
from tests.donations.make import FEE, GIVEN, MARIA, Story
from tests.make import appeal, fund

# Sessions and slow methods


def test_a_session_that_expires_unpaid_is_no_gift(short_story: Story) -> None:
    session_id = short_story.world.give()
    short_story.world.checkout.expire(session_id)
    short_story.completed(session_id)
    assert "The payment page has closed" in short_story.page()
    assert (short_story.entries(), short_story.receipts()) == ([], 0)


def test_a_session_paid_in_its_last_second_is_paid(short_story: Story) -> None:
    session_id = short_story.world.give()
    short_story.world.checkout.expire(session_id)
    short_story.completed(session_id, "evt_expired")
    short_story.world.checkout.pay(session_id)
    short_story.completed(session_id, "evt_completed")
    assert "Your gift has arrived" in short_story.page()
    assert short_story.entries() == ["recognised", "settled"]


def test_money_that_is_on_its_way_is_not_yet_given(short_story: Story) -> None:
    session_id = short_story.world.give()
    short_story.world.checkout.start_processing(session_id)
    short_story.completed(session_id)
    assert "On its way" in short_story.page()
    assert (short_story.entries(), short_story.receipts()) == ([], 0)
    short_story.world.checkout.pay(session_id)
    short_story.completed(session_id, "evt_async_succeeded")
    assert short_story.entries() == ["recognised", "settled"]
    assert short_story.receipts() == 1


def test_money_that_never_arrives_is_told_and_the_next_try_is_one_gift(short_story: Story) -> None:
    session_id = short_story.world.give()
    short_story.world.checkout.start_processing(session_id)
    short_story.completed(session_id)
    short_story.world.checkout.fail(session_id)
    short_story.completed(session_id, "evt_async_failed")
    assert "The payment did not go through" in short_story.page()
    assert short_story.entries() == []
    (told,) = short_story.world.mailer.to(MARIA)
    assert told.subject == "Your payment of $30.00 did not go through"
    short_story.world.pay(short_story.world.give())
    assert short_story.figures().given == GIVEN


def test_two_tabs_that_are_both_paid_are_two_gifts(story: Story) -> None:
    first, second = story.world.give(), story.world.give()
    story.world.pay(first)
    story.world.pay(second)
    assert story.figures().given == GIVEN + GIVEN
    assert story.receipts() == 2


def test_back_after_paying_shows_the_gift_and_gives_nothing_more(short_story: Story) -> None:
    session_id = short_story.world.give()
    short_story.world.pay(session_id)
    for _ in range(3):
        assert "Your gift has arrived" in short_story.page()
        assert short_story.world.client.get("/campaigns/rescind/donate").status_code == 200
    assert short_story.figures().given == GIVEN


# Money that is not what was asked


@pytest.mark.parametrize("amount", [Money(1, "USD"), Money(300_000, "USD"), Money(3000, "EUR")], ids=str)
def test_money_that_is_not_what_was_promised_waits_for_a_person(short_story: Story, amount: Money) -> None:
    session_id = short_story.world.give()
    short_story.world.checkout.pay(session_id, amount)
    assert short_story.completed(session_id) == 200
    assert (short_story.entries(), short_story.receipts()) == ([], 0)
    (payment,) = short_story.rows("SELECT state FROM payment")
    assert payment["state"] == "parked"
    assert "On its way" in short_story.page()


def test_a_fund_that_closes_meanwhile_still_gets_what_was_promised_to_it(short_story: Story) -> None:
    session_id = short_story.world.give()
    given_to = short_story.world.ask().fund.id
    short_story.change(appeal(fund=fund(is_open=False, purpose="Something else entirely.")))
    short_story.world.pay(session_id)
    with short_story.world.reading() as session:
        assert queries.figures_of(session, given_to, "USD").given == GIVEN
    assert "Jo Hill's costs while the firing is fought." in short_story.world.mailer.to(MARIA)[0].text
    assert "Something else" not in short_story.world.mailer.to(MARIA)[0].text
    assert "Something else" not in short_story.page()


# Settlement and refunds


def test_a_gift_counts_at_once_and_its_fee_follows(story: Story) -> None:
    story.world.checkout.delays_settlement = True
    session_id = story.world.give()
    story.world.pay(session_id)
    assert story.entries() == ["recognised"]
    assert (story.figures().given, story.general_fees()) == (GIVEN, Money(0, "USD"))
    assert story.receipts() == 1
    story.world.checkout.settle(session_id)
    story.ring("evt_settled", "charge", story.world.checkout.sessions[session_id].charge.id)  # type: ignore[union-attr]
    assert story.entries() == ["recognised", "settled"]
    assert (story.figures().given, story.general_fees()) == (GIVEN, FEE)
    assert story.receipts() == 1


def test_two_refunds_of_the_same_amount_are_two_refunds(story: Story) -> None:
    session_id = story.world.give()
    story.world.pay(session_id)
    for number in (1, 2):
        story.world.checkout.refund(session_id, 500)
        story.completed(session_id, f"evt_refund_{number}")
    assert story.entries() == ["recognised", "settled", "refunded", "refunded"]
    found = story.figures()
    assert (found.given, found.refunded, found.left) == (GIVEN, Money(1000, "USD"), Money(2000, "USD"))
    assert "Given back in part" in story.page()


def test_a_whole_refund_empties_the_gift_and_its_page_says_so(short_story: Story) -> None:
    session_id = short_story.world.give()
    short_story.world.pay(session_id)
    for minor in (1, 1499, 1500):
        short_story.world.checkout.refund(session_id, minor)
        short_story.completed(session_id, f"evt_{minor}")
    assert short_story.figures().left == Money(0, "USD")
    assert short_story.general_fees() == FEE  # the provider keeps it
    assert "Given back" in short_story.page()
    assert [mail.subject for mail in short_story.world.mailer.to(MARIA)] == [
        "Thank you: receipt for $30.00",
        "Your corrected receipt: $29.99",
        "Your corrected receipt: $15.00",
        "Receipt 2026-00003 is void",
    ]


def test_a_refund_by_the_fund_that_bears_its_fees_leaves_it_the_fee_to_pay(short_story: Story) -> None:
    short_story.change(appeal(fund=fund(fees_borne_by="fund")))
    session_id = short_story.world.give()
    short_story.world.pay(session_id)
    short_story.world.checkout.refund(session_id, 3000)
    short_story.completed(session_id, "evt_refund")
    assert short_story.figures().left == -FEE


@pytest.mark.parametrize("first", ["general", "fund"])
def test_a_refund_is_booked_though_another_fund_bears_the_fees_by_now(short_story: Story, first: str) -> None:
    second = {"general": "fund", "fund": "general"}[first]
    short_story.change(appeal(fund=fund(fees_borne_by=first)))
    session_id = short_story.world.give()
    short_story.world.pay(session_id)
    short_story.change(appeal(fund=fund(fees_borne_by=second)))
    short_story.world.checkout.refund(session_id, 500)
    short_story.completed(session_id, "evt_refund")
    assert short_story.entries() == ["recognised", "settled", "refunded"]
    assert short_story.figures().fees == (FEE if first == "fund" else Money(0, "USD"))


def test_a_fund_that_is_spent_goes_negative_when_money_goes_back(short_story: Story) -> None:
    short_story.change(appeal(fund=fund(fees_borne_by="fund")))
    for session_id in (short_story.world.give(), short_story.world.give()):
        short_story.world.pay(session_id)
        short_story.world.checkout.refund(session_id, 3000)
        short_story.completed(session_id, f"evt_refund_{session_id}")
    assert short_story.figures().left == -FEE - FEE


def test_a_refund_on_its_way_is_booked_when_it_moves(short_story: Story) -> None:
    session_id = short_story.world.give()
    short_story.world.pay(session_id)
    checkout = short_story.world.checkout
    checkout.refund(session_id, 3000)
    moved = checkout.sessions[session_id]
    assert moved.charge is not None
    pending = replace(moved.charge.refunds[0], status="pending", movement=None)
    checkout.sessions[session_id] = replace(moved, charge=replace(moved.charge, refunds=(pending,)))
    short_story.completed(session_id, "evt_refund_created")
    assert short_story.entries() == ["recognised", "settled"]
    checkout.sessions[session_id] = moved
    short_story.ring("evt_refund_updated", "refund", pending.id)
    assert short_story.entries() == ["recognised", "settled", "refunded"]


# Nobody's data


def test_a_stolen_database_file_tells_no_givers_name_or_address(short_story: Story, tmp_path: Path) -> None:
    short_story.world.pay(short_story.world.give(name="Maria Ortiz", show_name="y", message="Solidarity from Hebron"))
    short_story.world.give(email="boris@example.com")
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("site.sqlite3*"))
    assert b"hub@example.org" in stored  # the campaign's own address is public: the search does find what is there
    for word in (b"maria", b"Maria", b"Ortiz", b"boris", b"Hebron"):
        assert word not in stored
