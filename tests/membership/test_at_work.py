"""Joining from the mail or network of an employer that a campaign writes to: a warning before anything is stored."""

import logging

import pytest
from werkzeug.test import TestResponse

from campaigns.campaign import operations as campaigns
from tests.donations.test_at_work import AT_HOME, AT_WORK, OWNED, WORK, carried
from tests.make import petition
from tests.membership.make import LEE, Union, make_tier


def join(union: Union, address: str = AT_HOME, **changes: str) -> TestResponse:
    fields = {"tier": str(make_tier(union.world)), "name": "Lee Park", "email": LEE, "attempt": "form-1"} | changes
    return union.world.client.post("/join", data=fields, environ_overrides={"REMOTE_ADDR": address})


def stored(union: Union) -> int:
    tables = ("member", "payment_subscription", "payment_try", "outbox_item")
    return sum(len(union.rows(f"SELECT 1 FROM {table}")) for table in tables)


@pytest.mark.parametrize(
    ("email", "address", "sentence"),
    [
        (WORK, AT_HOME, "is an address of those a campaign on this site writes to"),
        (LEE, AT_WORK, "You are in the network of those a campaign on this site writes to"),
        (WORK, AT_WORK, "You are in the network of those a campaign on this site writes to"),
    ],
)
def test_whoever_joins_from_work_is_warned_and_nothing_is_stored_or_logged(
    union: Union, caplog: pytest.LogCaptureFixture, email: str, address: str, sentence: str
) -> None:
    union.world.publish(petition(slug="other", **OWNED))
    caplog.set_level(logging.DEBUG)
    answer = join(union, address, email=email)
    assert answer.status_code == 409
    assert sentence in answer.text
    assert stored(union) == 0
    assert answer.headers["Cache-Control"] == "no-store"
    assert not any(part in caplog.text for part in ("airhub", "maria", "Lee", LEE, address))
    insisting = carried(answer.text, "Or do it anyway").to_dict()
    assert join(union, address, **insisting).status_code == 303
    assert len(union.rows("SELECT id FROM member")) == 1


def test_another_address_joins_with_all_that_was_typed(short_union: Union) -> None:
    short_union.world.publish(petition(slug="other", **OWNED))
    typed = carried(join(short_union, email=WORK).text, "Take another address").to_dict()
    assert (set(typed), typed["name"]) == ({"tier", "name", "attempt"}, "Lee Park")
    assert join(short_union, **typed).status_code == 303


def test_a_draft_warns_nobody_so_that_nobody_learns_of_it(short_union: Union) -> None:
    with short_union.world.work() as session:
        campaigns.create(session, petition(slug="draft", **OWNED), actor="test", now=short_union.world.clock())
    assert join(short_union, AT_WORK, email=WORK).status_code == 303


def test_a_form_that_is_wrong_is_put_right_first(short_union: Union) -> None:
    short_union.world.publish(petition(slug="other", **OWNED))
    assert join(short_union, AT_WORK, name="").status_code == 422
