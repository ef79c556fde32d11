"""Every door of the site that a browser opens by GET, with what fills its address.

A new door fails the tests that walk over this table until somebody says here how it is opened, and there who may
see what behind it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from campaigns.web import caching


@dataclass(frozen=True)
class Places:
    """What there is on a site to fill addresses with."""

    slug: str = "rescind"
    tokens: Sequence[str] = ()
    own_pages: Sequence[str] = ()
    donation: str = "unknown"
    monthly: str = "unknown"
    manage: str = "unknown"
    tier: str = "00000000-0000-0000-0000-000000000000"
    receipt: tuple[str, str] = ("unknown", "2026-00001")
    delivery: str = "unknown"
    fund: str = "00000000-0000-0000-0000-000000000000"
    action: str = "00000000-0000-0000-0000-000000000000"
    partner: str = "00000000-0000-0000-0000-000000000000"
    partner_link: str = "unknown"
    news: str = "unknown"
    stop_news: str = "unknown"
    pile: str = "00000000-0000-0000-0000-000000000000"
    sheet: str = "1"
    table: str = "00000000-0000-0000-0000-000000000000"
    asset: tuple[str, str] = ("0", "favicon.svg")

    def fill(self, endpoint: str) -> list[dict[str, str]]:
        """Return each set of values to open `endpoint` with. Raises KeyError for a door that is not entered below."""
        return ADDRESSES[endpoint](self)


def _nothing(_places: Places) -> list[dict[str, str]]:
    return [{}]


def _slug(places: Places) -> list[dict[str, str]]:
    return [{"slug": places.slug}]


def _delivery(places: Places) -> list[dict[str, str]]:
    return [{"public_id": places.delivery}]


def _own_page(places: Places) -> list[dict[str, str]]:
    return [{"token": token} for token in places.own_pages]


def _partner(places: Places) -> list[dict[str, str]]:
    return [{"slug": places.slug, "partner_id": places.partner}]


ADDRESSES = {
    "pages.home": _nothing,
    "pages.campaign": _slug,
    "pages.poster": _slug,
    "pages.timeline": _slug,
    "signatures.count": _slug,
    "signatures.challenge": _slug,
    "signatures.sign_page": _slug,
    "signatures.confirm_page": lambda places: [{"token": token} for token in places.tokens],
    "astray.resend_page": _slug,
    "astray.not_me_page": lambda places: [{"token": token} for token in places.tokens],
    "subscriptions.news_page": _slug,
    "subscriptions.confirm_page": lambda places: [{"token": places.news}],
    "subscriptions.stop_page": lambda places: [{"token": places.stop_news}],
    "coalition.numbers": lambda places: [{"token": places.partner_link}],
    "supporters.ask_page": _nothing,
    "supporters.page": _own_page,
    "supporters.data": _own_page,
    "own_gifts.page": _own_page,
    "own_gifts.csv": _own_page,
    "own_gifts.printed": _own_page,
    "own_gifts.receipt": lambda places: [dict(zip(("token", "number"), places.receipt, strict=True))],
    "donations.donate_page": _slug,
    "gate.challenge": lambda places: [{"subject": places.fund}],
    "donations.show": lambda places: [{"public_id": places.donation}],
    "recurring.show": lambda places: [{"public_id": places.monthly}],
    "recurring.manage_page": lambda places: [{"token": places.manage}],
    "membership.join_page": _nothing,
    "membership_desk.index": _nothing,
    "membership_desk.tiers": _nothing,
    "membership_desk.tier": lambda places: [{"tier_id": places.tier}],
    "deliveries.verify_index": _nothing,
    "deliveries.verify": _delivery,
    "desk.home": _nothing,
    "desk.preview": _slug,
    "desk.money": _nothing,
    "desk.fund": lambda places: [{"fund_id": places.fund}],
    "fund_desk.index": _nothing,
    "fund_desk.new": _nothing,
    "fund_desk.edit": lambda places: [{"fund_id": places.fund}],
    "campaign_desk.index": _nothing,
    "campaign_desk.new": _nothing,
    "campaign_desk.show": _slug,
    "campaign_desk.edit": _slug,
    "signature_desk.index": _slug,
    "signature_desk.sources": _slug,
    "partner_desk.index": _slug,
    "partner_desk.show": _partner,
    "partner_desk.people": _partner,
    "subscription_desk.index": _slug,
    "comment_desk.index": _slug,
    "message_desk.index": _slug,
    "review_desk.index": _slug,
    "review_desk.action": lambda places: [{"slug": places.slug, "action_id": places.action}],
    "review_desk.networks": _nothing,
    "switches_desk.index": _nothing,
    "versions.page": _slug,
    "version_desk.index": _slug,
    "ending_desk.index": _slug,
    "paper_desk.index": _slug,
    "paper_desk.show_print": lambda places: [{"slug": places.slug, "print_id": places.pile}],
    "paper_desk.download": lambda places: [{"slug": places.slug, "print_id": places.pile}],
    "paper_desk.sheet": lambda places: [{"slug": places.slug, "number": places.sheet}],
    "paper_desk.photo": lambda places: [{"slug": places.slug, "number": places.sheet}],
    "paper_imports.show": lambda places: [{"slug": places.slug, "import_id": places.table}],
    "delivery_desk.index": _slug,
    "delivery_desk.show": _delivery,
    "delivery_desk.download": _delivery,
    "security.login": _nothing,
    "security.change_password": _nothing,
    "security.verify": _nothing,
    "security.static": lambda _places: [{"filename": "js/webauthn.js"}],
    "health.alive": _nothing,
    "health.ready": _nothing,
    "metrics.metrics": _nothing,
    "static_files.file": lambda places: [{"digest": places.asset[0], "name": places.asset[1]}],
}


def _each(name: str, *values: str) -> list[dict[str, str]]:
    return [{name: value} for value in values]


# What a door reads after the "?", and what it is opened with beside nothing. That no name is missing is held by
# tests/shape/test_arguments.py; so an output that hangs on an old door by a new name is walked too.
_BY_CODE = _each("via", "canteen", "night-shift")  # the second is a partner's
_BY_STATE = [*_each("state", "waiting", "shown", "hidden"), {"page": "2"}]
_BY_DAYS = [{"from": "2020-01-01", "to": "2035-12-31"}, {"from": "soon", "to": ""}]
_BY_DAY = _each("before", "2026-05-04", "2035-12-31", "soon")
_FIGURES = ("given", "fee", "refunded", "disputed", "paid_out", "transferred")

QUERIES: Mapping[str, Sequence[Mapping[str, str]]] = {
    "pages.campaign": _BY_CODE,
    "pages.poster": _BY_CODE,
    "pages.timeline": _BY_DAY,
    "signatures.sign_page": _BY_CODE,
    "supporters.page": _each("done", "changed", "withdrawn", "stopped-one", "partner-stopped", "x"),
    "own_gifts.page": _BY_DAYS,
    "own_gifts.csv": _BY_DAYS,
    "own_gifts.printed": _BY_DAYS,
    "donations.donate_page": (*_BY_CODE, {"amount": "50"}, {"fund": "USD"}, {"fund": "unknown"}),
    "recurring.manage_page": _each("done", "amount", "pause", "resume", "cancel"),
    "membership.join_page": _BY_CODE,
    "membership_desk.index": (*_each("state", "active", "past_due", "paused", "ended"), {"page": "2"}),
    "deliveries.verify_index": ({"id": "unknown"},),
    "desk.money": ({"notices": "past"},),
    "desk.fund": (*_each("figure", *_FIGURES), {"before": "9-9"}),
    "signature_desk.index": ({"page": "2"},),
    "signature_desk.sources": ({"code": "canteen"}, {"code": "a b"}),
    "comment_desk.index": _BY_STATE,
    "message_desk.index": _BY_STATE,
    "review_desk.index": (
        *_each("review", "held", "clear", "rejected"),
        {"domain": "*.example"}, {"place": "*"}, {"source": "canteen"}, {"page": "2"},
    ),
    "ending_desk.index": _BY_DAY,
    "paper_desk.index": ({"number": "1"}, {"number": "99"}),
    "paper_imports.show": ({"page": "2"},),
}  # fmt: skip


def endpoints(app: Flask, method: str = "GET") -> set[str]:
    """Return every door that takes `method`."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if method in (rule.methods or ())}


@dataclass
class Opened:
    """What a browser was shown behind one door."""

    endpoint: str
    values: Mapping[str, str]
    query: Mapping[str, str]
    answer: TestResponse
    text: str = field(init=False)

    def __post_init__(self) -> None:
        headers = "\n".join(f"{name}: {value}" for name, value in self.answer.headers)
        self.text = f"{headers}\n{self.answer.data.decode(errors='replace')}"
        self.answer.close()  # a file stays open otherwise


def open_all(app: Flask, client: FlaskClient, places: Places) -> list[Opened]:
    """Open every door there is with `client`, plain and by each query."""
    app.extensions[caching.EXTENSION].forget()
    return [opened for endpoint in sorted(endpoints(app)) for opened in open_door(app, client, places, endpoint)]


def open_door(app: Flask, client: FlaskClient, places: Places, endpoint: str) -> list[Opened]:
    addresses = app.url_map.bind("localhost")
    return [
        Opened(endpoint, values, query, client.get(addresses.build(endpoint, values), query_string=query))
        for values in places.fill(endpoint)
        for query in ({}, *QUERIES.get(endpoint, ()))
    ]
