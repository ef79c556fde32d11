"""Every kind of mail that a site may send, sent once on the site that `everybody` lives on."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select, update

from campaigns.campaign import operations as campaigns
from campaigns.campaign.rules import Demand
from campaigns.deliveries import announcing
from campaigns.outbox.models import DONE, OutboxItem
from campaigns.review.rules import DOMAIN_ALARM
from campaigns.signatures.models import SignatureCount
from campaigns.signatures.rules import REMINDED_AFTER
from campaigns.versions import telling
from tests.gate.make import decline
from tests.make import PASSWORD, World, appeal, csrf_token
from tests.membership.make import Union, make_tier
from tests.recurring.make import Months
from tests.review.make import signed
from tests.signatures.everybody import QUESTIONS
from tests.subscriptions.make import ask as ask_for_news
from tests.subscriptions.make import subscribe

MEMBER = "member@union.example"


def mails_of(world: World) -> frozenset[str]:
    """Each kind of mail that the workers of this site know how to write."""
    return frozenset(world.app.extensions["undersigned.worker"]("walk").registry.mails)


def sent(world: World) -> frozenset[str]:
    """Each kind of which one was written and handed over."""
    with world.reading() as session:
        kinds = session.scalars(select(OutboxItem.kind).where(OutboxItem.state == DONE).distinct())
        return frozenset(kinds) & mails_of(world)


def send_every_kind(world: World, giver: str) -> frozenset[str]:
    """Let everything happen that somebody is written to about; `giver` is a signatory's address. Return the kinds."""
    for happen in _HAPPENINGS:
        happen(world, giver)
        world.run_worker()
    return sent(world)


def _remind(world: World, _giver: str) -> None:
    world.clock.move(seconds=REMINDED_AFTER.total_seconds() + 1)


def _announce(world: World, _giver: str) -> None:
    with world.work() as session:
        announcing.announce(session, world.campaign(), hours=1, actor="test", now=world.clock())


def _correct(world: World, _giver: str) -> None:
    fields = appeal(questions=QUESTIONS, demands=(Demand("Rescind all twelve write-ups", ""),))
    with world.work() as session:
        campaigns.change(session, "rescind", fields, actor="test", now=world.clock())
        assert telling.tell(session, "rescind", 2, actor="test", now=world.clock())


def _ask_for_news_twice(world: World, giver: str) -> None:
    subscribe(world, giver)
    world.clock.move(minutes=2)
    ask_for_news(world, giver)


def _change_password(world: World, _giver: str) -> None:
    desk, path = world.desk("treasurer"), "/desk/account/change"
    typed = {"password": PASSWORD, "new_password": PASSWORD[::-1], "new_password_confirm": PASSWORD[::-1]}
    assert desk.post(path, data=typed | {"csrf_token": csrf_token(desk, path)}).status_code == 302


def _give_and_take_back(world: World, giver: str) -> None:
    """In part and whole, then a refund that the bank sends back."""
    session_id = world.give(email=giver)
    world.pay(session_id)
    for number, minor in enumerate((1000, 2000)):
        world.clock.move(seconds=1)
        refund = world.checkout.refund(session_id, minor)
        world.ring(f"evt_refund_{number}", "checkout.session", session_id)
        world.run_worker()
    world.checkout.fail_refund(session_id, refund)
    world.ring("evt_refund_failed", "checkout.session", session_id)


def _give_in_vain(world: World, giver: str) -> None:
    session_id = world.give(email=giver)
    world.checkout.start_processing(session_id)
    world.ring("evt_processing", "checkout.session", session_id)
    world.run_worker()
    world.checkout.fail(session_id)
    world.ring("evt_failed", "checkout.session", session_id)


def _try_many_cards(world: World, _giver: str) -> None:
    decline(world, 12)
    world.clock.move(minutes=1)


def _be_many_of_one_domain(world: World, _giver: str) -> None:
    signed(world, DOMAIN_ALARM, domain="catch-all.example")
    world.clock.move(minutes=10)


def _miscount(world: World, _giver: str) -> None:
    world.run_worker()
    with world.work() as session:
        session.execute(update(SignatureCount).values(total=-1))
    world.clock.move(days=1)


def _give_monthly(world: World, giver: str) -> None:
    months = Months(world, rung=100)  # no event of before
    subscription_id = months.begin(email=giver)
    assert world.client.post(f"{months.manage(giver)}/amount", data={"amount": "45"}).status_code == 303
    months.vendor.change(subscription_id, card_expires=world.clock().date() + timedelta(days=20))
    months.tell("subscription", subscription_id)
    world.clock.move(days=1)
    world.run_worker()
    months.renew(subscription_id, paid=False)


def _join_and_leave(world: World, _giver: str) -> None:
    union = Union(world)
    invoice_id = union.month(union.join(make_tier(world), email=MEMBER))
    for minor in (500, 1000):
        world.clock.move(seconds=1)
        union.vendor.refund(invoice_id, minor)
        union.tell("invoice", invoice_id)


_HAPPENINGS: tuple[Callable[[World, str], None], ...] = (
    _remind, _announce, _correct, _ask_for_news_twice, _change_password, _give_and_take_back, _give_in_vain,
    _try_many_cards, _be_many_of_one_domain, _miscount, _join_and_leave, _give_monthly,
)  # fmt: skip
