"""What a stop link is made of, and the limit on who asks for others."""

import base64
import binascii
import hmac
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.abuse import checks as abuse
from campaigns.abuse import queries as abuse_queries
from campaigns.abuse.rules import DAY_WINDOW, SHORT_WINDOW, Crowd, is_suspicious
from campaigns.db.sealing import fingerprint
from campaigns.subscriptions.models import Subscription
from campaigns.subscriptions.rules import STOP_PURPOSE

_ID_BYTES, _HASH_BYTES, _MAC_BYTES = 16, 32, 16


def stop_secret(campaign_id: UUID, email_hash: bytes) -> str:
    """Return what a stop link carries: campaign and mailbox, by their id and keyed hash, and a keyed hash of both.

    It is the same in every mail and works for ever, also in an old mail of somebody who left and came back. Nothing of
    it is stored: whoever steals the database can make none.
    """
    content = campaign_id.bytes + email_hash
    return base64.urlsafe_b64encode(content + _mac(content)).rstrip(b"=").decode()


def mailbox_behind(secret: str) -> tuple[UUID, bytes] | None:
    """Return campaign and mailbox of a stop link; None for what this site did not make."""
    try:
        data = base64.b64decode(secret + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    content, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
    if len(content) != _ID_BYTES + _HASH_BYTES or not hmac.compare_digest(mac, _mac(content)):
        return None
    return UUID(bytes=content[:_ID_BYTES]), content[_ID_BYTES:]


def _mac(content: bytes) -> bytes:
    return fingerprint(STOP_PURPOSE, content.hex())[:_MAC_BYTES]


def is_crowd(session: Session, campaign_id: UUID, network: str, domain: bytes, now: datetime) -> bool:
    """Return whether one network asks for so many mailboxes of one uncommon domain that a person must wait.

    The same rule as for signatures: an IP alone condemns nobody (abuse/rules.is_suspicious).
    """
    keys = abuse.keys_over_midnight(network, str(campaign_id), now)
    of_network = Subscription.network_key.in_(keys) & (Subscription.created_at > now - DAY_WINDOW)
    row = session.execute(
        select(
            func.count(),
            func.count().filter(Subscription.created_at > now - SHORT_WINDOW),
            func.count().filter(Subscription.domain_key == domain),
        ).where(of_network)
    ).one()
    today, lately, at_domain = row
    ordinary = domain in abuse.ordinary_domain_keys()
    # The row that is about to be written counts too.
    is_shared = abuse.lasting_key(network) in abuse_queries.shared_keys(session)
    return is_suspicious(Crowd(lately + 1, today + 1, at_domain + 1, is_shared, ordinary))
