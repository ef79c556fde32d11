"""Builders: a site, and what may have happened on it."""

import base64
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from campaigns.accounts import operations as accounts
from campaigns.accounts.security import DATASTORE
from campaigns.campaign import operations as campaign_operations
from campaigns.campaign import queries as campaign_queries
from campaigns.campaign.operations import CampaignFields, FundFields
from campaigns.campaign.queries import Ask, CampaignFacts
from campaigns.campaign.rules import Demand
from campaigns.db import make_engine
from campaigns.factory import Vendors, create_app
from campaigns.outbox.models import Schedule
from campaigns.settings import Settings
from campaigns.web import caching
from tests.fakes.checkout import FakeCheckout
from tests.fakes.clock import FakeClock
from tests.fakes.files import FakeFiles
from tests.fakes.mail import FakeMailer
from tests.fakes.printer import FakePrinter
from tests.fakes.subscriptions import FakeSubscriptions

T = TypeVar("T")
PASSWORD = "correct horse battery"
ENVIRONMENT = {
    "SECRET_KEY": "a secret key for tests, of some length",
    "ENCRYPTION_KEY": base64.urlsafe_b64encode(bytes(range(32))).decode(),
    "SITE_URL": "http://localhost",
    "LEGAL_NAME": "Hub Workers e. V.",
    "CONTACT_EMAIL": "hub@example.org",
}


def settings(database_url: str, instance: Path, **changes: str) -> Settings:
    environment = ENVIRONMENT | {"DATABASE_URL": database_url, "INSTANCE_PATH": str(instance)} | changes
    return Settings.from_environment(environment)


# What a site does every hour or seldomer was done a moment before its test begins.
RARELY = timedelta(hours=1)


def migrate(url: str) -> None:
    """Bring an empty database to the newest tables, by the command that operators use."""
    with TemporaryDirectory() as folder:
        app = create_app(settings(url, Path(folder)))
        result = app.test_cli_runner().invoke(args=["database", "upgrade"])
        assert result.exit_code == 0, result.output
        with app.extensions["undersigned"].work() as session:
            for each in app.extensions["undersigned.worker"]("rested").registry.recurring:
                if each.every >= RARELY:
                    session.add(Schedule(key=each.key, due_at=FakeClock().now + each.every))
        app.extensions["undersigned"].engine.dispose()  # the last connection writes SQLite's log into the file


def petition(**changes: Any) -> CampaignFields:
    """A campaign with a petition and no appeal."""
    fields = CampaignFields(
        headline="Rescind the write-ups",
        slug="rescind",
        summary="Eleven of us were written up for talking.",
        story="It happened **last week**.",
        organisation="Hub Workers",
        target_name="Hub Management",
        contact_email="hub@example.org",
        demands=(Demand("Rescind all eleven write-ups", "Talking is no offence."), Demand("Reinstate Jo Hill", "")),
        goal=100,
    )
    return replace(fields, **changes)


def fund(**changes: Any) -> FundFields:
    fields = FundFields(
        name="Jo Hill and the hub",
        currency="USD",
        purpose="Jo Hill's costs while the firing is fought.",
        beyond="Organizing at the hub.",
        recipient="Hub Workers e. V.",
        suggested_minor=3000,
        presets_minor=(1000, 3000, 5000),
    )
    return replace(fields, **changes)


def appeal(**changes: Any) -> CampaignFields:
    """A campaign with a petition and an appeal for 30 dollars."""
    return petition(**{"has_appeal": True, "fund": fund()} | changes)


SIGN = {
    "name": "Maria Ortiz",
    "email": "maria@example.org",
    "town": "Hebron",
    "postcode": "41048",
    "country": "US",
    "visibility": "delivered",
}
GIVE = {"preset": "30", "email": "maria@example.org"}


class CompiledTemplates(BytecodeCache):
    """Compiled once for every site that the tests make."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


class CompiledAddresses:
    """What builds the addresses of a site's routes, compiled once for every site: nine tenths of making a site.

    The same rule compiles to the same function, which looks its converters up in the rule it is bound to. One with
    defaults has values of its own in it, and is compiled anew.
    """

    def __init__(self, compile_builder: Callable[[Rule, bool], Any]) -> None:
        self.kept: dict[tuple[object, ...], Any] = {}
        self.compile_builder = compile_builder

    def of(self, rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return self.compile_builder(rule, append_unknown)
        key = (rule.rule, append_unknown, *rule._trace)
        if key not in self.kept:
            self.kept[key] = self.compile_builder(rule, append_unknown)
        return self.kept[key]

    @classmethod
    def install(cls) -> None:
        compiled: Any = cls(Rule._compile_builder)
        rules: Any = Rule
        rules._compile_builder = lambda rule, append_unknown=True: compiled.of(rule, append_unknown)


CompiledAddresses.install()


class CompiledStatements:
    """Statements compiled once for every engine of one kind of database: else each test compiles all it says anew."""

    def __init__(self) -> None:
        self.kept: LRUCache[Any, Any] = LRUCache(20_000)
        self.dialects: dict[str, Dialect] = {}

    def share(self, engine: Engine) -> None:
        if engine.dialect.name not in self.dialects:
            engine.connect().close()  # it learns what it talks to
            self.dialects[engine.dialect.name] = engine.dialect
        engine.dialect, engine._compiled_cache = self.dialects[engine.dialect.name], self.kept


STATEMENTS = CompiledStatements()


def make_cheap(app: Flask) -> None:
    """Tests make many sites: their passwords need not withstand anybody, nor their databases a power cut."""
    app.jinja_env.bytecode_cache = COMPILED
    engine = app.extensions["undersigned"].engine
    STATEMENTS.share(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    security = app.extensions["security"]
    security.pwd_context = security.pwd_context.copy(argon2__rounds=1, argon2__memory_cost=8, argon2__parallelism=1)


@dataclass
class World:
    """A site with its fakes, and short words for what people do on it."""

    app: Flask
    engine: Engine
    clock: FakeClock
    mailer: FakeMailer
    files: FakeFiles
    printer: FakePrinter
    checkout: FakeCheckout
    subscriptions: FakeSubscriptions

    @classmethod
    def new(cls, engine: Engine, database_url: str, instance: Path, **changes: str) -> "World":
        clock, mailer, files, printer = FakeClock(), FakeMailer(), FakeFiles(), FakePrinter()
        checkout, subscriptions = FakeCheckout(clock), FakeSubscriptions(clock)
        vendors = Vendors(
            checkout=checkout, books=checkout, subscriptions=subscriptions, mailer=mailer, files=files,
            printer=lambda: printer, clock=clock, engine=engine,
        )  # fmt: skip
        app = create_app(settings(database_url, instance, **changes), vendors)
        make_cheap(app)
        return cls(app, engine, clock, mailer, files, printer, checkout, subscriptions)

    @property
    def client(self) -> FlaskClient:
        """A browser that nobody has used before, on a site that keeps no facts from before it."""
        self.app.extensions[caching.EXTENSION].values.clear()
        return self.app.test_client()

    def work(self) -> AbstractContextManager[Session]:
        work: AbstractContextManager[Session] = self.app.extensions["undersigned"].work()
        return work

    def reading(self) -> AbstractContextManager[Session]:
        session: AbstractContextManager[Session] = self.app.extensions["undersigned"].reading()
        return session

    def see(self, path: str) -> TestResponse:
        """Open a public page as it is now: what the site keeps of it for a second is dropped first."""
        self.app.extensions[caching.EXTENSION].forget()
        return self.client.get(path)

    def run_worker(self) -> None:
        """Let a worker do everything that is due, schedules included."""
        worker = self.app.extensions["undersigned.worker"]("test worker")
        self.clock.move(seconds=2)
        while worker.run_once():
            self.clock.move(milliseconds=1)

    def publish(self, fields: CampaignFields | None = None) -> CampaignFacts:
        fields = fields or petition()
        with self.work() as session:
            slug = campaign_operations.create(session, fields, actor="test", now=self.clock())
            campaign_operations.publish(session, slug, actor="test", now=self.clock())
        return self.campaign(slug)

    def campaign(self, slug: str = "rescind") -> CampaignFacts:
        with self.reading() as session:
            found = campaign_queries.find_by_slug(session, slug, self.clock())
        assert found is not None
        return found

    def ask(self, slug: str = "rescind") -> Ask:
        with self.reading() as session:
            found = campaign_queries.ask_of(session, self.campaign(slug))
        assert found is not None
        return found

    # What supporters do

    def sign(self, slug: str = "rescind", **changes: str) -> TestResponse:
        return self.client.post(f"/campaigns/{slug}/sign", data=SIGN | changes)

    def confirm(self, email: str = "maria@example.org") -> TestResponse:
        self.run_worker()
        response = self.client.post(self.mailer.link(email, "/confirm/"))
        self.run_worker()
        return response

    def sign_and_confirm(self, slug: str = "rescind", **changes: str) -> None:
        assert self.sign(slug, **changes).status_code == 200
        assert self.confirm(changes.get("email", SIGN["email"])).status_code == 200

    def give(self, slug: str = "rescind", **changes: str) -> str:
        """Fill in the donation form; return the id of the hosted page that was opened."""
        response = self.client.post(f"/campaigns/{slug}/donate", data=GIVE | changes)
        assert response.status_code == 303, response.text
        return str(response.headers["Location"].rpartition("/")[2])

    def ring(self, event_id: str, kind: str, subject: str) -> TestResponse:
        """The provider's doorbell."""
        return self.client.post(
            "/webhooks/stripe", data=f"{event_id} {kind} {subject}", headers={"Stripe-Signature": "genuine"}
        )

    def pay(self, session_id: str) -> None:
        """Pay on the hosted page, and let the event arrive and be worked on."""
        self.checkout.pay(session_id)
        assert self.ring(f"evt_{session_id}", "checkout.session", session_id).status_code == 200
        self.run_worker()

    # What the desk does

    def desk(self, role: str = "organizer") -> FlaskClient:
        """A browser signed in as `role`."""
        email = f"{role}@example.org"
        with self.app.app_context(), suppress(accounts.AccountExists):
            accounts.create(self.app.extensions[DATASTORE], email, role, PASSWORD)
        client = self.client
        response = client.post(
            "/desk/account/login", data={"email": email, "password": PASSWORD, "csrf_token": csrf_token(client)}
        )
        assert response.status_code == 302, response.text
        return client


@contextmanager
def a_world(template: Path, folder: Path, **changes: str) -> Iterator[World]:
    """A site on a copy of the migrated SQLite file `template`, for a fixture that serves many tests."""
    path = folder / "site.sqlite3"
    shutil.copy(template, path)
    engine = make_engine(f"sqlite:///{path}")
    yield World.new(engine, f"sqlite:///{path}", folder, **changes)
    engine.dispose()


def csrf_token(client: FlaskClient, page: str = "/desk/account/login") -> str:
    """The token on a desk page, as a browser would send it back."""
    text = client.get(page).text
    _, _, rest = text.partition('name="csrf_token"')
    _, _, value = rest.partition('value="')
    return value.partition('"')[0]


def days(number: float) -> timedelta:
    return timedelta(days=number)


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make every call in a thread of its own, all let go at the same moment; return what they returned."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        start.wait(30)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [each.result() for each in [threads.submit(run, call) for call in calls]]
