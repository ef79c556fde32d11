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
    "comment_desk.index": lambda places: [{"slug": places.slug, "state": "shown"}],
    "message_desk.index": lambda places: [{"slug": places.slug, "state": "shown"}],
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


def endpoints(app: Flask, method: str = "GET") -> set[str]:
    """Return every door that takes `method`."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if method in (rule.methods or ())}


@dataclass
class Opened:
    """What a browser was shown behind one door."""

    endpoint: str
    values: Mapping[str, str]
    answer: TestResponse
    text: str = field(init=False)

    def __post_init__(self) -> None:
        headers = "\n".join(f"{name}: {value}" for name, value in self.answer.headers)
        self.text = f"{headers}\n{self.answer.data.decode(errors='replace')}"
        self.answer.close()  # a file stays open otherwise


def open_all(app: Flask, client: FlaskClient, places: Places) -> list[Opened]:
    """Open every door there is with `client`."""
    app.extensions[caching.EXTENSION].forget()
    addresses = app.url_map.bind("localhost")
    return [
        Opened(endpoint, values, client.get(addresses.build(endpoint, values)))
        for endpoint in sorted(endpoints(app))
        for values in places.fill(endpoint)
    ]
