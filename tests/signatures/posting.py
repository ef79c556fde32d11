"""Every door that takes a form, sent once from a page on which it stands, as a browser would send it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from campaigns.web import caching
from tests.backups import keep
from tests.doors import Opened, Places
from tests.make import PASSWORD, World, csrf_token

_PRESSED = {"submit", "button", "reset", "image"}


@dataclass
class Form:
    """A form as it stands on a page: where it goes, and what would be sent if nobody typed anything."""

    action: str
    fields: MultiDict[str, str] = field(default_factory=MultiDict)
    offered: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """The forms of a page that are sent by POST."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._in: Form | None = None
        self._select, self._area = "", ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._in = Form(of.get("action", "")) if of.get("method", "").lower() == "post" else None
            self.found += [self._in] if self._in else []
        elif self._in is not None and "disabled" not in of:
            self._field(self._in, tag, of)

    def _field(self, form: Form, tag: str, of: Mapping[str, str]) -> None:
        name, kind = of.get("name", ""), of.get("type", "submit" if tag == "button" else "text")
        if tag == "select":
            self._select = name
        elif tag == "option":
            self._option(form, of)
        elif tag == "textarea":
            self._area = name
            form.fields.add(name, "")
        elif tag in ("input", "button") and name:
            self._input(form, kind, name, of)

    def _option(self, form: Form, of: Mapping[str, str]) -> None:
        if self._select not in form.fields or "selected" in of:
            form.fields[self._select] = of.get("value", "")

    @staticmethod
    def _input(form: Form, kind: str, name: str, of: Mapping[str, str]) -> None:
        """The first of several buttons is pressed, and of several choices the first is made where none is."""
        is_chosen = "checked" in of or (kind in _PRESSED | {"radio"} and name not in form.offered)
        form.offered.add(name)
        if kind == "radio" and is_chosen:
            form.fields[name] = of.get("value", "on")
        elif is_chosen or kind not in _PRESSED | {"checkbox", "radio", "file"}:
            form.fields.add(name, of.get("value", "on" if kind == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        if self._area and self._in is not None:
            self._in.fields[self._area] = data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in = None
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""


# Typed where a form is empty. Nobody of this name lives on the site.
TYPED = {
    "name": "Maria Ortiz", "email": "maria.ortiz@typed.example", "town": "Hebron", "postcode": "41048", "country": "US",
    "visibility": "public", "comment": "Typed by a stranger", "amount": "30", "label": "A union hall", "words": "Typed",
    "entry_words": "We were at the gate", "answer_text": "No.", "handed_to": "The front desk", "won_words": "Typed",
    "code": "typed", "headline": "Typed", "slug": "typed", "address": "203.0.113.7", "consent": "Typed",
    "purpose": "Typed", "recipient": "Typed", "currency": "USD", "password": PASSWORD, "new_password": PASSWORD[::-1],
    "new_password_confirm": PASSWORD[::-1], "message": "Typed by a giver", "columns": "name", "place": "Hebron",
}  # fmt: skip


SHEET = {"act": "enter", "name-1": "Maria Ortiz", "email-1": "no address"}
# Where somebody types another's address, to learn something of them.
PRYING = (
    (None, "signatures.sign"), (None, "astray.resend"), (None, "subscriptions.subscribe"), (None, "supporters.ask"),
    (None, "donations.donate"), ("admin", "review_desk.person"),
)  # fmt: skip


def unseen(places: Places) -> list[tuple[str | None, str, dict[str, str], dict[str, str]]]:
    """Return the doors whose form stands on no page of this site as it is: who, which, where, with what."""
    slug, network = {"slug": places.slug}, {"network_id": places.fund}
    return [
        (None, "payments.stripe_webhook", {}, {}),
        (None, "recurring.resume", {"token": places.manage}, {}),
        (None, "supporters.open_monthly", {"token": places.own_pages[0], "subscription_id": places.fund}, {}),
        ("admin", "campaign_desk.publish", slug, {}),
        ("admin", "desk.look_at", {}, {"notice": "mismatch:nothing"}),
        ("admin", "ending_desk.not_won", slug, {}),
        ("admin", "ending_desk.reopen", slug, {"deadline": "2027-01-01"}),
        ("admin", "membership_desk.take_out", {}, {}),
        ("admin", "message_desk.review", slug, {"state": "waiting", "act": "show"}),
        ("admin", "paper_desk.work_on_sheet", slug | {"number": "2"}, SHEET),
        ("admin", "paper_imports.set_columns", slug | {"import_id": places.table}, {}),
        ("admin", "review_desk.stop_vouching", network, {}),
        ("admin", "version_desk.tell", slug, {"number": "2"}),
    ]


@dataclass(frozen=True)
class Sending:
    """One form on its way: who sends it, to which address, with what in its fields."""

    role: str | None
    path: str
    fields: MultiDict[str, str]
    about: str = ""


@dataclass(frozen=True)
class Posted:
    """What came back of one form, also from behind the door that the answer led to. `about` is the address typed."""

    role: str | None
    endpoint: str
    values: Mapping[str, str]
    answer: TestResponse
    text: str
    led_to: str
    about: str


def send_every_form(
    world: World, opened: Mapping[str | None, Sequence[Opened]], places: Places, people: Iterable[str]
) -> list[Posted]:
    """Send each form there is to a site that nobody has sent another to before, and pry with the addresses `people`."""
    addresses = world.app.url_map.bind("localhost")
    sendings = list(_standing(world.app, opened)) + [
        Sending(role, addresses.build(endpoint, values, method="POST"), MultiDict(fields))
        for role, endpoint, values, fields in unseen(places)
    ]
    for role, endpoint in PRYING:
        path = addresses.build(endpoint, {} if endpoint == "supporters.ask" else {"slug": places.slug}, method="POST")
        sendings += [Sending(role, path, MultiDict(TYPED | {"preset": "30", "email": who}), who) for who in people]
    put_back, posted = keep(world.engine), list[Posted]()
    stranger, admin = _visitor(world, None), _visitor(world, "admin")
    for each in sendings:
        world.app.extensions[caching.EXTENSION].forget()
        posted.append(_send(world.app, admin if each.role else stranger, each))
        put_back()
        if posted[-1].endpoint.startswith("security."):  # it may have signed out
            stranger, admin = _visitor(world, None), _visitor(world, "admin")
    return posted


def _visitor(world: World, role: str | None) -> tuple[FlaskClient, str]:
    """Return a browser, and the token that its forms carry."""
    client = world.desk(role) if role else world.client
    return client, csrf_token(client, "/desk/" if role else "/desk/account/login")


def _standing(app: Flask, opened: Mapping[str | None, Sequence[Opened]]) -> Iterator[Sending]:
    """Yield each form that a stranger or the admin was shown, once for each address it goes to."""
    addresses, seen = app.url_map.bind("localhost"), set[str]()
    for role in (None, "admin"):
        for each in opened[role]:
            page = addresses.build(each.endpoint, dict(each.values))
            for form in Forms(each.text).found:
                path = (form.action or page).partition("#")[0]
                if path not in seen:
                    seen.add(path)
                    yield Sending(role, path, _filled(form.fields))


def _filled(fields: MultiDict[str, str]) -> MultiDict[str, str]:
    typed = [(name, value or TYPED.get(name, "")) for name, value in fields.items(multi=True)]
    return MultiDict([(name, value) for name, value in typed if name != "csrf_token"])


def _send(app: Flask, visitor: tuple[FlaskClient, str], sending: Sending) -> Posted:
    """Send a form and go where the answer leads, on this site."""
    client, token = visitor
    found = _door(app, sending.path, "POST")
    assert found, sending.path
    endpoint, values = found
    answer = client.post(sending.path, data=MultiDict([*sending.fields.items(multi=True), ("csrf_token", token)]))
    text, target = _written(answer), answer.headers.get("Location", "").removeprefix("http://localhost")
    led = _door(app, target, "GET")
    if led:
        text += _written(client.get(target))
    return Posted(sending.role, endpoint, values, answer, text, led[0] if led else endpoint, sending.about)


def _door(app: Flask, path: str, method: str) -> tuple[str, Mapping[str, str]] | None:
    """Return the door behind an address of this site and what fills it, or None."""
    if not path.startswith("/"):
        return None
    try:
        endpoint, values = app.url_map.bind("localhost").match(path.partition("?")[0].partition("#")[0], method)
    except HTTPException:
        return None
    return endpoint, {name: str(value) for name, value in values.items()}


def _written(answer: TestResponse) -> str:
    """Return all that a browser is given, headers too."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    text = f"{headers}\n{answer.data.decode(errors='replace')}"
    answer.close()
    return text
