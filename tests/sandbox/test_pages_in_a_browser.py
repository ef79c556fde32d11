"""The sandbox's pages in a real browser: no finding of axe, no JavaScript needed, nothing cut off at 320 px."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from sandbox.stripe import charges, payouts
from tests.sandbox.rig import MONTHLY, Rig

pytestmark = [pytest.mark.browser, pytest.mark.prove]


@pytest.fixture(params=["light 1280", "dark 320"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    scheme, width = request.param.split()
    context = browser.new_context(color_scheme=scheme, viewport={"width": int(width), "height": 900})
    yield context.new_page()
    context.close()


def _addresses(rig: Rig) -> list[str]:
    """Bring every page into every state and return where they are."""
    open_, declined, closed = (rig.new_session() for _ in range(3))
    rig.press(declined, "decline")
    rig.api.checkout.sessions.expire(closed.id)
    paid = rig.new_session()
    rig.press(paid, "pay")
    charges.set_delay(rig.account, 3600)
    rig.paid()
    rig.press(debited := rig.new_session(), "pay", card="debit")
    pages = [f"{rig.stripe_url}/pay/{name}" for name in (open_.id, declined.id, closed.id, paid.id, debited.id)]
    pages += [f"{rig.stripe_url}/pay/cs_test_none", _make_trouble(rig)]
    message = EmailMessage()
    message["Subject"], message["To"], message["From"] = "Confirm your signature", "ana@example.org", "a@example.org"
    message.set_content("Open https://localhost:8000/confirm/" + "x" * 90)
    message.add_alternative("<p>Open <a href='https://localhost:8000/'>this</a></p>", subtype="html")
    with smtplib.SMTP("localhost", rig.sandbox.smtp_port or 0, timeout=10) as server:
        server.send_message(message)
    mail = [f"{rig.mail_url}{path}" for path in ("/", "/?to=bo", "/messages/1", "/messages/1/source")]
    return [*pages, f"{rig.stripe_url}/", *mail]


def _make_trouble(rig: Rig) -> str:
    """Bring every table of the control page to life; return the address of a billing portal."""
    charges.set_delay(rig.account, 0)
    for card in ("1976", "0259", "5423", "5126"):
        rig.press(rig.new_session(), "pay", card=card)
    rig.account.move_clock(1)
    rig.api.refunds.create({"charge": rig.api.charges.list().data[0].id})
    rig.press(rig.new_session(), "pay", card="0077")
    payouts.pay_out(rig.account)
    rig.press(session := rig.new_session(**MONTHLY), "pay")
    customer = rig.api.checkout.sessions.retrieve(session.id).customer
    return str(rig.api.billing_portal.sessions.create({"customer": customer, "return_url": rig.site.url}).url)


def _findings(page: Page) -> list[Any]:
    violations = Axe().run(page).response["violations"]
    return [(found["id"], [node["html"] for node in found["nodes"]]) for found in violations]


def test_axe_finds_nothing_and_nothing_is_cut_off(rig: Rig, page: Page) -> None:
    for address in _addresses(rig):
        page.goto(address)
        assert (address, _findings(page)) == (address, [])
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address


def test_the_empty_pages_have_no_findings_either(rig: Rig, page: Page) -> None:
    for address in (rig.stripe_url, rig.mail_url):
        page.goto(address)
        assert (address, _findings(page)) == (address, [])


def test_a_wrong_address_is_explained_beside_its_field(rig: Rig, page: Page) -> None:
    page.goto(rig.new_session(customer_email=None).url)
    page.get_by_label("E-mail").fill("ana")
    page.get_by_role("button", name="Pay", exact=True).click()
    assert page.get_by_text("Enter an e-mail address").is_visible()
    assert page.get_by_label("E-mail").input_value() == "ana"
    assert _findings(page) == []


def test_decline_pay_and_go_back_work_without_javascript(rig: Rig, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    home = f"{rig.mail_url}/?to="
    session = rig.new_session(success_url=home + "{CHECKOUT_SESSION_ID}", cancel_url=home + "back")
    page.goto(session.url)
    page.get_by_role("button", name="Decline the card").click()
    assert page.get_by_role("alert").inner_text().startswith("Your card was declined.")
    page.get_by_role("link", name="Go back").click()
    assert page.url == home + "back"
    page.goto(session.url)
    page.get_by_role("button", name="Pay").click()
    assert page.url == home + session.id
    page.goto(session.url)
    assert page.get_by_role("heading", name="Already paid").is_visible()
    context.close()


def test_the_control_page_is_worked_by_keyboard_with_a_visible_focus(rig: Rig, page: Page) -> None:
    charge = rig.paid().payment_intent.latest_charge
    page.goto(rig.stripe_url)
    button = page.get_by_role("button", name=f"Refund {charge.id}")
    button.focus()
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    button.press("Enter")
    page.wait_for_url("**/#charges")
    assert rig.api.charges.retrieve(charge.id).refunded


def test_a_link_in_a_mail_s_html_part_opens(rig: Rig, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    message = EmailMessage()
    message["Subject"], message["To"], message["From"] = "Confirm", "ana@example.org", "a@example.org"
    message.set_content("x")
    message.add_alternative(f"<a href='{rig.stripe_url}/'>Confirm now</a>", subtype="html")
    with smtplib.SMTP("localhost", rig.sandbox.smtp_port or 0, timeout=10) as server:
        server.send_message(message)
    page.goto(f"{rig.mail_url}/messages/1")
    with context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Confirm now").click()
    opened.value.wait_for_load_state()
    assert opened.value.title() == "Stripe stand-in"
    context.close()
