"""The doors to news: the same for every address, guarded like signing, stopped by mail programs."""

import logging

import pytest
from sqlalchemy import func, select

from campaigns.abuse import operations as abuse
from campaigns.outbox.models import OutboxItem
from campaigns.subscriptions.emails import stop_headers
from tests.make import SIGN, World, appeal, days, petition
from tests.subscriptions.make import ADA, ask, link, recipients, rows, stop_link, subscribe
from tests.supporters.pages import OwnPage

WORK = "maria.ortiz@mail.airhub.example"
AT_WORK = "198.51.100.23"
ONE_NETWORK = "203.0.113.7"


@pytest.fixture
def site(sqlite_world: World) -> World:
    sqlite_world.publish(
        petition(target_domains=("airhub.example",), target_networks=("198.51.100.0/24", "2001:db8::/32"))
    )
    return sqlite_world


def mails(site: World) -> int:
    with site.reading() as session:
        return session.scalar(select(func.count()).select_from(OutboxItem)) or 0


def test_the_form_stands_on_the_campaigns_page_and_alone_without_cookie_or_script(site: World) -> None:
    for path in ("/campaigns/rescind", "/campaigns/rescind/news"):
        answer = site.see(path)
        form = answer.text.partition('action="/campaigns/rescind/news#errors"')[2].partition("</form>")[0]
        assert 'name="email"' in form
        assert 'name="homepage"' in form
        assert "csrf" not in form
        assert "public" in answer.headers["Cache-Control"]
        assert not answer.headers.getlist("Set-Cookie")


def test_an_appeal_without_a_petition_has_news_too_and_a_draft_has_none(site: World) -> None:
    site.publish(appeal(slug="fund", has_petition=False, demands=()))
    assert ask(site, slug="fund").status_code == 200
    assert ask(site, slug="none").status_code == 404
    desk = site.desk()
    assert desk.get("/desk/campaigns/fund/news").status_code == 200


def test_the_answer_is_the_same_whatever_stands_under_the_address(site: World) -> None:
    subscribe(site, "has@example.org")
    ask(site, "waits@example.org")
    site.sign_and_confirm(email="signed@example.org", updates="y")
    answers = {
        ask(site, email).text.replace(email, "…")
        for email in ("new@example.org", "has@example.org", "waits@example.org", "signed@example.org")
    }
    assert len(answers) == 1


@pytest.mark.parametrize(
    "email",
    ["", " ", "ada", "ada@", "@example.org", "ada@example", "a b@example.org", "ada@example.org, eve@example.org",
     "ada@example.org\nBcc: eve@example.org", "ada@exa\x00mple.org", f"{'x' * 250}@example.org", "ada@-.org",
     "ada@127.0.0.1", "<ada@example.org>", "x" * 5000],
)  # fmt: skip
def test_what_is_no_address_is_asked_for_again_and_kept_in_its_field(site: World, email: str) -> None:
    answer = ask(site, email)
    assert answer.status_code == 422
    assert 'id="news-email-error"' in answer.text
    assert 'href="#news-email"' in answer.text
    assert (rows(site), mails(site)) == ([], 0)


def test_a_form_without_the_field_is_asked_for_again(site: World) -> None:
    assert site.client.post("/campaigns/rescind/news").status_code == 422
    assert site.client.post("/campaigns/rescind/news", json={"email": ADA}).status_code == 422


def test_a_form_from_another_site_does_nothing(site: World) -> None:
    answer = site.client.post("/campaigns/rescind/news", data={"email": ADA}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, rows(site)) == (403, [])


def test_the_hidden_field_is_told_openly_and_a_second_try_works(site: World) -> None:
    answer = ask(site, homepage="http://x")
    assert answer.status_code == 422
    assert "a field that people cannot see" in answer.text
    assert f'value="{ADA}"' in answer.text
    assert "http://x" not in answer.text
    assert (rows(site), mails(site)) == ([], 0)
    assert ask(site, homepage="").status_code == 200


# Not from work


@pytest.mark.parametrize(
    ("email", "address"), [(WORK, "192.0.2.1"), (ADA, AT_WORK), (ADA, "2001:db8::7"), (WORK, AT_WORK)]
)
def test_whoever_asks_from_work_is_warned_and_nothing_is_stored_or_logged(
    site: World, caplog: pytest.LogCaptureFixture, email: str, address: str
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = ask(site, email, address=address)
    assert answer.status_code == 409
    assert answer.headers["Cache-Control"] == "no-store"
    assert (rows(site), mails(site)) == ([], 0)
    assert not any(part in caplog.text for part in ("airhub", "ada@", "Maria", address))
    assert ('id="other-title"' in answer.text) is (email == WORK)
    assert ask(site, email, address=address, anyway="y").status_code == 200
    assert len(rows(site)) == 1


# Limits


def test_many_at_one_uncommon_domain_from_one_network_must_wait(site: World) -> None:
    statuses = [ask(site, f"p{number}@plant.example", address=ONE_NETWORK).status_code for number in range(25)]
    assert statuses == [200] * 20 + [429] * 5
    assert ask(site, "p99@plant.example", address="203.0.113.8").status_code == 200
    assert ask(site, "somebody@gmail.com", address=ONE_NETWORK).status_code == 200
    site.clock.move(minutes=11)
    assert ask(site, "p98@plant.example", address=ONE_NETWORK).status_code == 200


def test_the_limit_does_not_begin_anew_at_midnight(site: World) -> None:
    site.clock.now = site.clock().replace(hour=23, minute=57)
    statuses = [ask(site, f"p{number}@plant.example", address=ONE_NETWORK).status_code for number in range(20)]
    site.clock.move(minutes=5)
    assert ask(site, "p20@plant.example", address=ONE_NETWORK).status_code == 429
    assert set(statuses) == {200}


def test_a_factorys_network_with_mailboxes_everywhere_keeps_nobody_out(site: World) -> None:
    statuses = {ask(site, f"p{number}@d{number}.example", address=ONE_NETWORK).status_code for number in range(40)}
    statuses |= {ask(site, f"p{number}@gmail.com", address=ONE_NETWORK).status_code for number in range(40)}
    assert statuses == {200}


def test_a_network_that_is_vouched_for_is_let_through(site: World) -> None:
    with site.work() as session:
        abuse.vouch(session, ONE_NETWORK, "the plant", actor="test", now=site.clock())
    assert {ask(site, f"p{n}@plant.example", address=ONE_NETWORK).status_code for n in range(30)} == {200}


# The links


def test_opening_the_links_does_nothing(site: World) -> None:
    ask(site)
    confirm, stop = link(site), stop_link(site)
    for address in (confirm, stop):
        answer = site.client.get(address)
        assert '<form method="post">' in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert ADA not in answer.text
    assert [row.state for row in rows(site)] == ["pending"]


@pytest.mark.parametrize("token", ["unknown", "%00", "é", "a" * 5000, "stop"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_is_none_says_so(site: World, method: str, token: str) -> None:
    for door in ("/news/", "/news/stop/"):
        assert site.client.open(door + token, method=method).status_code == 404


def test_a_confirmation_link_for_a_signature_confirms_no_news_and_the_other_way_round(site: World) -> None:
    ask(site)
    site.sign(email="s@example.org")
    news = link(site)
    signing = site.mailer.link("s@example.org", "/confirm/")
    assert site.client.post(signing.replace("/confirm/", "/news/")).status_code == 404
    assert site.client.post(news.replace("/news/", "/confirm/")).status_code == 404


def test_each_mail_carries_the_link_by_which_mail_programs_stop_it(site: World) -> None:
    subscribe(site)
    ask(site)
    site.run_worker()
    for message in site.mailer.sent:
        address = message.headers["List-Unsubscribe"]
        assert address.startswith("<http://localhost/news/stop/")
        assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert address.strip("<>") in message.text
    path = site.mailer.sent[-1].headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost")
    machine = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    assert site.client.post(path, data={"List-Unsubscribe": "One-Click"}, headers=machine).status_code == 200
    assert rows(site) == []


def test_the_headers_for_news_are_made_for_whoever_sends_it(site: World) -> None:
    headers = stop_headers(site.app.extensions["undersigned"].links, "secret")
    assert headers["List-Unsubscribe"] == "<http://localhost/news/stop/secret>"


# The own page


def test_the_own_page_shows_news_stops_it_and_exports_it(site: World) -> None:
    site.publish(petition(slug="other", headline="Bring back the fans"))
    subscribe(site)
    site.clock.move(minutes=1)
    ask(site, slug="other")
    page = OwnPage.asked(site, ADA)
    text = page.see().text
    assert "Bring back the fans" in text
    assert "Not confirmed: nothing is sent yet." in text
    data = page.see("/data.json").get_json()
    assert data["address"] == ADA
    assert [(each["campaign"], each["state"]) for each in data["news"]] == [
        ("other", "pending"),
        ("rescind", "confirmed"),
    ]
    assert page.post(f"news/{site.campaign('other').id}/stop").status_code == 303
    assert [row.state for row in rows(site)] == ["confirmed"]
    assert "No more news of that campaign" in page.see("?done=stopped-one").text
    assert recipients(site) == [ADA]


def test_stopping_all_mails_stops_news_of_every_campaign(site: World) -> None:
    site.publish(petition(slug="other"))
    subscribe(site, SIGN["email"])
    site.clock.move(minutes=1)
    site.sign_and_confirm("other", updates="y")
    OwnPage.asked(site).post("stop-mails")
    assert (rows(site), recipients(site), recipients(site, "other")) == ([], [], [])


def test_erasing_leaves_no_subscription(site: World) -> None:
    subscribe(site)
    page = OwnPage.asked(site, ADA)
    assert page.post("erase").status_code == 200
    assert rows(site) == []
    assert page.see().status_code == 404


def test_a_link_of_one_mailbox_stops_nothing_of_another(site: World) -> None:
    subscribe(site)
    subscribe(site, "eve@example.org")
    page = OwnPage.asked(site, "eve@example.org")
    page.post(f"news/{site.campaign().id}/stop")
    page.post("stop-mails")
    assert [row.email for row in rows(site)] == [ADA]
    assert site.client.post(f"/my/unknown/news/{site.campaign().id}/stop").status_code == 404


def test_the_desk_reads_numbers_and_no_address(site: World) -> None:
    subscribe(site)
    ask(site, "pending@example.org")
    page = site.desk().get("/desk/campaigns/rescind/news").text
    assert "example.org" not in page.replace("organizer@example.org", "").replace("hub@example.org", "")
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert [piece.partition("</td>")[0] for piece in table.split('class="num">')[1:]] == [
        "<strong>1</strong>",
        "0",
        "1",
        "1",
    ]
    assert days(7).days == 7
