"""A site in which enough has happened that every door has something behind it, and what must hold of its rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from sqlalchemy import Table, delete, func, insert, literal, select, update
from werkzeug.routing import Rule

from campaigns.abuse.models import SpentProof
from campaigns.campaign import operations as campaigns
from campaigns.db import Base
from campaigns.deliveries import operations as deliveries
from campaigns.donations.models import Donation, DonationLine, MonthlyGift, MonthlyGiftLine
from campaigns.gate.models import PaymentBrake, PaymentTry
from campaigns.kernel import addresses, tokens
from campaigns.ledger import checks
from campaigns.mailboxes.models import MailboxLink
from campaigns.membership.models import Member
from campaigns.outbox.models import OutboxItem
from campaigns.payments.alarms import ALARM_MAIL
from campaigns.payments.models import Payment, PaymentEvent, PaymentFact, PaymentNotice
from campaigns.recurring.models import PaymentSubscription, SubscriptionChange, SubscriptionLink
from campaigns.rendering.typed import is_showable
from campaigns.signatures.models import CountChange, Signature
from campaigns.signatures.operations import CONFIRM_MAIL
from campaigns.signatures.rules import CONFIRM_PURPOSE, Review, State, Visibility
from campaigns.subscriptions.models import Subscription
from campaigns.web import caching
from tests.coalition.make import CODE, add_partner, make_link, ticked
from tests.fuzz.laws import Markup, Overheard, broken_by
from tests.fuzz.sending import Answer, Request, send
from tests.make import GIVE, SIGN, World, appeal, days, petition
from tests.membership.make import make_tier
from tests.subscriptions.make import ask as ask_for_news
from tests.subscriptions.make import link as news_link
from tests.subscriptions.make import stop_link

# What public doors may add rows to, in an order in which they can be deleted again.
WRITTEN: tuple[Table, ...] = tuple(
    Base.metadata.tables[model.__tablename__]
    for model in (
        CountChange, OutboxItem, MailboxLink, SubscriptionLink, SubscriptionChange, DonationLine, Donation,
        PaymentNotice, PaymentFact, Payment, PaymentSubscription, MonthlyGiftLine, MonthlyGift, Member, PaymentEvent,
        PaymentTry, PaymentBrake, SpentProof, Subscription, Signature,
    )
)  # fmt: skip
_NEWS: Any = Subscription.__table__
STORING = (200, 303)


def _key(table: Table) -> Any:
    """Return what names a row: its key, or the words of its key as one."""
    first, *more = table.primary_key.columns
    return reduce(lambda whole, column: whole + " " + column, more, first)


@dataclass
class FuzzedSite:
    """A world with everything in it, that can be put back to how it was."""

    world: World
    overheard: Overheard
    known: Mapping[str, Sequence[str]]
    pending: str
    confirmed: set[str]
    tier: str
    kept: dict[str, set[Any]] = field(default_factory=dict)
    before: tuple[int, ...] = ()
    pending_row: dict[str, Any] = field(default_factory=dict)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    posted: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, world: World, overheard: Overheard) -> "FuzzedSite":
        gift, (confirmed, pending) = _live_through(world)
        known = {
            "slug": ["rescind", "quiet", "over", "draft"],
            "token": [pending, confirmed, *_others_links(world)],
            "public_id": [gift, _deliver(world), _give_monthly(world)],
            "digest": [world.app.config["STATIC_DIGEST"], "0"],
            "name": ["favicon.svg", "css/site.css", "js/site.js"],
        }
        site = cls(world, overheard, known, pending, {confirmed}, str(make_tier(world)))
        site.keep()
        with world.reading() as session:
            digest = tokens.digest(CONFIRM_PURPOSE, pending)
            found = session.execute(select(WRITTEN[-1]).where(WRITTEN[-1].c.token_digest == digest)).mappings()
            site.pending_row = dict(found.one())
            site.subscriptions = [dict(row) for row in session.execute(select(_NEWS)).mappings()]
        return site

    def rules(self) -> list[Rule]:
        """Every public door, a new one too."""
        return [rule for rule in self.world.app.url_map.iter_rules() if not rule.rule.startswith("/desk")]

    def fields(self) -> dict[str, bytes]:
        """Every field of every public form, with something that fits it."""
        paths = (f"/campaigns/rescind?via={CODE}", "/campaigns/rescind/donate", "/verify", "/join")
        names = {name for path in paths for name in Markup(self.world.see(path).text).names}
        fitting = SIGN | GIVE | {"amount": "", "homepage": "", "version": self.world.campaign().text_mark}
        fitting |= ticked(self.world) | {"frequency": "once", "tier": self.tier}
        return {name: fitting.get(name, "y").encode() for name in sorted(names)}

    def keep(self) -> None:
        """Take what there is now for how it was, but for the pages opened: the gate counts them for one example."""
        with self.world.reading() as session:
            self.kept = {table.name: set(session.scalars(select(_key(table)))) for table in WRITTEN}
        self.kept[PaymentTry.__tablename__] = set()
        self.before = self._others()

    def restore(self) -> None:
        """Put everything back to how it was, so that each example stands alone."""
        with self.world.work() as session:
            for table in WRITTEN:
                session.execute(delete(table).where(_key(table).not_in(self.kept[table.name])))
            session.execute(
                update(WRITTEN[-1]).where(WRITTEN[-1].c.id == self.pending_row["id"]).values(**self.pending_row)
            )
            session.execute(delete(_NEWS))  # somebody may have confirmed or stopped what was there
            session.execute(insert(_NEWS), self.subscriptions)
        self.world.app.extensions[caching.EXTENSION].forget()
        self.posted.clear()

    def ask(self, request: Request) -> tuple[Answer, list[str]]:
        """Send one request; return its answer, and each law that it broke."""
        before = self._footprint()
        answer = send(self.world.app, request)
        if request.method.upper() == "POST" and answer.status == 200:
            self.posted |= {self.pending} if request.path.lstrip(b"/") == f"confirm/{self.pending}".encode() else set()
        broken = broken_by(request, answer, self.overheard)
        if self._footprint() != before and not (request.method.upper() == "POST" and answer.status in STORING):
            broken.append(f"{request.method} answered by {answer.status} left something behind")
        return answer, broken

    def _footprint(self) -> tuple[int, ...]:
        """How many rows there are, and what may change within them.

        That a treasurer is told of an event of another mode or account is not something that a caller left behind.
        """
        tables = [table for table in WRITTEN if table.name not in ("payment_notice", "outbox_item")]
        counts = [select(func.count()).select_from(table).scalar_subquery() for table in tables]
        counts.append(select(func.count()).where(OutboxItem.kind != ALARM_MAIL).scalar_subquery())
        confirmed = select(func.count()).where(Signature.state == State.CONFIRMED).scalar_subquery()
        subscribed = select(func.count()).where(_NEWS.c.state == "confirmed").scalar_subquery()
        rung = select(func.coalesce(func.sum(PaymentEvent.deliveries), literal(0))).scalar_subquery()
        with self.world.reading() as session:
            return tuple(session.execute(select(*counts, confirmed, subscribed, rung)).one())

    def _others(self) -> tuple[int, ...]:
        others = [table for table in Base.metadata.sorted_tables if table not in WRITTEN]
        counts = [select(func.count()).select_from(table).scalar_subquery() for table in others]
        with self.world.reading() as session:
            return tuple(session.execute(select(*counts)).one())

    def broken(self) -> list[str]:
        """Return each law that the database breaks, in words."""
        with self.world.reading() as session:
            rows = list(session.scalars(select(Signature)))
            mails = set(session.scalars(select(OutboxItem.subject).where(OutboxItem.kind == CONFIRM_MAIL)))
            findings = [str(finding) for finding in checks.verify(session)]
        meant = {tokens.digest(CONFIRM_PURPOSE, token) for token in self.confirmed | self.posted}
        return [
            *findings,
            *(complaint for row in rows for complaint in _in_the_row(row, mails)),
            *(f"confirmed by nobody: {row.id}" for row in rows if row.state == State.CONFIRMED
              and row.token_digest not in meant),
            *self._unpromised(),
            *(["a table was written to that is none of the public's"] if self._others() != self.before else []),
        ]  # fmt: skip

    def _unpromised(self) -> Iterator[str]:
        """Each gift has lines that come to its amount, the card's fee among them, and one payment of it."""
        with self.world.reading() as session:
            gifts = sorted((row.id, row.amount_minor) for row in session.scalars(select(Donation)))
            summed = select(DonationLine.donation_id, func.sum(DonationLine.amount_minor))
            lines = sorted((gift, int(minor)) for gift, minor in session.execute(summed.group_by("donation_id")))
            payments = sorted((row.subject_id, row.amount_minor) for row in session.scalars(select(Payment)))
        if not gifts == lines == payments:
            yield f"gifts {gifts}, lines {lines}, payments {payments}"


def _in_the_row(row: Signature, mails: set[str]) -> Iterator[str]:
    """A stored signature can be read again, is clean, and its mail is on its way."""
    Visibility(row.visibility), Review(row.review)
    if not all(is_showable(text or "") for text in (row.name, row.email, row.town, row.postcode, row.comment)):
        yield f"unshowable: {row.id}"
    if not row.name or "@" not in addresses.canonical(row.email) or len(row.country) != 2:
        yield f"incomplete: {row.id}"
    if row.state == State.PENDING and f"{row.id}:{(row.token_digest or b'').hex()[:16]}" not in mails:
        yield f"pending without a mail: {row.id}"


def _live_through(world: World) -> tuple[str, list[str]]:
    """Publish, close, sign and give; return the gift's id and the tokens of a confirmed and a pending signature."""
    world.publish(petition(slug="over", deadline=world.clock() + days(1)))
    world.clock.move(days=40)
    world.publish(appeal())
    world.publish(petition(slug="quiet", headline="Bring back the fans"))
    with world.work() as session:
        campaigns.create(session, petition(slug="draft"), actor="test", now=world.clock())
    world.sign_and_confirm(email="first@example.org")
    world.sign(email="second@example.org")
    world.pay(world.give())
    links = [world.mailer.link(f"{who}@example.org", "/confirm/") for who in ("first", "second")]
    with world.reading() as session:
        gift = session.scalars(select(Donation.public_id)).one()
    return gift, [link.rpartition("/")[2] for link in links]


def _others_links(world: World) -> list[str]:
    """Make a partner, and ask for news; return the secrets of the links to both."""
    numbers = make_link(world, add_partner(world))
    ask_for_news(world, "reader@example.org")
    links = (numbers, news_link(world, "reader@example.org"), stop_link(world, "reader@example.org"))
    return [link.rpartition("/")[2] for link in links]


def _give_monthly(world: World) -> str:
    """Begin a monthly gift whose first month is paid; return its public id."""
    session_id = world.give(email="monthly@example.org", frequency="monthly")
    world.subscriptions.pay(session_id)
    world.ring("evt_monthly", "checkout.session", session_id)
    world.run_worker()
    with world.reading() as session:
        return session.scalars(select(PaymentSubscription.public_id)).one()


def _deliver(world: World) -> str:
    with world.work() as session:
        delivery = deliveries.request(
            session, world.campaign(), paper="letter", answer_expected=None, actor="test", now=world.clock()
        )
    world.run_worker()
    return delivery
