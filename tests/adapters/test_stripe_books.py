"""Stripe's own books through the adapter: pages, payouts, events that did not arrive, and how the account is set up."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.kernel.money import Money
from sandbox.stripe import (
    balance_transactions,
    cards,
    currencies,
    disputes,
    own_account,
    payouts,
    refunds,
    webhook_endpoints,
)
from tests.sandbox import story
from tests.sandbox.story import Stage

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with story.stage(tmp_path_factory.mktemp("books")) as here:
        yield here
        problems = [bad for seen in here.recorder.exchanges for bad in seen.problems()]
        assert not problems, "\n".join(problems)


def test_every_balance_transaction_is_listed_once_with_what_moved(stage: Stage) -> None:
    session = stage.paid()
    assert session.charge
    refund = refunds.make(stage.rig.account, stage.rig.account.store.must(session.charge.id), 500)
    found = [each for page in stage.books.movements(LONG_AGO) for each in page]
    assert len({each.movement.id for each in found}) == len(found)
    sources = {each.movement.id: (each.source_kind, each.source_id) for each in found}
    assert session.charge.movement
    assert sources[session.charge.movement.id] == ("charge", session.charge.id)
    assert sources[refund["balance_transaction"]] == ("refund", refund["id"])
    one = stage.books.fetch_movement(refund["balance_transaction"])
    assert (one.source_id, one.movement.net) == (refund["id"], Money(-500, "USD"))


def test_what_moved_by_itself_has_no_source(stage: Stage) -> None:
    account = stage.rig.account
    with account.store.transaction():
        odd = balance_transactions.book(
            account, amount=-200, currency="usd", kind="stripe_fee", available_on=account.now(), description="Radar"
        )
    found = stage.books.fetch_movement(odd["id"])
    assert (found.source_kind, found.source_id, found.movement.kind) == ("", "", "stripe_fee")


def test_nothing_is_listed_that_is_older_than_was_asked_for(stage: Stage) -> None:
    stage.paid()
    assert list(stage.books.movements(datetime.now(UTC) + timedelta(hours=1))) == []


def test_what_nobody_knows_is_a_lookup_error(stage: Stage) -> None:
    for ask in (stage.books.fetch_movement, stage.books.fetch_payout):
        with pytest.raises(LookupError):
            ask("made_up")


def test_a_dispute_has_its_movements_in_their_order(stage: Stage) -> None:
    session = stage.paid()
    assert session.charge
    charge = stage.rig.account.store.must(session.charge.id)
    disputes.win(stage.rig.account, disputes.dispute(stage.rig.account, charge))
    fetched = stage.checkout.fetch_session(session.id).charge
    assert fetched
    (dispute,) = fetched.disputes
    assert [each.gross for each in dispute.movements] == [Money(-3000, "USD"), Money(3000, "USD")]
    assert dispute.movements[0].fee == Money(currencies.dispute_fee("usd"), "USD")
    assert dispute.status == "won"


def test_a_payout_is_the_sum_of_its_parts_until_it_comes_back(stage: Stage) -> None:
    account = stage.rig.account
    stage.rig.press(stage.open(), "pay", card=cards.AT_ONCE)
    (made,) = payouts.pay_out(account)
    payout = stage.books.fetch_payout(made["id"])
    assert (payout.is_automatic, payout.parts, payout.failure) == (True, payout.amount, None)
    assert payout.movement
    assert payout.movement.net == -payout.amount
    payouts.fail(account, payouts.arrive(account, made))
    back = stage.books.fetch_payout(made["id"])
    assert back.failure
    assert (back.status, back.failure.net) == ("failed", payout.amount)
    by_hand = payouts.make(account, 100, "usd")
    assert stage.books.fetch_payout(by_hand["id"]).parts is None


def test_an_event_that_did_not_arrive_is_listed_as_who_rang(stage: Stage) -> None:
    stage.rig.quiet()
    assert list(stage.books.undelivered(LONG_AGO)) == []
    stage.rig.site.answers = [500] * 50
    session = stage.paid()
    bells = list(stage.books.undelivered(LONG_AGO))
    assert session.id in {bell.subject_id for bell in bells if bell.subject_kind == "checkout.session"}
    assert {bell.livemode for bell in bells} == {False}
    stage.rig.site.answers = []


def test_the_balance_is_the_sum_of_everything_that_moved(stage: Stage) -> None:
    stage.paid()
    moved = [each.movement.net.minor for page in stage.books.movements(LONG_AGO) for each in page]
    found = stage.books.balance()
    assert (found.sums, found.livemode) == ((Money(sum(moved), "USD"),), False)


def test_the_account_s_endpoint_id_and_clock_are_told(stage: Stage) -> None:
    (endpoint,) = stage.books.endpoints()
    assert (endpoint.url, endpoint.is_enabled, endpoint.events) == (stage.rig.site.url, True, ("*",))
    assert endpoint.api_version == stage.books.api_version
    assert stage.books.account_id() == own_account.OWN_ID
    assert abs(stage.books.server_clock() - datetime.now(UTC)) < timedelta(minutes=1)
    webhook_endpoints.configure(stage.rig.account, None)
    assert [end.is_enabled for end in stage.books.endpoints()] == [False]
