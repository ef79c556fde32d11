"""Use-cases: make a paid month of dues, and book it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Fund, FundPurpose
from campaigns.campaign.operations import ensure_general_fund
from campaigns.db.sealing import fingerprint
from campaigns.kernel.ids import derived_id, derived_public_id
from campaigns.kernel.money import Money
from campaigns.kernel.ports import BalanceMovement, RemoteCharge, RemoteDispute, RemoteRefund, RemoteSession
from campaigns.kernel.subscription_ports import RemoteSubscription
from campaigns.ledger import operations as ledger
from campaigns.ledger import queries as journal
from campaigns.ledger import rules as ledger_rules
from campaigns.ledger.rules import Bearer, EarmarkLine
from campaigns.membership import queries, receipting, restoring, rules
from campaigns.membership.models import Dues, Member
from campaigns.membership.queries import DuesFacts, Tier
from campaigns.membership.restoring import Mark
from campaigns.outbox.operations import insert_ignoring
from campaigns.payments import returning
from campaigns.payments.booking import Paid
from campaigns.payments.metadata import MarkedLine
from campaigns.payments.returning import Return, Stake
from campaigns.receipts.rules import Issuer
from campaigns.recurring import queries as standing
from campaigns.recurring.booking import About, Period, RestoredMonthly
from campaigns.recurring.queries import Monthly


@dataclass(frozen=True, slots=True)
class Memberships:
    """What a membership does when a month is paid: a PeriodHandler. `site` is a mark of this installation."""

    site: str
    payment_kind: str = rules.DUES

    def begin_period(self, session: Session, monthly: Monthly, period: Period, now: datetime) -> UUID:
        """Make the month of dues, for the fund under which its member joined; the same id for the same invoice."""
        member, mark = session.get_one(Member, monthly.subject_id), fingerprint("dues", period.invoice_id)
        values = {
            "id": derived_id(mark), "public_id": derived_public_id(mark), "member_id": member.id,
            "fund_id": _fund_of(session, member), "purpose_id": member.purpose_id,
            "amount_minor": period.amount.minor, "currency": period.amount.currency, "created_at": period.paid_at,
        }  # fmt: skip
        insert_ignoring(session, Dues, values)
        return derived_id(mark)

    def about(self, session: Session, subject_id: UUID) -> About:
        """Say what the months are for, and what they may cost: the member's tier, and open ones of the same fund.

        All is in the currency of that fund, whatever their tier costs now; where nothing is, only what they pay.
        """
        member = session.get_one(Member, subject_id)
        tier = queries.find_tier(session, member.tier_id)
        assert tier is not None  # a foreign key holds it
        purpose = session.get_one(FundPurpose, member.purpose_id)
        fund = session.get_one(Fund, purpose.fund_id)
        others = (other for other in _others(session, fund) if other.id != tier.id)
        offered = [(each.name, each.amount) for each in (tier, *others) if each.amount.currency == fund.currency]
        choices = tuple(offered) or _as_it_is(session, member, tier.name)
        amounts = [amount for _, amount in choices]
        return About(
            email=member.email,
            is_gift=False,
            title=tier.name,
            lines=((fund.name, purpose.sentence, purpose.recipient),),
            least=min(amounts, key=lambda money: money.minor),
            most=max(amounts, key=lambda money: money.minor),
            choices=choices,
        )

    def metadata(self, session: Session, monthly: Monthly, amount: Money) -> dict[str, str]:
        """Return by what a month can be found again: our ids, and the fund that has it."""
        member = session.get_one(Member, monthly.subject_id)
        tier_id = member.tier_id if amount == monthly.amount else _tier_for(session, member, amount)
        line = MarkedLine(_fund_of(session, member), member.purpose_id, amount.minor)
        mark = Mark(str(monthly.id), monthly.public_id, member.id, tier_id, self.site, line)
        return restoring.to_metadata(mark)

    def restored(
        self, session: Session, remote: RemoteSubscription, email: str, now: datetime
    ) -> RestoredMonthly | None:
        """Make a lost member again."""
        return restoring.restored(session, remote, email, self.site)

    def amount_changed(self, session: Session, subject_id: UUID, amount: Money, now: datetime) -> None:
        """Move the member to the tier that costs as much."""
        member = session.get_one(Member, subject_id)
        member.tier_id = _tier_for(session, member, amount)


def _fund_of(session: Session, member: Member) -> UUID:
    return session.scalars(select(FundPurpose.fund_id).where(FundPurpose.id == member.purpose_id)).one()


def _tier_for(session: Session, member: Member, amount: Money) -> UUID:
    """Return the open tier that costs as much; without one, the member's own."""
    tier = queries.find_tier(session, member.tier_id)
    assert tier is not None  # a foreign key holds it
    fund = session.get_one(Fund, _fund_of(session, member))
    fitting = [each for each in _others(session, fund) if each.amount == amount]
    return fitting[0].id if fitting else tier.id


def _others(session: Session, fund: Fund) -> list[Tier]:
    """Return the open tiers between which a member may change: of their fund and its currency."""
    found = queries.tiers(session, open_only=True)
    return [each for each in found if each.fund_id == fund.id and each.amount.currency == fund.currency]


def _as_it_is(session: Session, member: Member, name: str) -> tuple[tuple[str, Money], ...]:
    monthly = standing.of_subject(session, rules.KIND, member.id)
    assert monthly is not None  # nobody is a member without one
    return ((name, monthly.amount),)


@dataclass(frozen=True, slots=True)
class DuesPayments:
    """What a month of dues does when its payment moves: a PaymentHandler, whose calls may come any number of times.

    After each posting the receipts follow, whatever moved the money.
    """

    issuer: Issuer

    def recognised(self, session: Session, paid: Paid, charge: RemoteCharge, now: datetime) -> None:
        """Book the dues to their fund; the receipt follows."""
        dues = queries.dues(session, paid.subject_id)
        ledger.post(session, ledger_rules.recognised(charge.id, [_earmark(dues)], charge.created_at), now)
        receipting.DUES.keep_receipt(session, paid.subject_id, self.issuer, now)

    def settled(self, session: Session, paid: Paid, movement: BalanceMovement, now: datetime) -> None:
        """Book the balance transaction; the fee goes to the fund that bears it now, and stays with it."""
        if journal.record(session, f"bt:{movement.id}"):
            return
        bearers = _bearers(session, queries.dues(session, paid.subject_id), movement.fee.currency, now)
        ledger.post(session, ledger_rules.settled(movement, bearers), now)

    def refunded(self, session: Session, paid: Paid, refund: RemoteRefund, now: datetime) -> None:
        """Book money that went back, and that came back where the refund failed."""
        for back in returning.of_refund(refund):
            self._returned(session, paid, back, now)

    def disputed(self, session: Session, paid: Paid, dispute: RemoteDispute, now: datetime) -> None:
        """Book what the bank withdrew, with its fee, and what it reinstated."""
        for back in returning.of_dispute(dispute):
            self._returned(session, paid, back, now)

    def failed(self, session: Session, paid: Paid, now: datetime) -> None:
        """A month whose bank did not send the money is told by its invoice: see `recurring`."""

    def restored(self, session: Session, remote: RemoteSession, now: datetime) -> None:
        """A page pays for no dues: they come with their invoices, from which they are made again."""

    def _returned(self, session: Session, paid: Paid, back: Return, now: datetime) -> None:
        """Dues have one fund, which gives all of it and gets all of it back."""
        if returning.is_booked(session, back):
            return
        dues = queries.dues(session, paid.subject_id)
        all_of_it = [_earmark(dues)]
        stake = Stake(all_of_it, all_of_it, _bearers(session, dues, back.movement.fee.currency, now))
        if draft := returning.draft_of(session, paid, back, stake, now):
            ledger.post(session, draft, now)
            receipting.DUES.keep_receipt(session, paid.subject_id, self.issuer, now)


def _earmark(dues: DuesFacts) -> EarmarkLine:
    return EarmarkLine(dues.fund_id, None, dues.amount)


def _bearers(session: Session, dues: DuesFacts, currency: str, now: datetime) -> list[Bearer]:
    if not dues.fees_borne_by_general:
        return [Bearer(dues.fund_id, 1)]
    return [Bearer(ensure_general_fund(session, currency, dues.recipient, now), 1)]
