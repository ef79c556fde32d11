"""Signing and confirming: what is stored, what is mailed, what counts."""

import hashlib
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from campaigns.campaign import operations as campaign_operations
from campaigns.campaign.models import ConsentWording, PetitionVersion
from campaigns.campaign.rules import Demand
from campaigns.db.sealing import fingerprint
from campaigns.deliveries import operations as deliveries
from campaigns.kernel import tokens
from campaigns.outbox.models import OutboxItem
from campaigns.signatures import operations, queries
from campaigns.signatures.models import CountChange, Signature
from campaigns.signatures.operations import LinkGone, PetitionClosed
from campaigns.signatures.rules import CONFIRM_LIFETIME, CONFIRM_PURPOSE, Audience, Review, State
from tests.make import SIGN, World, days, petition

MARIA = SIGN["email"]


def rows(world: World) -> list[Signature]:
    with world.reading() as session:
        return list(session.scalars(select(Signature).order_by(Signature.created_at)))


def the_row(world: World) -> Signature:
    (row,) = rows(world)
    return row


def total(world: World, slug: str = "rescind") -> int:
    with world.reading() as session:
        return queries.count_of(session, world.campaign(slug).id).total


def link(world: World, email: str = MARIA) -> str:
    world.run_worker()
    return world.mailer.link(email, "/confirm/")


def set_state(world: World, **values: Any) -> None:
    with world.work() as session:
        session.execute(update(Signature).values(**values))


# One address, one signature


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("maria@example.org", "Maria@Example.ORG"),
        ("m.ortiz@gmail.com", "mortiz+hub@googlemail.com"),
        ("maria@outlook.com", "maria+list@outlook.com"),
        ("maria@icloud.com", "maria@me.com"),
        ("maria@pm.me", "m.aria@protonmail.com"),
        ("maria@münchen.example", "maria@xn--mnchen-3ya.example"),
    ],
)
def test_two_spellings_of_a_mailbox_count_once(sqlite_world: World, first: str, second: str) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm(email=first)
    sqlite_world.sign(email=second)
    sqlite_world.run_worker()
    assert total(sqlite_world) == len(rows(sqlite_world)) == 1
    assert "already signed" in sqlite_world.mailer.sent[-1].subject


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("m.ortiz@example.org", "mortiz@example.org"),
        ("maria@example.org", "maria+b@example.org"),
        ("maria@outlook.com", "m.aria@outlook.com"),
        ("maria@straße.example", "maria@strasse.example"),
    ],
)
def test_two_mailboxes_that_look_alike_count_twice(sqlite_world: World, first: str, second: str) -> None:
    sqlite_world.publish()
    for email in (first, second):
        sqlite_world.sign_and_confirm(email=email)
    assert total(sqlite_world) == 2


def test_an_address_signs_each_petition_once(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.publish(petition(slug="other"))
    sqlite_world.sign_and_confirm("rescind")
    sqlite_world.sign_and_confirm("other")
    assert (total(sqlite_world, "rescind"), total(sqlite_world, "other")) == (1, 1)


def test_mail_goes_to_the_address_as_it_was_typed(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign(email="M.Ortiz+hub@GMail.com")
    sqlite_world.run_worker()
    assert [message.to for message in sqlite_world.mailer.sent] == ["M.Ortiz+hub@gmail.com"]


# Signing again


def test_signing_again_before_confirming_replaces_the_row_and_its_link(world: World) -> None:
    world.publish()
    world.sign(name="Somebody Else", visibility="public", comment="Not Maria's words")
    first = link(world)
    world.clock.move(minutes=5)
    world.sign(name="Maria Ortiz", visibility="counted", comment="")
    second = link(world)
    assert first != second
    assert world.client.post(first).status_code == 404
    assert world.client.post(second).status_code == 200
    row = the_row(world)
    assert (row.name, row.visibility, row.comment, row.state) == ("Maria Ortiz", "counted", None, State.CONFIRMED)


def test_signing_again_after_confirming_changes_nothing_and_tells_the_mailbox_once_a_day(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    before = the_row(world)
    for _ in range(3):
        world.sign(name="Somebody Else", visibility="public")
        world.run_worker()
    assert (the_row(world).name, the_row(world).visibility) == (before.name, before.visibility)
    assert len(_told(world)) == 1
    world.clock.move(days=1)
    world.sign()
    world.run_worker()
    assert len(_told(world)) == 2
    assert "/confirm/" not in _told(world)[0].text
    assert total(world) == 1


def _told(world: World, email: str = MARIA) -> list[Any]:
    return [message for message in world.mailer.to(email) if "already signed" in message.subject]


@pytest.mark.parametrize("form", ["sign", "sign/resend"])
def test_the_link_to_the_own_page_goes_to_the_address_that_signed_not_to_one_that_was_typed(
    sqlite_world: World, form: str
) -> None:
    w = sqlite_world
    w.publish()
    w.sign_and_confirm(email="m.ortiz@gmail.com")
    w.client.post(f"/campaigns/rescind/{form}", data=SIGN | {"email": "mortiz@googlemail.com"})
    w.run_worker()
    assert len(_told(w, "m.ortiz@gmail.com")) == 1
    assert not w.mailer.to("mortiz@googlemail.com")


def test_a_withdrawn_signature_can_be_signed_anew(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    old = world.mailer.link(MARIA, "/confirm/")
    set_state(world, state=State.WITHDRAWN.value)
    assert world.client.post(old).status_code == 404
    world.sign()
    assert world.client.post(link(world)).status_code == 200
    assert the_row(world).state == State.CONFIRMED


# Confirming


def test_confirming_twice_counts_once(world: World) -> None:
    world.publish()
    world.sign()
    address = link(world)
    assert [world.client.post(address).status_code for _ in range(2)] == [200, 200]
    with world.reading() as session:
        assert session.scalar(select(func.count()).select_from(CountChange)) == 1
    world.run_worker()
    assert total(world) == 1


def test_a_held_signature_waits_and_is_not_counted(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign(visibility="public")
    set_state(sqlite_world, review=Review.HELD.value)
    page = sqlite_world.confirm()
    assert "being checked" in page.text
    assert total(sqlite_world) == 0
    with sqlite_world.reading() as session:
        assert queries.latest_names(session, sqlite_world.campaign().id, Audience.EVERYONE, 10) == []
        assert list(queries.counted(session, sqlite_world.campaign().id)) == []


def test_a_link_works_for_thirty_days(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    address = link(sqlite_world)
    signed_at = the_row(sqlite_world).created_at
    sqlite_world.clock.now = signed_at + CONFIRM_LIFETIME - timedelta(seconds=1)
    assert sqlite_world.client.get(address).status_code == 200
    sqlite_world.clock.now = signed_at + CONFIRM_LIFETIME
    assert sqlite_world.client.get(address).status_code == 404
    assert sqlite_world.client.post(address).status_code == 404


# The end of the petition


def test_a_closed_petition_cannot_be_signed(sqlite_world: World) -> None:
    sqlite_world.publish(petition(deadline=sqlite_world.clock() + days(2)))
    sqlite_world.clock.move(days=2)
    campaign = sqlite_world.campaign()
    fields = operations.SignFields(
        name="Maria", email=MARIA, town="", postcode="", country="US",
        visibility=queries.Visibility.COUNTED, comment="", updates=False,
    )  # fmt: skip
    with sqlite_world.work() as session, pytest.raises(PetitionClosed):
        operations.sign(session, campaign, fields, now=sqlite_world.clock())
    assert rows(sqlite_world) == []


@pytest.mark.parametrize(
    ("late", "status", "counted"), [({"hours": 23, "minutes": 59}, 200, 1), ({"hours": 24}, 404, 0)]
)
def test_a_mail_under_way_can_be_answered_for_a_day_after_the_end(
    sqlite_world: World, late: dict[str, float], status: int, counted: int
) -> None:
    deadline = sqlite_world.clock() + days(2)
    sqlite_world.publish(petition(deadline=deadline))
    sqlite_world.sign()
    address = link(sqlite_world)
    sqlite_world.clock.now = deadline + timedelta(**late)
    assert sqlite_world.client.get(address).status_code == status
    assert sqlite_world.client.post(address).status_code == status
    sqlite_world.run_worker()
    assert total(sqlite_world) == counted


# What was agreed to


def test_a_signature_points_to_the_text_it_signed(world: World) -> None:
    first = world.publish()
    world.sign_and_confirm()
    _change(world, demands=(Demand("Pay the lost days", ""),))
    world.clock.move(minutes=1)
    world.sign_and_confirm(email="omar@example.org")
    signed = [row.version_id for row in rows(world)]
    with world.reading() as session:
        texts = [session.get_one(PetitionVersion, version_id) for version_id in signed]
    assert signed[0] == first.version_id
    assert [text.number for text in texts] == [1, 2]
    assert [text.demands[0][0] for text in texts] == ["Rescind all eleven write-ups", "Pay the lost days"]
    assert all(text.frozen_at for text in texts)


def test_the_confirmation_page_shows_the_text_that_was_signed(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    address = link(sqlite_world)
    _change(sqlite_world, headline="Something milder", demands=(Demand("Be nice", ""),))
    page = sqlite_world.client.get(address).text
    assert "Rescind all eleven write-ups" in page
    assert "Rescind the write-ups" in page
    assert "Be nice" not in page


def test_a_signature_points_to_the_words_it_agreed_to(sqlite_world: World) -> None:
    before = sqlite_world.publish()
    sqlite_world.sign()
    _change(sqlite_world, organisation="All Hub Workers")
    sqlite_world.clock.move(minutes=1)
    sqlite_world.sign(email="omar@example.org")
    with sqlite_world.reading() as session:
        agreed = [session.get_one(ConsentWording, row.consent_id).text for row in rows(sqlite_world)]
    assert agreed[0] == before.consent
    assert ["All Hub Workers" in text for text in agreed] == [False, True]


def _change(world: World, **changes: Any) -> None:
    with world.work() as session:
        campaign_operations.change(session, "rescind", petition(**changes), actor="test", now=world.clock())


# Tokens and secrets at rest


def test_a_token_opens_its_own_door_and_stands_in_no_row(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    secret = link(sqlite_world).rpartition("/")[2]
    row = the_row(sqlite_world)
    assert row.token_digest == tokens.digest(CONFIRM_PURPOSE, secret)
    assert row.token_digest != tokens.digest("another purpose", secret)
    with sqlite_world.reading() as session:
        found = queries.by_token(session, secret, sqlite_world.clock())
        assert found is not None
        assert found.id == row.id
        assert queries.by_token(session, row.token_digest.hex(), sqlite_world.clock()) is None


@pytest.mark.parametrize("token", ["x", "x" * 2000, "%00", "%FF", "../confirm", "' OR 1=1 --", "\u202e"])
def test_a_made_up_token_finds_nothing(shared_world: World, token: str) -> None:
    client = shared_world.client
    for answer in (client.get(f"/confirm/{token}"), client.post(f"/confirm/{token}")):
        assert answer.status_code == 404


def test_a_database_file_tells_nothing_about_who_signed(sqlite_world: World, tmp_path: Path) -> None:
    """Names too that are public on the page: the file must not be the easier source."""
    sqlite_world.publish()
    people = {
        "public": ("Philomena Clearwater", "philomena@clear.example", "Pottsville", "90210-P"),
        "delivered": ("Desdemona Fallowfield", "desdemona@fallow.example", "Dunwich", "90210-D"),
        "counted": ("Cornelius Undertow", "cornelius@under.example", "Carcosa", "90210-C"),
    }
    words = [word for person in people.values() for word in person]
    for visibility, (name, email, town, postcode) in people.items():
        comment = f"{name} has reasons"
        values = {"name": name, "email": email, "town": town, "postcode": postcode, "comment": comment, "country": "AE"}
        sqlite_world.sign(visibility=visibility, **values)
    words += _secrets(sqlite_world)  # the mails are due and not yet sent
    for _, email, *_ in people.values():
        sqlite_world.confirm(email)
    with sqlite_world.work() as session:
        campaign = sqlite_world.campaign()
        deliveries.request(session, campaign, paper="a4", answer_expected=None, actor="test", now=sqlite_world.clock())
    sqlite_world.run_worker()
    assert len(sqlite_world.printer.lines) == 2
    _nothing_in_clear(tmp_path, words)
    with closing(sqlite3.connect(tmp_path / "site.sqlite3")) as connection:
        connection.execute("PRAGMA wal_checkpoint(FULL)")  # SQLite's log is written into the file
    _nothing_in_clear(tmp_path, words)


def _nothing_in_clear(folder: Path, words: list[str]) -> None:
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name.startswith("site.sqlite3")}
    assert set(files) >= {"site.sqlite3", "site.sqlite3-wal"}
    content = b"".join(files.values())
    assert b"Rescind the write-ups" in content  # what is public by nature is there: we look at the right bytes
    for word in words:
        for spelling in (word, word.lower(), word.split()[-1], word.split("@")[0]):
            assert spelling.encode() not in content, word


def _secrets(world: World) -> list[str]:
    with world.reading() as session:
        payloads = session.scalars(select(OutboxItem.payload)).all()
    found = [match[1] for payload in payloads if payload and (match := re.search(r'"secret": "([^"]+)"', payload))]
    assert len(found) == 3
    return found


def test_an_address_is_found_by_a_keyed_hash_alone(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    row = the_row(sqlite_world)
    assert row.email_hash == fingerprint("e-mail", MARIA)
    assert row.email_hash not in {hashlib.sha256(text.encode()).digest() for text in (MARIA, f"e-mail\0{MARIA}")}


def test_a_sealed_column_never_shows_the_same_bytes_twice(sqlite_world: World) -> None:
    sqlite_world.publish()
    for email in ("a@example.org", "b@example.org"):
        sqlite_world.sign(email=email)
    with sqlite_world.engine.connect() as connection:
        sealed = connection.exec_driver_sql("SELECT name, town FROM signature").all()
    assert len({bytes(value) for row in sealed for value in row}) == 4


def test_a_refused_signature_leaves_nothing_behind(world: World) -> None:
    """The row and its mail stand or fall together: here the mail's row cannot be written."""
    world.publish()

    def fail(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("INSERT INTO outbox_item"):
            raise RuntimeError("the power fails here")

    event.listen(world.engine, "before_cursor_execute", fail)
    try:
        assert world.sign().status_code == 500
    finally:
        event.remove(world.engine, "before_cursor_execute", fail)
    assert rows(world) == []
    assert not world.campaign().version_frozen
    assert world.sign().status_code == 200


def test_confirming_with_a_dead_link_is_refused_by_name(sqlite_world: World) -> None:
    sqlite_world.publish()
    with sqlite_world.work() as session, pytest.raises(LinkGone, match="no longer valid"):
        operations.confirm(session, "made up", now=sqlite_world.clock())
