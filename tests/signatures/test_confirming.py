"""When the mail goes astray: again, once more by itself, or it was not me."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from campaigns.outbox.models import OutboxItem
from campaigns.signatures import confirming
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import MAILS_A_DAY, REMINDED_AFTER, Review
from tests.make import SIGN, World, at_once, petition
from tests.supporters.pages import counted, signatures

MARIA = SIGN["email"]


def resend(world: World, email: str = MARIA, slug: str = "rescind") -> str:
    answer = world.client.post(f"/campaigns/{slug}/sign/resend", data={"email": email})
    assert answer.status_code == 200
    return answer.text


def subjects(world: World, email: str = MARIA) -> list[str]:
    world.run_worker()
    return [message.subject.partition(":")[0] for message in world.mailer.to(email)]


def confirm_link(world: World, email: str = MARIA) -> str:
    world.run_worker()
    return world.mailer.link(email, "/confirm/")


def all_links(world: World, email: str = MARIA) -> list[str]:
    """Each confirmation link that was mailed, in the order of the mails."""
    world.run_worker()
    return ["/confirm/" + message.text.split("/confirm/")[1].split()[0] for message in world.mailer.to(email)]


# Again


def test_a_mail_that_was_lost_is_sent_again_with_a_link_that_works(world: World) -> None:
    world.publish()
    world.sign()
    first = all_links(world)[0]
    resend(world)
    second = all_links(world)[1]
    assert first != second
    assert world.client.get(first).status_code == 404
    assert world.client.post(second).status_code == 200
    assert counted(world).total == 1


def test_the_same_answer_whatever_stands_under_the_address(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    sqlite_world.sign_and_confirm(email="done@example.org")
    answers = {
        resend(sqlite_world, email).replace(email, "") for email in (MARIA, "done@example.org", "no@example.org")
    }
    assert len(answers) == 1


def test_the_confirmed_are_told_so_and_strangers_get_no_mail(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    resend(sqlite_world)
    resend(sqlite_world, "stranger@example.org")
    assert subjects(sqlite_world) == ["Confirm your signature", "You have already signed"]
    assert subjects(sqlite_world, "stranger@example.org") == []


@pytest.mark.parametrize("review", Review)
@pytest.mark.parametrize("form", ["sign", "sign/resend"])
def test_who_asks_again_is_told_that_it_counts_only_where_it_does(
    sqlite_world: World, form: str, review: Review
) -> None:
    w = sqlite_world
    w.publish()
    w.sign_and_confirm()
    with w.work() as session:
        session.execute(update(Signature).values(review=review.value, held_because="disposable"))
    w.client.post(f"/campaigns/rescind/{form}", data=SIGN)
    w.run_worker()
    text = w.mailer.to(MARIA)[-1].text
    assert ("already counts" in text) is (review is Review.CLEAR)
    assert ("being checked before it is counted" in text) is (review is Review.HELD)
    assert ("do not count your signature" in text) is (review is Review.REJECTED)
    assert "disposable" not in text


@pytest.mark.parametrize(
    ("changes", "seconds", "mails"),
    [
        ({}, 0, 1),
        ({}, 59, 1),
        ({}, 60, 2),
        ({"name": "Maria Ortiz Vega"}, 1, 2),
        ({"visibility": "counted"}, 1, 2),
        ({"comment": "For Jo."}, 1, 2),
        ({"updates": "y"}, 1, 2),
    ],
)
def test_the_same_form_pressed_twice_sends_one_mail_and_another_form_replaces_it(
    world: World, changes: dict[str, str], seconds: int, mails: int
) -> None:
    world.publish()
    first = world.sign().text
    world.clock.move(seconds=seconds)
    assert world.sign(**changes).text == first
    world.run_worker()
    assert len(world.mailer.sent) == mails
    assert world.client.get(world.mailer.link("maria@example.org", "/confirm/")).status_code == 200


@pytest.mark.parametrize("again", ["resend", "sign"])
def test_a_mailbox_gets_a_few_mails_a_day_whoever_types_its_address(world: World, again: str) -> None:
    world.publish()
    world.sign(name="Somebody Else")
    for _ in range(MAILS_A_DAY + 3):
        world.clock.move(minutes=1)
        assert world.sign(name="Somebody Else").status_code == 200 if again == "sign" else resend(world)
    links = all_links(world)
    assert len(links) == MAILS_A_DAY
    assert [world.client.get(link).status_code for link in links] == [404] * (MAILS_A_DAY - 1) + [200]
    world.clock.move(days=1)
    resend(world)
    assert len(all_links(world)) == MAILS_A_DAY + 1


def test_many_who_ask_at_once_send_no_more_than_a_few_mails(world: World) -> None:
    world.publish()
    world.sign()
    at_once([lambda: resend(world)] * 10)
    assert len(all_links(world)) <= MAILS_A_DAY
    assert world.client.post(all_links(world)[-1]).status_code in (200, 404)
    assert [world.client.get(link).status_code for link in all_links(world)].count(200) == 1


def test_after_the_end_it_is_sent_again_for_a_day(sqlite_world: World) -> None:
    deadline = sqlite_world.clock() + timedelta(hours=6)
    sqlite_world.publish(petition(deadline=deadline))
    sqlite_world.sign()
    sqlite_world.clock.now = deadline + timedelta(hours=23)
    resend(sqlite_world)
    assert len(all_links(sqlite_world)) == 2
    sqlite_world.clock.now = deadline + timedelta(hours=24)
    resend(sqlite_world)
    assert len(all_links(sqlite_world)) == 2


def test_an_address_that_is_none_is_said_so_beside_the_field(sqlite_world: World) -> None:
    sqlite_world.publish()
    answer = sqlite_world.client.post("/campaigns/rescind/sign/resend", data={"email": "maria"})
    assert answer.status_code == 422
    assert "Enter an e-mail address like" in answer.text


# Once more by itself


def test_who_has_not_answered_is_reminded_once(world: World) -> None:
    world.publish()
    world.sign()
    world.sign_and_confirm(email="done@example.org")
    world.clock.now = signatures(world)[0].created_at + REMINDED_AFTER - timedelta(seconds=10)
    assert "Your signature is waiting" not in subjects(world)
    for _ in range(4):
        world.clock.move(days=2)
        world.run_worker()
    assert subjects(world) == ["Confirm your signature", "Your signature is waiting"]
    assert subjects(world, "done@example.org") == ["Confirm your signature"]
    assert world.client.post(all_links(world)[-1]).status_code == 200


def test_who_signs_over_a_row_that_was_reminded_is_reminded_too(world: World) -> None:
    world.publish()
    for name in ("Somebody Else", "Maria Ortiz"):
        world.sign(name=name)
        world.clock.move(days=REMINDED_AFTER.days, minutes=1)
        world.run_worker()
        world.clock.move(minutes=11)  # until the job's next turn
        world.run_worker()
    asked, reminded = "Confirm your signature", "Your signature is waiting"
    assert subjects(world) == [asked, reminded, asked, reminded]
    assert world.client.post(all_links(world)[-1]).status_code == 200
    assert [row.name for row in signatures(world)] == ["Maria Ortiz"]


def test_reminding_goes_on_where_it_was_broken_off(world: World) -> None:
    world.publish()
    for number in range(5):
        world.sign(email=f"p{number}@example.org")
    world.clock.move(days=3)
    try:
        with world.work() as session:
            confirming.remind(session, world.clock(), 2)
            raise RuntimeError("killed before the commit")
    except RuntimeError:
        pass
    found = [_remind(world, 2) for _ in range(4)]
    assert found == [2, 2, 1, 0]
    with world.reading() as session:
        queued = session.scalar(select(func.count()).where(OutboxItem.kind == confirming.REMINDER_MAIL))
    assert queued == 5


def _remind(world: World, limit: int) -> int:
    with world.work() as session:
        return confirming.remind(session, world.clock(), limit)


def test_nobody_is_reminded_of_a_petition_that_takes_no_more(sqlite_world: World) -> None:
    sqlite_world.publish(petition(deadline=sqlite_world.clock() + timedelta(days=1)))
    sqlite_world.sign()
    sqlite_world.clock.move(days=3)
    assert "Your signature is waiting" not in subjects(sqlite_world)


def test_a_reminder_promises_no_longer_time_than_the_row_is_kept(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    before = signatures(sqlite_world)[0].token_expires_at
    sqlite_world.clock.move(days=3)
    sqlite_world.run_worker()
    assert signatures(sqlite_world)[0].token_expires_at == before
