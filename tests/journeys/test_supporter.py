"""A supporter signs, confirms and gives, on the screens that supporters have."""

from itertools import count

import pytest

from tests.journeys.conftest import Visitor
from tests.journeys.stack import Stack
from tests.waiting import wait_for

CAMPAIGN = "reinstate-connor-spence"
WORDS = {"public": "Everyone", "delivered": "Only the list", "counted": "Nobody"}
numbers = count(1)


def link_in_mail(stack: Stack, address: str, path: str) -> str:
    """The link under `path` in the newest mail to `address`, once it has come."""

    def found() -> str:
        words = " ".join(mail["text"] for mail in stack.mails(address)).split()
        return next((word for word in reversed(words) if word.startswith(f"{stack.url}{path}")), "")

    return str(wait_for(found, f"a mail to {address} with a link {path}"))


def fill_in(visitor: Visitor, name: str, email: str, visibility: str) -> None:
    page = visitor.page
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail", exact=True).fill(email)
    page.get_by_label("Town").fill("Hebron")
    page.get_by_label("Postcode").fill("41048")
    page.get_by_label("Country").select_option("US")
    page.get_by_text(WORDS[visibility], exact=True).click()
    assert page.locator(f"input[name=visibility][value={visibility}]").is_checked()


def test_a_supporter_signs_confirms_and_gives(stack: Stack, visitor: Visitor) -> None:
    page, email = visitor.page, f"supporter{next(numbers)}@example.org"
    page.goto(stack.url)
    visitor.looks()
    page.get_by_role("link", name="Reinstate Connor Spence").first.click()
    visitor.looks()

    fill_in(visitor, "Rosa Delgado", email, "public")
    page.get_by_role("button", name="Sign the demand").click()
    visitor.waits_for(page.get_by_text(email).first)  # the form is sent once a challenge was asked for
    visitor.sees("mail")
    visitor.looks()

    page.goto(link_in_mail(stack, email, "/confirm/"))
    visitor.sees("Rosa Delgado")
    visitor.looks()
    page.locator("main form button").click()
    visitor.sees("Thank you")
    visitor.looks()
    wait_for(
        lambda: page.request.get(f"{stack.url}/campaigns/{CAMPAIGN}/count.json").json()["total"] > 0,
        "the count follows",
    )

    page.get_by_role("link", name="$30").click()
    assert page.locator("input[name=preset][value='30']").is_checked()
    visitor.looks()
    page.locator("input[name=email]").fill(email)
    page.locator("main form button").last.click()
    visitor.sees("stand-in for Stripe")
    visitor.looks()
    page.get_by_role("button", name="Decline").click()
    visitor.sees("declined")
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/donations/**")
    visitor.sees(r"\$30")
    visitor.sees("Thank you")
    visitor.looks()
    receipt = wait_for(
        lambda: [mail for mail in stack.mails(email) if "receipt" in mail["subject"].lower()], "the receipt", 20
    )
    assert "$30" in receipt[0]["text"]

    page.goto(f"{stack.url}/campaigns/{CAMPAIGN}")
    wait_for(lambda: page.reload() and "Rosa Delgado" in page.inner_text("body"), "the name stands on the page", 10)
    visitor.looks()


def test_a_form_with_mistakes_keeps_what_was_typed(stack: Stack, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{stack.url}/campaigns/{CAMPAIGN}/sign")
    page.get_by_label("Name", exact=True).fill("Jo Hill")
    page.get_by_label("E-mail", exact=True).fill("jo@nowhere")
    page.get_by_role("button", name="Sign the demand").click()
    visitor.sees("Enter an e-mail address like")
    visitor.sees("Choose who may see your name")
    visitor.forgives_status()
    assert page.get_by_label("Name", exact=True).input_value() == "Jo Hill"
    assert page.get_by_label("E-mail", exact=True).input_value() == "jo@nowhere"
    visitor.looks()


@pytest.mark.parametrize(
    "path", ["/verify", "/nothing/here", "/confirm/unknown", "/verify/unknown", "/donations/unknown"]
)
def test_plain_pages_are_calm(stack: Stack, visitor: Visitor, path: str) -> None:
    visitor.page.goto(f"{stack.url}{path}")
    visitor.forgives_status()
    visitor.looks()
