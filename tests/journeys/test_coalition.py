"""Somebody signs by a partner's link with its tick; somebody reads the news without signing, and stops it."""

import re
from itertools import count

from tests.journeys.conftest import Visitor
from tests.journeys.stack import Stack
from tests.journeys.test_desk import sign_in
from tests.journeys.test_supporter import CAMPAIGN, fill_in, link_in_mail
from tests.waiting import wait_for

numbers = count(1)
WORDS = "I want to hear from the Ramp Workers about the ramp."


def add_partner(stack: Stack, visitor: Visitor) -> tuple[str, str]:
    """Add a partner at the desk; return its code and the address of its page there."""
    page, code = visitor.page, f"ramp-{next(numbers)}"
    page.goto(f"{stack.url}/desk/campaigns/{CAMPAIGN}/partners")
    for field, text in {"code": code, "name": "Ramp Workers", "contact": "ramp@example.org", "words": WORDS}.items():
        page.locator(f"#{field}").fill(text)
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(re.compile(r"/partners/[0-9a-f-]{36}(#|$)"))
    visitor.looks()
    return code, page.url.partition("#")[0]


def signs_by(stack: Stack, visitor: Visitor, code: str, email: str) -> None:
    page = visitor.page
    page.goto(f"{stack.url}/campaigns/{CAMPAIGN}?via={code}")
    fill_in(visitor, "Rosa Delgado", email, "counted")
    page.get_by_label(WORDS).check()
    visitor.looks()
    page.get_by_role("button", name="Sign the demand").click()
    page.goto(link_in_mail(stack, email, "/confirm/"))
    visitor.sees("This was ticked as well")
    visitor.looks()
    page.get_by_role("button", name="Yes, I sign").click()
    visitor.sees("Thank you")


def test_a_partner_brings_one_and_reads_no_more_than_it_may(
    stack: Stack, visitor: Visitor, desk_visitor: Visitor
) -> None:
    desk, email = desk_visitor.page, f"coalition{next(numbers)}@example.org"
    sign_in(stack, desk_visitor, "organizer")
    code, address = add_partner(stack, desk_visitor)
    signs_by(stack, visitor, code, email)

    desk.goto(address)
    told = [cell.inner_text() for cell in desk.locator("td.num").all()]
    assert told == ["1", "0", "1"]
    desk.get_by_role("button", name="Make a link").click()
    link = desk.locator(".notice .standing-address").inner_text().strip()
    visitor.page.goto(link)
    visitor.sees("Ramp Workers")
    visitor.sees("under 10")
    assert "Rosa" not in visitor.page.inner_text("body")
    visitor.looks()

    desk.goto(f"{address}/people")
    desk_visitor.looks()
    with desk.expect_download() as taking:
        desk.get_by_role("button", name="Take out the file").click()
    assert f"Rosa Delgado,{email}," in taking.value.path().read_text(encoding="utf-8-sig")

    desk.goto(address)
    desk.get_by_role("button", name="Revoke it").click()
    visitor.page.goto(link)
    visitor.forgives_status()
    visitor.sees("no longer opens anything")


def test_somebody_reads_the_news_without_signing_and_stops_it(stack: Stack, visitor: Visitor) -> None:
    page, email = visitor.page, f"reader{next(numbers)}@example.org"
    page.goto(f"{stack.url}/campaigns/{CAMPAIGN}")
    page.get_by_label("E-mail for news").fill(email)
    page.get_by_role("button", name="Send me the news").click()
    visitor.sees("Check your mail")
    visitor.looks()
    stop = link_in_mail(stack, email, "/news/stop/")
    page.goto(next(word for word in stack.mails(email)[0]["text"].split() if "/news/" in word and word != stop))
    visitor.sees("Do you want the news")
    visitor.looks()
    page.get_by_role("button", name="Yes, send me the news").click()
    visitor.sees("You get the news")
    visitor.looks()

    page.goto(stop)
    visitor.looks()
    page.get_by_role("button", name="Send me no more news").click()
    visitor.sees("No more news")
    visitor.looks()
    page.goto(f"{stack.url}/campaigns/{CAMPAIGN}/news")
    page.get_by_label("E-mail for news").fill(email)
    page.get_by_role("button", name="Send me the news").click()
    wait_for(lambda: len(stack.mails(email)) == 2, "a mail to who comes back", 20)
