"""What somebody leaves behind who never gives money, and a search of everything for any of it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from werkzeug.test import TestResponse

from campaigns.campaign.questions import Kind, Question, ReadBy
from campaigns.db import Base
from campaigns.db.sealing import open_sealed
from campaigns.deliveries import operations as deliveries
from campaigns.deliveries.models import Delivery
from campaigns.kernel.ports import MailNotAccepted
from campaigns.paper import importing
from campaigns.paper import operations as paper
from campaigns.paper.checks import check_all
from campaigns.paper.models import PaperImport
from campaigns.paper.rules import Typed
from campaigns.partners.models import Partner
from campaigns.payments.models import PaymentEvent
from campaigns.review.models import ReviewAction
from campaigns.review.queries import email_hash
from campaigns.review.rules import Decision, Rule, Step
from campaigns.signatures.rules import CommentState
from campaigns.web.logs import JsonLines
from tests.coalition.make import add_partner, ticked
from tests.make import World, appeal, csrf_token, petition
from tests.paper.make import photo
from tests.review.make import ask, step, work_off
from tests.signatures.everybody import Listener
from tests.subscriptions.make import subscribe

WILHELMINA = {
    "name": "Wilhelmina Quarrington",
    "email": "w.quarrington@gansbach.example",
    "town": "Zwiefalten",
    "postcode": "ZX88529",
    "comment": "Because of gooseberries",
    "updates": "y",
    "country": "AE",  # where no postcode is known to be wrong
    "answer_q1": "+49 7373 5550142",
    "answer_q2": "Blossbrook yard",
}
MARKS = ("quarrington", "wilhelmina", "gansbach", "zwiefalten", "zx88529", "gooseberries", "5550142", "blossbrook")
QUESTIONS = (Question("", Kind.PHONE), Question("", Kind.WORKPLACE, read_by=ReadBy.DELIVERED))


class Printed(Listener):
    """Keeps what is printed: the site's own lines as operators read them, all others as wordy as can be."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("campaigns."):
            self.heard.append(JsonLines().format(record))
        else:
            super().emit(record)


@contextmanager
def listening() -> Iterator[Printed]:
    """Hear everything that is logged, down to the smallest."""
    listener, root = Printed(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield listener
    root.setLevel(level)
    root.removeHandler(listener)


def marks_in(content: str) -> set[str]:
    return {mark for mark in MARKS if mark in content.lower()}


def everything_stored(world: World) -> Iterator[tuple[str, str]]:
    """Every column of every table, as it stands and, where it is sealed, opened."""
    with world.engine.connect() as connection:
        for name in [*Base.metadata.tables, "alembic_version"]:
            for row in connection.execute(text(f'SELECT * FROM "{name}"')).mappings():
                for column, value in row.items():
                    yield f"{name}.{column}", _opened(value)


def _opened(value: Any) -> str:
    if not isinstance(value, bytes | memoryview):
        return str(value)
    try:
        return open_sealed(bytes(value))
    except Exception:
        return bytes(value).decode("latin-1")


def found_in(world: World) -> set[tuple[str, str]]:
    """Where anything of the person is found: tables, files, and what the site still hands out."""
    kept = [*everything_stored(world)]
    kept += [(f"file {key}", data.decode("latin-1")) for key, data in world.files.kept.items()]
    kept += [(path, world.see(path).text) for path in ("/", "/campaigns/rescind", "/campaigns/rescind/count.json")]
    desk = world.desk()
    kept += [(path, _opened_at(desk, path).text) for path in _desk_pages(world)]
    kept += [*_taken_out(world, desk)]
    return {(where, mark) for where, content in kept for mark in marks_in(content)}


def _opened_at(desk: FlaskClient, path: str) -> TestResponse:
    answer = desk.get(path)
    assert answer.status_code == 200 or path.endswith(".pdf"), path  # a list's file goes with somebody it names
    return answer


def _taken_out(world: World, desk: FlaskClient) -> Iterator[tuple[str, str]]:
    """The file of each partner, as an organizer takes it out by a button."""
    with world.reading() as session:
        partners = session.scalars(select(Partner.id)).all()
    for path in [f"/desk/campaigns/rescind/partners/{partner_id}/people" for partner_id in partners]:
        answer = desk.post(path, data={"csrf_token": csrf_token(desk, path)})
        assert answer.mimetype == "text/csv"
        yield "the partner's file", answer.text


def _desk_pages(world: World) -> list[str]:
    with world.reading() as session:
        lists = session.scalars(select(Delivery.public_id)).all()
        actions = session.scalars(select(ReviewAction.id)).all()
        partners = session.scalars(select(Partner.id)).all()
        tables = session.scalars(select(PaperImport.id)).all()
    pages = ["", "/signatures/", "/deliveries/", "/review/", *(f"/review/{action_id}" for action_id in actions)]
    pages += ["/partners", *(f"/partners/{partner_id}{end}" for partner_id in partners for end in ("", "/people"))]
    pages += [f"/comments?state={state.value}" for state in CommentState]
    pages = [f"/desk/campaigns/rescind{page}" for page in pages]
    papers = ["", "sheets/1", *(f"imports/{import_id}" for import_id in tables)]
    pages += [f"/desk/campaigns/third/paper/{page}" for page in papers]
    return pages + [f"/desk/deliveries/{public_id}{end}" for public_id in lists for end in ("", ".pdf")]


def make_list(world: World) -> str:
    with world.work() as session:
        public_id = deliveries.request(
            session, world.campaign(), paper="a4", answer_expected=None, actor="test", now=world.clock()
        )
    world.run_worker()
    return public_id


def on_paper(world: World) -> None:
    """The same person on a sheet of a third campaign, and in a table that waits to be imported there."""
    world.publish(petition(slug="third"))
    typed = {name: WILHELMINA[name] for name in ("name", "town", "postcode", "email")}
    with world.work() as session:
        third = world.campaign("third")
        paper.ask_print(session, third, paper="a4", sheets=1, actor="test", now=world.clock())
        rows = [*check_all([Typed(1, **typed, country="AE", is_listed=True)])]
        paper.enter_sheet(session, third.id, 1, rows, actor="test", now=world.clock())
        paper.keep_photo(session, third.id, 1, photo(), actor="test", now=world.clock())
        importing.take_in(session, third, [["name", "email"], [*typed.values()]], actor="test", now=world.clock())


def look_for(world: World) -> None:
    """An organizer decides by rules that name the person: one by the name, one by the exact address."""
    for rule in (
        Rule(review=None, name="W* Quarrington"),
        Rule(review=None, email_hash=email_hash(WILHELMINA["email"])),
    ):
        action_id = ask(world, Decision.HOLD, rule)
        work_off(world, action_id)
        step(world, action_id, Step.CANCEL)


_COMPLAINT = f"{WILHELMINA['name']} <{WILHELMINA['email']}> is not known here"


def lives_here(world: World) -> None:
    """Everything that somebody can leave behind without giving money."""
    world.publish(appeal(questions=QUESTIONS))
    world.publish(petition(slug="other", questions=QUESTIONS))
    world.sign_and_confirm(email="first@example.org", name="Ana First", visibility="public")
    add_partner(world)
    world.sign_and_confirm(visibility="public", **WILHELMINA | ticked(world))
    subscribe(world, WILHELMINA["email"])
    world.sign_and_confirm("other", visibility="counted", **WILHELMINA)
    on_paper(world)
    make_list(world)
    look_for(world)
    world.sign(**WILHELMINA)  # "already signed"
    abandoned = world.give(email=WILHELMINA["email"], name=WILHELMINA["name"], message="Because of gooseberries")
    world.checkout.expire(abandoned)
    world.ring("evt_1", "checkout.session", abandoned)
    with world.work() as session:  # what a real event says of who did not pay
        session.execute(update(PaymentEvent).values(body=f'{{"customer_email": "{WILHELMINA["email"]}"}}'))
    world.run_worker()
    for problem in (MailNotAccepted(_COMPLAINT, final=True), RuntimeError(_COMPLAINT)):
        world.mailer.refusing = problem
        world.clock.move(days=1)
        world.sign(**WILHELMINA)
        world.run_worker()
    world.mailer.refusing = None
