"""Links to own pages: kept as hashes, for one mailbox, for a time."""

from datetime import timedelta

import pytest

from campaigns.kernel import tokens
from campaigns.kernel.addresses import InvalidAddress
from campaigns.mailboxes import operations, queries
from campaigns.mailboxes.rules import LINK_LIFETIME
from tests.make import World


def linked(world: World, email: str = "maria@example.org", *, asked: bool = False) -> tokens.Token:
    link = operations.new_link(world.clock())
    with world.work() as session:
        operations.keep_link(session, operations.hash_of(email), link, asked=asked, now=world.clock())
    return link


def opens(world: World, secret: str) -> bytes | None:
    with world.reading() as session:
        found = queries.opened_by(session, secret, world.clock())
    return found.email_hash if found else None


def test_a_link_opens_the_mailbox_it_was_made_for_however_its_address_is_spelled(world: World) -> None:
    link = linked(world, "m.ortiz@gmail.com")
    assert opens(world, link.secret) == operations.hash_of("MOrtiz+x@googlemail.com")
    assert opens(world, "made up") is None


def test_a_link_ends_and_is_deleted(world: World) -> None:
    link = linked(world)
    world.clock.move(days=LINK_LIFETIME.days)
    assert opens(world, link.secret) is None
    with world.work() as session:
        assert operations.forget_links(session, world.clock()) == 1


def test_dropping_the_links_of_one_mailbox_leaves_the_others(world: World) -> None:
    mine, others = linked(world), linked(world, "omar@example.org")
    with world.work() as session:
        operations.drop_links(session, operations.hash_of("maria@example.org"))
    assert opens(world, mine.secret) is None
    assert opens(world, others.secret) is not None


def test_only_links_that_were_asked_for_are_counted(world: World) -> None:
    linked(world)
    linked(world, asked=True)
    since = world.clock() - timedelta(days=1)
    with world.reading() as session:
        assert queries.asked_since(session, operations.hash_of("maria@example.org"), since) == 1


def test_what_is_no_address_has_no_mailbox() -> None:
    with pytest.raises(InvalidAddress):
        operations.hash_of("maria")
