"""Signing by a partner's link: its own tick, in its own words."""

import pytest
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from campaigns.coalition.queries import Tally, tallies
from campaigns.partners.models import PartnerWording
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Review
from tests.coalition.make import CODE, WORDS, add_partner, change_partner, offered, sign_by, switch_partner, ticked
from tests.make import SIGN, World, petition

PAGE = "/campaigns/rescind"
TICK = 'name="partner_news"'


def opted(world: World) -> list[str | None]:
    """The words behind each signature's tick."""
    with world.reading() as session:
        rows = session.execute(
            select(PartnerWording.words)
            .select_from(Signature)
            .outerjoin(PartnerWording, PartnerWording.id == Signature.opt_in_id)
            .order_by(Signature.created_at)
        )
        return [row.words for row in rows]


def tally(world: World, code: str = CODE) -> Tally:
    with world.reading() as session:
        return tallies(session, world.campaign().id).get(code, Tally())


@pytest.fixture
def site(world: World) -> World:
    world.publish(petition(target_domains=("airhub.example",)))
    add_partner(world)
    return world


@pytest.fixture
def simple(sqlite_world: World) -> World:
    sqlite_world.publish(petition(target_domains=("airhub.example",)))
    add_partner(sqlite_world)
    return sqlite_world


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/sign"])
def test_who_comes_by_a_partner_finds_its_words_beside_an_empty_tick(simple: World, path: str) -> None:
    page = simple.see(f"{path}?via={CODE}").text
    assert TICK in page
    assert WORDS in page
    assert offered(simple).disclosure in page
    tick = page.partition(TICK)[2].partition(">")[0]
    assert "checked" not in tick
    assert f'<input type="hidden" name="partner_words" value="{offered(simple).mark}">' in page


@pytest.mark.parametrize("query", ["", "?via=unknown", "?via=%3Cb%3E", "?via=night-shift%00", "?via="])
def test_everybody_else_finds_the_ordinary_page(simple: World, query: str) -> None:
    for path in (PAGE, f"{PAGE}/sign"):
        assert TICK not in simple.see(path + query).text


def test_a_partner_of_another_campaign_offers_nothing_here(simple: World) -> None:
    simple.publish(petition(slug="other"))
    assert TICK not in simple.see(f"/campaigns/other?via={CODE}").text
    assert simple.sign("other", **ticked(simple)).status_code == 200
    assert opted(simple) == [None]


def test_the_page_by_a_partner_is_kept_under_its_own_address_and_is_the_same_for_everyone(simple: World) -> None:
    browser = simple.client
    for path in (PAGE, f"{PAGE}/sign"):
        answer = browser.get(f"{path}?via={CODE}")
        assert "public" in answer.headers["Cache-Control"]
        assert not answer.headers.getlist("Set-Cookie")
        with Statements(simple) as statements:
            again = browser.get(f"{path}?via={CODE}", headers={"User-Agent": "Another"})
            assert (again.text, statements.seen) == (answer.text, [])
        assert TICK not in browser.get(path).text


@pytest.mark.parametrize("query", ["via=made-up-{}", "via=night-shift&x={}", "x={}", "via=night-shift&via=n{}"])
def test_addresses_that_anybody_can_make_up_drive_no_kept_page_out(simple: World, query: str) -> None:
    pages = simple.app.extensions["undersigned.kept_pages"]
    simple.see(PAGE)
    for number in range(5):
        assert simple.client.get(f"{PAGE}?{query.format(number)}").headers["Cache-Control"] == "no-cache"
    assert [path for path, _language in pages.pages] == [PAGE]


def test_a_tick_points_to_the_words_that_were_shown(site: World) -> None:
    assert sign_by(site, "a@example.org").status_code == 200
    assert opted(site) == [WORDS]


def test_without_the_tick_nothing_is_agreed_to(site: World) -> None:
    sign_by(site, "a@example.org", tick=False)
    assert opted(site) == [None]


@pytest.mark.parametrize(
    "changes",
    [
        {"partner_words": ""},
        {"partner_words": "made up"},
        {"partner_words": "0" * 16},
        {"partner_words": "é\x00"},
        {"partner_words": "x" * 10_000},
        {"partner_news": ""},
        {"via": "unknown"},
        {"via": ""},
        {"via": "a b"},
    ],
)
def test_a_tick_without_words_that_stood_there_signs_and_agrees_to_nothing(
    site: World, changes: dict[str, str]
) -> None:
    assert sign_by(site, "a@example.org", **changes).status_code == 200
    assert opted(site) == [None]


def test_who_still_had_the_earlier_words_open_agreed_to_those(site: World) -> None:
    before = ticked(site)
    with site.reading() as session:
        partner = session.scalars(select(PartnerWording.partner_id)).one()
    change_partner(site, partner, words="I want calls at night.")
    assert site.sign(**before).status_code == 200
    assert opted(site) == [WORDS]


def test_words_of_one_partner_are_no_words_of_another(site: World) -> None:
    add_partner(site, "day-shift", name="Day Shift", words="I want news of the day.")
    assert site.sign(**ticked(site) | {"via": "day-shift"}).status_code == 200
    assert opted(site) == [None]


def test_a_partner_that_is_switched_off_meanwhile_gets_nothing_and_hinders_nobody(site: World) -> None:
    sent = ticked(site)
    with site.reading() as session:
        partner = session.scalars(select(PartnerWording.partner_id)).one()
    switch_partner(site, partner, on=False)
    assert TICK not in site.see(f"{PAGE}?via={CODE}").text
    refused = site.sign(**sent | {"name": ""})
    assert (refused.status_code, TICK in refused.text) == (422, False)
    assert site.sign(**sent).status_code == 200
    assert opted(site) == [None]
    with site.reading() as session:
        assert session.scalars(select(Signature.source)).one() == CODE


def test_a_refused_form_keeps_tick_and_words(simple: World) -> None:
    page = sign_by(simple, "a@example.org", name="").text
    assert "checked" in page.partition(TICK)[2].partition(">")[0]
    assert offered(simple).mark in page
    assert "checked" not in sign_by(simple, "a@example.org", tick=False, name="").text.partition(TICK)[2].split(">")[0]


def test_a_form_shown_again_with_other_words_has_an_empty_tick(simple: World) -> None:
    before = ticked(simple)
    with simple.reading() as session:
        partner = session.scalars(select(PartnerWording.partner_id)).one()
    change_partner(simple, partner, words="I want calls at night.")
    page = simple.sign(**before | {"name": ""}).text
    assert "I want calls at night." in page
    assert "checked" not in page.partition(TICK)[2].partition(">")[0]


def test_the_warning_at_work_carries_the_tick_on(simple: World) -> None:
    page = sign_by(simple, "maria@airhub.example")
    assert page.status_code == 409
    for name, value in ticked(simple).items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page.text


# What counts


def test_a_tick_counts_when_its_signature_does(site: World) -> None:
    sign_by(site, "a@example.org")
    assert tally(site) == Tally(0, 1, 0)
    site.confirm("a@example.org")
    assert tally(site) == Tally(1, 0, 1)
    with site.work() as session:
        session.execute(Signature.__table__.update().values(review=Review.HELD.value))  # type: ignore[attr-defined]
    assert tally(site) == Tally(0, 0, 0)


def test_signing_again_over_what_waits_replaces_the_tick(site: World) -> None:
    """Somebody else may have typed the address, and ticked what its owner does not want."""
    sign_by(site, "a@example.org")
    site.sign(email="a@example.org")
    assert opted(site) == [None]
    sign_by(site, "a@example.org")
    assert opted(site) == [WORDS]


def test_who_confirms_reads_what_was_ticked_and_may_leave_it_out(site: World) -> None:
    for email, data in (("a@example.org", {}), ("b@example.org", {"without_partner": "y"})):
        sign_by(site, email)
        site.run_worker()
        link = site.mailer.link(email, "/confirm/")
        page = site.client.get(link).text
        assert WORDS in page
        assert 'name="without_partner"' in page
        assert site.client.post(link, data=data).status_code == 200
    assert tally(site) == Tally(2, 0, 1)


def test_a_confirmation_without_a_tick_asks_nothing_of_it(simple: World) -> None:
    simple.sign()
    simple.run_worker()
    assert "without_partner" not in simple.client.get(simple.mailer.link(SIGN["email"], "/confirm/")).text


def test_a_withdrawn_signature_takes_its_tick_along_and_forgets_it_when_it_is_emptied(site: World) -> None:
    sign_by(site, "a@example.org")
    site.confirm("a@example.org")
    with site.work() as session:
        row = session.scalars(select(Signature)).one()
        row.state, row.withdrawn_at = "withdrawn", site.clock()
    assert tally(site) == Tally(0, 0, 0)
    site.clock.move(days=31)
    site.run_worker()
    assert opted(site) == [None]


# What it costs


class Statements:
    """Every statement that the database is sent meanwhile."""

    def __init__(self, world: World) -> None:
        self.world, self.seen = world, list[str]()

    def _see(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.seen.append(statement)

    def __enter__(self) -> "Statements":
        event.listen(self.world.engine, "before_cursor_execute", self._see)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self.world.engine, "before_cursor_execute", self._see)


def cost_of(world: World, **typed: str) -> int:
    with Statements(world) as statements:
        answer: TestResponse = world.sign(**typed)
    assert answer.status_code == 200
    return len([each for each in statements.seen if each.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))])


def test_signing_without_a_code_asks_the_database_nothing_more_and_with_one_once(site: World) -> None:
    site.sign(email="first@example.org")
    plain = cost_of(site, email="a@example.org")
    assert cost_of(site, email="b@example.org", **ticked(site)) == plain + 1
    assert cost_of(site, email="c@example.org", via="unknown") == plain + 1
    with Statements(site) as statements:
        site.sign(email="d@example.org")
    assert not [each for each in statements.seen if "partner" in each and not each.startswith("INSERT")]
