"""A supporter opens the mailed link to their own page, on the screens that supporters have."""

from itertools import count

from tests.journeys.conftest import Visitor
from tests.journeys.stack import Stack
from tests.journeys.test_supporter import CAMPAIGN, fill_in, link_in_mail
from tests.waiting import wait_for

numbers = count(1)


def test_a_supporter_hides_the_name_withdraws_and_erases(stack: Stack, visitor: Visitor) -> None:
    page, email = visitor.page, f"own{next(numbers)}@example.org"
    name = f"Ottilie Fernsby {email[3:].partition('@')[0]}"
    page.goto(f"{stack.url}/campaigns/{CAMPAIGN}/sign")
    fill_in(visitor, name, email, "public")
    page.get_by_role("button", name="Sign the demand").click()
    visitor.waits_for(page.get_by_text(email).first)  # the form is sent once a challenge was asked for
    visitor.looks()
    page.get_by_role("button", name="Send the mail again").click()
    visitor.sees("another mail is on its way")
    visitor.looks()

    page.goto(newest_link(stack, email))
    page.locator("main form button").click()
    visitor.sees("Thank you")
    page.goto(f"{stack.url}/campaigns/{CAMPAIGN}")
    wait_for(lambda: page.reload() and name in page.inner_text("body"), "the name stands on the page", 10)

    page.goto(f"{stack.url}/my")
    visitor.looks()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Mail me the link").click()
    visitor.sees("Check your mail")
    visitor.looks()
    own_page = link_in_mail(stack, email, "/my/")
    page.goto(own_page)
    visitor.sees(name)
    visitor.looks()

    page.get_by_text("Nobody", exact=True).click()
    page.get_by_role("button", name="Save").click()
    visitor.sees("Saved")
    visitor.sees("Your name is withheld everywhere")
    page.goto(f"{stack.url}/campaigns/{CAMPAIGN}")
    wait_for(lambda: page.reload() and name not in page.inner_text("body"), "the name is gone from the page", 10)

    page.goto(own_page)
    page.get_by_text("Withdraw it").click()
    visitor.looks()
    page.get_by_role("button", name="Withdraw my signature").click()
    visitor.sees("it no longer counts")
    visitor.looks()
    page.get_by_text("Erase everything", exact=True).click()
    page.get_by_role("button", name="Erase everything about me").click()
    visitor.sees("gone from this site")
    visitor.looks()
    page.goto(own_page)
    visitor.forgives_status()
    visitor.sees("no longer works")
    visitor.looks()


def newest_link(stack: Stack, email: str) -> str:
    wait_for(lambda: len(stack.mails(email)) == 2, "the second mail", 20)
    return next(word for word in stack.mails(email)[0]["text"].split() if "/confirm/" in word)


def test_whoever_did_not_sign_undoes_it_with_one_button(stack: Stack, visitor: Visitor) -> None:
    page, email = visitor.page, f"notme{next(numbers)}@example.org"
    page.goto(f"{stack.url}/campaigns/{CAMPAIGN}/sign")
    fill_in(visitor, "Somebody Else", email, "public")
    page.get_by_role("button", name="Sign the demand").click()
    page.goto(link_in_mail(stack, email, "/not-me/"))
    visitor.sees("Somebody Else")
    visitor.looks()
    page.get_by_role("button", name="It was not me").click()
    visitor.sees("does not count")
    visitor.looks()
    page.goto(link_in_mail(stack, email, "/confirm/"))
    visitor.forgives_status()
    visitor.sees("no longer works")
    visitor.looks()


def test_a_lost_mail_is_asked_for_again(stack: Stack, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{stack.url}/campaigns/{CAMPAIGN}/sign/resend")
    visitor.looks()
    page.get_by_label("E-mail").fill("nobody")
    page.get_by_role("button", name="Send it again").click()
    visitor.forgives_status()
    visitor.sees("Enter an e-mail address like")
    visitor.looks()
