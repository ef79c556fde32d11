"""The desk's doors for campaigns: list, make, change, publish."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from campaigns.accounts.guard import actor, for_roles
from campaigns.accounts.rules import APPROVER, ORGANIZER, TREASURER
from campaigns.campaign import operations, queries
from campaigns.campaign.answers import campaign_at
from campaigns.campaign.forms import CampaignForm, blank, filled_with
from campaigns.campaign.operations import CurrencyFixed, EndsElsewhere, NotComplete, PetitionStays, TargetFixed
from campaigns.campaign.queries import CampaignFacts
from campaigns.web.context import now, session

blueprint = Blueprint("campaign_desk", __name__, url_prefix="/desk/campaigns")
Page = str | tuple[str, int] | Response


@blueprint.get("/")
@for_roles(ORGANIZER, TREASURER, APPROVER)
def index() -> Page:
    """List every campaign."""
    return render_template("desk/campaigns.html", campaigns=queries.every(session(), now()))


@blueprint.route("/new", methods=["GET", "POST"])
@for_roles(ORGANIZER)
def new() -> Page:
    """Make a draft."""
    form = CampaignForm(request.form or None, data=blank())  # text alone: no field takes a file
    if not form.is_submitted():
        return render_template("desk/campaign_form.html", form=form, campaign=None)
    if not form.validate():
        return render_template("desk/campaign_form.html", form=form, campaign=None), 422
    slug = operations.create(session(), form.fields(), actor=actor(), now=now())
    flash(gettext("The draft is saved. Look at the preview, then publish it."))
    return redirect(url_for("campaign_desk.show", slug=slug), 303)


@blueprint.get("/<slug>")
@for_roles(ORGANIZER, TREASURER, APPROVER)
def show(slug: str) -> Page:
    """Show where a campaign stands and what can be done."""
    return _shown(campaign_at(slug))


@blueprint.route("/<slug>/edit", methods=["GET", "POST"])
@for_roles(ORGANIZER)
def edit(slug: str) -> Page:
    """Change a campaign; what has been signed stays as it was signed."""
    campaign = campaign_at(slug)
    funds = queries.funds_of(session(), campaign.id)
    form = CampaignForm(request.form or None, data=filled_with(campaign, funds[0] if funds else None))
    if not form.is_submitted():
        return render_template("desk/campaign_form.html", form=form, campaign=campaign)
    if not form.validate():
        return render_template("desk/campaign_form.html", form=form, campaign=campaign), 422
    try:
        operations.change(session(), slug, form.fields(), actor=actor(), now=now())
    except (CurrencyFixed, EndsElsewhere, NotComplete, PetitionStays, TargetFixed) as refused:
        fields = {CurrencyFixed: form.currency, EndsElsewhere: form.deadline, TargetFixed: form.target_name}
        field = fields.get(type(refused), form.has_petition)
        field.errors = [gettext(str(refused))]
        return render_template("desk/campaign_form.html", form=form, campaign=campaign), 422
    flash(gettext("The changes are saved."))
    return redirect(url_for("campaign_desk.show", slug=slug), 303)


@blueprint.post("/<slug>/publish")
@for_roles(ORGANIZER)
def publish(slug: str) -> Page:
    """Open a campaign to the public."""
    try:
        operations.publish(session(), slug, actor=actor(), now=now())
    except NotComplete as refused:
        return _shown(campaign_at(slug)), refused.status
    flash(gettext("The campaign is open. Send people its address."))
    return redirect(url_for("campaign_desk.show", slug=slug), 303)


def _shown(campaign: CampaignFacts) -> str:
    missing = [] if campaign.published else queries.missing(session(), campaign)
    funds = queries.funds_of(session(), campaign.id)
    return render_template("desk/campaign.html", campaign=campaign, funds=funds, missing=missing)
