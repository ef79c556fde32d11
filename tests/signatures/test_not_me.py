"""What can be undone by whoever did not sign, and what is left of a row that a list points to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from campaigns.campaign.rules import UNCONFIRMED_KEPT
from campaigns.deliveries import operations as deliveries
from campaigns.deliveries.models import DeliveryRow
from campaigns.signatures import changes, jobs
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import REMINDED_AFTER, State
from tests.make import SIGN, World, at_once, petition
from tests.signatures.test_confirming import confirm_link
from tests.supporters.pages import OwnPage, counted, signatures

MARIA = SIGN["email"]


def undoing(address: str) -> str:
    """The other link in the mail that brought `address`."""
    return address.replace("/confirm/", "/not-me/")


def not_me(world: World, address: str) -> Any:
    return world.client.post(undoing(address))


def test_opening_it_was_not_me_changes_nothing(world: World) -> None:
    world.publish()
    world.sign()
    address = confirm_link(world)
    page = world.client.get(undoing(address))
    assert page.text.count("<button") == 1
    assert page.headers["Cache-Control"] == "no-store"
    assert len(signatures(world)) == 1
    assert world.client.post(address).status_code == 200


UNDONE, NOTHING = "It is undone", "This link has nothing to undo any more"


def test_it_was_not_me_deletes_what_waits_and_twice_is_harmless(world: World) -> None:
    world.publish()
    world.sign()
    address = confirm_link(world)
    answers = [not_me(world, address) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {200}
    assert UNDONE in answers[0].text
    assert NOTHING in answers[1].text
    assert "it stays undone and does not count" in answers[1].text
    assert world.client.get(undoing(address)).text == answers[1].text
    assert signatures(world) == []
    assert world.client.post(address).status_code == 404


def assert_undoes_nothing(page: str) -> None:
    """It claims nothing of what stands, and leads to where everything does."""
    assert NOTHING in page
    assert UNDONE not in page
    assert "If you have undone it before" in page
    assert 'href="/my"' in page


def after_a_later_form(world: World, early: str) -> str:
    """Somebody typed the address once more: the newer mail's link has taken the place of the first one's."""
    world.clock.move(minutes=2)
    world.sign(name="Somebody Else")
    return early


def confirmed_and_too_old(world: World, early: str) -> str:
    world.client.post(early)
    world.clock.move(days=31)
    return early


def confirmed_and_nobodys(world: World, early: str) -> str:
    """Confirmed, and then the names under the petition were deleted for good."""
    world.client.post(early)
    with world.work() as session:
        changes.anonymise(session, [row.id for row in signatures(world)])
    return early


def broken(world: World, early: str) -> str:
    """A mail program broke the address in two."""
    return early[:-5]


def erased(world: World, early: str) -> str:
    world.client.post(early)
    OwnPage.asked(world).post("erase")
    return early


LATER: list[tuple[Callable[[World, str], str], list[str]]] = [
    (after_a_later_form, ["pending"]), (confirmed_and_too_old, ["confirmed"]), (confirmed_and_nobodys, ["confirmed"]),
    (broken, ["pending"]), (erased, []),
]  # fmt: skip


@pytest.mark.parametrize(("happens", "stands"), LATER, ids=lambda value: getattr(value, "__name__", ""))
def test_a_link_that_can_undo_nothing_claims_nothing(
    world: World, happens: Callable[[World, str], str], stands: list[str]
) -> None:
    """Above all not that something is undone which still counts."""
    world.publish()
    world.sign()
    link = happens(world, confirm_link(world))
    assert_undoes_nothing(world.client.get(undoing(link)).text)
    assert_undoes_nothing(not_me(world, link).text)
    assert [row.state for row in signatures(world)] == stands


def test_what_waits_can_be_undone_on_the_own_page_whatever_mail_one_has(world: World) -> None:
    world.publish()
    world.sign()
    after_a_later_form(world, confirm_link(world))
    assert OwnPage.asked(world).withdraw().status_code == 303
    assert signatures(world) == []


def test_what_was_withdrawn_is_told_as_undone(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    link = confirm_link(world)
    OwnPage.asked(world).withdraw()
    assert UNDONE in world.client.get(undoing(link)).text
    assert UNDONE in not_me(world, link).text


def test_an_earlier_mails_link_promises_nothing_and_leads_to_where_all_can_be_undone(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    early = confirm_link(sqlite_world)
    sqlite_world.clock.move(days=2)
    sqlite_world.run_worker()
    late = confirm_link(sqlite_world)
    assert late != early
    assert sqlite_world.client.post(late).status_code == 200
    page = not_me(sqlite_world, early).text
    assert [row.state for row in signatures(sqlite_world)] == ["confirmed"]
    assert_undoes_nothing(page)


def test_a_page_with_an_address_or_a_name_is_kept_nowhere(sqlite_world: World) -> None:
    sqlite_world.publish()
    checks = sqlite_world.sign()
    address = confirm_link(sqlite_world)
    again = sqlite_world.client.post("/campaigns/rescind/sign/resend", data={"email": "jo@example.org"})
    answers = [checks, again, sqlite_world.client.get(address), sqlite_world.client.post(address)]
    answers.append(sqlite_world.client.get(address))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


def test_it_was_not_me_withdraws_what_a_scanner_confirmed(world: World) -> None:
    world.publish()
    world.sign(visibility="public")
    address = confirm_link(world)
    world.client.post(address)
    assert (counted(world).total, counted(world).public) == (1, 1)
    for _ in range(2):
        assert not_me(world, address).status_code == 200
    assert (counted(world).total, counted(world).public) == (0, 0)
    assert [row.state for row in signatures(world)] == [State.WITHDRAWN]
    assert world.client.post(address).status_code == 404


def test_it_was_not_me_works_after_the_end_too(sqlite_world: World) -> None:
    deadline = sqlite_world.clock() + timedelta(days=1)
    sqlite_world.publish(petition(deadline=deadline))
    sqlite_world.sign()
    address = confirm_link(sqlite_world)
    sqlite_world.clock.now = deadline + timedelta(days=5)
    assert not_me(sqlite_world, address).status_code == 200
    assert signatures(sqlite_world) == []


def test_ten_who_press_at_once_take_one_from_the_count(world: World) -> None:
    world.publish()
    world.sign_and_confirm(visibility="public")
    address = confirm_link(world)
    assert {answer.status_code for answer in at_once([lambda: not_me(world, address)] * 10)} == {200}
    assert counted(world).total == 0


def test_every_mail_that_asks_to_confirm_says_how_to_undo_it_when_it_is_forgotten_and_what_two_with_one_mailbox_can_do(
    sqlite_world: World,
) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    sqlite_world.run_worker()
    sqlite_world.clock.move(days=3)
    sqlite_world.run_worker()
    mails = sqlite_world.mailer.to(MARIA)
    assert len(mails) == 2
    for message in mails:
        assert "/not-me/" in message.text
        assert f"{UNCONFIRMED_KEPT.days} days" in message.text
        assert "Do two people share this mailbox?" in message.text


def test_the_dates_stand_on_the_page(sqlite_world: World) -> None:
    sqlite_world.publish(petition(deadline=sqlite_world.clock() + timedelta(days=9)))
    text = sqlite_world.sign().text
    assert timedelta(days=2) == REMINDED_AFTER
    assert timedelta(days=30) == UNCONFIRMED_KEPT
    for words in ("after two days", "after thirty days", "24 hours more"):
        assert words in text


# A row that a list points to


def listed_withdrawn_and_signed_anew(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    with world.work() as session:
        deliveries.request(session, world.campaign(), paper="a4", answer_expected=None, actor="test", now=world.clock())
    world.run_worker()
    OwnPage.asked(world).withdraw()
    world.sign(name="Somebody Else")


def test_a_signature_that_a_list_points_to_is_emptied_instead_of_deleted(world: World) -> None:
    """Withdrawn, signed anew and never confirmed: forgetting it must not break on the list's row."""
    listed_withdrawn_and_signed_anew(world)
    world.sign(email="other@example.org")
    world.clock.move(days=31)
    with world.work() as session:
        assert jobs.forget_unconfirmed(session, world.clock()) == 2
    (row,) = signatures(world)
    assert (row.state, row.name, row.email, row.town, row.token_digest) == (State.WITHDRAWN, "", "", "", None)
    with world.reading() as session:
        assert session.scalars(select(DeliveryRow.name)).all() == ["Maria Ortiz"]


def test_it_was_not_me_empties_a_row_that_a_list_points_to(world: World) -> None:
    listed_withdrawn_and_signed_anew(world)
    assert not_me(world, confirm_link(world)).status_code == 200
    (row,) = signatures(world)
    assert (row.state, row.name) == (State.WITHDRAWN, "")


def test_what_was_withdrawn_is_emptied_after_thirty_days(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    OwnPage.asked(world).withdraw()
    world.clock.move(days=29)
    world.run_worker()
    assert signatures(world)[0].name == "Maria Ortiz"
    world.clock.move(days=2)
    world.run_worker()
    (row,) = signatures(world)
    assert (row.name, row.email, row.postcode, row.comment) == ("", "", "", None)
    world.sign_and_confirm()
    assert counted(world).total == 1


def test_a_held_signature_that_is_withdrawn_takes_nothing_from_the_count(world: World) -> None:
    world.publish()
    world.sign_and_confirm(email="counts@example.org")
    world.sign()
    with world.work() as session:
        held = update(Signature).where(Signature.state == State.PENDING.value)
        session.execute(held.values(review="held"))
    address = confirm_link(world)
    world.client.post(address)
    not_me(world, address)
    assert counted(world).total == 1
