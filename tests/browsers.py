"""The one browser that a test process starts: Playwright cannot be started twice in one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Nothing that would look for hosts on the internet; no sandbox, because tests may run as root.
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


# Where much else runs at the same time, five seconds are not enough to say that something will never be there.
expect.set_options(timeout=30_000)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Yield Chromium as the system ships it."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
