"""The desk's doors for reviewing: held signatures, decisions by rule, one person, shared networks."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from campaigns.abuse import operations as abuse
from campaigns.abuse import queries as abuse_queries
from campaigns.abuse.operations import AlreadyShared, NoNetwork
from campaigns.abuse.rules import network_of
from campaigns.accounts.guard import actor, for_roles
from campaigns.accounts.rules import ORGANIZER
from campaigns.campaign.answers import campaign_at
from campaigns.campaign.queries import CampaignFacts
from campaigns.review import operations, queries
from campaigns.review.forms import REASONS, REVIEWS, NetworkForm, PersonForm, RuleForm
from campaigns.review.operations import NoSuchAction, TooWide
from campaigns.review.rules import Decision, Step
from campaigns.web.context import now, session

blueprint = Blueprint("review_desk", __name__, url_prefix="/desk")
PAGE = 50
LAST_PAGE = 1_000_000
SHOWN = 20
ALARMS_SHOWN = timedelta(days=7)
Page = str | tuple[str, int] | Response


@blueprint.get("/campaigns/<slug>/review/")
@for_roles(ORGANIZER)
def index(slug: str) -> Page:
    """Show who is held and why, what stands out, and what was decided."""
    asked = {name: request.args[name] for name in ("domain", "place", "source", "review") if name in request.args}
    return _index(campaign_at(slug), RuleForm(None, data={"review": "held"} | asked))


@blueprint.post("/campaigns/<slug>/review/")
@for_roles(ORGANIZER)
def ask(slug: str) -> Page:
    """Ask for a decision by rule; a worker counts first whom it is about."""
    campaign = campaign_at(slug)
    form = RuleForm(request.form)
    if not form.validate():
        return _index(campaign, form), 422
    try:
        action_id = operations.ask(
            session(), campaign, Decision(form.decision.data), form.rule(campaign.zone), actor=actor(), now=now()
        )
    except TooWide as refused:
        form.form_errors.append(gettext(str(refused)))
        return _index(campaign, form), refused.status
    return redirect(url_for("review_desk.action", slug=slug, action_id=action_id), 303)


@blueprint.post("/campaigns/<slug>/review/one")
@for_roles(ORGANIZER)
def decide_one(slug: str) -> Page:
    """Release or reject one signature."""
    campaign = campaign_at(slug)
    signature_id, decision = _uuid(request.form.get("signature", "")), _decision(request.form.get("decision", ""))
    operations.decide_one(session(), campaign.id, signature_id, decision, actor=actor(), now=now())
    flash(gettext("One signature is decided on. It can be undone below."))
    return redirect(url_for("review_desk.index", slug=slug), 303)


@blueprint.post("/campaigns/<slug>/review/person")
@for_roles(ORGANIZER)
def person(slug: str) -> Page:
    """Show one person's signature, found by exact e-mail. The address stands in no URL."""
    campaign = campaign_at(slug)
    form = PersonForm(request.form)
    valid = form.validate()
    found = queries.by_email(session(), campaign.id, form.email.data or "") if valid else None
    page = render_template(
        "desk/review_person.html", campaign=campaign, form=form, found=found, reasons=REASONS, reviews=REVIEWS
    )
    return page, (200 if valid else 422)


@blueprint.get("/campaigns/<slug>/review/<uuid:action_id>")
@for_roles(ORGANIZER)
def action(slug: str, action_id: UUID) -> Page:
    """Show how far a decision has come, and whom it is about."""
    campaign = campaign_at(slug)
    found = queries.find_action(session(), campaign.id, action_id)
    if found is None:
        raise NoSuchAction
    rows = queries.found_by(session(), action_id, SHOWN)
    return render_template(
        "desk/review_action.html", campaign=campaign, action=found, rows=rows, reasons=REASONS, reviews=REVIEWS
    )


@blueprint.post("/campaigns/<slug>/review/<uuid:action_id>/<step>")
@for_roles(ORGANIZER)
def take_step(slug: str, action_id: UUID, step: str) -> Page:
    """Apply, cancel or undo a decision."""
    operations.take_step(session(), campaign_at(slug).id, action_id, _step(step), actor=actor(), now=now())
    return redirect(url_for("review_desk.action", slug=slug, action_id=action_id), 303)


@blueprint.get("/networks")
@for_roles(ORGANIZER)
def networks() -> Page:
    """List the networks that many people share, and offer to add the one this desk is opened from."""
    return _networks(NetworkForm(None, data={"address": request.remote_addr if _is_visitors() else ""}))


@blueprint.post("/networks")
@for_roles(ORGANIZER)
def vouch() -> Page:
    """Vouch for a network."""
    form = NetworkForm(request.form)
    if not form.validate():
        return _networks(form), 422
    try:
        abuse.vouch(session(), form.address.data or "", form.label.data or "", actor=actor(), now=now())
    except (NoNetwork, AlreadyShared) as refused:
        form.address.errors = [gettext(str(refused))]
        return _networks(form), refused.status
    flash(gettext("The network is on the list. Its address is not kept, only a key made of it."))
    return redirect(url_for("review_desk.networks"), 303)


@blueprint.post("/networks/<uuid:network_id>/remove")
@for_roles(ORGANIZER)
def stop_vouching(network_id: UUID) -> Page:
    """Take a network off the list."""
    abuse.stop_vouching(session(), network_id, actor=actor(), now=now())
    flash(gettext("The network is off the list."))
    return redirect(url_for("review_desk.networks"), 303)


def _index(campaign: CampaignFacts, form: RuleForm) -> str:
    number = min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)
    rows = queries.held_page(session(), campaign.id, offset=(number - 1) * PAGE, limit=PAGE + 1)
    total, by_reason = queries.held_by_reason(session(), campaign.id)
    return render_template(
        "desk/review.html",
        campaign=campaign,
        form=form,
        person_form=PersonForm(None),
        rows=rows[:PAGE],
        has_next=len(rows) > PAGE,
        page=number,
        total=total,
        by_reason=by_reason,
        actions=queries.actions(session(), campaign.id, SHOWN),
        alarms=queries.alarms(session(), campaign.id, now() - ALARMS_SHOWN),
        reasons=REASONS,
        reviews=REVIEWS,
    )


def _networks(form: NetworkForm) -> str:
    return render_template(
        "desk/networks.html", form=form, networks=abuse_queries.shared_networks(session()), is_visitors=_is_visitors()
    )


def _is_visitors() -> bool:
    return network_of(request.remote_addr) is not None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise operations.NoSuchSignature from error


def _step(text: str) -> Step:
    try:
        return Step(text)
    except ValueError as error:
        raise NoSuchAction from error


def _decision(text: str) -> Decision:
    try:
        return Decision(text)
    except ValueError as error:
        raise operations.NoSuchSignature from error
