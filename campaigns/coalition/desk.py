"""The desk's doors to a campaign's partners."""

from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from campaigns.accounts.guard import actor, for_roles
from campaigns.accounts.rules import ORGANIZER
from campaigns.campaign.answers import campaign_at
from campaigns.campaign.queries import CampaignFacts
from campaigns.coalition import exports, queries
from campaigns.coalition import operations as coalition
from campaigns.coalition.forms import NewPartnerForm, PartnerForm
from campaigns.coalition.queries import Tally
from campaigns.partners import operations
from campaigns.partners import queries as partners
from campaigns.partners.operations import CodeTaken, NoSuchPartner
from campaigns.partners.queries import PartnerFacts
from campaigns.partners.rules import LINK_LIFETIME, disclosure
from campaigns.web.context import now, services, session

blueprint = Blueprint("partner_desk", __name__, url_prefix="/desk/campaigns/<slug>/partners")
Page = str | tuple[str, int] | Response


@blueprint.get("")
@for_roles(ORGANIZER)
def index(slug: str) -> Page:
    """List the partners with what each brought, and offer to add one."""
    return _index(campaign_at(slug), NewPartnerForm(formdata=None))


@blueprint.post("")
@for_roles(ORGANIZER)
def add(slug: str) -> Page:
    """Add a partner."""
    campaign, form = campaign_at(slug), NewPartnerForm(request.form)
    if not form.validate():
        return _index(campaign, form), 422
    try:
        partner_id = operations.add(
            session(), campaign.id, campaign.organisation, form.code.data or "", form.fields(), actor=actor(), now=now()
        )
    except CodeTaken as refused:
        form.code.errors = [gettext(str(refused))]
        return _index(campaign, form), 422
    flash(gettext("The partner is added. Its link is below."))
    return redirect(url_for("partner_desk.show", slug=slug, partner_id=partner_id), 303)


@blueprint.get("/<uuid:partner_id>")
@for_roles(ORGANIZER)
def show(slug: str, partner_id: UUID) -> Page:
    """Show one partner: its numbers, its links, its words."""
    campaign, partner = _both(slug, partner_id)
    return _show(campaign, partner, _filled(partner))


@blueprint.post("/<uuid:partner_id>")
@for_roles(ORGANIZER)
def change(slug: str, partner_id: UUID) -> Page:
    """Change a partner; other words are a new version for those who sign from then on."""
    campaign, partner = _both(slug, partner_id)
    form = PartnerForm(request.form)
    if not form.validate():
        return _show(campaign, partner, form), 422
    operations.change(
        session(), campaign.id, partner_id, campaign.organisation, form.fields(), actor=actor(), now=now()
    )
    flash(gettext("The changes are saved."))
    return _back(slug, partner_id)


@blueprint.post("/<uuid:partner_id>/switch")
@for_roles(ORGANIZER)
def switch(slug: str, partner_id: UUID) -> Page:
    """Offer the partner's tick, or no longer."""
    campaign = campaign_at(slug)
    on = request.form.get("to") == "on"
    operations.switch(session(), campaign.id, partner_id, on=on, actor=actor(), now=now())
    flash(gettext("The tick is offered again.") if on else gettext("The tick is no longer offered."))
    return _back(slug, partner_id)


@blueprint.post("/<uuid:partner_id>/link")
@for_roles(ORGANIZER)
def make_link(slug: str, partner_id: UUID) -> Page:
    """Make the link to the partner's numbers and show it, this once: only its hash is kept."""
    campaign = campaign_at(slug)
    secret = operations.make_link(session(), campaign.id, partner_id, actor=actor(), now=now())
    partner = _both(slug, partner_id)[1]
    return _show(campaign, partner, _filled(partner), services().links.partner(secret))


@blueprint.post("/<uuid:partner_id>/link/revoke")
@for_roles(ORGANIZER)
def revoke_link(slug: str, partner_id: UUID) -> Page:
    """Shut the partner's page."""
    operations.revoke_link(session(), campaign_at(slug).id, partner_id, actor=actor(), now=now())
    flash(gettext("The link is revoked. It opens nothing any more."))
    return _back(slug, partner_id)


@blueprint.get("/<uuid:partner_id>/people")
@for_roles(ORGANIZER, fresh=True)
def people(slug: str, partner_id: UUID) -> Page:
    """Say who is in the file and what to do with it; the button takes it out."""
    campaign, partner = _both(slug, partner_id)
    tally = queries.tallies(session(), campaign.id).get(partner.code, Tally())
    return render_template("desk/partner_people.html", campaign=campaign, partner=partner, tally=tally)


@blueprint.post("/<uuid:partner_id>/people")
@for_roles(ORGANIZER, fresh=True)
def take_out(slug: str, partner_id: UUID) -> Page:
    """Hand out the file of those who agreed; that it was taken out is written down."""
    _, partner = _both(slug, partner_id)
    found = coalition.take_out(session(), partner, actor=actor(), now=now())
    response = make_response(exports.people_file(found))
    response.mimetype = "text/csv"
    name = f"{partner.code}-{now():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _index(campaign: CampaignFacts, form: NewPartnerForm) -> str:
    return render_template(
        "desk/partners.html",
        campaign=campaign,
        form=form,
        partners=partners.of_campaign(session(), campaign.id),
        tallies=queries.tallies(session(), campaign.id),
        nothing=Tally(),
    )


def _show(campaign: CampaignFacts, partner: PartnerFacts, form: PartnerForm, link: str = "") -> str:
    """`link` is shown in the moment it is made, and never again."""
    return render_template(
        "desk/partner.html",
        campaign=campaign,
        partner=partner,
        form=form,
        tally=queries.tallies(session(), campaign.id).get(partner.code, Tally()),
        link=link,
        days=LINK_LIFETIME.days,
        disclosure=disclosure(campaign.organisation, partner.name),
        is_link_open=partner.link_expires_at is not None and partner.link_expires_at > now(),
    )


def _filled(partner: PartnerFacts) -> PartnerForm:
    words = {"name": partner.name, "line": partner.line, "contact": partner.contact, "words": partner.words}
    return PartnerForm(formdata=None, data=words)


def _back(slug: str, partner_id: UUID) -> Response:
    return redirect(url_for("partner_desk.show", slug=slug, partner_id=partner_id), 303)


def _both(slug: str, partner_id: UUID) -> tuple[CampaignFacts, PartnerFacts]:
    campaign = campaign_at(slug)
    partner = partners.find(session(), campaign.id, partner_id)
    if partner is None:
        raise NoSuchPartner
    return campaign, partner
