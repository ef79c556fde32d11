"""The fuzzing can fail: doors that break a law are found out, by the very function that all others are held to."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Response, current_app, request
from hypothesis import Phase, given, settings

from tests.fuzz.fuzzed import FuzzedSite
from tests.fuzz.laws import Overheard, broken_by
from tests.fuzz.profile import BROKEN_OFF, PROVE
from tests.fuzz.sending import FORM, Request, send
from tests.fuzz.strategies import EVIL, PERSONAL, as_form, requests_to
from tests.make import World

pytestmark = [pytest.mark.prove, pytest.mark.filterwarnings(BROKEN_OFF)]

Door = Callable[[], Any]


def _typed() -> str:
    return request.form.get("name", "")


def _falls() -> str:
    if "%" in "".join(request.form.values()):
        raise RuntimeError("100 %")
    return "in"


def _tells_the_log() -> str:
    current_app.logger.info("signed by %s", _typed())
    return "in"


def _with(**headers: str) -> Door:
    return lambda: Response("in", headers={name.replace("_", "-"): value for name, value in headers.items()})


def open_door(world: World, door: Door) -> None:
    world.app.add_url_rule("/a-door", "a_door", door, methods=["POST"])


BROKEN: dict[str, tuple[Door, str, str]] = {
    "it falls": (_falls, "100 %", "status 500"),
    "an unlisted status": (lambda: ("in", 418), "", "status 418"),
    "a script": (_typed, "<script>alert(1)</script>", "a script that somebody typed"),
    "a tag": (lambda: f'<input value="{_typed()}">', f'"><{EVIL}>', f"broken out: <{EVIL}>"),
    "an attribute": (lambda: f"<input value='{_typed()}'>", f"' {EVIL}='1", f"broken out: <input {EVIL}='1'>"),
    "an event": (lambda: f"<p title='{_typed()}'>", "' onfocus='f()", "broken out: <p onfocus='f()'>"),
    "a link": (lambda: f"<a href='{_typed()}'>", " JavaScript:f()", "broken out: <a href=' JavaScript:f()'>"),
    "a template": (lambda: current_app.jinja_env.from_string(_typed()).render(), "{{ 'evil' ~ 'template' }}",
                   "a template that somebody typed was run"),
    "the wrong field": (lambda: (f"<b>{PERSONAL}</b>", 422), "", "personal in a refusal, outside its own field"),
    "a plain refusal": (lambda: Response(PERSONAL, 400, mimetype="text/plain"), "", "personal in a refusal"),
    "the log": (_tells_the_log, f"Maria {PERSONAL.upper()}", "personal in the log"),
    "a cookie": (_with(Set_Cookie="a=b"), "", "a cookie outside the desk"),
    "another policy": (_with(X_Frame_Options="ALLOWALL"), "", "X-Frame-Options: ALLOWALL"),
    "no charset": (_with(Content_Type="text/html"), "", "no charset"),
    "another place": (_with(Location="//evil.example/"), "", "led elsewhere"),
    "nothing changed": (lambda: Response(status=304), "", "304 to one who has nothing"),
    "a header": (_with(X_Name=PERSONAL), "", "personal in X-Name"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_door_that_breaks_a_law_is_found_out(sqlite_world: World, name: str) -> None:
    door, typed, complaint = BROKEN[name]
    open_door(sqlite_world, door)
    sent = Request("POST", b"/a-door", body=as_form([("name", typed.encode())]), content_type=FORM)
    with Overheard() as overheard:
        broken = broken_by(sent, send(sqlite_world.app, sent), overheard)
    assert [each for each in broken if complaint in each], broken


def test_a_door_that_keeps_them_is_not(sqlite_world: World) -> None:
    open_door(sqlite_world, lambda: f"<p>{len(_typed())}</p>")
    sent = Request("POST", b"/a-door", body=as_form([("name", PERSONAL.encode())]), content_type=FORM)
    with Overheard() as overheard:
        assert broken_by(sent, send(sqlite_world.app, sent), overheard) == []


def test_what_falls_at_a_percent_sign_is_found_among_all_that_is_sent(sqlite_world: World) -> None:
    open_door(sqlite_world, _falls)
    (rule,) = (rule for rule in sqlite_world.app.url_map.iter_rules() if rule.endpoint == "a_door")
    found: list[str] = []

    @settings(PROVE, max_examples=400, phases=[Phase.generate], database=None, derandomize=True)
    @given(requests_to(rule, {}, {"name": b"Maria"}))
    def knock(sent: Request) -> None:
        with Overheard() as overheard:
            found.extend(broken_by(sent, send(sqlite_world.app, sent), overheard))

    knock()
    assert "status 500" in found


@pytest.mark.parametrize(
    ("done", "complaint"),
    [
        ("UPDATE signature SET state = 'confirmed' WHERE state = 'pending'", "confirmed by nobody"),
        ("UPDATE outbox_item SET subject = id || subject", "pending without a mail"),
        ("UPDATE signature SET country = 'USA'", "incomplete"),
        ("UPDATE donation SET amount_minor = 1", "gifts"),
        ("DELETE FROM schedule", "none of the public's"),
        ("DROP TRIGGER ledger_entry_no_delete", "guards"),
    ],
)
def test_a_row_that_breaks_a_law_is_found_out(sqlite_world: World, done: str, complaint: str) -> None:
    with Overheard() as overheard:
        site = FuzzedSite.of(sqlite_world, overheard)
    assert site.broken() == []
    with sqlite_world.engine.begin() as connection:
        connection.exec_driver_sql(done)
    assert [each for each in site.broken() if complaint in each], site.broken()


def test_a_question_that_leaves_something_behind_is_found_out(sqlite_world: World) -> None:
    with Overheard() as overheard:
        site = FuzzedSite.of(sqlite_world, overheard)
        rule = next(rule for rule in site.rules() if rule.endpoint == "health.alive")
        sqlite_world.app.view_functions[rule.endpoint] = lambda: _sign(sqlite_world)
        assert site.ask(Request("GET", b"/healthz"))[1] == ["GET answered by 200 left something behind"]


def _sign(world: World) -> str:
    world.sign(email="third@example.org")
    return "alive"
