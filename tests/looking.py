"""A page looked at in a real browser: axe finds nothing, nothing is wider than any screen, pictures where asked for.

PICTURES=FOLDER keeps each page as FOLDER/<name>-<width>-<scheme>.png.
"""

import os
import re
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from tests.make import PASSWORD, World

# A sentence that follows another without a space between them.
GLUED = re.compile(r"\w\w[.?!][A-Z][a-z]")
# What is in order is not told: to write it all down takes axe three times as long.
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
PHONE = ViewportSize(width=390, height=844)
_SCREENS: tuple[tuple[int, int, Literal["light", "dark"], bool], ...] = (
    (390, 844, "light", False),  # narrow and light: axe has seen both elsewhere
    (1280, 900, "light", True),
    (320, 844, "dark", True),
)


def looks(page: Page, name: str) -> None:
    """Fail unless everybody can read `page`, on a phone, on a desk and on a small phone at night."""
    page.wait_for_load_state()  # a click returns when the next page begins to come
    before = page.viewport_size
    assert not GLUED.search(page.inner_text("body")), name
    for width, height, scheme, with_axe in _SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        _looks_on_this_screen(page, f"{name}-{width}-{scheme}", with_axe)
    page.emulate_media(color_scheme="null")
    if before:
        page.set_viewport_size(before)


def axe_finds_nothing(page: Page, name: str = "") -> None:
    """Hold the page, as it stands, to WCAG 2.2 AA as far as a program can."""
    found = Axe().run(page, options=_RULES)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"


def _looks_on_this_screen(page: Page, name: str, with_axe: bool) -> None:
    """Axe is a script: it is left out where none run."""
    if with_axe and not page.evaluate("matchMedia('(scripting: none)').matches"):
        axe_finds_nothing(page, name)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def sign_in(world: World, page: Page, address: str, role: str = "organizer") -> None:
    """Make somebody with a role, and let them sign in on the desk's own page."""
    world.desk(role)
    page.goto(f"{address}/desk/account/login")
    page.fill("input[name=email]", f"{role}@example.org")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation(url="**/desk/"):
        page.click("main button")
