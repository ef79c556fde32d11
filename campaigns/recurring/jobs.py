"""What runs by itself about monthly payments, and whose doorbell rang."""

from campaigns.kernel.ports import Payload
from campaigns.outbox.jobs import Recurring as Schedule
from campaigns.payments.flows import Payments
from campaigns.recurring import flows, operations
from campaigns.recurring.flows import Recurring


def schedules(recurring: Recurring) -> tuple[Schedule, ...]:
    """Return the recurring jobs."""
    return (
        Schedule("recurring.sweep", flows.SWEEP_EVERY, lambda: _dropped(recurring.sweep())),
        Schedule("recurring.sweep_all", flows.SWEEP_ALL_EVERY, recurring.sweep_all),
        Schedule("recurring.cards", flows.WARN_EVERY, recurring.warn_of_cards, is_about_mail=True),
        Schedule("recurring.forget", flows.SWEEP_ALL_EVERY, lambda: _forget(recurring)),
    )


def _dropped(_result: int) -> None:
    """A schedule has nobody to tell how many there were."""


def _forget(recurring: Recurring) -> None:
    with recurring.work() as session:
        operations.forget_links(session, recurring.clock())


def sync_any(payload: Payload, recurring: Recurring, payments: Payments) -> None:
    """Job: sync what rang: something monthly where it is that, else something paid once. Raises PaymentsUnavailable."""
    if not recurring.sync_subject(payload["kind"], payload["id"]):
        payments.sync_subject(payload)
