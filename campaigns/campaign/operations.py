"""Use-cases: make, change and publish a campaign."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.campaign import queries, questions, rules
from campaigns.campaign.models import Campaign, ConsentWording, Fund, FundPurpose, PetitionVersion
from campaigns.campaign.questions import Question
from campaigns.campaign.rules import Demand
from campaigns.kernel.errors import NotFound, Refusal
from campaigns.kernel.ids import row_id
from campaigns.outbox.operations import insert_ignoring
from campaigns.timeline import operations as timeline
from campaigns.timeline.rules import Kind


class NoSuchCampaign(NotFound):
    """There is no campaign at this address."""


class AddressTaken(Refusal):
    """Another campaign already has this address. Choose another one."""


class NotComplete(Refusal):
    """The campaign cannot be published yet."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, missing: list[str]) -> None:
        super().__init__(" ".join(missing))
        self.missing = missing


class CurrencyFixed(Refusal):
    """The fund's currency cannot change once the campaign is published."""


class TargetFixed(Refusal):
    """People have agreed to be handed to this name: its letters stay. To ask somebody else, start a new campaign."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class PetitionStays(Refusal):
    """People have signed this petition. To end it, close it on the page “Ending”."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class EndsElsewhere(Refusal):
    """This deadline would close the petition or open it again. Do that on the page “Ending”."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class FundFields:
    """The fund as an organizer writes it. Amounts in minor units; None leaves what stands."""

    name: str
    currency: str
    purpose: str
    beyond: str
    recipient: str
    tax: str | None = None
    fees_borne_by: str = "general"
    suggested_minor: int = 0
    presets_minor: tuple[int, ...] = ()
    is_open: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFields:
    """A campaign as an organizer writes it. Times in UTC."""

    headline: str
    slug: str = ""
    summary: str = ""
    story: str = ""
    organisation: str
    target_name: str
    target_address: str = ""
    contact_email: str
    deadline: datetime | None = None
    zone: str = "UTC"
    goal: int = 100
    next_list_on: date | None = None
    has_petition: bool = True
    demands: tuple[Demand, ...] = ()
    has_appeal: bool = False
    fund: FundFields | None = None
    target_domains: tuple[str, ...] = ()
    target_networks: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    country: str = "US"
    join_url: str = ""
    is_demo: bool = False


_PLAIN = (
    "headline summary story organisation target_name target_address contact_email deadline zone goal next_list_on "
    "has_petition has_appeal country join_url is_demo"
).split()


def create(session: Session, fields: CampaignFields, *, actor: str, now: datetime) -> str:
    """Add a draft and return its slug. Raises AddressTaken for a slug somebody chose twice."""
    row = _add_draft(session, fields, now)
    _save_text(session, row.id, fields, now)
    _save_fund(session, row, fields, now)
    audit.record(session, actor, "campaign.created", str(row.id), now=now, slug=row.slug)
    return row.slug


def _add_draft(session: Session, fields: CampaignFields, now: datetime) -> Campaign:
    """Insert under a free slug; where somebody took it in the same moment, under the next."""
    values = _plain(fields) | _lists(fields, []) | {"state": rules.DRAFT, "created_at": now}
    slug = _free_slug(session, fields)
    while not insert_ignoring(session, Campaign, values | {"id": row_id(now), "slug": slug}):
        slug = _free_slug(session, fields)
    return row_of(session, slug)


def change(session: Session, slug: str, fields: CampaignFields, *, actor: str, now: datetime) -> None:
    """Save an organizer's changes. A text that somebody has signed gets a new version.

    Raises NoSuchCampaign, CurrencyFixed, TargetFixed, PetitionStays, and NotComplete or EndsElsewhere for a published
    campaign; then nothing is changed.
    """
    row = row_of(session, slug)
    _refuse_other_currency(session, row, fields)
    _refuse_breaking_signatures(session, row, fields)
    _refuse_incomplete(row, fields)
    deadline = _deadline(row, fields, now)
    _note_deadline(session, row, deadline, fields, now)
    for name, value in (_plain(fields) | _lists(fields, row.questions) | {"deadline": deadline}).items():
        setattr(row, name, value)
    if number := _save_text(session, row.id, fields, now):
        day = timeline.day_of(now, row.zone)
        timeline.note(session, row.id, Kind.CORRECTED, subject=str(number), day=day, now=now, facts={"version": number})
    _save_fund(session, row, fields, now)
    if row.state == rules.PUBLISHED:
        row.consent_id = consent_of(session, row, now)
    audit.record(session, actor, "campaign.changed", str(row.id), now=now)


def publish(session: Session, slug: str, *, actor: str, now: datetime) -> None:
    """Open a campaign to the public; publishing twice is harmless. Raises NoSuchCampaign, NotComplete."""
    row = row_of(session, slug)
    if row.state == rules.PUBLISHED:
        return
    facts = queries.find(session, row.id, now)
    assert facts is not None
    if missing := queries.missing(session, facts):
        raise NotComplete(missing)
    row.state, row.published_at = rules.PUBLISHED, now
    row.consent_id = consent_of(session, row, now)
    timeline.note(session, row.id, Kind.PUBLISHED, day=timeline.day_of(now, row.zone), now=now)
    audit.record(session, actor, "campaign.published", str(row.id), now=now)


def freeze_text(session: Session, version_id: UUID, now: datetime) -> None:
    """Freeze a petition text: somebody has signed it. Freezing twice is harmless."""
    session.execute(
        update(PetitionVersion)
        .where(PetitionVersion.id == version_id, PetitionVersion.frozen_at.is_(None))
        .values(frozen_at=now)
    )


def is_signed(session: Session, campaign_id: UUID) -> bool:
    """Return whether anybody may have signed any of a campaign's texts; those who withdrew since, too."""
    frozen = (PetitionVersion.campaign_id == campaign_id, PetitionVersion.frozen_at.is_not(None))
    return session.scalars(select(PetitionVersion.id).where(*frozen).limit(1)).first() is not None


def ensure_general_fund(session: Session, currency: str, recipient: str, now: datetime) -> UUID:
    """Return the general fund of `currency`, making it where there is none."""
    found = queries.general_fund(session, currency)
    if found:
        return found.id
    sentence = "Costs that no other fund bears, card fees first."
    fund = FundFields(name="General fund", currency=currency, purpose=sentence, beyond="", recipient=recipient)
    return add_fund(session, None, fund, now) or ensure_general_fund(session, currency, recipient, now)


def row_of(session: Session, slug: str) -> Campaign:
    """Return the campaign, locked: two windows that save at once come one after the other. Raises NoSuchCampaign."""
    wanted = select(Campaign).where(Campaign.slug == slug).with_for_update()
    row = session.scalars(wanted, execution_options={"populate_existing": True}).first()
    if row is None:
        raise NoSuchCampaign
    return row


def _plain(fields: CampaignFields) -> dict[str, object]:
    return {name: getattr(fields, name) for name in _PLAIN}


def _lists(fields: CampaignFields, stored: list[Any] | None) -> dict[str, object]:
    """Return what is kept as JSON. `stored` are the questions asked so far: none is ever dropped, only hidden."""
    return {
        "target_domains": list(fields.target_domains),
        "target_networks": list(fields.target_networks),
        "questions": questions.dump(questions.merged(questions.load(stored), fields.questions)),
    }


def _free_slug(session: Session, fields: CampaignFields) -> str:
    wanted = fields.slug or rules.slug_for(fields.headline)
    taken = set(session.scalars(select(Campaign.slug).where(Campaign.slug.startswith(wanted, autoescape=True))))
    if wanted not in taken:
        return wanted
    if fields.slug:
        raise AddressTaken
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{wanted}-{number}") not in taken)


def _save_text(session: Session, campaign_id: UUID, fields: CampaignFields, now: datetime) -> int | None:
    """Write the petition's text into the current version while nobody has signed it, else into a new one.

    Return the new one's number where it corrects what somebody has signed.
    """
    current = session.scalars(
        select(PetitionVersion)
        .where(PetitionVersion.campaign_id == campaign_id)
        .order_by(PetitionVersion.number.desc())
        .limit(1)
    ).first()
    demands = [[demand.title, demand.detail] for demand in fields.demands]
    if current and (current.headline, current.demands) == (fields.headline, demands):
        return None
    if current and _rewrite(session, current.id, fields.headline, demands):
        return None
    number = current.number + 1 if current else 1
    session.add(
        PetitionVersion(id=row_id(now), campaign_id=campaign_id, number=number, headline=fields.headline,
                        demands=demands, created_at=now)
    )  # fmt: skip
    session.flush()
    return number if current else None


def _rewrite(session: Session, version_id: UUID, headline: str, demands: list[list[str]]) -> bool:
    """One conditional UPDATE: a signature that came in between has frozen the text, and then nothing changes."""
    result = session.execute(
        update(PetitionVersion)
        .where(PetitionVersion.id == version_id, PetitionVersion.frozen_at.is_(None))
        .values(headline=headline, demands=demands)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _deadline(campaign: Campaign, fields: CampaignFields, now: datetime) -> datetime | None:
    """Return the deadline to keep. One that stands is kept to the second, though the form knows only minutes.

    Raises EndsElsewhere.
    """
    kept, wanted = campaign.deadline, fields.deadline
    if kept and wanted and kept.replace(second=0, microsecond=0) == wanted.replace(second=0, microsecond=0):
        return kept
    if campaign.state != rules.PUBLISHED or not (campaign.has_petition or fields.has_petition):
        return wanted
    if rules.CLOSED in (rules.phase(kept, now), rules.phase(wanted, now)):
        raise EndsElsewhere
    return wanted


def _note_deadline(
    session: Session, campaign: Campaign, deadline: datetime | None, fields: CampaignFields, now: datetime
) -> None:
    """Tell on the timeline of a deadline that is moved while people sign."""
    if campaign.state == rules.PUBLISHED and fields.has_petition and deadline != campaign.deadline:
        until = timeline.day_of(deadline, fields.zone).isoformat() if deadline else ""
        day, facts = timeline.day_of(now, fields.zone), {"deadline": until}
        timeline.note(session, campaign.id, Kind.DEADLINE, subject=now.isoformat(), day=day, now=now, facts=facts)


def _save_fund(session: Session, campaign: Campaign, fields: CampaignFields, now: datetime) -> None:
    if fields.fund is None:
        return
    existing = _first_fund(session, campaign.id)
    ensure_general_fund(session, fields.fund.currency, fields.organisation, now)
    if existing is None:
        add_fund(session, campaign.id, fields.fund, now)
        return
    write_fund(session, existing, fields.fund, now)


def write_fund(session: Session, fund: Fund, fields: FundFields, now: datetime) -> None:
    """Change a fund; other words make another purpose version."""
    for name, value in _fund_values(fields).items():
        setattr(fund, name, value)
    if fields.is_open is not None:
        fund.is_open = fields.is_open
    _add_purpose(session, fund.id, fields, now)


def _fund_values(fields: FundFields) -> dict[str, Any]:
    return {
        "name": fields.name,
        "currency": fields.currency,
        "fees_borne_by": fields.fees_borne_by,
        "suggested_minor": fields.suggested_minor,
        "presets_minor": list(fields.presets_minor),
    }


def _first_fund(session: Session, campaign_id: UUID) -> Fund | None:
    """The fund that the campaign's own form writes; treasurers add more."""
    wanted = select(Fund).where(Fund.campaign_id == campaign_id).order_by(Fund.created_at, Fund.id)
    return session.scalars(wanted.limit(1)).first()


def _refuse_other_currency(session: Session, campaign: Campaign, fields: CampaignFields) -> None:
    """Before anything is changed: gifts under way are in the currency that the page showed."""
    fund = _first_fund(session, campaign.id)
    if fund and fields.fund and campaign.state == rules.PUBLISHED and fund.currency != fields.fund.currency:
        raise CurrencyFixed


def _refuse_breaking_signatures(session: Session, campaign: Campaign, fields: CampaignFields) -> None:
    """Who has signed agreed to be handed to this target alone, by links that lead to this petition.

    Whoever signs first waits for the campaign's lock.
    """
    asks_another = not rules.is_same_name(campaign.target_name, fields.target_name)
    drops_petition = campaign.has_petition and not fields.has_petition
    if (asks_another or drops_petition) and is_signed(session, campaign.id):
        raise TargetFixed if asks_another else PetitionStays


def _refuse_incomplete(campaign: Campaign, fields: CampaignFields) -> None:
    """What is published stays as complete as it had to be when it was published."""
    missing = rules.missing_for_publication(
        headline=fields.headline, target_name=fields.target_name, has_petition=fields.has_petition,
        demands=fields.demands, has_appeal=fields.has_appeal, purpose=fields.fund.purpose if fields.fund else "",
    )  # fmt: skip
    if missing and campaign.state == rules.PUBLISHED:
        raise NotComplete(missing)


def add_fund(session: Session, campaign_id: UUID | None, fields: FundFields, now: datetime) -> UUID | None:
    """Add a fund with its first purpose; None where somebody made the same general fund in the same moment."""
    fund_id = row_id(now)
    values = {"id": fund_id, "campaign_id": campaign_id, "is_open": fields.is_open is not False, "created_at": now}
    if not insert_ignoring(session, Fund, values | _fund_values(fields)):
        return None
    _add_purpose(session, fund_id, fields, now)
    return fund_id


def _add_purpose(session: Session, fund_id: UUID, fields: FundFields, now: datetime) -> None:
    """Add a numbered purpose unless the words are the same as before: gifts keep the words they were given under."""
    facts = queries.find_fund(session, fund_id)
    tax = fields.tax if fields.tax is not None else (facts.tax if facts else "")
    words = (fields.purpose, fields.beyond, fields.recipient, tax)
    if facts and (facts.purpose, facts.beyond, facts.recipient, facts.tax) == words:
        return
    count = session.scalar(select(func.count()).where(FundPurpose.fund_id == fund_id)) or 0
    session.add(
        FundPurpose(id=row_id(now), fund_id=fund_id, number=count + 1, sentence=fields.purpose,
                    beyond=fields.beyond, recipient=fields.recipient, tax=tax, created_at=now)
    )  # fmt: skip
    session.flush()


def consent_of(session: Session, campaign: Campaign, now: datetime) -> UUID:
    """Return the id of the wording that whoever signs now agrees to."""
    asked = questions.asked(questions.load(campaign.questions))
    text = rules.consent_wording(
        campaign.organisation,
        campaign.target_name,
        asks_more=bool(asked),
        delivers_more=any(question.is_delivered for question in asked),
        anonymised_after=timedelta(days=campaign.anonymise_after_days),
    )
    return keep_wording(session, text, now)


def keep_wording(session: Session, text: str, now: datetime) -> UUID:
    """Return the id under which a consent wording is kept, each one once."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    found = session.scalar(select(ConsentWording.id).where(ConsentWording.digest == digest))
    if found:
        return found
    wording_id = row_id(now)
    values = {"id": wording_id, "digest": digest, "text": text, "created_at": now}
    # Another campaign with the same words may be published in the same moment.
    return wording_id if insert_ignoring(session, ConsentWording, values) else keep_wording(session, text, now)
