"""Who reads a name: every output that the program has, walked with people of unmistakable names."""

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from campaigns.campaign import queries as campaign_queries
from campaigns.campaign.questions import Kind, Question, ReadBy
from campaigns.coalition.exports import people_file
from campaigns.coalition.queries import agreeing
from campaigns.comments.operations import review as review_comments
from campaigns.comments.rules import reading_of
from campaigns.db import Base
from campaigns.deliveries import operations as deliveries
from campaigns.deliveries.models import DeliveryRow
from campaigns.kernel.ports import MailNotAccepted
from campaigns.review import operations as review
from campaigns.review.rules import Decision, Rule
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import CommentState, Review
from tests.coalition.make import add_partner, make_link, ticked
from tests.doors import ADDRESSES, Opened, Places, endpoints, open_all
from tests.make import GIVE, World, a_world, appeal
from tests.paper.make import person as paper_row
from tests.paper.make import walked_paper
from tests.subscriptions.make import ask as ask_for_news
from tests.subscriptions.make import link as news_link
from tests.subscriptions.make import stop_link

pytestmark = pytest.mark.usefixtures("site")
ROLES = (None, "organizer", "treasurer", "approver", "admin")
NOBODY: frozenset[str] = frozenset()

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
# Who has ticked that a partner may have name and address. Only the first of them counts.
AGREEING = ("counted", "waiting", "held")
QUESTIONS = (
    Question("", Kind.TEXT, "Where in the hub?", read_by=ReadBy.DELIVERED),
    Question("", Kind.TEXT, "Who could speak for us?"),
)


# What a mailed link shows to the one it was mailed to, and to nobody else.
BY_CONFIRMATION = frozenset({"signatures.confirm_page", "astray.not_me_page"})
OWN = BY_CONFIRMATION | {"supporters.page", "supporters.data"}
# Of these, the doors that also show what else is kept about the person: it is theirs.
SHOWS_ALL = frozenset({"supporters.page", "supporters.data"})


@dataclass(frozen=True)
class Person:
    """Somebody whose name, place and words occur nowhere else."""

    key: str
    name: str
    email: str
    town: str
    postcode: str
    comment: str
    visibility: str
    answer_q1: str
    answer_q2: str

    def is_named_in(self, text: str) -> bool:
        return any(mark.lower() in text.lower() for mark in (*self.name.split(), self.town))

    def is_addressed_in(self, text: str) -> bool:
        """Whether something stands there that is for nobody's eyes: address, postcode."""
        local, _, domain = self.email.partition("@")
        return any(mark.lower() in text.lower() for mark in (local, domain, self.postcode))

    def speaks_in(self, text: str) -> bool:
        """Whether the comment stands there, or the private answer."""
        return any(mark.lower() in text.lower() for mark in (self.comment, self.answer_q2))

    def is_betrayed_in(self, text: str) -> bool:
        return self.is_addressed_in(text) or self.speaks_in(text)


def _person(key: str, visibility: str, name: str, town: str, host: str) -> Person:
    local = f"{name[:4].lower()}.{len(town) * 11}"
    return Person(
        key,
        name,
        f"{local}@{host}.example",
        town,
        f"{key[0]}X90210",
        f"Because of {host}berries",
        visibility,
        f"Hall of {town}",
        f"Ask for {host}wort",
    )


PEOPLE = {
    person.key: person
    for person in (
        _person("public", "public", "Philomena Clearwater", "Pottsville", "posteo"),
        _person("delivered", "delivered", "Desdemona Fallowfield", "Dunwich", "mailbox"),
        _person("counted", "counted", "Cornelius Undertow", "Carcosa", "tuta"),
        _person("waiting", "public", "Wilhelmina Antechamber", "Wittgenborn", "riseup"),
        _person("held", "public", "Hieronymus Quarantine", "Hinterzarten", "disroot"),
    )
}


# On paper: on a sheet and in an imported table, each with and without the tick that allows the list.
PAPER = {
    person.key: person
    for person in (
        _person("on_sheet", "delivered", "Ottokar Pasteboard", "Oberammergau", "vivaldi"),
        _person("on_sheet_counted", "counted", "Leocadia Foolscap", "Llandudno", "hushmail"),
        _person("in_table", "delivered", "Thaddeus Parchment", "Tewkesbury", "runbox"),
        _person("in_table_counted", "counted", "Euphemia Vellum", "Eisenhuettenstadt", "zoho"),
    )
}
EVERYBODY = PEOPLE | PAPER


class Listener(logging.Handler):
    """Keeps all that is logged, with everything a formatter might print of it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        printed = logging.Formatter().format(record)
        self.heard.append(f"{printed}\n{record.__dict__}")


@dataclass
class Site:
    """A site on which all five have signed, a list is made and a gift is given; and what it put out on the way."""

    world: World
    places: Places
    tokens: dict[str, str]
    own_pages: dict[str, str]
    answers: list[tuple[str, str]]
    log: Listener
    opened: dict[str | None, list[Opened]]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    log, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    with a_world(sqlite_template, tmp_path_factory.mktemp("walk")) as world:
        yield _lived_in(world, log)
    root.setLevel(level)
    root.removeHandler(log)


def _lived_in(world: World, log: Listener) -> Site:
    world.publish(appeal(questions=QUESTIONS))
    _break_things(world)
    partner = add_partner(world)
    answers = [("counted", ask_for_news(world, PEOPLE["counted"].email).text)]
    for key, person in PEOPLE.items():
        world.clock.move(seconds=1)
        tick = ticked(world) if key in AGREEING else {}
        answers.append((key, world.sign(**_typed(person) | tick).text))
    with world.work() as session:
        held = select(Signature.id).order_by(Signature.created_at.desc()).limit(1).scalar_subquery()
        session.execute(update(Signature).where(Signature.id == held).values(review=Review.HELD.value))
    world.run_worker()
    tokens = {key: world.mailer.link(person.email, "/confirm/").rpartition("/")[2] for key, person in PEOPLE.items()}
    before = [(key, world.client.get(f"/confirm/{token}").text) for key, token in tokens.items()]
    answers += before + [(key, world.client.post(f"/confirm/{tokens[key]}").text) for key in tokens if key != "waiting"]
    world.run_worker()
    _show_every_comment(world)
    answers += [(key, world.sign(**_typed(person)).text) for key, person in PEOPLE.items() if key == "counted"]
    own_pages = {key: _own_page(world, person, answers) for key, person in PEOPLE.items()}
    places = replace(_places(world), tokens=tuple(tokens.values()), own_pages=tuple(own_pages.values()))
    links = {"news": news_link(world, PEOPLE["counted"].email), "stop": stop_link(world, PEOPLE["counted"].email)}
    links = {name: link.rpartition("/")[2] for name, link in links.items()}
    places = replace(places, partner=str(partner), news=links["news"], stop_news=links["stop"])
    places = replace(places, partner_link=make_link(world, partner).rpartition("/")[2])
    opened = {role: open_all(world.app, world.desk(role) if role else world.client, places) for role in ROLES}
    world.run_worker()
    return Site(world, places, tokens, own_pages, answers, log, opened)


def _own_page(world: World, person: Person, answers: list[tuple[str, str]]) -> str:
    answers.append((person.key, world.client.post("/my", data={"email": person.email}).text))
    world.run_worker()
    return world.mailer.link(person.email, "/my/").rpartition("/")[2]


def _show_every_comment(world: World) -> None:
    """An organizer ticks whatever there is."""
    with world.work() as session:
        rows = session.execute(select(Signature.id, Signature.comment)).all()
        readings = [reading_of(row.id, row.comment or "") for row in rows]
        shown = review_comments(
            session, world.campaign().id, readings, CommentState.SHOWN, actor="test", now=world.clock()
        )
    assert shown == len(PEOPLE)


def _break_things(world: World) -> None:
    """What fails is logged with all that is known about it: in the database, in the mail, in the print."""
    counted = PEOPLE["counted"]
    with world.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER broken BEFORE INSERT ON signature BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
    assert world.sign(**_typed(counted)).status_code == 500
    with world.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER broken")
    world.mailer.refusing = MailNotAccepted(f"{counted.email} is not known here", final=True)
    assert world.sign(**_typed(counted)).status_code == 200
    world.run_worker()
    world.clock.move(minutes=1)  # sooner, signing again would be one press too many
    world.mailer.refusing = None
    world.printer.breaks_off = 1


def _typed(person: Person) -> dict[str, str]:
    typed = {name: value for name, value in asdict(person).items() if name != "key"}
    return typed | {"country": "AE"}  # where no postcode is known to be wrong


def _places(world: World) -> Places:
    paper = _paper(world)
    hosted = world.give(**GIVE)
    world.pay(hosted)
    with world.work() as session:
        campaign = world.campaign()
        delivery = deliveries.request(
            session, campaign, paper="letter", answer_expected=None, actor="test", now=world.clock()
        )
        fund = campaign_queries.funds_of(session, campaign.id)[0]
        action = review.ask(session, campaign, Decision.RELEASE, Rule(), actor="test", now=world.clock())
    world.run_worker()
    world.clock.move(minutes=1)
    world.run_worker()  # the printer broke off the first time
    donation = world.checkout.requests[0].success_url.rpartition("/")[2].partition("?")[0]
    asset = _asset(world)
    return Places(donation=donation, delivery=delivery, fund=str(fund.id), action=str(action), asset=asset, **paper)


def _paper(world: World) -> dict[str, str]:
    """Type in two on a sheet, import two in a table."""
    typed = [paper_row(each.name, each.email, each.town, each.postcode) for each in PAPER.values()]
    typed[0]["listed"] = "y"
    table = [
        ",".join([*(row[name] for name in ("name", "town", "postcode", "email")), listed])
        for row, listed in zip(typed[2:], ("yes", "no"), strict=True)
    ]
    return walked_paper(world, sheet=typed[:2], table=table)


def _asset(world: World) -> tuple[str, str]:
    _, _, rest = world.client.get("/").text.partition("/static/")
    digest, _, name = rest.partition('"')[0].partition("/")
    return digest, name


def named_in(text: str) -> frozenset[str]:
    return frozenset(key for key, person in EVERYBODY.items() if person.is_named_in(text))


def addressed_in(text: str) -> frozenset[str]:
    return frozenset(key for key, person in EVERYBODY.items() if person.is_addressed_in(text))


def spoken_in(text: str) -> frozenset[str]:
    return frozenset(key for key, person in EVERYBODY.items() if person.speaks_in(text))


def betrayed_in(text: str) -> frozenset[str]:
    return frozenset(key for key, person in EVERYBODY.items() if person.is_betrayed_in(text))


def test_the_walk_knows_every_door(site: Site) -> None:
    """A new page, JSON or export: enter it in tests/doors.py, and above if a name may stand there."""
    assert endpoints(site.world.app) == set(ADDRESSES)
    assert set(NAMED) <= set(ADDRESSES)


def test_the_walk_came_through_the_doors(site: Site) -> None:
    """The admin may open each; so what is not found below is not found because nothing was shown."""
    closed = {opened.endpoint: opened.answer.status_code for opened in site.opened["admin"]}
    assert {endpoint for endpoint, status in closed.items() if status != 200} == {"security.login"}


@pytest.mark.parametrize("role", ROLES)
def test_behind_each_door_stand_exactly_the_names_that_belong_there(site: Site, role: str | None) -> None:
    for opened in site.opened[role]:
        if opened.endpoint in OWN:
            continue
        expected = NAMED.get(opened.endpoint, NOBODY) if opened.answer.status_code == 200 else NOBODY
        assert named_in(opened.text) == expected, (role, opened.endpoint)


@pytest.mark.parametrize("role", ROLES)
def test_no_door_shows_an_address_or_a_postcode(site: Site, role: str | None) -> None:
    for opened in site.opened[role]:
        owner = {key for key, token in site.own_pages.items() if opened.values.get("token") == token}
        allowed = owner if opened.endpoint in SHOWS_ALL else NOBODY
        assert addressed_in(opened.text) == allowed, (role, opened.endpoint)


@pytest.mark.parametrize("role", ROLES)
def test_behind_each_door_stand_exactly_the_words_that_belong_there(site: Site, role: str | None) -> None:
    for opened in site.opened[role]:
        owner = {key for key, token in site.own_pages.items() if opened.values.get("token") == token}
        words = SPEAKING | dict.fromkeys(SHOWS_ALL, frozenset(owner))
        expected = words.get(opened.endpoint, NOBODY) if opened.answer.status_code == 200 else NOBODY
        assert spoken_in(opened.text) == expected, (role, opened.endpoint)


def test_only_those_who_were_sent_a_link_read_their_own_name_behind_it(site: Site) -> None:
    for endpoint in OWN:
        doors = [opened for opened in site.opened[None] if opened.endpoint == endpoint]
        seen = {opened.values["token"]: named_in(opened.text) for opened in doors}
        tokens = site.tokens if endpoint in BY_CONFIRMATION else site.own_pages
        assert seen == {token: frozenset({key}) for key, token in tokens.items()}, endpoint


def test_the_answers_to_signing_and_confirming_name_nobody_else(site: Site) -> None:
    for key, text in site.answers:
        assert named_in(text) <= {key}
        assert betrayed_in(text) <= {key}


def test_each_mail_names_only_the_one_it_goes_to(site: Site) -> None:
    assert len(site.world.mailer.sent) >= 7  # five to confirm, one "already signed", one receipt
    for message in site.world.mailer.sent:
        text = f"{message.subject}\n{message.text}\n{message.html}\n{message.headers}"
        owner = {key for key, person in PEOPLE.items() if person.email == message.to}
        assert named_in(text) <= owner
        assert betrayed_in(text) == NOBODY


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
