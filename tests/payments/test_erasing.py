"""What events said about somebody who is erased is gone, whatever object they were about."""

from campaigns.kernel.ports import Doorbell
from campaigns.payments import erasing, operations
from campaigns.payments.models import PaymentEvent
from tests.make import World
from tests.payments.make import KIND, Till


def test_the_bodies_of_every_event_about_a_payment_are_emptied_and_others_are_kept(world: World) -> None:
    till, checkout = Till(world), world.checkout
    session_id, other = till.open(), till.open()
    charge = checkout.pay(session_id).charge
    assert charge
    refund, dispute, warning = checkout.refund(session_id, 500), checkout.dispute(session_id, 2500), "issfr_1"
    checkout.warned[warning] = charge.id
    till.sync(session_id)
    till.payments.look_into("radar.early_fraud_warning", warning)
    mine = [session_id, charge.id, refund.id, dispute.id, warning]
    for number, subject in enumerate([*mine, other]):
        rung = Doorbell(f"evt_{number}", "x", False, None, subject, "charge")
        with world.work() as session:
            operations.store_event(session, rung, b"maria@example.org", now=world.clock())
    with world.work() as session:
        erasing.empty_events(session, KIND, [till.told.paid[0].subject_id])
    with world.reading() as session:
        kept = {row.subject_id for row in session.query(PaymentEvent) if row.body}
    assert kept == {other}
