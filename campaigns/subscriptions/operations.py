"""Use-cases: ask for news, confirm it, stop it."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from campaigns.abuse import checks as abuse
from campaigns.campaign.queries import CampaignFacts
from campaigns.db.sealing import fingerprint
from campaigns.kernel import addresses, tokens
from campaigns.kernel.errors import NotFound, Refusal
from campaigns.kernel.ids import row_id
from campaigns.outbox import operations as outbox
from campaigns.outbox.operations import insert_ignoring
from campaigns.signatures.models import Signature
from campaigns.signatures.operations import mail_facts
from campaigns.signatures.rules import Mails, one_mail_more
from campaigns.subscriptions import queries
from campaigns.subscriptions.checks import is_crowd, mailbox_behind, stop_secret
from campaigns.subscriptions.models import Subscription
from campaigns.subscriptions.queries import Asked
from campaigns.subscriptions.rules import CONFIRM_PURPOSE, PENDING_KEPT, Asking, State, on_asking

CONFIRM_MAIL = "subscriptions.confirm_mail"
ALREADY_MAIL = "subscriptions.already_mail"
_STANDING = (
    Subscription.id, Subscription.state, Subscription.mails, Subscription.mails_since, Subscription.email,
)  # fmt: skip


class LinkGone(NotFound):
    """This link is no longer valid."""


class TooMany(Refusal):
    """Very many addresses of one kind were entered from your network. Please try again in an hour, or from home."""

    status = HTTPStatus.TOO_MANY_REQUESTS


def subscribe(
    session: Session, campaign: CampaignFacts, email: str, *, network: str | None = None, now: datetime
) -> None:
    """Ask a mailbox whether it wants news of a campaign, open or closed; see rules.on_asking.

    It does the same, as far as anybody on the web can tell, whatever stands under the address. `network` is where the
    visitor came from, for the limit alone. Raises TooMany, which depends on network and mail domain alone.
    """
    canonical = addresses.canonical(email)
    token = tokens.issue(CONFIRM_PURPOSE, now, PENDING_KEPT)
    values = _values(campaign.id, email, fingerprint("e-mail", canonical), token, now)
    values |= _traces(session, campaign.id, canonical.rpartition("@")[2], network, now)
    match _store(session, values, now):
        case Asking.ADD | Asking.REPLACE:
            _queue_confirmation(session, campaign, values, token, now)
        case Asking.TELL_BY_MAIL:
            _queue_already(session, campaign, values, now)


def _values(campaign_id: UUID, email: str, email_hash: bytes, token: tokens.Token, now: datetime) -> dict[str, Any]:
    return {
        "id": row_id(now), "campaign_id": campaign_id, "email_hash": email_hash, "email": email,
        "state": State.PENDING.value, "token_digest": token.digest, "token_expires_at": token.expires_at,
        "created_at": now, "confirmed_at": None, "mails": 1, "mails_since": now,
    }  # fmt: skip


def _traces(
    session: Session, campaign_id: UUID, domain: str, network: str | None, now: datetime
) -> dict[str, bytes | None]:
    if network is None:
        return {"network_key": None, "domain_key": None}
    domain_key = abuse.domain_key(domain)
    if is_crowd(session, campaign_id, network, domain_key, now):
        raise TooMany
    key, _ = abuse.keys_over_midnight(network, str(campaign_id), now)
    return {"network_key": key, "domain_key": domain_key}


def _store(session: Session, values: dict[str, Any], now: datetime) -> Asking:
    """Add, replace, or leave what stands there; the unique key decides a race. `values` gets the id that stands."""
    if insert_ignoring(session, Subscription, values):
        return Asking.ADD
    where = (Subscription.campaign_id == values["campaign_id"], Subscription.email_hash == values["email_hash"])
    found = session.execute(select(*_STANDING).where(*where)).first()
    if found is None:
        return _store(session, values, now)  # it was stopped in this very moment
    mails = one_mail_more(Mails(found.mails, found.mails_since), now)
    asking = on_asking(State(found.state), has_enough_mails=mails is None)
    if mails and asking is Asking.REPLACE:
        values |= {"id": found.id, "mails": mails.number, "mails_since": mails.since}
        if not _replace(session, found, values):
            values |= {"id": row_id(now), "mails": 1, "mails_since": now}
            return _store(session, values, now)
    values["id"] = found.id
    return asking


def _replace(session: Session, found: Any, values: dict[str, Any]) -> bool:
    """Write `values` over a row unless somebody changed its state or its mails since `found` was read."""
    same = (Subscription.state == found.state, Subscription.mails == found.mails)
    same_since = Subscription.mails_since.is_not_distinct_from(found.mails_since)
    result = session.execute(update(Subscription).where(Subscription.id == found.id, *same, same_since).values(values))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _queue_confirmation(
    session: Session, campaign: CampaignFacts, values: dict[str, Any], token: tokens.Token, now: datetime
) -> None:
    payload = {
        "to": values["email"], "secret": token.secret, "stop": stop_secret(campaign.id, values["email_hash"]),
        "campaign": mail_facts(campaign),
    }  # fmt: skip
    outbox.enqueue(session, CONFIRM_MAIL, f"{values['id']}:{token.digest.hex()[:16]}", payload, now=now)


def _queue_already(session: Session, campaign: CampaignFacts, values: dict[str, Any], now: datetime) -> None:
    """Tell a mailbox that it has news already: at most one such mail a day, however often its address is typed."""
    stop = stop_secret(campaign.id, values["email_hash"])
    payload = {"to": values["email"], "stop": stop, "campaign": mail_facts(campaign)}
    # By the row, for subjects are kept: a hash of the address would outlive whoever is erased.
    outbox.enqueue(session, ALREADY_MAIL, f"{values['id']}:{now:%Y-%m-%d}", payload, now=now)


def confirm(session: Session, secret: str, *, now: datetime) -> Asked:
    """Confirm what `secret` asks for and return it; doing so twice is harmless. Raises LinkGone.

    One conditional UPDATE decides.
    """
    session.execute(
        update(Subscription)
        .where(Subscription.token_digest == tokens.digest(CONFIRM_PURPOSE, secret))
        .where(Subscription.token_expires_at > now, Subscription.state == State.PENDING)
        .values(state=State.CONFIRMED.value, confirmed_at=now)
    )
    found = queries.behind_link(session, secret, now)
    if found is None:
        raise LinkGone
    return found


def stop_by_link(session: Session, secret: str) -> None:
    """Send no more news of a campaign to the mailbox a mail went to; twice is harmless.

    Raises LinkGone for a link that this site did not make.
    """
    mailbox = mailbox_behind(secret)
    if mailbox is None:
        raise LinkGone
    stop(session, *mailbox)


def stop(session: Session, campaign_id: UUID, email_hash: bytes) -> None:
    """Send no more news of one campaign to a mailbox, whichever way it asked: subscription or signature."""
    session.execute(
        delete(Subscription).where(Subscription.campaign_id == campaign_id, Subscription.email_hash == email_hash)
    )
    session.execute(
        update(Signature)
        .where(Signature.campaign_id == campaign_id, Signature.email_hash == email_hash)
        .values(wants_updates=False)
    )


def drop(session: Session, email_hash: bytes) -> int:
    """Delete every subscription of a mailbox; return how many. For stopping all mails, and for erasing."""
    result = session.execute(delete(Subscription).where(Subscription.email_hash == email_hash))
    assert isinstance(result, CursorResult)
    return result.rowcount
