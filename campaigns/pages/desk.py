"""The desk's first page, the preview of a campaign, and money for those who account for it."""

import re
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from campaigns.accounts.guard import actor, for_roles, roles_held
from campaigns.accounts.rules import ADMIN, APPROVER, ORGANIZER, TREASURER
from campaigns.campaign import queries as campaigns
from campaigns.campaign.answers import campaign_at
from campaigns.campaign.queries import FundFacts
from campaigns.kernel.errors import NotFound
from campaigns.ledger import queries as ledger
from campaigns.ledger.rules import Figures, Meaning
from campaigns.ledger.rules import figures as no_figures
from campaigns.pages.views import campaign_page
from campaigns.payments import alarms
from campaigns.payments import queries as payments
from campaigns.signatures import queries as signatures
from campaigns.web.context import now, session

NOTICES = 50  # of each kind, the newest
blueprint = Blueprint("desk", __name__, url_prefix="/desk")


class NoSuchFund(NotFound):
    """There is no fund at this address."""


@dataclass(frozen=True, slots=True)
class FundRow:
    """A fund with its figures and the campaign it belongs to (None: the general fund)."""

    fund: FundFacts
    figures: Figures
    campaign_headline: str | None


@blueprint.get("/")
@for_roles(ORGANIZER, TREASURER, APPROVER, ADMIN)
def home() -> str:
    """Say what is going on, and lead to what this person does here."""
    return render_template(
        "desk/home.html",
        campaigns=campaigns.every(session(), now()),
        counts=signatures.counts(session()),
        funds=_fund_rows() if roles_held() & {TREASURER, APPROVER, ADMIN} else [],
        roles=roles_held(),
    )


@blueprint.get("/campaigns/<slug>/preview")
@for_roles(ORGANIZER)
def preview(slug: str) -> str:
    """Show the campaign page as the public will see it."""
    campaign = campaign_at(slug)
    return campaign_page(session(), campaign)


@blueprint.get("/money/")
@for_roles(TREASURER, APPROVER)
def money() -> str:
    """Show every fund: given, fees, refunded, paid out, left; and what a person has to look at, or has."""
    is_past = request.args.get("notices") == "past"
    return render_template(
        "desk/money.html",
        funds=_fund_rows(),
        collected=ledger.collected(session()),
        parked=payments.parked(session()),
        notices=payments.notices(session(), limit=NOTICES, looked_at=is_past),
        is_past=is_past,
        past=payments.past_notices(session()),
        unexplained=ledger.in_suspense(session(), limit=NOTICES),
        head=ledger.head(session()),
        as_of=now(),
    )


@blueprint.post("/money/notices")
@for_roles(TREASURER)
def look_at() -> Response:
    """Take the ticked notices off the list: somebody has looked."""
    marks = request.form.getlist("notice")[:NOTICES]
    count = alarms.look_at(session(), marks, actor=actor(), now=now())
    flash(ngettext("%(num)d notice is off the list.", "%(num)d notices are off the list.", count))
    return redirect(url_for("desk.money", _anchor="look-title"), 303)


@blueprint.get("/money/<uuid:fund_id>")
@for_roles(TREASURER, APPROVER)
def fund(fund_id: UUID) -> str:
    """Show one fund and the entries behind the figure that was asked for."""
    found = campaigns.find_fund(session(), fund_id)
    if found is None:
        raise NoSuchFund
    meaning = _meaning(request.args.get("figure", ""))
    before = _place(request.args.get("before", ""))
    lines = ledger.behind(session(), fund_id, meaning, before=before, limit=ledger.PAGE + 1)
    return render_template(
        "desk/fund.html",
        fund=found,
        figures=ledger.figures_of(session(), fund_id, found.currency),
        meaning=meaning,
        lines=lines[: ledger.PAGE],
        has_more=len(lines) > ledger.PAGE,
        head=ledger.head(session()),
        as_of=now(),
    )


def _fund_rows() -> list[FundRow]:
    headlines = {campaign.id: campaign.headline for campaign in campaigns.every(session(), now())}
    found = {(row.fund_id, row.given.currency): row for row in ledger.figures(session())}
    return [
        FundRow(
            fund,
            found.get((fund.id, fund.currency)) or no_figures(fund.id, fund.currency, {}),
            headlines[fund.campaign_id] if fund.campaign_id else None,
        )
        for fund in campaigns.every_fund(session())
    ]


def _meaning(text: str) -> Meaning:
    try:
        return Meaning(text)
    except ValueError:
        return Meaning.GIVEN


def _place(text: str) -> tuple[int, int] | None:
    """Read "sequence-position"; what cannot be a place in the journal is none."""
    found = re.fullmatch("([0-9]{1,18})-([0-9]{1,9})", text)
    return (int(found[1]), int(found[2])) if found else None
