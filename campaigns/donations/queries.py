"""Reads of gifts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, distinct, func, select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Campaign, Fund, FundPurpose
from campaigns.campaign.queries import Ask, CampaignFacts, asks_of
from campaigns.donations.models import Donation, DonationLine
from campaigns.donations.rules import FEE_COVER, GIFT, KIND, TWIN_WITHIN, shown_state
from campaigns.funds.rules import least
from campaigns.kernel.money import Money
from campaigns.ledger import queries as ledger
from campaigns.ledger.models import LedgerEntry, LedgerPosting
from campaigns.ledger.rules import EarmarkLine, Figures, Kind, Meaning
from campaigns.payments import queries as payments
from campaigns.payments.models import Payment
from campaigns.payments.rules import State


@dataclass(frozen=True, slots=True)
class GiftLine:
    """One earmark of a gift, in the words it was given under."""

    line_id: UUID
    fund_id: UUID
    purpose_id: UUID
    fund_name: str
    purpose: str
    beyond: str
    recipient: str
    fees_borne_by: str
    amount: Money
    tax: str = ""
    kind: str = GIFT

    @property
    def is_fee_cover(self) -> bool:
        """Whether this was added for the card fee, and is not given to the purpose."""
        return self.kind == FEE_COVER


@dataclass(frozen=True, slots=True)
class Gift:
    """What a bearer of the gift's link may see: no person's data."""

    id: UUID
    public_id: str
    campaign_slug: str
    campaign_headline: str
    state: str
    amount: Money
    refunded: Money
    disputed: Money
    session_id: str | None
    paid_at: datetime | None
    lines: tuple[GiftLine, ...]
    source: str = ""  # the code the giver came by; the page of the gift carries it on

    @property
    def given_back(self) -> Money:
        """What went back to the giver or their bank."""
        return self.refunded + self.disputed

    @property
    def kept(self) -> Money:
        """What is left of the gift."""
        return self.amount - self.given_back


def find(session: Session, public_id: str) -> Gift | None:
    """Return the gift at an unguessable address, or None."""
    row = session.execute(
        select(Donation, Campaign.slug, Campaign.headline)
        .join(Campaign, Campaign.id == Donation.campaign_id)
        .where(Donation.public_id == public_id)
    ).first()
    if row is None:
        return None
    donation, slug, headline = row
    payment = payments.of_subject(session, KIND, donation.id)
    amount = Money(donation.amount_minor, donation.currency)
    lines = lines_of(session, donation.id)
    refunded, disputed = _gone_back(session, lines, donation.currency)
    return Gift(
        id=donation.id,
        public_id=donation.public_id,
        campaign_slug=slug,
        campaign_headline=headline,
        state=shown_state(payment.state if payment else None, amount, refunded, disputed),
        amount=amount,
        refunded=refunded,
        disputed=disputed,
        session_id=payment.session_id if payment else None,
        paid_at=payment.paid_at if payment else None,
        lines=lines,
        source=donation.source or "",
    )


@dataclass(frozen=True, slots=True)
class OwnGift:
    """All that is kept of a gift, for the one who gave it."""

    gift: Gift
    email: str
    name: str
    message: str
    show_name: bool
    message_state: str
    dedication: str
    language: str
    source: str
    monthly_gift_id: UUID | None
    created_at: datetime


def of_mailbox(session: Session, email_hash: bytes) -> list[OwnGift]:
    """Return every gift under one address, the newest first. For its owner alone."""
    rows = session.scalars(
        select(Donation).where(Donation.email_hash == email_hash).order_by(Donation.created_at.desc(), Donation.id)
    )
    return [_own(session, row) for row in rows]


def _own(session: Session, row: Donation) -> OwnGift:
    gift = find(session, row.public_id)
    assert gift is not None  # its row was just read
    return OwnGift(
        gift=gift,
        email=row.email,
        name=row.name or "",
        message=row.message or "",
        show_name=row.show_name,
        message_state=row.message_state or "",
        dedication=row.dedication or "",
        language=row.language or "",
        source=row.source or "",
        monthly_gift_id=row.monthly_gift_id,
        created_at=row.created_at,
    )


def lines_of(session: Session, donation_id: UUID) -> tuple[GiftLine, ...]:
    """Return a gift's lines in their order."""
    rows = session.execute(
        select(DonationLine, Fund, FundPurpose)
        .join(Fund, Fund.id == DonationLine.fund_id)
        .join(FundPurpose, FundPurpose.id == DonationLine.purpose_id)
        .where(DonationLine.donation_id == donation_id)
        .order_by(DonationLine.position, DonationLine.id)
    )
    return tuple(
        GiftLine(line.id, fund.id, purpose.id, fund.name, purpose.sentence, purpose.beyond, purpose.recipient,
                 fund.fees_borne_by, Money(line.amount_minor, fund.currency), purpose.tax or "", line.kind)
        for line, fund, purpose in rows
    )  # fmt: skip


def still_held(session: Session, donation_id: UUID) -> list[EarmarkLine]:
    """Return what each line of a gift still holds after the refunds that are booked, in the lines' order."""
    line = (DonationLine.id, DonationLine.fund_id, DonationLine.kind, DonationLine.position)
    rows = session.execute(
        select(*line, LedgerPosting.currency, (-func.sum(LedgerPosting.amount)).label("held"))
        .join(LedgerPosting, LedgerPosting.donation_line_id == DonationLine.id)
        .where(DonationLine.donation_id == donation_id)
        .group_by(*line, LedgerPosting.currency)
        .order_by(DonationLine.position, DonationLine.id)
    )
    return [EarmarkLine(row.fund_id, row.id, Money(int(row.held), row.currency), row.kind == FEE_COVER) for row in rows]


def _gone_back(session: Session, lines: tuple[GiftLine, ...], currency: str) -> tuple[Money, Money]:
    """Return what was refunded and what the giver's bank took back, each less what came back to us."""
    rows = session.execute(
        select(LedgerEntry.kind, func.sum(LedgerPosting.amount))
        .join(LedgerPosting, LedgerPosting.sequence == LedgerEntry.sequence)
        .where(LedgerPosting.donation_line_id.in_([line.line_id for line in lines]))
        .group_by(LedgerEntry.kind)
    )
    sums = {kind: int(total) for kind, total in rows}
    return Money(sums.get(Kind.REFUNDED, 0), currency), Money(sums.get(Kind.DISPUTED, 0), currency)


def givers(session: Session, fund_id: UUID) -> int:
    """Return how many people's gifts the ledger has booked to a fund, a month each time or several.

    Whose address is erased can no longer be told from anybody, and counts once for each gift.
    """
    booked = (
        select(DonationLine.donation_id)
        .join(LedgerPosting, LedgerPosting.donation_line_id == DonationLine.id)
        .where(LedgerPosting.fund_id == fund_id, LedgerPosting.meaning == Meaning.GIVEN)
    )
    unknown = case((Donation.email_hash.is_(None), Donation.id))
    people = func.count(distinct(Donation.email_hash)) + func.count(unknown)
    return session.scalar(select(people).where(Donation.id.in_(booked))) or 0


def has_changed_fund(session: Session, donation_id: UUID) -> bool:
    """Say whether a fund of this gift has closed, or got another purpose, since the gift was promised."""
    newest = (
        select(FundPurpose.id)
        .where(FundPurpose.fund_id == Fund.id)
        .order_by(FundPurpose.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = session.execute(
        select(DonationLine.id)
        .join(Fund, Fund.id == DonationLine.fund_id)
        .where(DonationLine.donation_id == donation_id, Fund.is_open.is_(False) | (DonationLine.purpose_id != newest))
    )
    return found.first() is not None


def has_twin(session: Session, donation_id: UUID) -> bool:
    """Say whether the same address gave as much to the same campaign within the hour, and that was paid too.

    Once and each month are two choices, and no twins.
    """
    own = session.get_one(Donation, donation_id)
    if own.email_hash is None:
        return False
    mine = select(Payment.subscription_id).where(Payment.kind == KIND, Payment.subject_id == donation_id)
    monthly = session.scalars(mine).first()
    as_often = Payment.subscription_id.is_not(None) if monthly else Payment.subscription_id.is_(None)
    found = session.execute(
        select(Donation.id)
        .join(Payment, Payment.subject_id == Donation.id)
        .where(Donation.email_hash == own.email_hash, Donation.id != own.id, Donation.campaign_id == own.campaign_id)
        .where(Donation.amount_minor == own.amount_minor, Donation.currency == own.currency)
        .where(Donation.created_at.between(own.created_at - TWIN_WITHIN, own.created_at + TWIN_WITHIN))
        .where(Payment.kind == KIND, Payment.state == State.PAID, as_often)
        .limit(1)
    )
    return found.first() is not None


def is_known_giver(session: Session, email_hash: bytes) -> bool:
    """Return whether a gift under this address has settled before."""
    settled = (Payment.kind == KIND, Payment.is_settled.is_(True), Donation.email_hash == email_hash)
    query = select(Payment.id).join(Donation, Donation.id == Payment.subject_id).where(*settled).limit(1)
    return session.execute(query).first() is not None


def email_of(session: Session, donation_id: UUID) -> str:
    """Return the address that the receipt goes to."""
    return session.scalars(select(Donation.email).where(Donation.id == donation_id)).one()


def receipt_words(session: Session, donation_id: UUID) -> tuple[str, str]:
    """Return the address that the receipt goes to and the dedication that stands on it, either of them empty."""
    row = session.execute(select(Donation.email, Donation.dedication).where(Donation.id == donation_id)).one()
    return row.email, row.dedication or ""


def public_id_of(session: Session, donation_id: UUID) -> str:
    """Return the unguessable part of a gift's address."""
    return session.scalars(select(Donation.public_id).where(Donation.id == donation_id)).one()


@dataclass(frozen=True, slots=True)
class FundShown:
    """A fund with its figures, as the campaign page shows it."""

    ask: Ask
    figures: Figures
    givers: int

    @property
    def name(self) -> str:
        """The fund's name."""
        return self.ask.name

    @property
    def purpose(self) -> str:
        """The earmark in words."""
        return self.ask.purpose

    @property
    def beyond(self) -> str:
        """What happens with money beyond the purpose."""
        return self.ask.beyond

    @property
    def recipient(self) -> str:
        """Who the money goes to."""
        return self.ask.recipient

    @property
    def given(self) -> Money:
        """What was given."""
        return self.figures.given

    @property
    def fees(self) -> Money:
        """The card fees this fund bears."""
        return self.figures.fees

    @property
    def refunded(self) -> Money:
        """What went back to givers or their banks."""
        return self.figures.refunded + self.figures.disputed

    @property
    def paid_out(self) -> Money:
        """What was paid out for the purpose."""
        return self.figures.paid_out

    @property
    def left(self) -> Money:
        """What is left."""
        return self.figures.left

    @property
    def tax(self) -> str:
        """What givers are told of taxes."""
        return self.ask.tax

    @property
    def suggested(self) -> Money:
        """The amount chosen already."""
        return self.ask.suggested

    @property
    def example(self) -> Money:
        """An amount to show what a card costs: the one chosen already, or one that people give."""
        return self.suggested or next(
            iter(self.ask.presets), Money(10 * least(self.ask.fund.currency).minor, self.ask.fund.currency)
        )

    @property
    def presets(self) -> list[Money]:
        """The amounts beside it."""
        return list(self.ask.presets)

    @property
    def fees_borne_by_general(self) -> bool:
        """Whether gifts reach the earmark whole."""
        return self.ask.fees_borne_by_general

    @property
    def fraction_paid(self) -> float:
        """The share of what came in that was paid out, 0 to 1."""
        came_in = self.given.minor - self.refunded.minor - self.fees.minor
        return max(0.0, min(1.0, self.paid_out.minor / came_in)) if came_in > 0 else 0.0


def funds_shown(
    session: Session, campaign: CampaignFacts, givers: Callable[[Session, UUID], int] = givers
) -> list[FundShown]:
    """Return every open fund of a campaign with its figures, the oldest first. `givers` counts the people of a fund."""
    return [
        FundShown(ask, ledger.figures_of(session, ask.fund.id, ask.fund.currency), givers(session, ask.fund.id))
        for ask in asks_of(session, campaign)
    ]
