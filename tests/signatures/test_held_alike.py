"""No page says which rule held whom: the held one reads the same, and is written the same, whatever was found."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from campaigns.abuse.rules import Reason, is_settled_by_confirming, written
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Review
from tests.make import SIGN, World, a_world
from tests.supporters.pages import OwnPage

SIGNED = {"visibility": "public", "comment": "Because.", "updates": "y"}
EVERY_REASON = tuple(Reason)
HELD_FOR = [*((reason,) for reason in Reason), (Reason.UNPROVEN, Reason.TRAP), EVERY_REASON]
# Tokens of links, numbers of requests and rows.
ONES_OWN = re.compile(r"(?<=/)[\w-]{32}(?![\w-])|(?<=X-Request-Id: )\w+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def judged(world: World, review: Review, because: tuple[Reason, ...]) -> None:
    with world.work() as session:
        session.execute(update(Signature).values(review=review.value, held_because=written(because)))


def one_after_the_other(world: World, review: Review, because: tuple[Reason, ...]) -> Iterator[TestResponse]:
    """Everything that somebody can open and press from signing to withdrawing."""
    world.publish()
    yield world.sign(**SIGNED)
    judged(world, review, because)
    world.run_worker()
    yield world.sign(**SIGNED)  # once more, over the one that waits
    judged(world, review, because)
    world.run_worker()
    world.clock.move(days=2, minutes=1)  # a reminder goes out
    world.run_worker()
    link = world.mailer.link(SIGN["email"], "/confirm/")
    for ask in (world.client.get, world.client.post, world.client.get, world.client.post):
        yield ask(link)
    world.run_worker()
    yield world.sign(**SIGNED)  # "you have signed already"
    page = OwnPage.asked(world)
    yield from (page.see(), page.see("/data.json"))
    yield from (page.change(name="Mary Ortiz", visibility="public"), page.see(), page.withdraw(), page.see())


def told(template: Path, folder: Path, review: Review, because: tuple[Reason, ...] = ()) -> list[str]:
    """All that the site answers and mails one person, but for what is made up anew each time."""
    folder.mkdir()
    with a_world(template, folder) as world:
        answers = list(one_after_the_other(world, review, because))
        said = [f"{answer.status}\n{answer.headers}\n{answer.text}" for answer in answers]
        said += [repr(message) for message in world.mailer.to(SIGN["email"])]
    assert all(answer.status_code < 400 for answer in answers)
    return [ONES_OWN.sub("…", each) for each in said]


@pytest.mark.parametrize("because", HELD_FOR, ids=written)
def test_no_page_and_no_mail_says_which_rule_held_whom(
    sqlite_template: Path, tmp_path: Path, because: tuple[Reason, ...]
) -> None:
    """Whom confirming settles reads, from the first page on, what everybody reads."""
    alike = Review.CLEAR if is_settled_by_confirming(because) else Review.HELD
    other = told(sqlite_template, tmp_path / "other", alike)
    assert told(sqlite_template, tmp_path / "held", Review.HELD, because) == other
    assert any("being checked" in each for each in other) is (alike is Review.HELD)
