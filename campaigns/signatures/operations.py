"""Use-cases: sign, confirm."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, and_, bindparam, case, insert, or_, select, update
from sqlalchemy.orm import Session

from campaigns.abuse import checks as abuse
from campaigns.abuse import rules as suspicion
from campaigns.abuse.rules import Reason, Traces
from campaigns.campaign.models import Campaign, PetitionVersion
from campaigns.campaign.operations import freeze_text
from campaigns.campaign.queries import CampaignFacts
from campaigns.db.sealing import fingerprint
from campaigns.kernel import addresses, tokens
from campaigns.kernel.errors import NotFound, Refusal
from campaigns.kernel.ids import row_id
from campaigns.mailboxes import operations as mailboxes
from campaigns.outbox import operations as outbox
from campaigns.outbox.operations import insert_ignoring
from campaigns.signatures import queries
from campaigns.signatures.models import CountChange, Signature
from campaigns.signatures.queries import Signatory
from campaigns.signatures.rules import (
    CONFIRM_LIFETIME,
    CONFIRM_PURPOSE,
    PRESSED_TWICE,
    CommentState,
    Mails,
    Review,
    Signing,
    State,
    Visibility,
    on_signing,
    one_mail_more,
)

CONFIRM_MAIL = "signatures.confirm_mail"
ALREADY_MAIL = "signatures.already_signed_mail"

# What signing again has to know of the row that stands.
STANDING = (
    Signature.id, Signature.email, Signature.email_hash, Signature.state, Signature.review, Signature.mails,
    Signature.mails_since,
)  # fmt: skip
# What one form says: the same twice in a moment is one press too many.
_TYPED = tuple(
    getattr(Signature, name)
    for name in (
        "version_id email name town postcode country comment answers source visibility wants_updates opt_in_id".split()
    )
)

# Built once: confirming is as busy a door as signing.
_ROWS: Any = Signature.__table__
_SETTLED = and_(_ROWS.c.review == Review.HELD.value, _ROWS.c.held_because.in_(suspicion.SETTLED_BY_CONFIRMING))
_CONFIRM = (
    update(_ROWS)
    .where(_ROWS.c.token_digest == bindparam("digest"), _ROWS.c.state == State.PENDING.value)
    .values(
        state=State.CONFIRMED.value,
        confirmed_at=bindparam("moment"),
        review=case((_SETTLED, Review.CLEAR.value), else_=_ROWS.c.review),
        judged_at=None,  # a crowd of those who answered is another than one of forms: see checks.judge
    )
    .returning(_ROWS.c.review)
)
# Whoever was rejected and signs anew is looked at anew.
_WAS_REJECTED = _ROWS.c.review == Review.REJECTED.value
# What no second form settles; a hold without a code is an organizer's of before they had one.
_STAYS_HELD = and_(
    _ROWS.c.review == Review.HELD.value,
    or_(
        _ROWS.c.held_because == "",
        *(_ROWS.c.held_because.contains(reason.value) for reason in sorted(suspicion.KEPT_WHEN_SIGNED_ANEW)),
    ),
)
_COUNT: Any = insert(CountChange.__table__)  # type: ignore[arg-type]  # declared as a FromClause


class PetitionClosed(Refusal):
    """This petition is closed. It can no longer be signed."""

    status = HTTPStatus.GONE


class TextChanged(Refusal):
    """The petition was changed a moment ago. Please open its page again and read it before you sign."""


class LinkGone(NotFound):
    """This link is no longer valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignFields:
    """What a supporter filled in, cleaned by the form."""

    name: str
    email: str
    town: str
    postcode: str
    country: str
    visibility: Visibility
    comment: str
    updates: bool
    answers: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    opt_in_id: UUID | None = None


NO_TRACES = Traces()


def sign(
    session: Session, campaign: CampaignFacts, fields: SignFields, *, now: datetime, traces: Traces = NO_TRACES
) -> None:
    """Store a pending signature and queue its confirmation mail.

    It does the same, as far as anybody on the web can tell, whether or not the address has signed, and whatever
    `traces` speak of. Raises PetitionClosed, TextChanged.
    """
    if not campaign.petition_open or campaign.version_id is None or campaign.consent_id is None:
        raise PetitionClosed
    canonical = addresses.canonical(fields.email)
    email_hash = fingerprint("e-mail", canonical)
    token = tokens.issue(CONFIRM_PURPOSE, now, CONFIRM_LIFETIME)
    values = _values(campaign, fields, email_hash, token, now)
    values |= _suspicion(campaign, canonical.rpartition("@")[2], traces, now)
    if not campaign.version_frozen:
        _wait_for_changes(session, campaign.id)
        freeze_text(session, campaign.version_id, now)
        _refuse_other_text(session, campaign)
    signing, found = _store(session, values, now)
    match signing:
        case Signing.ADD | Signing.REPLACE:
            _queue_confirmation(session, campaign, fields, token, values["id"], now)
        case Signing.TELL_BY_MAIL:
            queue_already_signed(session, campaign, found, now)


def _wait_for_changes(session: Session, campaign_id: UUID) -> None:
    """Let an organizer who is changing the campaign finish, or find that it is signed: both lock it first."""
    held = select(Campaign.id).where(Campaign.id == campaign_id)
    session.execute(held.with_for_update(read=True, key_share=True))


def _refuse_other_text(session: Session, campaign: CampaignFacts) -> None:
    """The first signature freezes the text that was shown, not one that was saved over it in the same moment.

    So with the consent: from that signature on the campaign asks nobody else.
    """
    version = PetitionVersion
    stands = session.execute(
        select(version.headline, version.demands, Campaign.consent_id)
        .join(Campaign, Campaign.id == version.campaign_id)
        .where(version.id == campaign.version_id)
    ).one()
    demands = [[each.title, each.detail] for each in campaign.demands]
    if tuple(stands) != (campaign.headline, demands, campaign.consent_id):
        raise TextChanged


def _store(session: Session, values: dict[str, Any], now: datetime) -> tuple[Signing, Any]:
    """Add, replace, or leave what stands there, and return it (STANDING); the unique key decides a race."""
    if insert_ignoring(session, Signature, values):
        return Signing.ADD, None
    where = (Signature.campaign_id == values["campaign_id"], Signature.email_hash == values["email_hash"])
    found = session.execute(select(*STANDING).where(*where)).first()
    if found is None:
        return _store(session, values, now)  # it was deleted in this very moment
    mails = one_mail_more(Mails(found.mails, found.mails_since), now)
    is_confirmed = found.state == State.CONFIRMED  # then the answer costs no more than it must: time tells, too
    has_enough = mails is None or (not is_confirmed and _is_pressed_twice(session, found.id, values, now))
    signing = on_signing(State(found.state), has_enough_mails=has_enough)
    if mails and signing is Signing.REPLACE:
        values |= {"id": found.id, "mails": mails.number, "mails_since": mails.since}
        if not replace_standing(session, found, values | _still_watched(values)):
            values |= {"id": row_id(now), "mails": 1, "mails_since": now}
            return _store(session, values, now)
    return signing, found


def _is_pressed_twice(session: Session, signature_id: UUID, values: dict[str, Any], now: datetime) -> bool:
    """The very same form within a minute: the first mail, and the link in it, are enough."""
    wanted = select(*_TYPED, Signature.state, Signature.created_at).where(Signature.id == signature_id)
    row = session.execute(wanted).first()
    if row is None or row.state != State.PENDING or row.created_at <= now - PRESSED_TWICE:
        return False
    return all(getattr(row, column.key) == values[column.key] for column in _TYPED)


def _still_watched(values: dict[str, Any]) -> dict[str, Any]:
    """Nobody gets out of a rejection by signing anew: it is held instead; nor out of an organizer's or a crowd's hold.

    What stood on paper is online from now on.
    """
    return {
        "paper_id": None,
        "paper_row": None,
        "review": case((or_(_WAS_REJECTED, _STAYS_HELD), Review.HELD.value), else_=values["review"]),
        "held_because": case(
            (_WAS_REJECTED, Reason.AGAIN.value), (_STAYS_HELD, _ROWS.c.held_because), else_=values["held_because"]
        ),
    }


def replace_standing(session: Session, found: Any, values: dict[str, Any]) -> bool:
    """Write `values` over a row unless somebody changed its state or its mails since `found` was read."""
    same = (Signature.state == found.state, Signature.mails == found.mails)
    same_since = Signature.mails_since.is_not_distinct_from(found.mails_since)
    result = session.execute(update(Signature).where(Signature.id == found.id, *same, same_since).values(values))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _suspicion(campaign: CampaignFacts, domain: str, traces: Traces, now: datetime) -> dict[str, Any]:
    """What speaks against it at once, and the keys by which the crowd it came in is judged after the request."""
    reasons = suspicion.reasons_at_once(traces, is_disposable=abuse.is_disposable(domain))
    network = traces.network and abuse.key_of_the_day(abuse.lasting_key(traces.network), str(campaign.id), now.date())
    return {
        "review": Review.HELD.value if reasons else Review.CLEAR.value,
        "held_because": suspicion.written(reasons),
        "network_key": network or None,
        "domain_key": abuse.domain_key(domain),
        "proof": traces.proof,
        "judged_at": None,
    }


def _values(
    campaign: CampaignFacts, fields: SignFields, email_hash: bytes, token: tokens.Token, now: datetime
) -> dict[str, Any]:
    return {
        "id": row_id(now),
        "campaign_id": campaign.id,
        "version_id": campaign.version_id,
        "consent_id": campaign.consent_id,
        "email_hash": email_hash,
        "email": fields.email,
        "name": fields.name,
        "town": fields.town,
        "postcode": fields.postcode,
        "country": fields.country,
        "comment": fields.comment or None,
        "comment_state": CommentState.WAITING.value if fields.comment else None,
        "answers": json.dumps(fields.answers, ensure_ascii=False) if fields.answers else None,
        "source": fields.source or None,
        "opt_in_id": fields.opt_in_id,
        "opt_in_ended_at": None,
        "visibility": fields.visibility.value,
        "wants_updates": fields.updates,
        "state": State.PENDING.value,
        "token_digest": token.digest,
        "token_expires_at": token.expires_at,
        "created_at": now,
        "confirmed_at": None,
        "mails": 1,
        "mails_since": now,
        "reminded_at": None,
    }


def _queue_confirmation(
    session: Session,
    campaign: CampaignFacts,
    fields: SignFields,
    token: tokens.Token,
    signature_id: UUID,
    now: datetime,
) -> None:
    payload = {"to": fields.email, "name": fields.name, "secret": token.secret, "campaign": mail_facts(campaign)}
    outbox.enqueue(session, CONFIRM_MAIL, f"{signature_id}:{token.digest.hex()[:16]}", payload, now=now)


def queue_already_signed(session: Session, campaign: CampaignFacts, found: Any, now: datetime) -> None:
    """Tell a mailbox that it has signed: at most one such mail a day, however often somebody types its address.

    The mail opens the mailbox's own page, so it goes to the address that signed (`found`, see STANDING), never to
    the one that was typed.
    """
    link = mailboxes.new_link(now)
    payload = {"to": found.email, "campaign": mail_facts(campaign), "own_page": link.secret, "review": found.review}
    # By the row, for subjects are kept: a hash of the address would outlive whoever is erased.
    if outbox.enqueue(session, ALREADY_MAIL, f"{found.id}:{now:%Y-%m-%d}", payload, now=now):
        mailboxes.keep_link(session, found.email_hash, link, now=now)


def mail_facts(campaign: CampaignFacts) -> dict[str, str]:
    """Return what mails say of a campaign."""
    return {
        "headline": campaign.headline,
        "slug": campaign.slug,
        "target": campaign.target_name,
        "organisation": campaign.organisation,
        "contact": campaign.contact_email,
    }


def confirm(session: Session, secret: str, *, now: datetime) -> Signatory:
    """Confirm the signature that `secret` stands for and return it; doing so twice is harmless.

    One conditional UPDATE decides, and what it returns alone decides the effects. It asks for the token once more:
    somebody may have signed over this row since it was read, and what stands there now is not what was shown.
    Raises LinkGone.
    """
    found = queries.by_token(session, secret, now)
    if found is None:
        raise LinkGone
    given = {"digest": tokens.digest(CONFIRM_PURPOSE, secret), "moment": now}
    confirmed = session.execute(_CONFIRM, given).first()
    if confirmed is None:
        found = queries.by_token(session, secret, now)
        if found is None:
            raise LinkGone
        return found
    # As the row stands now: a job may have held or released it since it was read.
    found = replace(found, review=Review(confirmed.review))
    if found.review is Review.CLEAR:
        _add_to_count(session, found)
    return found


def _add_to_count(session: Session, signatory: Signatory) -> None:
    public = int(signatory.visibility is Visibility.PUBLIC)
    session.execute(_COUNT, {"campaign_id": signatory.campaign_id, "total": 1, "public": public})
