"""The switches, as supporters, machines, workers and the desk meet them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from campaigns.audit.models import AuditRecord
from campaigns.cli.schedules import in_batches
from campaigns.outbox.jobs import Paused
from campaigns.outbox.models import OutboxItem
from campaigns.paper import importing
from campaigns.paper.rules import Step
from campaigns.payments.models import Payment
from campaigns.signatures.models import Signature
from campaigns.switches import operations, queries
from campaigns.switches.operations import NoWords, TooManyWords, Unreadable
from campaigns.switches.rules import LONGEST_WORDS, Standing, Switch
from campaigns.web.context import EXTENSION
from tests.make import SIGN, World, appeal, at_once, csrf_token
from tests.paper.make import COLUMNS, set_columns, signatures, step, take_in

PAGE = "/desk/switches/"


def turn(world: World, switch: Switch, is_on: bool = True, words: str = "") -> bool:
    with world.work() as session:
        return operations.turn(session, switch, is_on=is_on, words=words, actor="test", now=world.clock())


def standing(world: World) -> Standing:
    with world.reading() as session:
        return queries.standing(session)


def every(world: World, table: Any) -> list[Any]:
    with world.reading() as session:
        return list(session.scalars(select(table)))


# Turning


@pytest.mark.parametrize("switch", Switch)
def test_a_switch_is_turned_on_and_off_once(world: World, switch: Switch) -> None:
    assert [turn(world, switch, True, "Soon."), turn(world, switch, True, "Soon.")] == [True, False]
    assert standing(world) != Standing()
    assert [turn(world, switch, False), turn(world, switch, False)] == [True, False]
    assert standing(world) == Standing()
    assert sorted(record.act for record in every(world, AuditRecord)) == ["switch.off", "switch.on"]


def test_other_words_are_a_change(sqlite_world: World) -> None:
    turn(sqlite_world, Switch.BANNER, words="Strike vote on Friday.")
    assert turn(sqlite_world, Switch.BANNER, words="Strike vote on Saturday.")
    assert standing(sqlite_world).banner == "Strike vote on Saturday."


def test_twenty_hands_on_one_switch_turn_it_once(world: World) -> None:
    assert sum(at_once([lambda: turn(world, Switch.SIGNING)] * 20)) == 1


@pytest.mark.parametrize(
    ("words", "refusal"),
    [("", NoWords), ("a" * (LONGEST_WORDS + 1), TooManyWords), ("Strike\x00", Unreadable), ("a\x1b[31m", Unreadable)],
)
def test_words_that_no_page_can_show_are_refused_and_nothing_changes(
    world: World, words: str, refusal: type[Exception]
) -> None:
    turn(world, Switch.BANNER, words="Strike vote on Friday.")
    with pytest.raises(refusal):
        turn(world, Switch.BANNER, words=words)
    assert standing(world).banner == "Strike vote on Friday."


@pytest.mark.parametrize("path", ["/", "/campaigns/rescind", "/verify", "/my"])
def test_reading_the_switches_takes_no_connection_beside_the_page_s_own(
    sqlite_world: World, tmp_path: Path, path: str
) -> None:
    sqlite_world.publish()
    url = sqlite_world.engine.url.render_as_string()
    narrow = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=0.01)
    world = World.new(narrow, url, tmp_path)
    assert world.see(path).status_code == 200
    assert world.sign(email="").status_code == 422
    narrow.dispose()


# Signing


@pytest.mark.parametrize("path", ["/campaigns/rescind", "/campaigns/rescind/sign"])
def test_a_paused_petition_says_so_in_the_place_of_its_form(sqlite_world: World, path: str) -> None:
    sqlite_world.publish()
    assert 'name="visibility"' in sqlite_world.see(path).text
    turn(sqlite_world, Switch.SIGNING, words="Somebody is flooding us.")
    page = sqlite_world.see(path)
    assert page.status_code == 200
    assert "Signing is paused for the moment." in page.text
    assert "Somebody is flooding us." in page.text
    assert 'name="visibility"' not in page.text


def test_who_was_typing_when_signing_was_paused_keeps_it_all(world: World) -> None:
    world.publish()
    turn(world, Switch.SIGNING)
    answer = world.sign(comment="For Jo.")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "120")
    for typed in ('value="Maria Ortiz"', 'value="maria@example.org"', "For Jo.", "Signing is paused for the moment."):
        assert typed in answer.text
    assert every(world, Signature) == []
    turn(world, Switch.SIGNING, False)
    assert world.sign().status_code == 200


def test_who_has_signed_confirms_while_signing_is_paused(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    turn(sqlite_world, Switch.SIGNING)
    assert sqlite_world.confirm().status_code == 200
    assert [row.state for row in every(sqlite_world, Signature)] == ["confirmed"]


# Mail


def test_paused_mail_waits_whole_and_leaves_once_when_it_may(world: World) -> None:
    world.publish()
    turn(world, Switch.MAIL)
    assert "Our mails are held back for the moment." in world.sign().text
    world.run_worker()
    assert world.mailer.sent == []
    assert [(item.state, item.attempts) for item in every(world, OutboxItem)] == [("due", 0)]
    turn(world, Switch.MAIL, False)
    world.run_worker()
    world.run_worker()
    assert [message.to for message in world.mailer.sent] == [SIGN["email"]]


def test_nobody_is_reminded_of_a_mail_that_never_left(sqlite_world: World) -> None:
    sqlite_world.publish()
    turn(sqlite_world, Switch.MAIL)
    sqlite_world.sign()
    sqlite_world.clock.move(hours=60)
    sqlite_world.run_worker()
    assert len(every(sqlite_world, OutboxItem)) == 1


def test_counting_goes_on_while_mail_is_paused(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    sqlite_world.run_worker()
    turn(sqlite_world, Switch.MAIL)
    sqlite_world.confirm()
    assert sqlite_world.see("/campaigns/rescind/count.json").json["total"] == 1


# Banner


@pytest.mark.parametrize("path", ["/", "/campaigns/rescind", "/campaigns/rescind/sign", "/verify", "/my"])
def test_the_banner_stands_on_every_page_as_it_was_typed(sqlite_world: World, path: str) -> None:
    sqlite_world.publish()
    turn(sqlite_world, Switch.BANNER, words="Vote <b>today</b> & bring a friend")
    assert "Vote &lt;b&gt;today&lt;/b&gt; &amp; bring a friend" in sqlite_world.see(path).text


# Read-only


def _sign(world: World) -> Any:
    return world.sign(comment="For Jo.")


def _give(world: World) -> Any:
    return world.client.post("/campaigns/rescind/donate", data={"preset": "30", "email": "maria@example.org"})


def _ask_for_own_page(world: World) -> Any:
    return world.client.post("/my", data={"email": "maria@example.org"})


def _edit(world: World) -> Any:
    desk = world.desk()
    return desk.post("/desk/campaigns/rescind", data={"csrf_token": csrf_token(desk, PAGE)})


@pytest.mark.parametrize("door", [_sign, _give, _ask_for_own_page, _edit])
def test_a_read_only_site_writes_nothing_and_says_why(world: World, door: Callable[[World], Any]) -> None:
    world.publish(appeal())
    world.desk()
    before = [len(every(world, table)) for table in (Signature, OutboxItem, AuditRecord)]
    turn(world, Switch.READ_ONLY, words="We are moving to a larger machine.")
    answer = door(world)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "120")
    assert "We are moving to a larger machine" in answer.text
    before[2] += 1  # the switch itself
    assert [len(every(world, table)) for table in (Signature, OutboxItem, AuditRecord)] == before


def test_what_was_typed_into_a_read_only_site_can_be_sent_again(sqlite_world: World) -> None:
    sqlite_world.publish()
    turn(sqlite_world, Switch.READ_ONLY)
    page = sqlite_world.sign(comment="For Jo.").text
    assert "This site takes nothing in at the moment" in page
    for typed in ('name="email" value="maria@example.org"', 'name="comment" value="For Jo."', "Send it again"):
        assert typed in page


def test_the_payment_provider_is_told_to_come_again_and_nothing_is_lost(world: World) -> None:
    world.publish(appeal())
    session_id = world.give()
    turn(world, Switch.READ_ONLY)
    world.checkout.pay(session_id)
    assert world.ring("evt_1", "checkout.session", session_id).status_code == 503
    turn(world, Switch.READ_ONLY, False)
    assert world.ring("evt_1", "checkout.session", session_id).status_code == 200


def test_workers_rest_while_the_site_is_read_only(world: World) -> None:
    world.publish()
    world.sign()
    turn(world, Switch.READ_ONLY)
    world.run_worker()
    assert world.mailer.sent == []
    assert world.app.test_cli_runner().invoke(args=["outbox", "run"]).output == "Items worked on: 0\n"
    turn(world, Switch.READ_ONLY, False)
    world.run_worker()
    assert len(world.mailer.sent) == 1


def pulled_after_the_first(advance: Callable[..., Any], world: World) -> Callable[..., Any]:
    """Let somebody make the site read-only while the first step is done."""
    done: list[None] = []

    def stepped(session: Session, *args: Any, **named: Any) -> Any:
        done.append(None)
        if len(done) == 1:
            operations.turn(session, Switch.READ_ONLY, is_on=True, actor="test", now=world.clock())
        return advance(session, *args, **named)

    return stepped


def test_a_job_that_is_at_work_rests_between_two_of_its_steps_and_goes_on_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.publish()
    rows = (f"Person {chr(65 + n % 26)},T{n},41048,,yes" for n in range(1500))
    import_id = take_in(world, "\n".join(["name,town,postcode,email,list", *rows]))
    set_columns(world, import_id, COLUMNS)
    step(world, import_id, Step.START)
    monkeypatch.setattr(importing, "advance", pulled_after_the_first(importing.advance, world))
    world.run_worker()
    entered = len(signatures(world))
    assert 0 < entered < 1500
    (job,) = [item for item in every(world, OutboxItem) if item.kind == importing.WORK_JOB]
    assert (job.state, job.attempts, job.problem) == ("due", 0, None)
    turn(world, Switch.READ_ONLY, False)
    world.run_worker()
    assert len(signatures(world)) == 1500


def test_a_scheduled_job_rests_between_two_of_its_steps(world: World, caplog: pytest.LogCaptureFixture) -> None:
    steps: list[int] = []

    def step_of_many(session: Session, _now: datetime, limit: int) -> int:
        steps.append(limit)
        if len(steps) == 2:
            operations.turn(session, Switch.READ_ONLY, is_on=True, actor="test", now=world.clock())
        return limit if len(steps) < 5 else 0

    with pytest.raises(Paused):
        in_batches(world.app.extensions[EXTENSION], step_of_many)()
    assert len(steps) == 2
    assert caplog.text == ""


def test_the_page_of_a_gift_is_shown_and_not_synced_while_the_site_is_read_only(world: World) -> None:
    world.publish(appeal())
    session_id = world.give()
    page = urlsplit(world.checkout.requests[-1].success_url).path
    turn(world, Switch.READ_ONLY)
    world.checkout.pay(session_id)
    states = []
    for is_read_only in (True, False):
        turn(world, Switch.READ_ONLY, is_read_only)
        assert world.see(page).status_code == 200
        states.append([payment.state for payment in every(world, Payment)])
    assert states == [["open"], ["paid"]]


# The desk


def test_an_organizer_pauses_signing_and_lets_it_go_on(world: World) -> None:
    world.publish()
    desk = world.desk()
    token = csrf_token(desk, PAGE)
    answer = desk.post(f"{PAGE}signing", data={"turn": "on", "words": "A flood.", "csrf_token": token})
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert standing(world) == Standing(signing_paused=True, signing_words="A flood.")
    world.see("/")
    assert "Signing is paused." in desk.get("/desk/").text
    desk.post(f"{PAGE}signing", data={"turn": "off", "csrf_token": token})
    assert standing(world) == Standing()


def test_a_banner_without_words_is_refused_with_a_sentence(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    answer = desk.post(f"{PAGE}banner", data={"turn": "on", "words": " ", "csrf_token": csrf_token(desk, PAGE)})
    assert answer.status_code == 422
    assert "Write what the banner says." in answer.text


@pytest.mark.parametrize(("role", "status"), [("organizer", 403), ("admin", 303)])
def test_only_an_admin_stops_everything(sqlite_world: World, role: str, status: int) -> None:
    desk = sqlite_world.desk(role)
    answer = desk.post(f"{PAGE}read_only", data={"turn": "on", "csrf_token": csrf_token(desk, PAGE)})
    assert answer.status_code == status
    assert standing(sqlite_world).read_only is (status == 303)


def test_an_admin_signs_in_to_a_read_only_site_and_switches_it_back(world: World) -> None:
    turn(world, Switch.READ_ONLY)
    desk = world.desk("admin")
    answer = desk.post(f"{PAGE}read_only", data={"turn": "off", "csrf_token": csrf_token(desk, PAGE)})
    assert answer.status_code == 303
    assert standing(world) == Standing()


def test_there_is_no_other_switch(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    assert desk.post(f"{PAGE}lights", data={"turn": "on", "csrf_token": csrf_token(desk, PAGE)}).status_code == 404


def test_the_page_says_how_many_mails_wait(sqlite_world: World) -> None:
    sqlite_world.publish()
    turn(sqlite_world, Switch.MAIL)
    sqlite_world.sign()
    sqlite_world.sign(email="jo@example.org")
    assert "2 mails wait to be sent." in sqlite_world.desk().get(PAGE).text


# The command line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["on", "signing", "--words", "A  flood."], "signing is on.\n"),
        (["off", "mail"], "mail is off already.\n"),
        (["on", "banner"], "Error: Write what the banner says.\n"),
    ],
)
def test_a_switch_is_turned_where_the_desk_cannot_be_reached(
    sqlite_world: World, arguments: list[str], said: str
) -> None:
    assert sqlite_world.app.test_cli_runner().invoke(args=["switches", *arguments]).output == said


def test_the_switches_are_listed_with_their_words(sqlite_world: World) -> None:
    turn(sqlite_world, Switch.SIGNING, words="A flood.")
    listed = sqlite_world.app.test_cli_runner().invoke(args=["switches", "list"]).output
    assert listed == "signing    on  A flood.\nmail       off\nbanner     off\nread_only  off\n"
