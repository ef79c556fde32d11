"""The desk's doors to the funds: what each offers and takes, and in which words."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from campaigns.accounts.guard import actor, for_roles
from campaigns.accounts.rules import APPROVER, TREASURER
from campaigns.campaign import queries as campaigns
from campaigns.campaign.queries import CampaignFacts, FundFacts
from campaigns.funds import operations, queries, rules
from campaigns.funds.forms import FundForm, NewFundForm, filled_with
from campaigns.funds.operations import NoSuchFund
from campaigns.kernel.money import payout_step
from campaigns.web.context import now, session

blueprint = Blueprint("fund_desk", __name__, url_prefix="/desk/funds")
Page = str | tuple[str, int] | Response


@blueprint.get("/")
@for_roles(TREASURER, APPROVER)
def index() -> Page:
    """List every fund with what it offers, what it takes and what a card statement says."""
    funds = campaigns.every_fund(session())
    return render_template(
        "desk/funds.html",
        funds=funds,
        campaigns={campaign.id: campaign for campaign in _campaigns()},
        limits={fund.id: rules.limits(fund.currency, fund.least_minor, fund.most_minor) for fund in funds},
    )


@blueprint.route("/new", methods=["GET", "POST"])
@for_roles(TREASURER)
def new() -> Page:
    """Make a fund for a campaign."""
    found = {campaign.slug: campaign for campaign in _campaigns()}
    choices = [(slug, campaign.headline) for slug, campaign in found.items()]
    form = NewFundForm(request.form or None, campaigns=choices)
    if not form.is_submitted() or not form.validate():
        return _page(form, None), 422 if form.is_submitted() else 200
    campaign = found[str(form.campaign.data)]
    fund_id = operations.add(session(), campaign.id, form.terms(), actor=actor(), now=now())
    flash(gettext("The fund is made and open."))
    return redirect(url_for("fund_desk.edit", fund_id=fund_id), 303)


@blueprint.route("/<uuid:fund_id>", methods=["GET", "POST"])
@for_roles(TREASURER)
def edit(fund_id: UUID) -> Page:
    """Change a fund; gifts keep the words they were given under."""
    fund = _fund(fund_id)
    form = FundForm(request.form or None, fund_currency=fund.currency, data=filled_with(fund))
    if not form.is_submitted() or not form.validate():
        return _page(form, fund), 422 if form.is_submitted() else 200
    operations.change(session(), fund_id, form.terms(), actor=actor(), now=now())
    flash(gettext("The changes are saved."))
    return redirect(url_for("fund_desk.edit", fund_id=fund_id), 303)


@blueprint.post("/<uuid:fund_id>/switch")
@for_roles(TREASURER)
def switch(fund_id: UUID) -> Page:
    """Close a fund, or open it again."""
    is_open = request.form.get("act") == "open"
    operations.switch(session(), fund_id, is_open=is_open, actor=actor(), now=now())
    flash(gettext("The fund takes gifts.") if is_open else gettext("The fund takes no more gifts."))
    return redirect(url_for("fund_desk.edit", fund_id=fund_id), 303)


def _page(form: FundForm, fund: FundFacts | None) -> str:
    return render_template(
        "desk/fund_form.html",
        form=form,
        fund=fund,
        purposes=queries.purposes_of(session(), fund.id) if fund else [],
        limits=(rules.least(form.code), rules.most(form.code)),
        paid_out_whole=payout_step(form.code) > 1,
    )


def _campaigns() -> list[CampaignFacts]:
    return campaigns.every(session(), now())


def _fund(fund_id: UUID) -> FundFacts:
    found = campaigns.find_fund(session(), fund_id)
    if found is None:
        raise NoSuchFund
    return found
