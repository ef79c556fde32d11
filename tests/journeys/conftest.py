"""A running site and a real browser. The tests here are marked `browser`."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browsers import CHROMIUM
from tests.journeys.stack import Stack, running_site
from tests.looking import axe_finds_nothing

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in this folder, and say aloud where there is no browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


VISITORS = {
    "phone": {"viewport": PHONE},
    "desktop": {"viewport": DESKTOP},
    "phone without JavaScript": {"viewport": PHONE, "java_script_enabled": False},
    "dark desktop": {"viewport": DESKTOP, "color_scheme": "dark"},
}

# Every journey is made on a phone each time, with and without scripts; the other screens are looked at by `make prove`.
ON_LARGE_SCREENS = {"desktop", "dark desktop"}
SCREENS = [pytest.param(name, marks=pytest.mark.prove) if name in ON_LARGE_SCREENS else name for name in VISITORS]


@pytest.fixture(params=SCREENS)
def visitor(request: pytest.FixtureRequest, browser: Browser) -> Iterator["Visitor"]:
    """Somebody in a browser nobody has used before, once for each kind of screen."""
    options = VISITORS[request.param]
    context = browser.new_context(**options)
    yield Visitor(context.new_page(), scripted=options.get("java_script_enabled", True) is True)
    context.close()


@pytest.fixture
def desk_visitor(browser: Browser) -> Iterator["Visitor"]:
    context = browser.new_context(viewport=DESKTOP)
    yield Visitor(context.new_page(), scripted=True)
    context.close()


class Visitor:
    """A page with an eye for what axe finds; the browser may not complain either."""

    def __init__(self, page: Page, *, scripted: bool) -> None:
        self.page = page
        page.set_default_timeout(60_000)
        self.scripted = scripted
        self.complaints: list[str] = []
        self.is_forgiving = False
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def forgives_status(self) -> None:
        """A browser logs the status of a refused form and of a page that is not there: that is no fault of ours."""
        self.is_forgiving = True

    def looks(self) -> None:
        """Hold the page to axe (WCAG 2.2 AA), and to the width of the screen."""
        self.page.wait_for_load_state()
        complaints = [text for text in self.complaints if not (self.is_forgiving and "status of 4" in text)]
        assert not complaints, complaints
        if not self.scripted:
            return
        axe_finds_nothing(self.page)
        width = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{self.page.url} is {width} px wider than the screen"

    def waits_for(self, thing: Locator, seconds: int = 60) -> None:
        """Wait while the page looks again by itself: who reloads it as well may stop it halfway."""
        expect(thing).to_be_visible(timeout=seconds * 1000)

    def sees(self, words: str) -> None:
        self.page.wait_for_load_state()  # a click returns when the next page begins to come
        body = self.page.inner_text("body")
        assert re.search(words, body, re.IGNORECASE), f"not on {self.page.url}: {words}\n{body[:2000]}"
