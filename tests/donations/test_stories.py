"""How the news of a gift reaches the books: twice, early, late or never, while a provider or a worker is away.

The stories, here and in test_money.py, follow the list of failures that payment systems are known for.
"""

from dataclasses import replace
from itertools import permutations

from sqlalchemy import text

from campaigns.kernel.money import Money
from campaigns.kernel.ports import CheckoutRequest, MailNotAccepted, PaymentsUnavailable, RemoteSession
from campaigns.outbox.rules import LEASE
from tests.donations.make import FEE, GIVEN, MARIA, Story, at_once
from tests.make import GIVE, World, appeal, fund

# The straight way


def test_a_gift_is_paid_booked_settled_and_receipted(story: Story) -> None:
    story.world.pay(story.world.give())
    assert story.entries() == ["recognised", "settled"]
    assert story.receipts() == 1
    found = story.figures()
    assert (found.given, found.fees, found.left) == (GIVEN, Money(0, "USD"), GIVEN)
    assert story.general_fees() == FEE


def test_a_fund_that_bears_its_fees_has_what_is_left_of_the_gift(story: Story) -> None:
    story.change(appeal(fund=fund(fees_borne_by="fund")))
    story.world.pay(story.world.give())
    found = story.figures()
    assert (found.given, found.fees, found.left) == (GIVEN, FEE, GIVEN - FEE)
    assert story.general_fees() == Money(0, "USD")


def test_gifts_add_up_on_the_campaigns_page_and_who_gave_twice_is_one_person(short_story: Story) -> None:
    for email in (MARIA, "jo@example.org", MARIA):
        short_story.world.pay(short_story.world.give(email=email))
    assert short_story.figures().given == Money(9000, "USD")
    page = short_story.world.client.get("/campaigns/rescind/donate").text
    assert "$90" in page
    assert "given by 2 people" in page


def test_givers_who_were_erased_still_count(short_story: Story) -> None:
    for email in (MARIA, "jo@example.org"):
        short_story.world.pay(short_story.world.give(email=email))
    short_story.world.clock.move(days=366 * 11)
    short_story.world.run_worker()
    assert short_story.rows("SELECT count(*) AS n FROM donation WHERE email_hash IS NULL") == [{"n": 2}]
    assert "given by 2 people" in short_story.world.see("/campaigns/rescind/donate").text


def test_yen_are_booked_as_yen(sqlite_world: World) -> None:
    sqlite_world.publish(appeal(fund=fund(currency="JPY", presets_minor=(3000,))))
    story = Story(sqlite_world)
    sqlite_world.pay(sqlite_world.give(preset="3000"))
    assert story.figures("JPY").given == Money(3000, "JPY")
    assert "¥3,000" in sqlite_world.mailer.to(MARIA)[0].text
    story.prove()


# News that comes twice, early, late or never


def test_the_same_event_twice_is_one_gift_one_entry_and_one_receipt(story: Story) -> None:
    session_id = story.world.give()
    story.world.checkout.pay(session_id)
    assert [story.completed(session_id), story.completed(session_id)] == [200, 200]
    assert story.entries() == ["recognised", "settled"]
    assert story.receipts() == 1
    (event,) = story.rows("SELECT deliveries FROM payment_event")
    assert event["deliveries"] == 2


def test_the_same_event_at_the_same_moment_is_one_gift(story: Story) -> None:
    session_id = story.world.give()
    story.world.checkout.pay(session_id)
    answers = at_once(*[lambda: story.world.ring("evt_1", "checkout.session", session_id).status_code] * 4)
    assert answers == [200] * 4
    story.world.clock.move(seconds=1)
    at_once(*[lambda name=name: story.worker(name) for name in "abc"])
    story.world.run_worker()
    assert story.entries() == ["recognised", "settled"]
    assert story.receipts() == 1


def test_different_events_of_one_payment_at_the_same_moment_are_one_gift(story: Story) -> None:
    session_id = story.world.give()
    paid = story.world.checkout.pay(session_id)
    subjects = {
        "checkout.session": paid.id,
        "payment_intent": paid.payment_intent_id,
        "charge": paid.charge and paid.charge.id,
    }
    for kind, subject in subjects.items():
        assert story.world.ring(f"evt_{kind}", kind, str(subject)).status_code == 200
    story.world.clock.move(seconds=1)
    at_once(*[lambda name=name: story.worker(name) for name in "abc"])
    story.world.run_worker()
    assert story.entries() == ["recognised", "settled"]
    assert story.receipts() == 1


def test_the_webhook_before_the_giver_comes_back_shows_a_paid_gift(short_story: Story) -> None:
    short_story.world.pay(short_story.world.give())
    assert "Your gift has arrived" in short_story.page()
    assert short_story.entries() == ["recognised", "settled"]


def test_the_giver_back_before_the_webhook_sees_it_paid_and_the_webhook_adds_nothing(story: Story) -> None:
    session_id = story.world.give()
    story.world.checkout.pay(session_id)
    assert "Your gift has arrived" in story.page()
    assert story.entries() == ["recognised", "settled"]
    story.completed(session_id)
    assert story.entries() == ["recognised", "settled"]
    assert story.receipts() == 1


def test_the_giver_and_the_webhook_at_the_same_moment_are_one_entry_and_one_receipt(story: Story) -> None:
    session_id = story.world.give()
    story.world.checkout.pay(session_id)
    story.world.ring("evt_1", "checkout.session", session_id)
    story.world.clock.move(seconds=1)
    pages = at_once(story.page, story.page, lambda: story.worker("a"), lambda: story.worker("b"))[:2]
    assert all("Your gift has arrived" in page for page in pages)
    story.world.run_worker()
    assert story.entries() == ["recognised", "settled"]
    assert story.receipts() == 1


def test_a_giver_who_never_comes_back_has_given_all_the_same(short_story: Story) -> None:
    session_id = short_story.world.give()
    short_story.world.checkout.pay(session_id)
    short_story.completed(session_id)
    assert short_story.figures().given == GIVEN
    assert short_story.receipts() == 1


def test_a_webhook_that_never_comes_is_not_missed_for_ten_minutes(short_story: Story) -> None:
    short_story.world.checkout.pay(short_story.world.give())
    for _ in range(10):
        short_story.world.clock.move(minutes=1)
        short_story.world.run_worker()
    assert short_story.entries() == ["recognised", "settled"]
    assert short_story.receipts() == 1


def test_events_in_every_order_end_in_the_same_books(short_story: Story) -> None:
    kinds = ("checkout.session", "charge", "refund")
    for number, order in enumerate(permutations(kinds)):
        session_id = short_story.world.give()
        short_story.world.checkout.pay(session_id)
        short_story.world.checkout.refund(session_id, 1000)
        session = short_story.world.checkout.sessions[session_id]
        assert session.charge is not None
        refund = session.charge.refunds[0]
        subjects = dict(zip(kinds, (session.id, session.charge.id, refund.id), strict=True))
        before = len(short_story.entries())
        for kind in order:
            short_story.ring(f"evt_{number}_{kind}", kind, subjects[kind])
        assert short_story.entries()[before:] == ["recognised", "settled", "refunded"], order
    assert short_story.figures().left == Money(6 * 2000, "USD")


def test_a_refund_that_is_heard_of_before_the_payment_is_booked_after_it(story: Story) -> None:
    session_id = story.world.give()
    story.world.checkout.pay(session_id)
    story.world.checkout.refund(session_id, 3000)
    charge = story.world.checkout.sessions[session_id].charge
    story.ring("evt_refunded", "charge", charge and charge.id)
    story.ring("evt_succeeded", "payment_intent", story.world.checkout.sessions[session_id].payment_intent_id)
    assert story.entries() == ["recognised", "settled", "refunded"]
    assert story.figures().left == Money(0, "USD")
    assert "Given back" in story.page()


def test_a_session_of_another_product_is_answered_and_touches_nothing(short_story: Story) -> None:
    session_id = short_story.world.give()
    checkout = short_story.world.checkout
    for number, reference in enumerate((None, "order-17", "00000000-0000-0000-0000-000000000000")):
        foreign = f"cs_foreign_{number}"
        checkout.sessions[foreign] = replace(checkout.sessions[session_id], id=foreign, reference=reference)
        checkout.pay(foreign)
        assert short_story.completed(foreign, f"evt_{number}") == 200
    assert short_story.completed("cs_unknown_everywhere", "evt_4") == 200
    assert short_story.entries() == []
    assert short_story.figures().given == Money(0, "USD")
    assert len(short_story.rows("SELECT id FROM payment_event")) == 4
    assert {row["state"] for row in short_story.rows("SELECT state FROM outbox_item")} == {"done"}


# The provider or a worker goes away


def test_news_that_comes_while_the_provider_is_away_is_kept_and_taken_in_later(story: Story) -> None:
    session_id = story.world.give()
    story.world.checkout.pay(session_id)
    story.world.checkout.is_away = True
    assert story.completed(session_id) == 200
    assert story.entries() == []
    (item,) = story.rows("SELECT state, attempts FROM outbox_item")
    assert (item["state"], item["attempts"] >= 1) == ("due", True)
    story.world.checkout.is_away = False
    story.world.clock.move(minutes=1)
    story.world.run_worker()
    assert story.entries() == ["recognised", "settled"]
    assert story.receipts() == 1


def test_a_worker_that_dies_on_the_way_loses_nothing(short_story: Story) -> None:
    session_id = short_story.world.give()
    short_story.world.checkout.pay(session_id)
    short_story.world.ring("evt_1", "checkout.session", session_id)
    with short_story.world.engine.begin() as connection:  # a worker has claimed it and is gone
        held = short_story.world.clock.move(seconds=1) + LEASE
        connection.execute(text("UPDATE outbox_item SET due_at = :due, attempts = 1"), {"due": held})
    assert short_story.worker("peer") == 0
    short_story.world.clock.move(seconds=LEASE.total_seconds() + 1)
    short_story.world.run_worker()
    assert short_story.entries() == ["recognised", "settled"]
    assert short_story.receipts() == 1


def test_a_receipt_waits_for_the_mail_server_and_is_sent_once(short_story: Story) -> None:
    short_story.world.mailer.refusing = MailNotAccepted("away", final=False)
    short_story.world.pay(short_story.world.give())
    assert (short_story.entries(), short_story.receipts()) == (["recognised", "settled"], 0)
    short_story.world.mailer.refusing = None
    short_story.world.clock.move(hours=1)
    short_story.world.run_worker()
    assert short_story.receipts() == 1


def test_an_answer_that_is_lost_on_its_way_to_us_leaves_a_page_that_can_still_be_paid(short_story: Story) -> None:
    checkout = short_story.world.checkout
    really_open = checkout.open_session

    def open_and_lose(request: CheckoutRequest) -> RemoteSession:
        really_open(request)
        raise PaymentsUnavailable("the answer was lost")

    checkout.open_session = open_and_lose  # type: ignore[method-assign]  # the crash between the call and the commit
    assert short_story.world.client.post("/campaigns/rescind/donate", data=GIVE).status_code == 503
    checkout.pay("cs_test_1")
    assert short_story.completed("cs_test_1") == 200
    assert short_story.entries() == ["recognised", "settled"]
    assert short_story.receipts() == 1
