"""An organizer publishes a campaign and holds its list in hand; a treasurer accounts for a gift."""

import re
from itertools import count
from pathlib import Path

import pytest

from tests.adapters.printed import PrintedList
from tests.journeys.conftest import Visitor
from tests.journeys.stack import Stack
from tests.journeys.test_supporter import CAMPAIGN, fill_in, link_in_mail
from tests.waiting import wait_for

numbers = count(1)
NAMES = [
    ("Rosa Delgado", "public"),
    ("Иван Петров", "delivered"),
    ("Ελένη Παππά", "delivered"),
    ("أمل حداد", "delivered"),
    ("רחל לוי", "delivered"),
    ("अनिता शर्मा", "delivered"),
    ("王小明", "delivered"),
    ("さくら たなか", "delivered"),
    ("김민준", "delivered"),
    ("Hidden Harriet", "counted"),
]


def sign_in(stack: Stack, visitor: Visitor, role: str) -> None:
    """Sign in with the demo's own account."""
    line = next(line for line in (stack.folder / "demo-sign-ins.txt").read_text().splitlines() if line.startswith(role))
    _, email, password = line.split()
    page = visitor.page
    page.goto(f"{stack.url}/desk/")
    visitor.looks()
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("main form button, main form input[type=submit]").first.click()
    page.wait_for_url(f"{stack.url}/desk/")
    visitor.looks()


def publish(stack: Stack, visitor: Visitor, headline: str) -> str:
    """Make and publish a campaign at the desk; return its slug."""
    page = visitor.page
    page.goto(f"{stack.url}/desk/campaigns/new")
    page.locator("#headline").fill(headline)
    page.locator("#summary").fill("Nine of us asked for breaks. Nine of us were moved to nights.")
    page.locator("#organisation").fill("Night Shift Committee")
    page.locator("#contact_email").fill("nights@example.org")
    page.locator("#target_name").fill("Depot management")
    page.locator("#target_address").fill("1 Depot Road\nErlanger, Kentucky")
    page.locator("#story").fill("It began **in the spring**.")
    page.locator("#demands-0-title").fill("Put the nine back on days")
    page.locator("#demands-1-title").fill("Breaks as the law says")
    page.locator("main form button").last.click()
    page.wait_for_url(re.compile(r"/desk/campaigns/[a-z0-9-]+$"))
    visitor.looks()
    slug = page.url.rpartition("/")[2]
    page.goto(f"{page.url}/preview")
    visitor.sees(headline)
    visitor.looks()
    page.goto(f"{stack.url}/desk/campaigns/{slug}")
    page.get_by_role("button", name="Publish").click()
    visitor.sees("open")
    visitor.looks()
    return slug


def sign(stack: Stack, visitor: Visitor, slug: str, name: str, visibility: str) -> None:
    email = f"worker{next(numbers)}@example.org"
    visitor.page.goto(f"{stack.url}/campaigns/{slug}/sign")
    fill_in(visitor, name, email, visibility)
    visitor.page.get_by_role("button", name="Sign the demand").click()
    visitor.page.goto(link_in_mail(stack, email, "/confirm/"))
    visitor.page.locator("main form button").click()
    visitor.sees("Thank you")


def test_from_publishing_a_campaign_to_its_list_in_hand(stack: Stack, desk_visitor: Visitor, tmp_path: Path) -> None:
    page = desk_visitor.page
    sign_in(stack, desk_visitor, "organizer")
    slug = publish(stack, desk_visitor, "Days, not nights")
    for name, visibility in NAMES:
        sign(stack, desk_visitor, slug, name, visibility)

    page.goto(f"{stack.url}/desk/campaigns/{slug}/signatures/")
    desk_visitor.sees("Rosa Delgado")
    assert "Hidden Harriet" not in page.content()
    desk_visitor.looks()

    page.goto(f"{stack.url}/desk/campaigns/{slug}/deliveries/")
    desk_visitor.looks()
    page.get_by_label("None: the list may be made").check()
    page.get_by_role("button", name="Tell them").click()
    wait_for(lambda: page.reload() and "can be made now" in page.inner_text("body"), "the mails are prepared", 20)
    desk_visitor.looks()
    page.get_by_label("Letter").check()
    page.locator("main form button").first.click()
    page.wait_for_url("**/desk/deliveries/*")
    desk_visitor.waits_for(page.get_by_role("link", name="Download"))
    desk_visitor.looks()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    path = tmp_path / "list.pdf"
    download.value.save_as(path)
    printed = PrintedList(path.read_bytes())
    assert len(printed.pdf.pages) == 2
    # what a screen reader reads aloud, and what the glyphs on the pages stand for
    read_aloud = "\n".join(item.text or "" for item in printed.tagged)
    drawn = "\n".join(text for number in range(2) for text in printed.marked(number).values())
    for name, visibility in NAMES:
        assert (name in read_aloud) is (visibility != "counted"), name
    for part in ("Hidden", "Harriet"):
        assert part not in drawn
    assert "Rosa Delgado" in drawn

    page.goto(f"{stack.url}/verify/{page.url.rpartition('/')[2]}")
    desk_visitor.sees("9")
    assert not any(name in page.content() for name, _ in NAMES)
    desk_visitor.looks()


def test_a_treasurer_finds_each_gift_behind_its_figure(stack: Stack, desk_visitor: Visitor) -> None:
    page = desk_visitor.page
    page.goto(f"{stack.url}/campaigns/{CAMPAIGN}/donate?amount=50")
    page.locator("input[name=email]").fill("giver@example.org")
    page.locator("main form button").last.click()
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/donations/**")

    sign_in(stack, desk_visitor, "treasurer")
    page.goto(f"{stack.url}/desk/money/")
    wait_for(
        lambda: page.reload() and re.search(r"\$\d*[58]0", page.inner_text("main")), "the gift stands in the books", 20
    )
    desk_visitor.sees("General fund")
    desk_visitor.looks()
    row = page.get_by_role("row").filter(has_text="Connor Spence and JFK8")
    row.get_by_role("link", name=re.compile(r"\$")).first.click()
    desk_visitor.sees("charge:ch_")
    desk_visitor.looks()
    assert "Every law holds" in stack.flask("ledger", "verify")


@pytest.mark.parametrize("role", ["organizer", "treasurer", "approver", "admin"])
def test_each_role_sees_its_own_desk(stack: Stack, desk_visitor: Visitor, role: str) -> None:
    sign_in(stack, desk_visitor, role)
    for link in {anchor.get_attribute("href") for anchor in desk_visitor.page.locator("nav a").all()}:
        if link and link.startswith("/desk"):
            desk_visitor.page.goto(f"{stack.url}{link}")
            desk_visitor.looks()
