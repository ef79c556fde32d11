"""Each law of the mirrors and of the gifts is seen broken once."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from campaigns.donations import checks as donation_checks
from campaigns.payments import checks
from tests.donations.make import Story
from tests.make import World, appeal


@pytest.fixture
def story(world: World) -> Story:
    """Gifts that were paid, refunded, failed to be refunded, disputed, won, asked about; and one that was not paid."""
    world.publish(appeal())
    story, checkout = Story(world), world.checkout
    paid = [story.world.give(email=f"giver{number}@example.org") for number in range(4)]
    for session_id in paid:
        checkout.pay(session_id)
    checkout.refund(paid[0], 500)
    checkout.fail_refund(paid[1], checkout.refund(paid[1], 700))
    checkout.win(paid[2], checkout.dispute(paid[2], 3000))
    checkout.dispute(paid[3], 0)
    story.world.give(email="jo@example.org")
    for number, session_id in enumerate(paid):
        story.completed(session_id, f"evt_{number}")
    story.world.clock.move(days=2)
    return story


def broken(story: Story) -> list[str]:
    with story.world.reading() as session:
        found = [*checks.verify(session, story.world.clock()), *donation_checks.verify(session)]
    return [each.law for each in found]


def test_sound_books_break_no_law(story: Story) -> None:
    assert broken(story) == []


PAID = "(SELECT subject_id FROM payment WHERE state = 'paid' LIMIT 1)"
BREAKS = [
    ("S3", "UPDATE payment SET is_settled = false WHERE state = 'paid'"),
    ("L8", "UPDATE payment_refund SET movement_id = 'txn_unheard'"),
    ("L8", "UPDATE payment_refund SET movement_id = NULL, failure_id = NULL WHERE state = 'succeeded'"),
    ("L8", "UPDATE payment_refund SET failure_id = NULL WHERE state = 'failed'"),
    ("L9", "UPDATE payment_dispute SET withdrawn_id = 'txn_unheard' WHERE state = 'won'"),
    ("L9", "UPDATE payment_dispute SET state = 'inquiry' WHERE state = 'won'"),
    ("L9", "UPDATE payment_dispute SET reinstated_id = NULL WHERE state = 'won'"),
    ("L5", f"UPDATE donation SET amount_minor = amount_minor + 1 WHERE id = {PAID}"),
    ("L5", f"UPDATE donation_line SET amount_minor = amount_minor + 1 WHERE donation_id = {PAID}"),
    ("L5", "UPDATE payment SET state = 'paid'"),
    ("L6", "UPDATE payment SET state = 'expired'"),
]


@pytest.mark.parametrize(("law", "sql"), BREAKS, ids=[f"{number}-{law}" for number, (law, _) in enumerate(BREAKS)])
def test_a_law_that_is_broken_is_named(story: Story, law: str, sql: str) -> None:
    with story.world.engine.begin() as connection:
        connection.execute(text(sql))
    assert set(broken(story)) == {law}


def test_the_command_that_proves_the_ledger_proves_these_too(story: Story) -> None:
    verify: Callable[[], object] = lambda: story.world.app.test_cli_runner().invoke(args=["ledger", "verify"])  # noqa: E731
    assert "Every law holds" in str(verify().output)  # type: ignore[attr-defined]
    with story.world.engine.begin() as connection:
        connection.execute(text(BREAKS[-1][1]))
    ill = verify()
    assert (ill.exit_code, "L6" in str(ill.stderr)) == (1, True)  # type: ignore[attr-defined]
