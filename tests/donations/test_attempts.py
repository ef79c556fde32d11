"""One form is one gift until it was paid: a double click, a second try and the Back button open no second page."""

import re
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from campaigns.kernel.ports import CheckoutRequest, PaymentsUnavailable, RemoteSession
from tests.make import GIVE, World, appeal, at_once

FORM = "/campaigns/rescind/donate"
MARK = {"attempt": "a-form-somebody-opened"}


def rows(world: World, table: str) -> list[Any]:
    with world.engine.connect() as connection:
        return list(connection.execute(text(f"SELECT * FROM {table}")).mappings())


def send(world: World, **changes: str) -> TestResponse:
    return world.client.post(FORM, data=GIVE | MARK | changes)


def page(world: World, **changes: str) -> str:
    response = send(world, **changes)
    assert response.status_code == 303, response.text
    return str(response.headers["Location"].rpartition("/")[2])


def how_many(world: World) -> tuple[int, int, int]:
    """Gifts, payments and hosted pages."""
    return len(rows(world, "donation")), len(rows(world, "payment")), len(world.checkout.sessions)


@pytest.fixture
def giving(world: World) -> World:
    world.publish(appeal())
    return world


@pytest.fixture
def open_appeal(sqlite_world: World) -> World:
    sqlite_world.publish(appeal())
    return sqlite_world


def test_a_form_sent_again_leads_to_the_page_it_opened_before(giving: World) -> None:
    assert page(giving) == page(giving)
    assert how_many(giving) == (1, 1, 1)


def test_clicks_at_once_open_one_page(giving: World) -> None:
    assert set(at_once([lambda: page(giving)] * 6)) == {"cs_test_1"}
    assert how_many(giving) == (1, 1, 1)


def test_what_two_clicks_opened_is_paid_and_booked_once(open_appeal: World) -> None:
    first, _second = page(open_appeal), page(open_appeal)
    open_appeal.pay(first)
    assert [entry["kind"] for entry in rows(open_appeal, "ledger_entry")] == ["recognised", "settled"]
    assert len(open_appeal.mailer.sent) == 1


@pytest.mark.parametrize(
    "change",
    [{"email": "jo@example.org"}, {"preset": "50"}, {"name": "Jo Hill"}, {"message": "Hold on"}, {"attempt": "other"}],
    ids=lambda change: next(iter(change)),
)
def test_whatever_is_typed_otherwise_is_another_gift(open_appeal: World, change: dict[str, str]) -> None:
    """Somebody between us and two people may have handed both the same form."""
    assert page(open_appeal) != page(open_appeal, **change)
    assert how_many(open_appeal) == (2, 2, 2)


def test_once_it_was_paid_the_same_form_is_a_new_gift(giving: World) -> None:
    first = page(giving)
    giving.pay(first)
    second = page(giving)
    assert second not in (first, "")
    assert page(giving) == second
    giving.pay(second)
    kinds = [entry["kind"] for entry in rows(giving, "ledger_entry")]
    assert sorted(kinds) == ["recognised"] * 2 + ["settled"] * 2


def test_the_provider_is_asked_whether_it_was_paid_before_the_page_is_shown_again(open_appeal: World) -> None:
    first = page(open_appeal)
    open_appeal.checkout.pay(first)  # and no event has come yet
    assert page(open_appeal) != first
    assert len(rows(open_appeal, "ledger_entry")) == 2


def test_a_page_that_ran_out_is_not_led_to_again(open_appeal: World) -> None:
    first = page(open_appeal)
    open_appeal.checkout.expire(first)
    assert page(open_appeal) != first
    assert sorted(payment["state"] for payment in rows(open_appeal, "payment")) == ["expired", "open"]


@pytest.mark.parametrize(("minutes", "is_same"), [(59, True), (61, False)])
def test_a_page_is_led_to_for_an_hour(open_appeal: World, minutes: int, is_same: bool) -> None:
    first = page(open_appeal)
    open_appeal.clock.move(minutes=minutes)
    assert (page(open_appeal) == first) is is_same


def test_a_page_that_the_provider_denies_is_said_to_be_away(open_appeal: World) -> None:
    del open_appeal.checkout.sessions[page(open_appeal)]
    assert send(open_appeal).status_code == 503


def losing_answers(world: World) -> None:
    """Let the provider open pages and be cut off before it can say so."""
    really_open = world.checkout.open_session

    def open_and_lose(request: CheckoutRequest) -> RemoteSession:
        really_open(request)
        raise PaymentsUnavailable("the answer was lost")

    world.checkout.open_session = open_and_lose  # type: ignore[method-assign]  # the line breaks between them and us


def test_a_second_try_finds_the_page_whose_answer_was_lost(open_appeal: World) -> None:
    losing_answers(open_appeal)
    answer = send(open_appeal)
    assert answer.status_code == 503
    assert f'name="attempt" value="{MARK["attempt"]}"' in answer.text
    del open_appeal.checkout.open_session
    open_appeal.clock.move(seconds=30)
    assert page(open_appeal) == "cs_test_1"
    assert how_many(open_appeal) == (1, 1, 1)


def test_a_failure_is_not_asked_for_again_for_ever(open_appeal: World) -> None:
    """Under one key, Stripe repeats its own failures for a day."""
    losing_answers(open_appeal)
    send(open_appeal)
    del open_appeal.checkout.open_session
    open_appeal.clock.move(seconds=61)
    assert page(open_appeal) == "cs_test_2"
    keys = [request.idempotency_key for request in open_appeal.checkout.requests]
    assert len(set(keys)) == 2


def test_what_is_asked_for_again_is_asked_for_in_the_same_words(open_appeal: World) -> None:
    """Stripe refuses a key that comes with anything else."""
    asked: list[CheckoutRequest] = []

    def note(request: CheckoutRequest) -> RemoteSession:
        asked.append(request)
        raise PaymentsUnavailable("away")

    open_appeal.checkout.open_session = note  # type: ignore[method-assign]  # a provider that only listens
    for _ in range(2):
        send(open_appeal)
        open_appeal.clock.move(seconds=20)
    assert asked[0] == asked[1]


def mark_of(page: str) -> str:
    found = re.search(r'name="attempt" value="([^"]*)"', page)
    assert found
    return found[1]


def test_each_form_has_a_mark_of_its_own_and_keeps_it_when_it_is_refused(open_appeal: World) -> None:
    first, second = (mark_of(open_appeal.client.get(FORM).text) for _ in range(2))
    assert len({first, second, ""}) == 3
    assert mark_of(send(open_appeal, email="", attempt=first).text) == first


@pytest.mark.parametrize("mark", ["", "x" * 10_000, "<script>alert(1)</script>", "a\0b", '"><b>', "✊🏿", "\u202e"])
def test_a_mark_of_any_shape_is_a_mark(open_appeal: World, mark: str) -> None:
    assert send(open_appeal, attempt=mark).status_code == 303
    assert "<script>alert" not in send(open_appeal, attempt=mark, email="").text
