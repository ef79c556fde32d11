"""The hint at a mistyped provider while somebody types: what the server says of the same address, and never a wall."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from campaigns.kernel.mailboxes import LARGE_HOSTS, PROVIDERS, suggested_address
from tests.make import World
from tests.served import served

pytestmark = pytest.mark.browser
SIGN_PAGE = "/campaigns/rescind/sign"
HINT = "[data-mail-providers]"
DID_YOU_MEAN = "Did you mean {}?"
# Leaves the field with each address in it; returns what the hint says of each.
ASK = """(addresses) => {
    const field = document.getElementById("email"), hint = document.querySelector("[data-mail-providers]");
    return addresses.map((address) => {
        field.value = address;
        field.dispatchEvent(new Event("change"));
        return hint.textContent;
    });
}"""
ADDRESSES = """
    maria@gmial.com Maria@GMIAL.COM maria@gmail.con maria@mgail.com maria@umail.com maria@icould.com maria@gmial.con
    maria@hotmail.com.au maria@gmx.fr maria@wbe.de maria@fastmail.fm maria@gmail.co.uk maria@tmail.com maria@gmail
    maria@example.org maria@airhub.com maria@.com maria@ @gmial.com gmial.com m.o+x@gmial.com "a@b"@gmial.com
    """.split()


def slips(domain: str) -> Iterator[str]:
    """Each letter left out, typed twice, hit beside, swapped with the next; and one more after the end."""
    for at, here in enumerate(domain):
        before, after = domain[:at], domain[at + 1 :]
        yield from (before + after, before + here * 2 + after, f"{before}w{after}")
        yield before + after[:1] + here + after[1:]
    yield f"{domain}r"


def type_address(page: Page, email: str) -> None:
    page.fill("#email", "")
    page.locator("#email").press_sequentially(email)
    page.keyboard.press("Tab")


def test_a_slip_is_asked_about_on_leaving_the_field_and_the_form_goes_all_the_same(
    sqlite_world: World, context: BrowserContext
) -> None:
    sqlite_world.publish()
    page = context.new_page()
    with served(sqlite_world) as address:
        page.goto(f"{address}{SIGN_PAGE}")
        hint = page.locator(HINT)
        type_address(page, "maria@gmial.com")
        expect(hint).to_have_text("Did you mean maria@gmail.com?")
        type_address(page, "maria@yahoo.de")
        expect(hint).to_be_empty()
        type_address(page, "maria@gmial.com")
        page.fill("#name", "Maria Ortiz")
        page.check("input[name=visibility][value=public]")
        with page.expect_navigation():
            page.press("#name", "Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
        sqlite_world.run_worker()
        assert sqlite_world.mailer.link("maria@gmial.com", "/confirm/")


def test_the_script_says_what_the_server_says(sqlite_world: World, context: BrowserContext) -> None:
    sqlite_world.publish()
    page = context.new_page()
    mistyped = (slip for provider in PROVIDERS for slip in slips(provider))
    table = [*ADDRESSES, *(f"maria@{domain}" for domain in (*LARGE_HOSTS, *mistyped))]
    with served(sqlite_world) as address:
        page.goto(f"{address}{SIGN_PAGE}")
        said = dict(zip(table, page.evaluate(ASK, table), strict=True))
    meant = {email: suggested_address(email) for email in table}
    assert said == {email: DID_YOU_MEAN.format(found) if found else "" for email, found in meant.items()}
