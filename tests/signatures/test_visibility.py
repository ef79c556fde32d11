"""Who reads a name: every output that the program has, walked with people of unmistakable names."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from campaigns.adapters.printing import WeasyPrinter
from campaigns.coalition.exports import people_file
from campaigns.coalition.queries import agreeing
from campaigns.db import Base
from campaigns.deliveries import queries as deliveries
from campaigns.deliveries.models import DeliveryRow
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import CommentState
from tests.adapters.printed import PrintedList
from tests.backups import keep
from tests.doors import ADDRESSES, Opened, endpoints, open_door
from tests.make import a_world
from tests.signatures import mailing, posting
from tests.signatures.commanding import CALLED, UNCALLED, call_every_command, commands
from tests.signatures.everybody import (
    BY_CONFIRMATION,
    EVERYBODY,
    MADE_OUT,
    NOBODY,
    OWN,
    PEOPLE,
    ROLES,
    SHOWS_ALL,
    Listener,
    Site,
    addressed_in,
    betrayed_in,
    lived_in,
    named_in,
    spoken_in,
)

pytestmark = pytest.mark.usefixtures("site")

# Behind which door whose name stands. Every other door shows nobody.
NAMED = {
    "pages.campaign": frozenset({"public"}),
    "desk.preview": frozenset({"public"}),
    "signature_desk.index": frozenset({"public", "delivered", "waiting", "held", "on_sheet", "in_table"}),
    "comment_desk.index": frozenset({"public", "delivered"}),
    "review_desk.index": frozenset({"held"}),
    "review_desk.action": frozenset({"held"}),
    "delivery_desk.download": frozenset({"public", "delivered", "on_sheet", "in_table"}),
    "paper_desk.sheet": frozenset({"on_sheet"}),
    "paper_imports.show": frozenset({"in_table"}),
}

# Behind which door whose words stand: the comment that an organizer let stand, the answer meant for organizers.
SPEAKING = {
    "pages.campaign": frozenset({"public"}),
    "desk.preview": frozenset({"public"}),
    "signature_desk.index": frozenset({"public", "delivered", "waiting", "held"}),
    "comment_desk.index": frozenset({"public", "delivered", "counted"}),
}

# Doors that show of these only some at once: those in the state that is asked for.
BY_QUERY = {"comment_desk.index"}


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    log, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    with a_world(sqlite_template, tmp_path_factory.mktemp("walk")) as world:
        yield _looked_at(lived_in(world, log))
    root.setLevel(level)
    root.removeHandler(log)


def _looked_at(site: Site) -> Site:
    """Send every form and every mail from the site as it is, and leave it as it is."""
    world, now = site.world, site.world.clock()
    site.posted = posting.send_every_form(world, site.opened, site.places, [each.email for each in PEOPLE.values()])
    put_back = keep(world.engine)
    site.kinds = mailing.send_every_kind(world, PEOPLE["counted"].email)
    put_back()
    world.clock.now = now
    return site


def test_the_walk_knows_every_door(site: Site) -> None:
    """A new page, JSON or export: enter it in tests/doors.py, and above if a name may stand there."""
    assert endpoints(site.world.app) == set(ADDRESSES)
    assert set(NAMED) <= set(ADDRESSES)


def test_the_walk_came_through_the_doors(site: Site) -> None:
    """The admin may open each; so what is not found below is not found because nothing was shown."""
    closed = {(opened.endpoint, *opened.query.values()) for opened in site.opened["admin"] if not is_open(opened)}
    assert closed == {("security.login",), ("deliveries.verify_index", "unknown"), ("paper_desk.index", "1")}


def is_open(opened: Opened) -> bool:
    return opened.answer.status_code == 200


def allowed_by(table: Mapping[str, frozenset[str]], opened: Opened) -> frozenset[str]:
    return table.get(opened.endpoint, NOBODY) if is_open(opened) else NOBODY


@pytest.mark.parametrize("role", ROLES)
def test_behind_each_door_stand_exactly_the_names_that_belong_there(site: Site, role: str | None) -> None:
    """A query may narrow what a door shows, and never widens it."""
    seen = defaultdict[str, frozenset[str]](frozenset)
    for opened in site.opened[role]:
        if opened.endpoint in OWN:
            continue
        named, allowed = named_in(opened.text), allowed_by(NAMED, opened)
        assert named <= allowed, (role, opened.endpoint, opened.query)
        seen[opened.endpoint] |= named
        assert opened.query or named == allowed or opened.endpoint in BY_QUERY, (role, opened.endpoint)
    for endpoint in BY_QUERY:
        assert seen[endpoint] == (NAMED[endpoint] if role in ("organizer", "admin") else NOBODY), (role, endpoint)


@pytest.mark.parametrize("role", ROLES)
def test_no_door_shows_an_address_or_a_postcode(site: Site, role: str | None) -> None:
    for opened in site.opened[role]:
        owner = {key for key, token in site.own_pages.items() if opened.values.get("token") == token}
        allowed = owner if opened.endpoint in SHOWS_ALL | MADE_OUT else NOBODY
        assert addressed_in(opened.text) == allowed, (role, opened.endpoint, opened.query)


@pytest.mark.parametrize("role", ROLES)
def test_behind_each_door_stand_exactly_the_words_that_belong_there(site: Site, role: str | None) -> None:
    for opened in site.opened[role]:
        owner = {key for key, token in site.own_pages.items() if opened.values.get("token") == token}
        words = SPEAKING | dict.fromkeys(SHOWS_ALL, frozenset(owner))
        spoken, allowed = spoken_in(opened.text), allowed_by(words, opened)
        assert spoken <= allowed, (role, opened.endpoint, opened.query)
        assert opened.query or spoken == allowed or opened.endpoint in BY_QUERY, (role, opened.endpoint)


def test_only_those_who_were_sent_a_link_read_their_own_name_behind_it(site: Site) -> None:
    for endpoint in OWN:
        doors = [opened for opened in site.opened[None] if opened.endpoint == endpoint]
        seen = {(opened.values["token"], named_in(opened.text)) for opened in doors}
        tokens = site.tokens if endpoint in BY_CONFIRMATION else site.own_pages
        assert seen == {(token, frozenset({key})) for key, token in tokens.items()}, endpoint


@pytest.mark.parametrize("state", CommentState)
@pytest.mark.parametrize("role", ROLES)
def test_the_desk_shows_the_comments_of_each_state_to_organizers_without_the_names_that_are_withheld(
    site: Site, role: str | None, state: CommentState
) -> None:
    """All comments are put into one state: the desk shows them there, and nobody's in the others."""
    world, endpoint = site.world, "comment_desk.index"
    put_back = keep(world.engine)
    with world.work() as session:
        session.execute(update(Signature).where(Signature.comment.is_not(None)).values(comment_state=state.value))
    opened = open_door(world.app, world.desk(role) if role else world.client, site.places, endpoint)
    put_back()
    may_look = role in ("organizer", "admin")
    for each in opened:
        assert is_open(each) is may_look, each.query
        is_asked = may_look and each.query.get("state", "waiting") == state and "page" not in each.query
        assert named_in(each.text) == (NAMED[endpoint] if is_asked else NOBODY), each.query
        assert spoken_in(each.text) == (SPEAKING[endpoint] if is_asked else NOBODY), each.query


def test_the_answers_to_signing_and_confirming_name_nobody_else(site: Site) -> None:
    for key, text in site.answers:
        assert named_in(text) <= {key}
        assert betrayed_in(text) <= {key}


# What the answer to a form shows that leads to no other door.
ANSWERED = {
    "partner_desk.take_out": frozenset({"counted"}),
    "review_desk.person": frozenset({"public", "delivered", "waiting", "held"}),
}
# The file for a partner has the addresses of those who agreed; they read in their own words that it does.
ADDRESSED = {"partner_desk.take_out": frozenset({"counted"})}


def test_every_form_was_sent(site: Site) -> None:
    """A new form: it is found on its page, or entered in tests/signatures/posting.py."""
    assert {each.endpoint for each in site.posted} == endpoints(site.world.app, "POST")
    assert set(ANSWERED) | set(ADDRESSED) <= endpoints(site.world.app, "POST")
    assert not [each.endpoint for each in site.posted if each.answer.status_code >= 500]


def test_the_answer_to_each_form_names_nobody_who_does_not_belong_there(site: Site) -> None:
    owners = {token: key for tokens in (site.tokens, site.own_pages) for key, token in tokens.items()}
    for each in site.posted:
        owner = frozenset({owners.get(each.values.get("token", ""), "")})
        about = frozenset(key for key, person in PEOPLE.items() if person.email == each.about)
        by_role = (ANSWERED | NAMED).get(each.led_to, NOBODY)
        assert named_in(each.text) <= by_role | owner, (each.role, each.endpoint)
        assert addressed_in(each.text) <= ADDRESSED.get(each.endpoint, NOBODY) | owner | about, each.endpoint
        assert spoken_in(each.text) <= SPEAKING.get(each.led_to, NOBODY) | owner, (each.role, each.endpoint)


def test_a_found_person_is_named_to_organizers_unless_they_are_only_counted(site: Site) -> None:
    found = {each.about: named_in(each.text) for each in site.posted if each.endpoint == "review_desk.person"}
    assert {key: found[PEOPLE[key].email] for key in PEOPLE} == {
        key: NOBODY if key == "counted" else frozenset({key}) for key in PEOPLE
    }


def test_every_kind_of_mail_was_sent(site: Site) -> None:
    """A new kind of mail: let it happen in tests/signatures/mailing.py."""
    assert site.kinds == mailing.mails_of(site.world)


def test_each_mail_names_only_the_one_it_goes_to(site: Site) -> None:
    for message in site.world.mailer.sent:
        enclosed = [f"{each.name}\n{each.data.decode()}" for each in message.attachments]
        text = "\n".join([message.subject, message.text, message.html, repr(message.headers), *enclosed])
        owner = {key for key, person in EVERYBODY.items() if person.email == message.to}
        assert named_in(text) <= owner, message.subject
        assert addressed_in(text) <= owner, message.subject  # a receipt is made out to its giver
        assert spoken_in(text) == NOBODY


LISTED = {"public", "delivered", "on_sheet", "in_table"}


def test_the_list_that_is_handed_over_names_those_who_let_the_target_read_them(site: Site) -> None:
    printer = site.world.printer
    assert named_in("\n".join(printer.lines)) == LISTED
    assert len(printer.lines) == 4
    for text in (*printer.letters, *printer.documents, *(footer.left for footer in printer.footers)):
        assert named_in(text) == NOBODY
    for key, data in site.world.files.kept.items():
        assert named_in(data.decode()) == (LISTED if key.startswith("deliveries/") else NOBODY)
        assert betrayed_in(data.decode()) == NOBODY


def test_the_printed_file_holds_no_other_name_drawn_tagged_or_hidden(site: Site, tmp_path: Path) -> None:
    printing = replace(site.world.app.extensions["undersigned.printing"], printer=lambda: WeasyPrinter(tmp_path))
    with site.world.reading() as session:
        delivery = deliveries.find(session, site.places.delivery)
    assert delivery
    printed = PrintedList(printing.print(delivery).data)
    for text in ("\n".join(each.text or "" for each in printed.items), printed.text, printed.everything):
        assert named_in(text) == LISTED
        assert betrayed_in(text) == NOBODY
    assert named_in("\n".join(printed.bookmarks)) == NOBODY


def test_every_command_is_known(site: Site) -> None:
    """A new command: say in tests/signatures/commanding.py how it is called, or why it is not."""
    assert not set(CALLED) & set(UNCALLED)
    assert set(commands(site.world.app.cli)) == set(CALLED) | set(UNCALLED)


def test_no_command_prints_a_name_and_their_files_name_who_is_on_the_list(site: Site, tmp_path: Path) -> None:
    put_back = keep(site.world.engine)
    every = call_every_command(site.world, tmp_path)
    put_back()
    for called in every:
        assert named_in(called.text) | betrayed_in(called.text) == NOBODY, called.name
        assert isinstance(called.result.exception, SystemExit | None), called.text
    written = {path.name: path.read_bytes().decode("latin-1") for path in tmp_path.iterdir()}
    assert written.keys() == {"list.pdf", "site.tar"}
    for text in written.values():
        assert named_in(text) == LISTED  # the archive holds each list that was made; its tables are sealed
        assert betrayed_in(text) == NOBODY


def test_the_file_for_a_partner_names_who_ticked_that_and_counts_and_nobody_else(site: Site) -> None:
    """Also who is nowhere else by name: by their own consent, whose words say so, to this one reader."""
    with site.world.reading() as session:
        campaign = site.world.campaign()
        content = people_file(agreeing(session, campaign.id, UUID(site.places.partner)))
    assert named_in(content.replace(PEOPLE["counted"].email, "")) == {"counted"}
    assert "even if you choose that nobody may see your name" in content
    assert spoken_in(content) == NOBODY
    assert not any(person.postcode in content or person.town in content for person in PEOPLE.values())


def test_the_frozen_rows_hold_the_named_and_a_hash_of_the_counted(site: Site) -> None:
    with site.world.reading() as session:
        rows = session.execute(select(DeliveryRow.__table__)).all()
    assert named_in(repr(rows)) == LISTED
    assert betrayed_in(repr(rows)) == NOBODY
    assert sum(row.withheld_hash is not None for row in rows) == 3


def test_no_table_holds_anybody_in_clear(site: Site) -> None:
    with site.world.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            raw = repr(connection.exec_driver_sql(f'SELECT * FROM "{table.name}"').all())
            assert named_in(raw) == NOBODY, table.name
            assert betrayed_in(raw) == NOBODY, table.name


def test_the_audit_trail_names_nobody_even_to_who_holds_the_key(site: Site) -> None:
    with site.world.reading() as session:
        trail = repr(session.execute(select(Base.metadata.tables["audit_record"])).all())
    assert "delivery.requested" in trail
    assert named_in(trail) | betrayed_in(trail) == NOBODY


def test_the_log_names_nobody(site: Site) -> None:
    for event in ("request failed", "mail not accepted", "outbox item failed"):
        assert any(event in line for line in site.log.heard), event
    for line in site.log.heard:
        assert named_in(line) == NOBODY, line
        assert betrayed_in(line) == NOBODY, line
