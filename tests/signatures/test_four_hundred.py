"""Four hundred behind one address: a plant's workers all count, and a mailbox shop's bots all wait for an organizer."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from campaigns.abuse import operations as abuse
from campaigns.abuse.rules import ONE_DOMAIN_LIMIT
from tests.make import World
from tests.signatures.test_checks import PLANT, counted, judge, reviews, rows, sign

HUNDREDS = range(0, 400, 100)
OWN_MAILBOX = ("gmail.com", "yahoo.ca")
LOCAL = "local-2244.example"  # the union's own, which lends a mailbox to every twentieth
EACH_TWENTIETH = 20


def worker(number: int, *, shares: bool) -> str:
    if shares and number % EACH_TWENTIETH == 0:
        return f"worker{number}@{LOCAL}"
    return f"worker{number}@{(*OWN_MAILBOX, f'home{number}.example')[number % 3]}"


def sign_all(world: World, people: Sequence[tuple[str, str]]) -> None:
    """Let (address of the network, e-mail address) sign, many at a time."""
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda each: sign(world, each[0], email=each[1]).status_code, people))
    assert set(answers) == {200}


def thanks_to_all(world: World, emails: Sequence[str]) -> list[str]:
    """What each reads who answers the mail, many at a time."""
    world.app.extensions["undersigned.worker"]("mails").drain()
    links = [world.mailer.link(email, "/confirm/") for email in emails]
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(lambda link: world.client.post(link).text, links))


@pytest.mark.parametrize("is_vouched_for", [False, True], ids=["mailboxes of their own", "some share a small domain"])
def test_four_hundred_behind_one_address_are_all_counted_at_once(world: World, is_vouched_for: bool) -> None:
    """Judged after each hundred: the later ones come while proof of work is asked for, which their browsers cannot do.

    Many at one small domain look like a crowd, so somebody vouches for the plant's Wi-Fi, as organizers are told to.
    """
    world.publish()
    if is_vouched_for:
        with world.work() as session:
            abuse.vouch(session, PLANT, "The plant's Wi-Fi", actor="test", now=world.clock())
    pages = []
    for first in HUNDREDS:
        emails = [worker(number, shares=is_vouched_for) for number in range(first, first + 100)]
        sign_all(world, [(PLANT, email) for email in emails])
        judge(world)
        pages += thanks_to_all(world, emails)
        judge(world)  # who has confirmed is looked at again
        assert counted(world) == first + 100
    assert not [page for page in pages if "being checked" in page]
    assert len(rows(world)) == len(pages) == 400
    assert set(reviews(world)) == {("clear", ""), ("clear", "unproven")}
    together = sum(row.email.endswith(f"@{LOCAL}") for row in rows(world))
    assert (together > ONE_DOMAIN_LIMIT) is is_vouched_for


def test_four_hundred_bots_of_one_disposable_domain_are_held(world: World) -> None:
    world.publish()
    bots = [(f"198.51.{each % 100}.{each // 100}", f"bot{each}@mailinator.com") for each in range(400)]
    sign_all(world, bots)
    pages = thanks_to_all(world, [email for _, email in bots])
    assert not [page for page in pages if "being checked" not in page]
    assert counted(world) == 0
    assert set(reviews(world)) == {("held", "disposable")}
    assert {row.state for row in rows(world)} == {"confirmed"}
