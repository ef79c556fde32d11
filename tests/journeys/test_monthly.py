"""A supporter gives each month, and changes, renews the card and stops by a mailed link; somebody joins."""

from itertools import count

from tests.journeys.conftest import Visitor
from tests.journeys.stack import Stack
from tests.journeys.test_supporter import link_in_mail
from tests.waiting import wait_for

CAMPAIGN = "reinstate-connor-spence"
numbers = count(1)
SET_A_TIER = """
from app import app
from campaigns.membership import operations
from campaigns.membership.operations import TierFields
services = app.extensions["undersigned"]
fields = TierFields("Standard", "For everybody in work", "15", "USD", None, True)
with services.work() as session:
    operations.set_tier(session, None, fields, recipient="Hub Workers", actor="test", now=services.clock())
"""


def test_a_supporter_gives_each_month_and_stops_without_a_password(stack: Stack, visitor: Visitor) -> None:
    page, email = visitor.page, f"monthly{next(numbers)}@example.org"
    page.goto(f"{stack.url}/campaigns/{CAMPAIGN}/donate?amount=30")
    page.get_by_text("Every month", exact=True).click()
    visitor.looks()
    page.locator("input[name=email]").fill(email)
    page.locator("main form button").last.click()
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/monthly/**")
    visitor.sees("It has begun")
    visitor.looks()

    page.goto(link_in_mail(stack, email, "/monthly/manage/"))
    visitor.sees("Your monthly gift")
    visitor.looks()
    page.locator("input[name=amount]").fill("12.50")
    page.get_by_role("button", name="Change it").click()
    visitor.sees("Changed.")
    visitor.sees(r"\$12\.50")
    page.get_by_role("button", name="Enter a new card").click()
    visitor.sees("Your subscriptions")
    page.get_by_role("button", name="Pay with this card from now on").click()
    page.get_by_role("link", name="Go back").click()
    page.get_by_role("button", name="Pause it").click()
    visitor.sees("Paused")
    page.get_by_role("button", name="Let it go on").click()
    visitor.sees("It goes on")
    page.locator("main summary").click()
    page.get_by_role("button", name="Stop it for good").click()
    visitor.sees("Ended")
    visitor.looks()
    wait_for(lambda: any("Ended" in mail["subject"] for mail in stack.mails(email)), "the mail that confirms it", 20)


def test_somebody_joins(stack: Stack, visitor: Visitor) -> None:
    page, email = visitor.page, f"member{next(numbers)}@example.org"
    page.goto(f"{stack.url}/join")
    if "Standard" not in page.inner_text("body"):
        visitor.forgives_status()
        stack.run_python(SET_A_TIER)
        page.goto(f"{stack.url}/join")
    visitor.looks()
    page.get_by_text("Standard, $15 a month").first.click()
    page.get_by_label("Name", exact=True).fill("Lee Park")
    page.get_by_label("E-mail", exact=True).fill(email)
    page.get_by_role("button", name="Go to payment").click()
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/monthly/**")
    visitor.sees("Your membership has begun")
    visitor.looks()
    wait_for(lambda: stack.mails(email), "the receipt", 20)
