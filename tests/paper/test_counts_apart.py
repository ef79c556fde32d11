"""Wherever a count stands, signatures on paper stand apart from those on the site."""

import re

import pytest

from tests.make import World
from tests.paper.make import ANA, BEN, Sheets, counted, print_sheets

PAGES = {
    "/": "1 + 2 on paper have signed",
    "/campaigns/rescind": "1 + 2 on paper have signed Next goal",
    "/campaigns/rescind#call": "1 + 2 on paper have signed. Add your name.",
}
DESK = {
    "/desk/": "1 + 2 on paper",
    "/desk/campaigns/rescind/signatures/": "Of them on paper: 2.",
    "/desk/campaigns/rescind/deliveries/": "Of them on paper: 2.",
}


def plain(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page).split())


@pytest.fixture
def site(sqlite_world: World) -> World:
    sqlite_world.publish()
    print_sheets(sqlite_world)
    sqlite_world.run_worker()
    return sqlite_world


def enter_two(site: World) -> None:
    assert Sheets.at(site).enter(1, ANA, BEN).status_code == 303
    counted(site)


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_tells_paper_apart(site: World, path: str) -> None:
    site.sign_and_confirm()
    enter_two(site)
    assert PAGES[path] in plain(site.see(path.partition("#")[0]).text)


@pytest.mark.parametrize("path", DESK)
def test_the_desk_tells_paper_apart(site: World, path: str) -> None:
    site.sign_and_confirm()
    enter_two(site)
    assert DESK[path] in plain(site.desk().get(path).text)


@pytest.mark.parametrize("path", PAGES)
def test_a_petition_signed_on_paper_alone_says_so(site: World, path: str) -> None:
    enter_two(site)
    said = PAGES[path].removeprefix("1 + ").removesuffix(" Next goal")
    assert said in plain(site.see(path.partition("#")[0]).text)


@pytest.mark.parametrize("path", ["/", "/campaigns/rescind", "/desk/", "/desk/campaigns/rescind/deliveries/"])
def test_where_nobody_signed_on_paper_no_page_speaks_of_it(site: World, path: str) -> None:
    site.sign_and_confirm()
    assert "on paper" not in plain(site.desk().get(path).text)
