"""Who may open a payment page: limits on rows, sums under pressure, waiting, a brake, and known givers."""

import re
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from campaigns.abuse import operations as abuse
from campaigns.gate import operations as gate
from campaigns.gate import queries
from campaigns.gate.models import PaymentTry
from campaigns.gate.rules import BRAKE_LASTS, OF_ADDRESS, OF_FUND, OF_NETWORK, TRIES_KEPT, WAIT, WAITED_LATELY, Level
from tests.donations.test_shares import KITCHEN, add_funds, funds_of
from tests.gate.make import NETWORK, decline, fund_of, give, opened, watch
from tests.make import GIVE, World, appeal, at_once, days
from tests.signatures.test_proof_of_work import solved

A_THOUSAND = pytest.mark.parametrize("tries", [80, pytest.param(1000, marks=pytest.mark.prove)])
SAID = "Many payments are tried here at the moment"


@pytest.fixture
def site(sqlite_world: World) -> World:
    sqlite_world.publish(appeal())
    return sqlite_world


def sum_for(world: World) -> str:
    return solved(world.client.get(f"/payments/challenge/{fund_of(world)}").json)


def ticket_in(page: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found
    return found[1]


@A_THOUSAND
def test_any_number_of_pages_from_one_network_stop_at_its_limit(site: World, tries: int) -> None:
    answers = [give(site, number, network=NETWORK).status_code for number in range(tries)]
    assert answers == [303] * OF_NETWORK.lately + [429] * (tries - OF_NETWORK.lately)
    assert opened(site) == OF_NETWORK.lately == len(site.checkout.requests)


@A_THOUSAND
def test_any_number_of_pages_for_one_address_stop_at_its_limit(site: World, tries: int) -> None:
    answers = [give(site, each, email="card@example.org").status_code for each in range(tries)]
    assert answers.count(303) == OF_ADDRESS.lately == len(site.checkout.requests)


def test_the_same_mailbox_written_otherwise_is_one_address(site: World) -> None:
    written = ["c.ard@gmail.com", "card@gmail.com", "CARD+1@googlemail.com", "car.d+x@gmail.com"]
    answers = [give(site, each, email=written[each % 4]).status_code for each in range(40)]
    assert answers.count(303) == OF_ADDRESS.lately


@A_THOUSAND
def test_any_number_of_pages_from_as_many_networks_to_one_fund_need_a_sum_from_its_limit_on(
    site: World, tries: int
) -> None:
    answers = [give(site, number).status_code for number in range(tries)]
    assert answers == [303] * OF_FUND.lately + [429] * (tries - OF_FUND.lately)
    assert give(site, 2000, altcha=sum_for(site)).status_code == 303
    assert opened(site) == OF_FUND.lately + 1


def test_a_network_has_a_limit_for_the_day_too(site: World) -> None:
    taken = 0
    for number in range(60):
        taken += give(site, number, network=NETWORK).status_code == 303
        site.clock.move(minutes=2.5)  # from 15:00 on: its key is that of one day (UTC)
    assert taken == OF_NETWORK.today


def test_a_limit_does_not_begin_anew_at_midnight(site: World) -> None:
    """The key of a network changes with the day (UTC); the window does not."""
    site.clock.now = site.clock().replace(hour=23, minute=57)
    answers = [give(site, number, network=NETWORK).status_code for number in range(OF_NETWORK.lately)]
    site.clock.move(minutes=5)
    answers.append(give(site, 99, network=NETWORK).status_code)
    assert answers == [303] * OF_NETWORK.lately + [429]
    site.clock.move(minutes=6)
    assert give(site, 99, network=NETWORK).status_code == 303


def test_an_ipv6_network_is_its_first_half(site: World) -> None:
    answers = [give(site, each, network=f"2001:db8:1:2::{each:x}").status_code for each in range(20)]
    assert answers.count(303) == OF_NETWORK.lately
    assert give(site, 99, network="2001:db8:1:3::1").status_code == 303


def test_a_network_that_is_vouched_for_has_no_limit_of_its_own(site: World) -> None:
    with site.work() as session:
        abuse.vouch(session, NETWORK, "The plant's Wi-Fi", actor="test", now=site.clock())
    assert [give(site, each, network=NETWORK).status_code for each in range(40)] == [303] * 40


def test_a_limit_ends_by_itself(site: World) -> None:
    for number in range(OF_NETWORK.lately + 5):
        give(site, number, network=NETWORK)
    site.clock.move(minutes=11)
    assert give(site, 99, network=NETWORK).status_code == 303


def test_the_same_form_sent_twice_is_one_page(site: World) -> None:
    for _ in range(50):
        assert give(site, 1).status_code == 303
    assert opened(site) == 1


def test_many_at_once_pass_no_limit(world: World) -> None:
    world.publish(appeal())
    answers = at_once([partial(give, world, number, network=NETWORK) for number in range(20)])
    assert sum(answer.status_code == 303 for answer in answers) == OF_NETWORK.lately


def test_who_is_held_reads_what_to_do_and_keeps_all_that_was_typed(site: World) -> None:
    typed = {"name": "Maria <b>Ortiz</b>", "message": "For Jo & the rest", "show_name": "y"}
    for number in range(OF_NETWORK.lately + 1):
        answer = give(site, number, network=NETWORK, **typed)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    assert answer.headers["Cache-Control"] == "no-store"
    for words in (
        SAID,
        "No money has moved",
        "Maria &lt;b&gt;Ortiz&lt;/b&gt;",
        "For Jo &amp; the rest",
        "hub@example.org",
    ):
        assert words in answer.text
    site.clock.move(minutes=11)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    assert fields["email"] == f"giver{OF_NETWORK.lately}@example.org"
    again = site.client.post("/campaigns/rescind/donate", data=fields, environ_base={"REMOTE_ADDR": NETWORK})
    assert again.status_code == 303


def test_no_page_says_which_rule_held(site: World) -> None:
    network = [give(site, each, network=NETWORK) for each in range(OF_NETWORK.lately + 1)][-1].text
    site.clock.move(days=1)
    address = [give(site, each + 50, email="a@example.org") for each in range(OF_ADDRESS.lately + 1)][-1].text
    strip = partial(re.sub, r'value="[^"]*"', "")
    assert strip(network) == strip(address)


def crowd(world: World) -> None:
    for number in range(OF_FUND.lately):
        assert give(world, number).status_code == 303


def test_a_sum_is_good_for_one_page_of_one_fund(site: World) -> None:
    crowd(site)
    handed_in = sum_for(site)
    assert give(site, 100, altcha=handed_in).status_code == 303
    assert give(site, 101, altcha=handed_in).status_code == 429
    other = solved(site.client.get("/payments/challenge/00000000-0000-0000-0000-000000000000").json)
    assert give(site, 102, altcha=other).status_code == 429


@pytest.mark.parametrize("junk", ["", "x", "e30=", "{}", "\ud800".encode("utf-16", "surrogatepass").decode("latin-1")])
def test_junk_in_the_place_of_a_sum_or_a_ticket_is_no_way_through(site: World, junk: str) -> None:
    crowd(site)
    answer = give(site, 100, altcha=junk, ticket=junk)
    assert answer.status_code == 429
    assert "One step more" in answer.text


def test_without_javascript_somebody_waits_a_stated_time(site: World) -> None:
    crowd(site)
    first = give(site, 100)
    assert (first.headers["Retry-After"], "wait 1 minute" in first.text) == ("60", True)
    ticket = ticket_in(first.text)
    early = give(site, 100, ticket=ticket)
    assert (early.status_code, ticket_in(early.text)) == (429, ticket)
    site.clock.move(seconds=WAIT.total_seconds())
    assert give(site, 101, ticket=ticket).status_code == 429, "another address"
    assert give(site, 100, ticket=ticket).status_code == 303
    assert give(site, 100, ticket=ticket, attempt="another").status_code == 429, "a second time"


def test_waiting_lets_only_so_many_through(site: World) -> None:
    crowd(site)
    tickets = {number: ticket_in(give(site, number).text) for number in range(100, 140)}
    site.clock.move(seconds=WAIT.total_seconds())
    answers = [give(site, number, ticket=ticket).status_code for number, ticket in tickets.items()]
    assert answers.count(303) == WAITED_LATELY


def test_a_spike_of_declines_asks_for_a_sum_and_tells_the_treasurer_once(site: World) -> None:
    assert give(site, 0).status_code == 303
    decline(site, 12)
    assert watch(site) == 1
    assert give(site, 1).status_code == 429
    assert give(site, 2, altcha=sum_for(site)).status_code == 303
    decline(site, 5)
    site.clock.move(minutes=5)
    watch(site)
    site.run_worker()
    (mail,) = site.mailer.to("treasurer@example.org")
    assert mail.subject == "Many declined payments: Jo Hill and the hub"
    assert "12 payments" in mail.text


@pytest.fixture
def kitchen(site: World) -> str:
    """The id of a second fund in dollars, whose brake is pulled."""
    add_funds(site, KITCHEN)
    found = str(funds_of(site)["Strike kitchen"].id)
    assert give(site, 0, fund=found).status_code == 303
    decline(site, 12)
    assert watch(site) == 1
    return found


@pytest.mark.parametrize("frequency", ["once", "monthly"])
def test_a_gift_for_several_funds_passes_the_gate_of_each(site: World, kitchen: str, frequency: str) -> None:
    assert give(site, 1, fund=fund_of(site), frequency=frequency).status_code == 303
    refused = give(site, 2, fund="USD", frequency=frequency)
    assert refused.status_code == 429
    assert f"/payments/challenge/{kitchen}" in refused.text
    proof = solved(site.client.get(f"/payments/challenge/{kitchen}").json)
    assert give(site, 3, fund="USD", frequency=frequency, altcha=proof).status_code == 303


def test_a_fund_that_is_left_out_of_a_gift_does_not_hold_it(site: World, kitchen: str) -> None:
    parts = {f"share_{UUID(fund_of(site)).hex}": "5", f"share_{UUID(kitchen).hex}": ""}
    assert give(site, 1, fund="USD", amount="", preset="", **parts).status_code == 303


def test_a_page_for_several_funds_is_one_for_its_address_and_its_network(site: World) -> None:
    add_funds(site, KITCHEN)
    answers = [give(site, number, fund="USD", network=NETWORK) for number in range(OF_NETWORK.lately + 1)]
    assert [answer.status_code for answer in answers] == [303] * OF_NETWORK.lately + [429]
    site.clock.move(days=1)
    answers = [give(site, 100 + number, fund="USD", email="a@example.org") for number in range(OF_ADDRESS.lately + 1)]
    assert [answer.status_code for answer in answers] == [303] * OF_ADDRESS.lately + [429]


def test_the_brake_opens_by_itself_and_the_next_episode_is_told_anew(site: World) -> None:
    give(site, 0)
    decline(site, 12)
    watch(site)
    site.clock.move(seconds=BRAKE_LASTS.total_seconds() + 1)
    assert watch(site) == 0
    assert give(site, 1).status_code == 303
    site.clock.move(hours=2)
    decline(site, 12)
    watch(site)
    site.run_worker()
    assert len(site.mailer.to("treasurer@example.org")) == 2


def test_beyond_a_second_limit_only_known_givers_go_on(site: World) -> None:
    site.pay(site.give(email="known@example.org"))
    give(site, 0)
    decline(site, 40)
    assert watch(site) == 1
    refused = give(site, 1, altcha=sum_for(site))
    assert refused.status_code == 429
    assert "altcha" not in refused.text
    assert SAID in refused.text
    assert give(site, 2, email="known@example.org").status_code == 303


def test_a_gift_that_has_not_settled_makes_nobody_known(site: World) -> None:
    site.checkout.delays_settlement = True
    site.pay(site.give(email="fresh@example.org"))
    decline(site, 40)
    watch(site)
    assert give(site, 2, email="fresh@example.org").status_code == 429


def test_a_known_giver_gets_through_a_crowd_without_a_sum(site: World) -> None:
    site.pay(site.give(email="known@example.org"))
    for number in range(OF_FUND.lately - 1):
        give(site, number)
    assert give(site, 500).status_code == 429
    assert give(site, 501, email="known@example.org").status_code == 303


def test_few_declines_or_many_among_more_payments_are_no_spike(site: World) -> None:
    give(site, 0)
    decline(site, 9)
    assert watch(site) == 0
    for number in range(1, 21):
        session_id = str(give(site, number).headers["Location"].rpartition("/")[2])
        site.checkout.pay(session_id)
        site.ring(f"evt_{number}", "checkout.session", session_id)
    site.run_worker()
    decline(site, 4)
    assert watch(site) == 0


def test_news_that_names_no_payment_of_ours_counts_for_nothing(site: World) -> None:
    give(site, 0)
    decline(site, 50, uuid4())
    assert watch(site) == 0


def test_the_worker_watches(site: World) -> None:
    give(site, 0)
    decline(site, 40)
    site.run_worker()
    with site.reading() as session:
        brake = queries.brake(session, fund_of(site))
    assert brake is not None
    assert brake.level is Level.KNOWN
    assert len(site.mailer.to("hub@example.org")) == 1


def test_tries_are_kept_two_days_and_hold_no_network_and_no_address(site: World) -> None:
    give(site, 0, network=NETWORK)
    with site.engine.connect() as connection:
        raw = repr(connection.exec_driver_sql("SELECT * FROM payment_try").all())
    assert "203.0" not in raw
    assert "giver0" not in raw
    site.clock.move(seconds=(TRIES_KEPT + timedelta(minutes=1)).total_seconds())
    site.run_worker()
    assert opened(site) == 0


def test_a_network_has_another_key_each_day(site: World) -> None:
    keys: set[Any] = set()
    for number in range(2):
        give(site, number, network=NETWORK)
        site.clock.now += days(1)
    with site.reading() as session:
        keys = set(session.scalars(select(PaymentTry.network_key)))
    assert len(keys) == 2


def test_tries_go_with_the_person_who_made_them(site: World) -> None:
    site.pay(site.give())
    site.client.post(f"{site.mailer.link(GIVE['email'], '/my/')}/erase")
    assert opened(site) == 0


def test_the_sentences_of_refusals_are_plain() -> None:
    for refusal in (gate.TryLater, gate.ProofWanted):
        assert refusal.status == 429
        assert "ayment" in refusal.sentence()
