"""News without signing: asked for, confirmed by mail, stopped with one click."""

import base64
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from campaigns.db.sealing import fingerprint
from campaigns.outbox.models import OutboxItem
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import MAILS_A_DAY, Review
from campaigns.subscriptions import queries
from campaigns.subscriptions.checks import mailbox_behind, stop_secret
from campaigns.subscriptions.models import Subscription
from campaigns.subscriptions.operations import ALREADY_MAIL
from tests.make import SIGN, World, at_once, days, petition
from tests.subscriptions.make import ADA, ask, link, recipients, rows, stop_link, subscribe

MARIA = SIGN["email"]


@pytest.fixture
def site(world: World) -> World:
    world.publish(petition(deadline=world.clock() + days(30)))
    return world


def test_nobody_gets_news_who_has_not_answered_the_mail(site: World) -> None:
    ask(site)
    assert recipients(site) == []
    address = link(site)
    assert site.client.get(address).status_code == 200
    assert recipients(site) == []
    assert site.client.post(address).status_code == 200
    assert recipients(site) == [ADA]


@pytest.mark.parametrize("threads", [50])
def test_many_clicks_on_one_link_have_one_effect(site: World, threads: int) -> None:
    ask(site)
    address = link(site)
    mails = len(site.mailer.sent)
    answers = at_once([lambda: site.client.post(address)] * threads)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    site.run_worker()
    (row,) = rows(site)
    assert (row.state, row.confirmed_at is not None) == ("confirmed", True)
    assert len(site.mailer.sent) == mails
    assert recipients(site) == [ADA]


def test_one_mailbox_in_many_spellings_at_once_is_one_row_with_one_working_link(site: World) -> None:
    spellings = ["ada.l@gmail.com", "adal@gmail.com", "ada.l+x@googlemail.com", "ADAL@gmail.com"] * 3
    assert {answer.status_code for answer in at_once([_asking(site, email) for email in spellings])} == {200}
    assert len(rows(site)) == 1
    site.run_worker()
    links = [message.text.split("/news/")[1].split()[0] for message in site.mailer.sent]
    assert len(links) == MAILS_A_DAY < len(spellings)
    works = [site.client.get(f"/news/{secret}").status_code for secret in links]
    assert sorted(works) == [200, *[404] * (MAILS_A_DAY - 1)]


def _asking(site: World, email: str) -> Callable[[], TestResponse]:
    return lambda: ask(site, email)


def test_asking_again_makes_a_new_link_and_ends_the_old_one(site: World) -> None:
    ask(site)
    first = link(site)
    site.clock.move(minutes=1)
    ask(site)
    second = link(site)
    assert [site.client.get(each).status_code for each in (first, second)] == [404, 200]
    assert len(rows(site)) == 1


def test_a_mailbox_gets_only_a_few_mails_a_day_whoever_types_its_address(site: World) -> None:
    for _ in range(MAILS_A_DAY + 3):
        site.clock.move(seconds=1)
        assert ask(site).status_code == 200
    site.run_worker()
    assert len(site.mailer.sent) == MAILS_A_DAY
    assert site.client.get(link(site)).status_code == 200
    site.clock.move(days=1)
    ask(site)
    site.run_worker()
    assert len(site.mailer.sent) == MAILS_A_DAY + 1


def test_who_gets_news_already_is_told_by_mail_once_a_day(site: World) -> None:
    subscribe(site)
    assert {answer.status_code for answer in at_once([_asking(site, ADA)] * 8)} == {200}
    with site.reading() as session:
        told = select(func.count()).where(OutboxItem.kind == ALREADY_MAIL)
        assert session.scalar(told) == 1
    assert [row.state for row in rows(site)] == ["confirmed"]
    site.run_worker()
    assert "You get the news already" in site.mailer.sent[-1].subject


def test_what_nobody_confirms_is_deleted_after_seven_days(site: World) -> None:
    ask(site)
    address = link(site)
    subscribe(site, "eve@example.org")
    site.clock.move(days=6, hours=23)
    site.run_worker()
    assert len(rows(site)) == 2
    site.clock.move(hours=2)
    assert site.client.post(address).status_code == 404
    site.run_worker()
    assert [row.email for row in rows(site)] == ["eve@example.org"]


def test_a_closed_campaign_still_takes_subscribers(site: World) -> None:
    site.clock.move(days=60)
    subscribe(site)
    assert recipients(site) == [ADA]
    assert 'action="/campaigns/rescind/news#errors"' in site.see("/campaigns/rescind").text


# Stopping


def test_one_click_stops_and_twice_is_harmless(site: World) -> None:
    subscribe(site)
    address = stop_link(site)
    assert site.client.get(address).status_code == 200
    assert recipients(site) == [ADA]
    for _ in range(2):
        assert site.client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        assert rows(site) == []


def test_who_stopped_can_come_back_and_the_old_mails_link_stops_again(site: World) -> None:
    subscribe(site)
    old = stop_link(site)
    site.client.post(old)
    site.clock.move(days=400)
    subscribe(site)
    assert recipients(site) == [ADA]
    site.client.post(old)
    assert recipients(site) == []


def test_the_mail_that_asks_deletes_the_address_at_once_for_who_did_not_ask(site: World) -> None:
    ask(site)
    site.client.post(stop_link(site))
    assert rows(site) == []
    assert site.client.post(link(site)).status_code == 404


def test_stopping_one_campaign_leaves_the_others(site: World) -> None:
    site.publish(petition(slug="other"))
    subscribe(site)
    address = stop_link(site)
    site.clock.move(minutes=1)
    subscribe(site, slug="other")
    site.client.post(address)
    assert (recipients(site), recipients(site, "other")) == ([], [ADA])


def test_stopping_and_confirming_at_once_leaves_nothing_half_done(site: World) -> None:
    ask(site)
    confirm, stop = link(site), stop_link(site)
    at_once([lambda: site.client.post(confirm), lambda: site.client.post(stop)] * 5)
    site.client.post(stop)
    assert (rows(site), recipients(site)) == ([], [])


@pytest.mark.parametrize("broken", ["", "x", "A" * 86, "A" * 85, "é", "=" * 86, "A" * 5000, "-_" * 43, "\x00"])
def test_a_stop_link_that_this_site_did_not_make_stops_nothing(site: World, broken: str) -> None:
    assert mailbox_behind(broken) is None


def test_a_stop_link_is_bound_to_campaign_mailbox_and_key(site: World) -> None:
    mailbox = fingerprint("e-mail", ADA)
    secret = stop_secret(site.campaign().id, mailbox)
    assert mailbox_behind(secret) == (site.campaign().id, mailbox)
    data = base64.urlsafe_b64decode(f"{secret}==")
    for place in (0, 20, 63):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert mailbox_behind(base64.urlsafe_b64encode(changed).rstrip(b"=").decode()) is None
    assert stop_secret(uuid4(), mailbox) != secret


# Who gets news


def test_signatories_and_subscribers_get_news_and_nobody_twice(site: World) -> None:
    site.sign_and_confirm(email="both@gmail.com", updates="y")
    subscribe(site, "b.o.t.h@gmail.com")
    site.sign_and_confirm(email="signed@example.org", updates="y")
    site.sign_and_confirm(email="silent@example.org")
    site.sign(email="waits@example.org", updates="y")
    subscribe(site, "silent@example.org")
    ask(site, "pending@example.org")
    subscribe(site, "reader@example.org")
    expected = ["both@gmail.com", "reader@example.org", "signed@example.org", "silent@example.org"]
    for limit in (1, 2, 3, 100):
        assert sorted(recipients(site, limit=limit)) == expected


@pytest.mark.parametrize(
    "values",
    [
        {"review": Review.HELD.value},
        {"review": Review.REJECTED.value},
        {"state": "withdrawn"},
        {"wants_updates": False},
    ],
)
def test_a_signature_that_does_not_count_brings_no_news_and_hides_no_subscription(
    site: World, values: dict[str, object]
) -> None:
    site.sign_and_confirm(updates="y")
    subscribe(site, "ada@example.org")
    assert sorted(recipients(site)) == [ADA, MARIA]
    with site.work() as session:
        session.execute(update(Signature).values(values))
    assert recipients(site) == [ADA]
    subscribe(site, MARIA)
    assert sorted(recipients(site)) == [ADA, MARIA]


def test_a_stop_link_stops_what_the_signature_asked_for_too_and_leaves_the_signature(site: World) -> None:
    site.sign_and_confirm(updates="y")
    subscribe(site, MARIA)
    site.client.post(stop_link(site, MARIA))
    assert recipients(site) == []
    with site.reading() as session:
        row = session.scalars(select(Signature)).one()
    assert (row.state, row.wants_updates) == ("confirmed", False)


def test_the_numbers_count_nobody_twice(site: World) -> None:
    site.sign_and_confirm(updates="y")
    subscribe(site, MARIA)
    subscribe(site)
    ask(site, "pending@example.org")
    with site.reading() as session:
        found = queries.numbers(session, site.campaign().id)
    assert (found.mailboxes, found.signatories, found.subscribers, found.waiting) == (2, 1, 2, 1)


def test_networks_are_forgotten_after_two_days(site: World) -> None:
    ask(site, address="203.0.113.7")
    (row,) = rows(site)
    assert row.network_key is not None
    site.clock.move(days=2, hours=1)
    site.run_worker()
    with site.reading() as session:
        assert session.execute(select(Subscription.network_key, Subscription.domain_key)).one() == (None, None)
