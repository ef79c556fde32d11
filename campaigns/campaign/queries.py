"""Reads: a campaign as pages, mails and print need it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from campaigns.campaign import questions, rules
from campaigns.campaign.employer import Employer, employer
from campaigns.campaign.models import Campaign, ConsentWording, Fund, FundPurpose, PetitionVersion
from campaigns.campaign.questions import Question
from campaigns.campaign.rules import Demand, Text
from campaigns.kernel.money import Money
from campaigns.rendering import markdown


@dataclass(frozen=True)
class CampaignFacts:
    """A campaign at one moment, with its current petition text."""

    id: UUID
    slug: str
    published: bool
    headline: str
    summary: str
    story: str
    organisation: str
    target_name: str
    target_address: str
    contact_email: str
    deadline: datetime | None
    zone: str
    goal: int
    next_list_on: date | None
    has_petition: bool
    has_appeal: bool
    country: str
    join_url: str
    is_demo: bool
    target_domains: tuple[str, ...]
    target_networks: tuple[str, ...]
    questions: tuple[Question, ...]
    demands: tuple[Demand, ...]
    version_id: UUID | None
    version_number: int
    version_frozen: bool
    version_since: datetime | None
    won_on: date | None
    won_words: str | None
    anonymise_after_days: int
    anonymising_since: datetime | None
    consent_id: UUID | None
    consent: str
    as_of: datetime

    @property
    def state(self) -> rules.Phase:
        """open, last_day or closed."""
        return rules.phase(self.deadline, self.as_of)

    @property
    def days_left(self) -> int | None:
        """Midnights until the deadline, in the campaign's zone."""
        return rules.days_left(self.deadline, self.as_of, self.zone)

    @property
    def hours_left(self) -> int | None:
        """Whole hours until the deadline."""
        return rules.hours_left(self.deadline, self.as_of)

    @property
    def is_won(self) -> bool:
        """Whether what was demanded is won."""
        return self.won_on is not None

    @property
    def is_corrected(self) -> bool:
        """Whether somebody has signed another text than the one that stands now."""
        return self.version_number > 1

    @property
    def petition_open(self) -> bool:
        """Whether it can be signed now."""
        return self.published and self.has_petition and self.state != rules.CLOSED

    @property
    def appeal_open(self) -> bool:
        """Whether money can be given now. A deadline ends the signing, not the need."""
        return self.published and self.has_appeal

    @property
    def employer(self) -> Employer:
        """What the target owns of mail and network, as far as the organizers know."""
        return employer(self.target_domains, self.target_networks)

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that the sign form asks."""
        return questions.asked(self.questions)

    @property
    def text_mark(self) -> str:
        """A short mark of the text that is signed and of what is agreed to: another of either has another one."""
        return rules.text_mark(self.version_number, self.headline, self.demands, self.consent)

    @cached_property
    def story_html(self) -> str:
        """The story as sanitised HTML."""
        return markdown.to_html(self.story)


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a petition. `frozen_at` is when it was first signed, None where nobody has."""

    id: UUID
    number: int
    text: Text
    created_at: datetime
    frozen_at: datetime | None


@dataclass(frozen=True, slots=True)
class FundFacts:
    """A fund with its current purpose sentence."""

    id: UUID
    campaign_id: UUID | None
    name: str
    currency: str
    is_open: bool
    fees_borne_by_general: bool
    purpose_id: UUID
    purpose: str
    beyond: str
    recipient: str
    tax: str
    suggested_minor: int
    presets_minor: tuple[int, ...]
    least_minor: int | None
    most_minor: int | None
    descriptor: str

    def money(self, minor: int) -> Money:
        """Return an amount in this fund's currency."""
        return Money(minor, self.currency)


def find_published(session: Session, slug: str, now: datetime) -> CampaignFacts | None:
    """Return the published campaign at `slug`, or None."""
    found = find_by_slug(session, slug, now)
    return found if found and found.published else None


def find(session: Session, campaign_id: UUID, now: datetime) -> CampaignFacts | None:
    """Return a campaign in any state, or None."""
    return _one(session, _by_id(), {"wanted": campaign_id}, now)


def find_by_slug(session: Session, slug: str, now: datetime) -> CampaignFacts | None:
    """Return the campaign at `slug` in any state, or None. For the desk."""
    return _one(session, _by_slug(), {"wanted": slug}, now) if rules.may_be_slug(slug) else None


def published(session: Session, now: datetime) -> list[CampaignFacts]:
    """Return every published campaign, the newest first."""
    return [campaign for campaign in every(session, now) if campaign.published]


def every_employer(session: Session, now: datetime) -> Employer:
    """Return what the targets of all published campaigns own together. Of a draft nobody shall learn."""
    found = published(session, now)
    domains = {domain: None for campaign in found for domain in campaign.target_domains}
    networks = {network: None for campaign in found for network in campaign.target_networks}
    return employer(tuple(domains), tuple(networks))


def every(session: Session, now: datetime) -> list[CampaignFacts]:
    """Return every campaign, the newest first. For the desk."""
    return [_facts(row, now) for row in session.execute(_campaigns())]


def _one(session: Session, statement: Select[Any], wanted: dict[str, Any], now: datetime) -> CampaignFacts | None:
    row = session.execute(statement, wanted).first()
    return _facts(row, now) if row else None


# Built once: whoever signs asks for one campaign, and building the statement costs more than answering it.


@cache
def _campaigns() -> Select[Any]:
    version, wording = PetitionVersion, ConsentWording
    newer = select(version.number).where(version.campaign_id == Campaign.id)
    latest = newer.order_by(version.number.desc()).limit(1).correlate(Campaign).scalar_subquery()
    return (
        select(
            Campaign.__table__,
            version.id,
            version.number,
            version.frozen_at,
            version.demands,
            version.created_at.label("version_since"),
            wording.text,
        )
        .select_from(Campaign)
        .outerjoin(version, (version.campaign_id == Campaign.id) & (version.number == latest))
        .outerjoin(wording, wording.id == Campaign.consent_id)
        .order_by(Campaign.created_at.desc())
    )


@cache
def _by_slug() -> Select[Any]:
    return _campaigns().where(Campaign.slug == bindparam("wanted"))


@cache
def _by_id() -> Select[Any]:
    return _campaigns().where(Campaign.id == bindparam("wanted"))


def _facts(row: Any, now: datetime) -> CampaignFacts:
    *_, version_id, number, frozen_at, demands, version_since, consent = row
    kept = {name: getattr(row, name) for name in _KEPT}
    return CampaignFacts(
        **kept,
        join_url=row.join_url or "",
        published=row.state == rules.PUBLISHED,
        target_domains=tuple(row.target_domains or ()),
        target_networks=tuple(row.target_networks or ()),
        questions=questions.load(row.questions),
        demands=tuple(Demand(*pair) for pair in demands or ()),
        version_id=version_id,
        version_number=number or 0,
        version_frozen=frozen_at is not None,
        version_since=version_since,
        consent=consent or "",
        as_of=now,
    )


_KEPT = (
    "id slug headline summary story organisation target_name target_address contact_email deadline zone goal "
    "next_list_on has_petition has_appeal country is_demo consent_id won_on won_words "
    "anonymise_after_days anonymising_since"
).split()


def versions(session: Session, campaign_id: UUID) -> list[Version]:
    """Return every version of a petition, the newest first."""
    rows = session.scalars(
        select(PetitionVersion)
        .where(PetitionVersion.campaign_id == campaign_id)
        .order_by(PetitionVersion.number.desc())
    )
    return [_version(row) for row in rows]


def _version(row: PetitionVersion) -> Version:
    text = Text(row.headline, tuple(Demand(*pair) for pair in row.demands))
    return Version(row.id, row.number, text, row.created_at, row.frozen_at)


def funds_of(session: Session, campaign_id: UUID) -> list[FundFacts]:
    """Return a campaign's funds, the oldest first."""
    return _funds(session, Fund.campaign_id == campaign_id)


def missing(session: Session, campaign: CampaignFacts) -> list[str]:
    """Return what a campaign still lacks before it can be published, each as a sentence."""
    funds = funds_of(session, campaign.id)
    return rules.missing_for_publication(
        headline=campaign.headline,
        target_name=campaign.target_name,
        has_petition=campaign.has_petition,
        demands=campaign.demands,
        has_appeal=campaign.has_appeal,
        purpose=funds[0].purpose if funds else "",
        is_over=campaign.state == rules.CLOSED,
    )


def every_fund(session: Session) -> list[FundFacts]:
    """Return every fund, the general ones too, the oldest first."""
    return _funds(session)


def find_fund(session: Session, fund_id: UUID) -> FundFacts | None:
    """Return one fund, or None."""
    found = _funds(session, Fund.id == fund_id)
    return found[0] if found else None


def general_fund(session: Session, currency: str) -> FundFacts | None:
    """Return the fund that bears what no fund bears in `currency`."""
    found = _funds(session, Fund.campaign_id.is_(None), Fund.currency == currency)
    return found[0] if found else None


def _funds(session: Session, *where: Any) -> list[FundFacts]:
    newer = select(FundPurpose.number).where(FundPurpose.fund_id == Fund.id)
    latest = newer.order_by(FundPurpose.number.desc()).limit(1).correlate(Fund).scalar_subquery()
    rows: Sequence[Any] = session.execute(
        select(Fund, FundPurpose)
        .join(FundPurpose, (FundPurpose.fund_id == Fund.id) & (FundPurpose.number == latest))
        .where(*where)
        .order_by(Fund.created_at, Fund.id)
    ).all()
    return [_fund_facts(fund, purpose) for fund, purpose in rows]


def _fund_facts(fund: Fund, purpose: FundPurpose) -> FundFacts:
    return FundFacts(
        id=fund.id,
        campaign_id=fund.campaign_id,
        name=fund.name,
        currency=fund.currency,
        is_open=fund.is_open,
        fees_borne_by_general=fund.fees_borne_by == "general",
        purpose_id=purpose.id,
        purpose=purpose.sentence,
        beyond=purpose.beyond,
        recipient=purpose.recipient,
        tax=purpose.tax or "",
        suggested_minor=fund.suggested_minor or 0,
        presets_minor=tuple(fund.presets_minor or ()),
        least_minor=fund.least_minor,
        most_minor=fund.most_minor,
        descriptor=fund.descriptor or "",
    )


@dataclass(frozen=True, slots=True)
class Ask:
    """What a campaign asks to be given: a fund of it, with amounts in the fund's currency."""

    fund: FundFacts

    @property
    def suggested(self) -> Money:
        """The amount that is chosen already; nothing where none is."""
        return self.fund.money(self.fund.suggested_minor)

    @property
    def presets(self) -> tuple[Money, ...]:
        """The amounts offered."""
        return tuple(self.fund.money(minor) for minor in self.fund.presets_minor)

    @property
    def name(self) -> str:
        """The fund's name."""
        return self.fund.name

    @property
    def purpose(self) -> str:
        """The earmark in words."""
        return self.fund.purpose

    @property
    def beyond(self) -> str:
        """What happens with money beyond the purpose."""
        return self.fund.beyond

    @property
    def recipient(self) -> str:
        """Who the money goes to, by legal name."""
        return self.fund.recipient

    @property
    def tax(self) -> str:
        """What givers are told of taxes; empty where nothing is said."""
        return self.fund.tax

    @property
    def fees_borne_by_general(self) -> bool:
        """Whether what is given reaches the earmark whole."""
        return self.fund.fees_borne_by_general


def ask_of(session: Session, campaign: CampaignFacts) -> Ask | None:
    """Return what an open appeal asks for first, or None."""
    return next(iter(asks_of(session, campaign)), None)


def asks_of(session: Session, campaign: CampaignFacts) -> list[Ask]:
    """Return all that an open appeal asks for, the oldest fund first; nothing without an open appeal."""
    return [Ask(fund) for fund in funds_of(session, campaign.id) if fund.is_open] if campaign.appeal_open else []
