"""What the stand-in can do and the site's own story does not touch, each once: acts are told to Stripe's own client."""

from typing import Any

from sandbox.stripe import disputes, fraud_warnings
from sandbox.stripe.store import Json
from tests.sandbox.rig import Rig
from tests.sandbox.story import Story


def tell(rig: Rig) -> Story:
    """Let everything happen once and return what was answered and told."""
    for act in (_dispute,):
        act(rig)
    rig.quiet()
    return Story((), rig.site.events(), rig.http.exchanges)


def _charge(rig: Rig, **changes: Any) -> Json:
    return rig.account.store.must(rig.paid(**changes).payment_intent.latest_charge.id)


def _dispute(rig: Rig) -> None:
    account = rig.account
    fraud_warnings.warn(account, charge := _charge(rig))
    disputes.win(account, disputes.answer(account, disputes.dispute(account, charge)))
    disputes.close_inquiry(account, disputes.inquire(account, _charge(rig)))
    rig.api.disputes.list({"expand": ["data.charge", "data.payment_intent"]})
    rig.api.radar.early_fraud_warnings.list({"expand": ["data.charge"]})
