"""The desk's pages about partners, and the file of those who agreed."""

import csv
import io
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from campaigns.accounts.guard import FRESH_MINUTES
from campaigns.audit.models import AuditRecord
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Review
from tests.coalition.make import CODE, WORDS, add_partner, change_partner, make_link, offered, sign_by
from tests.make import World, csrf_token
from tests.supporters.pages import OwnPage

PARTNERS = "/desk/campaigns/rescind/partners"
TYPED = {
    "code": "UAL-42",
    "name": "Ramp Workers",
    "line": "Of the ramp",
    "contact": "ramp@example.org",
    "words": "I want to hear from the Ramp Workers.",
}


class Desk:
    """An organizer's browser, with the token of its forms."""

    def __init__(self, world: World) -> None:
        self.world, self.client = world, world.desk()
        self.token = csrf_token(self.client, "/desk/")

    def get(self, path: str = "") -> TestResponse:
        return self.client.get(PARTNERS + path)

    def post(self, path: str = "", **typed: str) -> TestResponse:
        return self.client.post(PARTNERS + path, data=typed | {"csrf_token": self.token})


@pytest.fixture
def desk(sqlite_world: World) -> Desk:
    sqlite_world.publish()
    return Desk(sqlite_world)


def test_an_organizer_adds_a_partner_and_reads_its_link(desk: Desk) -> None:
    answer = desk.post(**TYPED)
    assert answer.status_code == 303
    page = desk.client.get(answer.headers["Location"]).text
    assert "http://localhost/campaigns/rescind?via=ual-42" in page
    assert "Hub Workers gives your name and e-mail address to Ramp Workers" in page
    assert "I want to hear from the Ramp Workers." in desk.world.see("/campaigns/rescind?via=ual-42").text
    assert "ramp@example.org" not in desk.world.see("/campaigns/rescind?via=ual-42").text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("code", ""), ("code", "a b"), ("code", "é"), ("code", "x" * 41), ("code", "<b>"), ("code", "a\x00"),
        ("name", ""), ("name", "  "), ("name", "x" * 101), ("name", "a\x00b"),
        ("line", "x" * 201), ("line", "a\x00b"),
        ("contact", ""), ("contact", "ramp"), ("contact", "a@b"), ("contact", "@example.org"),
        ("contact", "a b@example.org"), ("contact", f"{'x' * 250}@example.org"),
        ("words", ""), ("words", "x" * 501), ("words", "a\x00b"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_stored(desk: Desk, field: str, typed: str) -> None:
    answer = desk.post(**TYPED | {field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "Here stand the partners" in answer.text
    others = set(TYPED) - {field, "words"}
    assert all(f'value="{TYPED[name].lower() if name == "code" else TYPED[name]}"' in answer.text for name in others)


def test_a_code_that_is_taken_is_said_beside_its_field(desk: Desk) -> None:
    desk.post(**TYPED)
    answer = desk.post(**TYPED | {"name": "Others"})
    assert answer.status_code == 422
    assert "Another partner of this campaign has this code." in answer.text


def test_changing_keeps_code_and_numbers_the_words(desk: Desk) -> None:
    partner = add_partner(desk.world)
    answer = desk.post(f"/{partner}", **TYPED | {"code": "other"})
    assert answer.status_code == 303
    page = desk.get(f"/{partner}").text
    assert "Version 2 of the words" in page
    assert f"?via={CODE}" in page
    assert desk.post(f"/{partner}", **TYPED | {"words": ""}).status_code == 422


def test_the_tick_is_switched_off_and_on(desk: Desk) -> None:
    partner = add_partner(desk.world)
    for to, is_there in (("off", False), ("on", True), ("off", False), ("", False)):
        assert desk.post(f"/{partner}/switch", to=to).status_code == 303
        assert (WORDS in desk.world.see(f"/campaigns/rescind?via={CODE}").text) is is_there


def test_the_link_is_shown_once_opens_and_is_revoked(desk: Desk) -> None:
    partner = add_partner(desk.world)
    page = desk.post(f"/{partner}/link").text
    link = page.partition("http://localhost/partners/")[2].partition("<")[0]
    assert desk.world.client.get(f"/partners/{link}").status_code == 200
    assert link not in desk.get(f"/{partner}").text
    assert desk.post(f"/{partner}/link/revoke").status_code == 303
    assert desk.world.client.get(f"/partners/{link}").status_code == 404


@pytest.mark.parametrize("rest", ["", "/switch", "/link", "/link/revoke", "/people"])
def test_a_partner_that_is_not_there_is_not_found(desk: Desk, rest: str) -> None:
    assert desk.post(f"/{UUID(int=0)}{rest}", **TYPED).status_code == 404
    assert desk.client.get(f"/desk/campaigns/none/partners/{UUID(int=0)}").status_code == 404


def test_the_desk_reads_exact_numbers_of_each(desk: Desk) -> None:
    partner = add_partner(desk.world)
    sign_by(desk.world, "a@example.org")
    desk.world.confirm("a@example.org")
    sign_by(desk.world, "b@example.org", tick=False)
    for page in (desk.get().text, desk.get(f"/{partner}").text):
        numbers = [piece.partition("<")[0] for piece in page.split('<td class="num">')[1:]]
        assert numbers == ["1", "1", "1"]


# The file


def file_of(answer: TestResponse) -> list[list[str]]:
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[1:]


def agree(world: World, email: str, **changes: str) -> None:
    assert sign_by(world, email, **changes).status_code == 200
    assert world.confirm(email).status_code == 200


def test_the_file_has_who_agreed_and_counts_whoever_may_else_see_the_name(desk: Desk) -> None:
    world, partner = desk.world, add_partner(desk.world)
    add_partner(world, "day", name="Day Shift", words="The day.")
    agree(world, "hidden@example.org", name="Ana Hidden", visibility="counted")
    agree(world, "public@example.org", name="Bo Public", visibility="public")
    world.sign_and_confirm(email="no@example.org", name="Ci Untold", via=CODE)
    agree(world, "held@example.org", name="Di Held")
    agree(world, "back@example.org", name="Ed Back")
    agree(world, "gone@example.org", name="Fi Gone")
    sign_by(world, "day@example.org", "day", name="Gi Day")
    world.confirm("day@example.org")
    sign_by(world, "waits@example.org", name="Ha Waits")
    with world.work() as session:
        session.scalars(select(Signature).order_by(Signature.created_at).offset(3).limit(1)).one().review = Review.HELD
    _stop_partner(world, "back@example.org")
    OwnPage.asked(world, "gone@example.org").post("erase")
    rows = file_of(desk.post(f"/{partner}/people"))
    assert [row[:2] for row in rows] == [["Ana Hidden", "hidden@example.org"], ["Bo Public", "public@example.org"]]
    assert {row[3] for row in rows} == {f"{WORDS} {offered(world).disclosure}"}


def _stop_partner(world: World, email: str) -> None:
    page = OwnPage.asked(world, email)
    path = page.see().text.partition("/stop-partner")[0].rpartition("/signatures/")[2]
    assert page.post(f"signatures/{path}/stop-partner").status_code == 303


def test_each_row_says_the_very_words_that_were_agreed_to(desk: Desk) -> None:
    world, partner = desk.world, add_partner(desk.world)
    agree(world, "a@example.org")
    change_partner(world, partner, words="Call me at night.")
    agree(world, "b@example.org")
    told = [row[3].partition(" If you")[0] for row in file_of(desk.post(f"/{partner}/people"))]
    assert told == [WORDS, "Call me at night."]


def test_a_name_that_a_spreadsheet_would_run_stays_text(desk: Desk) -> None:
    world, partner = desk.world, add_partner(desk.world)
    agree(world, "a@example.org", name="=HYPERLINK(evil)")
    assert file_of(desk.post(f"/{partner}/people"))[0][0] == "'=HYPERLINK(evil)"


def test_taking_the_file_out_is_written_down_without_a_name(desk: Desk) -> None:
    world, partner = desk.world, add_partner(desk.world)
    agree(world, "a@example.org", name="Ana Hidden")
    answer = desk.post(f"/{partner}/people")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{CODE}-')
    with world.reading() as session:
        record = session.scalars(select(AuditRecord).where(AuditRecord.act == "partner.people_taken_out")).one()
    assert (record.subject, record.facts) == (str(partner), {"number": 1})


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_file_asks_for_the_password_again(desk: Desk, method: str) -> None:
    partner = add_partner(desk.world)
    _sign_in_was_long_ago(desk.client)
    answer = desk.client.open(f"{PARTNERS}/{partner}/people", method=method, data={"csrf_token": desk.token})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/desk/account/verify?next=")
    assert desk.get(f"/{partner}").status_code == 200


def _sign_in_was_long_ago(client: FlaskClient) -> None:
    with client.session_transaction(path="/desk") as session:
        session["fs_paa"] -= (FRESH_MINUTES + 1) * 60
        session.pop("fs_gexp", None)


def test_a_partners_link_opens_no_file(desk: Desk) -> None:
    partner = add_partner(desk.world)
    link = make_link(desk.world, partner)
    for path in (f"{link}/people", f"{link}.csv", f"{PARTNERS}/{partner}/people"):
        assert desk.world.client.get(path).status_code in (302, 404)
