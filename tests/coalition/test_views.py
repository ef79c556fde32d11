"""A partner's own page: its numbers, rounded, and nothing of anybody else."""

import re

import pytest

from tests.coalition.make import CODE, add_partner, make_link, sign_by, switch_partner
from tests.make import World, petition


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def figures(page: str) -> list[str]:
    return [words(each).strip() for each in re.findall(r"<dd>(.*?)</dd>", page, re.DOTALL)]


@pytest.fixture
def site(sqlite_world: World) -> World:
    sqlite_world.publish(petition(deadline=None))
    return sqlite_world


def brought(world: World, number: int, code: str = CODE, start: int = 0) -> None:
    """So many sign by a code, tick, and confirm."""
    emails = [f"{code}{each}@example.org" for each in range(start, start + number)]
    for email in emails:
        assert sign_by(world, email, code, name="Quendolin Aftermath").status_code == 200
    world.run_worker()
    for email in emails:
        world.client.post(world.mailer.link(email, "/confirm/"))


def test_few_are_not_told_and_many_are_rounded(site: World) -> None:
    link = make_link(site, add_partner(site))
    brought(site, 9)
    site.clock.move(days=1)
    assert figures(site.client.get(link).text) == ["under 10"] * 3
    brought(site, 3, start=9)
    site.sign(email="waits@example.org", via=CODE)
    site.clock.move(days=1)
    page = site.client.get(link).text
    assert figures(page) == ["10", "under 10", "10"]
    assert "12" not in figures(page)


def test_a_single_signature_changes_nothing_on_the_page(site: World) -> None:
    link = make_link(site, add_partner(site))
    before = site.client.get(link).text
    brought(site, 1)
    assert site.client.get(link).text == before
    site.clock.move(days=1)
    after = site.client.get(link).text
    assert figures(after) == figures(before)
    assert re.findall(r"<td.*?>(.*?)</td>", after) == re.findall(r"<td.*?>(.*?)</td>", before)


def test_numbers_stand_still_until_the_day_is_over(site: World) -> None:
    link = make_link(site, add_partner(site))
    brought(site, 12)
    assert figures(site.client.get(link).text) == ["under 10"] * 3
    site.clock.move(days=1)
    assert figures(site.client.get(link).text)[0] == "10"


def test_days_are_told_like_totals(site: World) -> None:
    link = make_link(site, add_partner(site))
    brought(site, 11)
    site.clock.move(days=1)
    brought(site, 2, start=11)
    site.clock.move(days=1)
    rows = re.findall(r"<tr><th.*?</tr>", site.client.get(link).text.partition("<tbody>")[2], re.DOTALL)
    told = [re.findall(r"<td.*?>(.*?)</td>", row) for row in rows]
    assert told[:3] == [["under 10"] * 2, ["10", "10"], ["under 10"] * 2]
    assert len(told) == 14


def test_a_partner_sees_nothing_of_another_and_no_name(site: World) -> None:
    mine = make_link(site, add_partner(site))
    add_partner(site, "day-shift", name="Day Shift Assembly", words="I want the day.")
    brought(site, 10)
    brought(site, 25, "day-shift")
    brought_by_nobody = site.sign(email="alone@example.org")
    assert brought_by_nobody.status_code == 200
    site.clock.move(days=1)
    page = site.client.get(mine).text
    for foreign in ("day-shift", "Day Shift", "Quendolin", "Aftermath", "I want the day"):
        assert foreign not in words(page), foreign
    assert set(re.findall(r"<td.*?>(.*?)</td>", page)) == {"under 10", "10"}
    assert figures(page) == ["10", "under 10", "10"]


def test_the_page_is_kept_by_nobody_and_leads_nobody_here(site: World) -> None:
    answer = site.client.get(make_link(site, add_partner(site)))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="referrer" content="no-referrer">' in answer.text
    assert "https://" not in re.sub(r'(?:href|content)="http://localhost[^"]*"', "", answer.text)
    assert not answer.headers.getlist("Set-Cookie")


@pytest.mark.parametrize("token", ["unknown", "", "%00", "a" * 5000, "é", "../desk"])
def test_what_is_no_link_finds_nothing(site: World, token: str) -> None:
    make_link(site, add_partner(site))
    assert site.client.get(f"/partners/{token}").status_code == 404


def test_a_partner_that_is_switched_off_still_sees_what_it_brought(site: World) -> None:
    partner = add_partner(site)
    link = make_link(site, partner)
    brought(site, 10)
    switch_partner(site, partner, on=False)
    site.clock.move(days=1)
    assert figures(site.client.get(link).text)[0] == "10"
