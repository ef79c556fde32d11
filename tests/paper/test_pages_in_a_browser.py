"""The pages of paper in a real browser: axe finds nothing, nothing is too wide, and sheets are typed in by keyboard."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from campaigns.paper.rules import Step
from tests.looking import looks, sign_in
from tests.make import World
from tests.paper.make import (
    ANA,
    BEN,
    COLUMNS,
    PAPER,
    Sheets,
    counted,
    imported,
    person,
    photo,
    print_sheets,
    set_columns,
    signatures,
    step,
    take_in,
)
from tests.paper.test_imports import TABLE
from tests.served import served

pytestmark = [pytest.mark.browser, pytest.mark.prove]


def lived_in(world: World) -> dict[str, str]:
    """Every page of paper in every state; return their addresses by name."""
    world.publish()
    world.sign_and_confirm(visibility="public")
    first = print_sheets(world, 4)
    world.run_worker()
    sheets = Sheets.at(world)
    sheets.upload(1, photo((900, 600)))
    sheets.enter(1, ANA, BEN, person("Philomena Clearwater-Fallowfield y Ortiz", "philo@example.org"), ANA)
    sheets.upload(2, photo((900, 600)))
    done, undone = imported(world, TABLE), imported(world, TABLE.replace("ana@", "anna@"))
    step(world, undone, Step.UNDO)
    counted(world)
    mapping, ready, running = (take_in(world, TABLE) for _ in range(3))
    for each in (ready, running):
        set_columns(world, each, COLUMNS)
    step(world, running, Step.START)
    second = print_sheets(world)
    tables = {"mapping": mapping, "ready": ready, "running": running, "done": done, "undone": undone}
    return {
        "index": "", "unknown": "?number=77", "printed": f"prints/{first}", "printing": f"prints/{second}",
        "entered": "sheets/1", "blank": "sheets/2", **{name: f"imports/{each}" for name, each in tables.items()},
    }  # fmt: skip


def test_axe_finds_nothing_on_the_pages_of_paper(sqlite_world: World, context: BrowserContext) -> None:
    pages = lived_in(sqlite_world)
    page = context.new_page()
    with served(sqlite_world) as address:
        sign_in(sqlite_world, page, address)
        for name, path in pages.items():
            page.goto(f"{address}{PAPER}{path}")
            looks(page, f"paper-{name}")
        page.goto(f"{address}{PAPER}sheets/2")
        page.fill("#name-1", "12")
        page.fill("#name-2", "Ana First")
        page.fill("#name-3", "Ana First")
        page.click("text=Enter this sheet")
        page.wait_for_selector("#errors")
        looks(page, "paper-refused")
        page.goto(f"{address}/campaigns/rescind")
        looks(page, "paper-campaign")


def typed_by_keyboard(page: Page, key: str) -> None:
    """Three rows: name, town, postcode, e-mail, tick; the field gets the focus by itself."""
    expect(page.locator("#name-1")).to_be_focused()
    for number, name in enumerate(("Ana First", "Ben Second", "Carl Third")):
        for text in (name, '"' if number else "Hebron", "41048", "carl@example.org" if number == 2 else ""):
            page.keyboard.type(text)
            page.keyboard.press(key)
        if number == 0:
            page.keyboard.press("Space")
        page.keyboard.press(key)


@pytest.mark.parametrize(("key", "scripts"), [("Enter", True), ("Tab", True), ("Tab", False)])
def test_a_sheet_is_typed_in_by_keyboard_alone(sqlite_world: World, browser: Browser, key: str, scripts: bool) -> None:
    sqlite_world.publish()
    print_sheets(sqlite_world)
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    with served(sqlite_world) as address:
        sign_in(sqlite_world, page, address)
        page.goto(f"{address}{PAPER}sheets/1")
        typed_by_keyboard(page, key)
        for _ in range(12 * 5 - 3 * 5):
            page.keyboard.press(key)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "3 signatures" in page.inner_text("main")
    context.close()
    assert [(row.name, row.town, row.visibility) for row in signatures(sqlite_world)] == [
        ("Ana First", "Hebron", "delivered"), ("Ben Second", "Hebron", "counted"), ("Carl Third", "Hebron", "counted"),
    ]  # fmt: skip


def test_enter_without_scripts_only_looks_and_keeps_what_is_typed(sqlite_world: World, browser: Browser) -> None:
    sqlite_world.publish()
    print_sheets(sqlite_world)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    with served(sqlite_world) as address:
        sign_in(sqlite_world, page, address)
        page.goto(f"{address}{PAPER}sheets/1")
        expect(page.locator("#name-1")).to_be_focused()
        page.keyboard.type("Ana First")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.input_value("#name-1") == "Ana First"
    context.close()
    assert signatures(sqlite_world) == []
