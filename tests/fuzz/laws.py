"""What no request may ever bring about."""

import logging
from collections.abc import Iterator
from html.parser import HTMLParser

from campaigns.web.logs import JsonLines
from tests.fuzz.sending import Answer, Request
from tests.fuzz.strategies import EVIL, PERSONAL

# Whatever is sent to a public door is answered with one of these.
STATUSES = {
    200: "here it is",
    206: "the part of a file that was asked for",
    303: "go to the payment page, or to the list whose number was typed",
    304: "you have it already",
    400: "could not be read",
    403: "sent from another site",
    404: "nothing there",
    405: "not by this method",
    409: "not the text that was shown, or not from there",
    410: "closed",
    412: "the file is not the one that was meant",
    413: "too much",
    416: "the file has no such part",
    422: "please put right",
    429: "more slowly, please",
}
POLICIES = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NEEDED = ("Content-Security-Policy", "Permissions-Policy", "Cache-Control", "X-Request-Id")
OUTSIDE = "https://pay.example/"
_ADDRESSES = {"href", "src", "action", "formaction"}


class Markup(HTMLParser):
    """A page as a browser reads it: what is kept in its fields, what stands elsewhere, what has broken out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.names: set[str] = set()
        self.elsewhere: list[str] = []
        self.broken: list[str] = []
        self._area = ""
        self.feed(page)
        self.close()
        self.fields = {name: value.removeprefix("\n") for name, value in self.fields.items()}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.broken += [f"<{tag} {name}={value!r}>" for name, value in given.items() if _is_foreign(tag, name, value)]
        if tag == EVIL or (tag == "script" and "src" not in given):
            self.broken.append(f"<{tag}>")
        name = given.get("name", "")
        self.names |= {name} if tag in ("input", "select", "textarea") else set()
        if tag == "input" and given.get("type") not in ("radio", "checkbox"):
            self.fields[name] = given.pop("value", "")
        elif tag == "input" and "checked" in given:
            self.fields[name] = given["value"]
        self._area = name if tag == "textarea" else ""
        self.elsewhere += given.values()

    def handle_endtag(self, tag: str) -> None:
        self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] = self.fields.get(self._area, "") + data
        else:
            self.elsewhere.append(data)

    def handle_comment(self, data: str) -> None:
        self.elsewhere.append(data)


def _is_foreign(tag: str, name: str, value: str) -> bool:
    calls = name in _ADDRESSES and value.strip().lower().startswith(("javascript:", "data:"))
    return name == EVIL or name.startswith("on") or calls


class Overheard(logging.Handler):
    """Everything that reaches the log, as the site writes it and as any other program would."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [JsonLines().format(record), f"{record.getMessage()} {record.args!r}"]

    def __enter__(self) -> "Overheard":
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)


def broken_by(request: Request, answer: Answer, overheard: Overheard) -> list[str]:
    """Return each law that an answer breaks, in words, and forget what was overheard."""
    said, overheard.lines = overheard.lines, []
    return [
        *_in_the_status(request, answer),
        *_in_the_headers(request, answer),
        *_in_the_page(answer),
        *(f"personal in the log: {line}" for line in said if PERSONAL.lower() in line.lower()),
    ]


def _in_the_status(request: Request, answer: Answer) -> Iterator[str]:
    if answer.status not in STATUSES:
        yield f"status {answer.status}"
    if answer.status == 304 and not (request.has("If-None-Match") or request.has("If-Modified-Since")):
        yield "304 to one who has nothing"
    if answer.status == 206 and not request.has("Range"):
        yield "206 to one who asked for no part"
    if answer.body and (request.method.upper() == "HEAD" or answer.status == 304):
        yield "a body where none may be"


def _in_the_headers(request: Request, answer: Answer) -> Iterator[str]:
    headers = answer.headers
    yield from (f"{name}: {headers.get(name)}" for name, value in POLICIES.items() if headers.get(name) != value)
    yield from (f"no {name}" for name in NEEDED if not headers.get(name))
    if "Set-Cookie" in headers:
        yield f"a cookie outside the desk: {headers['Set-Cookie']}"
    kind = headers.get("Content-Type", "")
    if answer.status != 304 and not kind:
        yield "no Content-Type"
    if kind.startswith("text/") and "charset=utf-8" not in kind.lower():
        yield f"no charset: {kind}"
    for name, value in headers:
        if set("\r\n\0") & set(value) or not value.isascii():
            yield f"a header that is none: {name}: {value!r}"
        if PERSONAL.lower() in value.lower() and name != "Location":
            yield f"personal in {name}: {value!r}"
    yield from _in_the_location(request, headers.get("Location", "/"))


def _in_the_location(request: Request, location: str) -> Iterator[str]:
    host = dict(request.headers).get("Host", "localhost")  # who lies about it is led astray alone
    own = ("http://localhost/", f"http://{host}/", OUTSIDE)
    if not location.startswith(own) and (not location.startswith("/") or location.startswith(("//", "/\\"))):
        yield f"led elsewhere: {location!r}"


def _in_the_page(answer: Answer) -> Iterator[str]:
    if answer.kind != "text/html":
        if answer.refuses and PERSONAL.lower() in answer.text.lower():
            yield "personal in a refusal"
        return
    if "<script>alert(" in answer.text:
        yield "a script that somebody typed"
    page = Markup(answer.text)
    yield from (f"broken out: {each}" for each in page.broken)
    elsewhere = "\n".join(page.elsewhere)
    if "eviltemplate" in elsewhere:
        yield "a template that somebody typed was run"
    if answer.refuses and PERSONAL.lower() in elsewhere.lower():
        yield "personal in a refusal, outside its own field"
