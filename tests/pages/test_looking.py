"""The looking glass itself: what it must find, it finds."""

import pytest
from playwright.sync_api import BrowserContext

from tests.looking import axe_finds_nothing, looks

pytestmark = pytest.mark.browser

HEAD = '<!doctype html><html lang="en"><head><title>A page</title><meta name="viewport" content="width=device-width">'


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('<p style="color: #ccc; background: #fff">pale</p>', "color-contrast"),
        ('<img src="data:,">', "image-alt"),
        ("<input name=email>", "label"),
    ],
)
def test_what_not_everybody_can_read_is_found(context: BrowserContext, body: str, found: str) -> None:
    page = context.new_page()
    page.set_content(f"{HEAD}</head><body><main>{body}</main></body></html>")
    with pytest.raises(AssertionError, match=found):
        axe_finds_nothing(page)


@pytest.mark.parametrize("body", ['<p style="width: 2000px">wide</p>', "<p>It stands.The next is glued to it.</p>"])
def test_what_is_too_wide_or_glued_together_is_found(context: BrowserContext, body: str) -> None:
    page = context.new_page()
    page.set_content(f"{HEAD}</head><body><main>{body}</main></body></html>")
    with pytest.raises(AssertionError, match="the page"):
        looks(page, "the page")
