"""The money page shows a treasurer what only a person can settle."""

from campaigns.kernel.money import Money
from campaigns.links import Links
from campaigns.payments.emails import alarm_mail
from campaigns.payments.rules import Word
from tests.donations.make import Story
from tests.make import World, appeal

MONEY = "/desk/money/"


def test_where_there_is_nothing_to_look_at_the_page_says_what_would_stand_there(sqlite_world: World) -> None:
    page = sqlite_world.desk("treasurer").get(MONEY).text
    assert "There is nothing of that kind." in page
    assert "In suspense" not in page


def test_a_parked_payment_a_dispute_and_an_unexplained_fee_stand_on_the_money_page(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    story, checkout = Story(sqlite_world), sqlite_world.checkout
    odd, disputed = sqlite_world.give(), sqlite_world.give(email="jo@example.org")
    checkout.pay(odd, Money(1, "USD"))
    checkout.pay(disputed)
    dispute = checkout.dispute(disputed, 3000)
    fee = checkout.move("stripe_fee", -217)
    story.sweep()
    page = sqlite_world.desk("treasurer").get(MONEY).text
    assert "1 payment is not what was asked for and waits for you." in page
    for shown in ("Not what was asked for", "Disputed", dispute.id, "Nobody can explain it", fee.id, "-$2.17"):
        assert shown in page, shown
    assert "maria@example.org" not in page


def test_every_word_has_its_sentence_on_the_page_and_its_mail(sqlite_world: World) -> None:
    """A word that a template does not know would be an empty cell, and a mail without a subject."""
    templates = sqlite_world.app.jinja_env
    for word in Word:
        with sqlite_world.app.test_request_context():
            shown = templates.get_template("macros/money.html").make_module().notice_word(word.value)  # type: ignore[attr-defined]  # its macro
        mail = alarm_mail({"word": word.value, "about": "x", "payment": ""}, "a@example.org", Links("http://localhost"))
        assert shown.strip(), word
        assert mail.subject, word
        assert len(mail.text.split("\n\n")[0]) > 60, word
