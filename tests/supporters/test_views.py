"""A supporter's own page: who reaches it, what it shows, and what each button does."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from campaigns.campaign import operations as campaigns
from campaigns.campaign.rules import Demand
from campaigns.deliveries import operations as deliveries
from campaigns.mailboxes.models import MailboxLink
from campaigns.mailboxes.rules import ASKED_A_DAY, LINK_LIFETIME
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import State
from tests.make import SIGN, World, appeal, at_once, petition
from tests.supporters.pages import OwnPage, counted, signatures

MARIA = SIGN["email"]


def make_list(world: World, slug: str = "rescind") -> None:
    with world.work() as session:
        deliveries.request(
            session, world.campaign(slug), paper="a4", answer_expected=None, actor="test", now=world.clock()
        )
    world.run_worker()


def own_mails(world: World, email: str = MARIA) -> int:
    world.run_worker()
    return sum("your own page" in message.subject for message in world.mailer.to(email))


# Reaching it


def test_asking_answers_the_same_and_mails_only_whoever_has_something_there(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    answers = {
        world.client.post("/my", data={"email": email}).text.replace(email, "")
        for email in (MARIA, "stranger@example.org")
    }
    assert len(answers) == 1
    assert (own_mails(world), own_mails(world, "stranger@example.org")) == (1, 0)


def test_an_address_is_mailed_a_few_links_a_day(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    for _ in range(ASKED_A_DAY + 3):
        sqlite_world.client.post("/my", data={"email": MARIA})
    assert own_mails(sqlite_world) == ASKED_A_DAY
    sqlite_world.clock.move(days=1, minutes=1)
    sqlite_world.client.post("/my", data={"email": MARIA})
    assert own_mails(sqlite_world) == ASKED_A_DAY + 1


def test_a_link_works_for_seven_days_and_its_secret_stands_in_no_row(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    page = OwnPage.asked(sqlite_world)
    with sqlite_world.reading() as session:
        (link,) = session.scalars(select(MailboxLink))
    assert page.token.encode() not in link.digest
    sqlite_world.clock.now = link.created_at + LINK_LIFETIME - timedelta(seconds=1)
    assert page.see().status_code == 200
    sqlite_world.clock.now = link.created_at + LINK_LIFETIME
    assert page.see().status_code == page.withdraw().status_code == page.post("erase").status_code == 404
    assert "Ask for a new link" in page.see().text
    sqlite_world.run_worker()
    sqlite_world.clock.move(hours=2)
    sqlite_world.run_worker()
    with sqlite_world.reading() as session:
        assert session.scalars(select(MailboxLink)).all() == []


def test_a_confirmation_link_is_not_a_link_to_the_own_page(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    sqlite_world.run_worker()
    secret = sqlite_world.mailer.to(MARIA)[0].text.split("/confirm/")[1].split()[0]
    assert sqlite_world.client.get(f"/my/{secret}").status_code == 404
    page = OwnPage.asked(sqlite_world)
    assert sqlite_world.client.get(f"/confirm/{page.token}").status_code == 404


def test_after_confirming_one_button_has_the_link_mailed(world: World) -> None:
    world.publish()
    world.sign()
    world.run_worker()
    secret = world.mailer.to(MARIA)[0].text.split("/confirm/")[1].split()[0]
    thanks = world.client.post(f"/confirm/{secret}")
    assert f'action="/confirm/{secret}/my"' in thanks.text
    answer = world.client.post(f"/confirm/{secret}/my")
    assert answer.status_code == 200
    assert "/my/" not in answer.text
    world.run_worker()
    assert world.client.get(world.mailer.link(MARIA, "/my/")).status_code == 200
    assert world.client.post("/confirm/unknown/my").text == answer.text


def test_the_mails_to_givers_and_to_those_who_sign_again_bring_the_link(world: World) -> None:
    world.publish(appeal())
    world.pay(world.give(email="giver@example.org"))
    world.sign_and_confirm()
    world.sign()
    world.run_worker()
    for email in ("giver@example.org", MARIA):
        assert world.client.get(world.mailer.link(email, "/my/")).status_code == 200


def test_the_mail_to_who_has_signed_says_how_a_second_person_signs(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    sqlite_world.sign(name="Jose Ortiz")
    sqlite_world.run_worker()
    text = sqlite_world.mailer.to(MARIA)[-1].text
    for words in (
        "second can sign with an address of their own",
        "on paper",
        "/campaigns/rescind/sign",
        "hub@example.org",
    ):
        assert words in text


# What it is


def test_the_page_is_kept_and_listed_by_nobody_and_sets_no_cookie(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    page = OwnPage.asked(sqlite_world)
    for answer in (page.see(), page.see("/data.json"), page.withdraw()):
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Referrer-Policy"] == "same-origin"
    for answer in (page.see(), page.see("/data.json")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("rest", ["erase", "stop-mails", "withdraw", "change"])
def test_another_site_cannot_press_a_button_here(sqlite_world: World, rest: str) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    page = OwnPage.asked(sqlite_world)
    door = {"withdraw": page.of("/withdraw"), "change": page.of()}.get(rest, rest)
    answer = sqlite_world.client.post(f"{page.path}/{door}", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert signatures(sqlite_world)[0].state == State.CONFIRMED


def test_no_door_here_changes_anything_by_being_opened(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    page = OwnPage.asked(sqlite_world)
    for rest in ("/erase", "/stop-mails", f"/{page.of()}", f"/{page.of('/withdraw')}"):
        assert page.see(rest).status_code == 405
    page.see()
    page.see("/data.json")
    assert signatures(sqlite_world)[0].state == State.CONFIRMED


def test_it_shows_everything_under_one_address_and_nothing_under_another(world: World) -> None:
    world.publish(appeal())
    world.publish(petition(slug="other", headline="Pay the lost days"))
    world.sign_and_confirm(email="m.ortiz@gmail.com")
    world.sign("other", email="mortiz+hub@gmail.com")
    world.sign_and_confirm("other", email="omar@example.org", name="Omar Haddad")
    world.pay(world.give(email="mortiz@googlemail.com"))
    text = _page_of(world, "m.ortiz@gmail.com")
    for words in ("Rescind the write-ups", "Pay the lost days", "$30", "Not confirmed", "Confirmed: it counts"):
        assert words in text
    assert "Omar" not in text


def _page_of(world: World, email: str) -> str:
    world.client.post("/my", data={"email": email})
    world.run_worker()
    mail = next(message for message in reversed(world.mailer.sent) if "your own page" in message.subject)
    return world.client.get("/my/" + mail.text.split("/my/")[1].split()[0]).text


def test_it_says_which_lists_the_name_stands_on(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm(email="first@example.org", name="Ana First")
    sqlite_world.sign_and_confirm()
    make_list(sqlite_world)
    page = OwnPage.asked(sqlite_world)
    assert "by name, as number 2" in page.see().text
    page.change(visibility="counted")
    make_list(sqlite_world)
    assert "counted, without your name" in page.see().text


# Changing


def test_name_comment_and_visibility_can_be_changed(world: World) -> None:
    world.publish()
    world.sign_and_confirm(visibility="public", comment="Because.")
    page = OwnPage.asked(world)
    answer = page.change(name="María Ortíz", visibility="delivered", comment="")
    assert answer.status_code == 303
    row = signatures(world)[0]
    assert (row.name, row.visibility, row.comment) == ("María Ortíz", "delivered", None)
    assert "Saved" in world.client.get(answer.headers["Location"]).text


@pytest.mark.parametrize(("before", "after", "public"), [("public", "counted", 0), ("counted", "public", 1)])
def test_the_count_of_names_follows_the_visibility(world: World, before: str, after: str, public: int) -> None:
    world.publish()
    world.sign_and_confirm(visibility=before)
    page = OwnPage.asked(world)
    for _ in range(2):
        page.change(visibility=after)
    assert (counted(world).total, counted(world).public) == (1, public)
    assert ("Maria Ortiz" in world.see("/campaigns/rescind").text) is bool(public)


def test_a_change_that_the_sign_form_would_refuse_is_refused_and_kept_as_typed(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    answer = OwnPage.asked(sqlite_world).change(name="www.example.com", visibility="nobody at all")
    assert answer.status_code == 422
    assert "Choose who may see your name" in answer.text
    assert "www.example.com" in answer.text
    assert signatures(sqlite_world)[0].name == "Maria Ortiz"


def test_what_is_not_confirmed_or_withdrawn_cannot_be_changed(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    page = OwnPage.asked(sqlite_world)
    assert page.change(name="Somebody Else").status_code == 409
    sqlite_world.confirm()
    page.withdraw()
    assert page.change(name="Somebody Else").status_code == 409
    assert signatures(sqlite_world)[0].name == "Maria Ortiz"


def test_nobody_changes_what_stands_under_another_address(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm(email="other@example.org")
    page = OwnPage.asked(sqlite_world, "other@example.org")
    others = page.of()
    sqlite_world.clock.move(minutes=1)
    sqlite_world.sign_and_confirm()
    mine = OwnPage.asked(sqlite_world)
    assert mine.post(f"{others}/withdraw").status_code == 404
    fields = {"name": "Mallory", "visibility": "public", "comment": ""}
    assert mine.post(others, **fields).status_code == 404
    assert [row.state for row in signatures(sqlite_world)] == [State.CONFIRMED, State.CONFIRMED]
    assert "Mallory" not in [row.name for row in signatures(sqlite_world)]


def test_withdrawing_takes_one_from_the_count_once(world: World) -> None:
    world.publish()
    world.sign_and_confirm(visibility="public")
    page = OwnPage.asked(world)
    assert {answer.status_code for answer in at_once([page.withdraw] * 8)} == {303}
    assert (counted(world).total, counted(world).public) == (0, 0)
    assert "Withdrawn: it no longer counts" in page.see().text
    world.sign_and_confirm()
    assert counted(world).total == 1


def test_withdrawing_and_hiding_at_once_leaves_the_count_right(world: World) -> None:
    world.publish()
    world.sign_and_confirm(visibility="public")
    page = OwnPage.asked(world)
    at_once([page.withdraw, lambda: page.change(visibility="counted"), lambda: page.change(visibility="public")])
    assert counted(world).total == 0


def test_a_signature_that_waits_is_deleted_on_the_page(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    page = OwnPage.asked(sqlite_world)
    assert page.withdraw().status_code == 303
    assert signatures(sqlite_world) == []
    assert "Nothing stands under this address" in page.see().text


def test_news_is_stopped_for_everything_under_the_address(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.publish(petition(slug="other"))
    for slug in ("rescind", "other"):
        sqlite_world.sign_and_confirm(slug, updates="y")
    page = OwnPage.asked(sqlite_world)
    assert page.post("stop-mails").status_code == 303
    assert [row.wants_updates for row in signatures(sqlite_world)] == [False, False]
    assert "Send me no more news" not in page.see().text


def test_the_data_are_handed_out_whole(world: World) -> None:
    campaign = world.publish(appeal())
    world.sign_and_confirm(comment="Because.", updates="y")
    make_list(world)
    world.pay(world.give(name="M. Ortiz", message="Hold on"))
    answer = OwnPage.asked(world).see("/data.json")
    assert answer.mimetype == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    data = json.loads(answer.data)
    (signature,), (gift,) = data["signatures"], data["gifts"]
    typed = dict(SIGN.items()) | {"comment": "Because.", "updates": True}
    assert {name: signature[name] for name in typed} == typed
    assert signature["agreed_to"] == campaign.consent
    assert [on["row"] for on in signature["lists"]] == [1]
    assert (gift["amount"], gift["name"], gift["message"], gift["state"]) == (
        {"amount": "30.00", "currency": "USD"}, "M. Ortiz", "Hold on", "paid",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("waiting", "An organizer reads it before it is shown."),
        ("shown", "It may be shown on the campaign’s page while everyone may see your name."),
        ("hidden", "The organizers do not show it."),
    ],
)
def test_page_and_data_say_what_became_of_the_comment(sqlite_world: World, state: str, words: str) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm(comment="Because.")
    with sqlite_world.work() as session:
        session.execute(update(Signature).values(comment_state=state))
    page = OwnPage.asked(sqlite_world)
    (signature,) = json.loads(page.see("/data.json").data)["signatures"]
    assert (signature["comment"], signature["comment_is"]) == ("Because.", state)
    assert words in page.see().text


def test_who_wrote_nothing_reads_nothing_of_a_comment(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    page = OwnPage.asked(sqlite_world)
    (signature,) = json.loads(page.see("/data.json").data)["signatures"]
    assert (signature["comment"], signature["comment_is"]) == ("", None)
    assert re.search(r'id="comment-\d+-hint"', page.see().text) is None


def test_the_data_say_whether_the_text_was_corrected_since(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    page = OwnPage.asked(sqlite_world)
    told = [json.loads(page.see("/data.json").data)["signatures"][0]["text"]["was_corrected_since"]]
    with sqlite_world.work() as session:
        fields = petition(demands=(Demand("Rescind all twelve write-ups", ""),))
        campaigns.change(session, "rescind", fields, actor="test", now=sqlite_world.clock())
    told += [json.loads(page.see("/data.json").data)["signatures"][0]["text"]["was_corrected_since"]]
    assert told == [False, True]
