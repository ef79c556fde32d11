"""A page looked at in a real browser: axe finds nothing, nothing is wider than its screen, a picture where asked for.

PICTURES=FOLDER keeps each page as FOLDER/<name>-<width>-<scheme>.png.
"""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.make import PASSWORD, World

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
SCREENS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}},
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}
NARROW: dict[str, dict[str, Any]] = {"dark phone": {"viewport": {"width": 320, "height": 844}, "color_scheme": "dark"}}
SCRIPTLESS: dict[str, dict[str, Any]] = {
    "phone without scripts": {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}
}


def looks(page: Page, name: str) -> None:
    """Fail unless everybody can read `page` on this screen. Axe is a script: it is left out where none run."""
    if not page.evaluate("matchMedia('(scripting: none)').matches"):
        found = Axe().run(page, options=_RULES)
        assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
    if folder := os.environ.get("PICTURES"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        scheme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
        page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)


def sign_in(world: World, page: Page, address: str, role: str = "organizer") -> None:
    """Make somebody with a role, and let them sign in on the desk's own page."""
    world.desk(role)
    page.goto(f"{address}/desk/account/login")
    page.fill("input[name=email]", f"{role}@example.org")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation(url="**/desk/"):
        page.click("main button")
