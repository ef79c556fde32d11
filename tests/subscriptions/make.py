"""Short words for what somebody does about news."""

from sqlalchemy import select
from werkzeug.test import TestResponse

from campaigns.subscriptions import queries
from campaigns.subscriptions.models import Subscription
from tests.make import World

ADA = "ada@example.org"


def ask(world: World, email: str = ADA, slug: str = "rescind", address: str = "", **more: str) -> TestResponse:
    """Send the news form; `address` is the IP it comes from."""
    place = {"REMOTE_ADDR": address} if address else {}
    return world.client.post(f"/campaigns/{slug}/news", data={"email": email} | more, environ_overrides=place)


def link(world: World, email: str = ADA) -> str:
    """The path of the newest mail's link that confirms."""
    world.run_worker()
    return world.mailer.link(email, "/news/")


def stop_link(world: World, email: str = ADA) -> str:
    world.run_worker()
    return world.mailer.link(email, "/news/stop/")


def subscribe(world: World, email: str = ADA, slug: str = "rescind") -> None:
    assert ask(world, email, slug).status_code == 200
    assert world.client.post(link(world, email)).status_code == 200


def rows(world: World) -> list[Subscription]:
    with world.reading() as session:
        return list(session.scalars(select(Subscription).order_by(Subscription.created_at)))


def recipients(world: World, slug: str = "rescind", limit: int = 100) -> list[str]:
    """The addresses that news of a campaign would go to, walked in batches."""
    found: list[str] = []
    campaign, after = world.campaign(slug), None
    with world.reading() as session:
        while batch := queries.recipients(session, campaign.id, after, limit):
            found += [each.email for each in batch]
            after = batch[-1].id
    return found
