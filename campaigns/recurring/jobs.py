"""What runs by itself about monthly payments."""

from campaigns.outbox.jobs import Recurring as Schedule
from campaigns.recurring import flows, operations
from campaigns.recurring.flows import Recurring


def schedules(recurring: Recurring) -> tuple[Schedule, ...]:
    """Return the recurring jobs."""
    return (
        Schedule("recurring.sweep_all", flows.SWEEP_ALL_EVERY, recurring.sweep_all),
        Schedule("recurring.cards", flows.WARN_EVERY, recurring.warn_of_cards, is_about_mail=True),
        Schedule("recurring.forget", flows.SWEEP_ALL_EVERY, lambda: _forget(recurring)),
    )


def _forget(recurring: Recurring) -> None:
    with recurring.work() as session:
        operations.forget_links(session, recurring.clock())
