"""Forgetting: on a schedule, once per cluster."""

from datetime import datetime

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.orm import Session

from campaigns.abuse.rules import NETWORK_KEPT
from campaigns.subscriptions.models import Subscription
from campaigns.subscriptions.rules import PENDING_KEPT, State


def forget_unconfirmed(session: Session, now: datetime) -> int:
    """Delete what nobody confirmed in the time that the mail states; return how many."""
    late = (Subscription.state == State.PENDING, Subscription.created_at <= now - PENDING_KEPT)
    result = session.execute(delete(Subscription).where(*late))
    assert isinstance(result, CursorResult)
    return result.rowcount


def forget_networks(session: Session, now: datetime) -> None:
    """Drop the keys of networks whose windows have passed."""
    session.execute(
        update(Subscription)
        .where(Subscription.network_key.is_not(None), Subscription.created_at < now - NETWORK_KEPT)
        .values(network_key=None, domain_key=None)
    )
