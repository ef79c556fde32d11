"""A site on which everybody has been: each visibility, on the web and on paper, waiting and held, and its log."""

import logging
from dataclasses import asdict, dataclass, field, replace

from sqlalchemy import select, update

from campaigns.campaign import queries as campaign_queries
from campaigns.campaign.questions import Kind, Question, ReadBy
from campaigns.comments.operations import review as review_comments
from campaigns.comments.rules import reading_of
from campaigns.deliveries import operations as deliveries
from campaigns.kernel.ports import MailNotAccepted
from campaigns.review import operations as review
from campaigns.review.rules import Decision, Rule
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import CommentState, Review
from tests.coalition.make import add_partner, make_link, ticked
from tests.doors import Opened, Places, open_all
from tests.make import GIVE, World, appeal
from tests.membership.make import make_tier
from tests.paper.make import person as paper_row
from tests.paper.make import walked_paper
from tests.signatures.posting import Posted
from tests.subscriptions.make import ask as ask_for_news
from tests.subscriptions.make import link as news_link
from tests.subscriptions.make import stop_link

ROLES = (None, "organizer", "treasurer", "approver", "admin")
# Who has ticked that a partner may have name and address. Only the first of them counts.
AGREEING = ("counted", "waiting", "held")
QUESTIONS = (
    Question("", Kind.TEXT, "Where in the hub?", read_by=ReadBy.DELIVERED),
    Question("", Kind.TEXT, "Who could speak for us?"),
)
NOBODY: frozenset[str] = frozenset()
# What a mailed link shows to the one it was mailed to, and to nobody else.
BY_CONFIRMATION = frozenset({"signatures.confirm_page", "astray.not_me_page"})
OWN = BY_CONFIRMATION | {"supporters.page", "supporters.data"}
# Of these, the doors that also show what else is kept about the person: it is theirs.
SHOWS_ALL = frozenset({"supporters.page", "supporters.data"})
# And those where the address alone stands, to whom a paper is made out.
MADE_OUT = frozenset({"own_gifts.printed"})


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
    """A site on which all five have signed, a list is made and a gift is given; and what it put out on the way.

    `posted` and `kinds` are what came back of each form, and each kind of mail sent, where somebody tried them all.
    """

    world: World
    places: Places
    tokens: dict[str, str]
    own_pages: dict[str, str]
    answers: list[tuple[str, str]]
    log: Listener
    opened: dict[str | None, list[Opened]]
    posted: list[Posted] = field(default_factory=list)
    kinds: frozenset[str] = frozenset()


def lived_in(world: World, log: Listener) -> Site:
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
    asset, paid_monthly = _asset(world), _monthly(world)
    receipt = (world.mailer.link(GIVE["email"], "/my/").rpartition("/")[2], "2026-00001")
    return Places(
        donation=donation, receipt=receipt, delivery=delivery, fund=str(fund.id), action=str(action), asset=asset,
        **paper, **paid_monthly,
    )  # fmt: skip


def _monthly(world: World) -> dict[str, str]:
    """Somebody who signed nothing gives each month; people can join."""
    giver = "monthly@giver.example"
    session_id = world.give(email=giver, frequency="monthly")
    world.subscriptions.pay(session_id)
    world.ring("evt_monthly", "checkout.session", session_id)
    world.run_worker()
    number = world.subscriptions.requests[session_id].success_url.rpartition("/")[2]
    manage = world.mailer.link(giver, "/monthly/manage/").rpartition("/")[2]
    return {"monthly": number, "manage": manage, "tier": str(make_tier(world))}


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
