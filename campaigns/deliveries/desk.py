"""The desk's doors for lists: ask for one, watch it, download it."""

from http import HTTPStatus

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from campaigns.accounts.guard import actor, for_roles
from campaigns.accounts.rules import ORGANIZER
from campaigns.campaign.answers import campaign_at
from campaigns.campaign.queries import CampaignFacts
from campaigns.deliveries import announcing, operations, queries
from campaigns.deliveries.announcing import NotAnnounced, StillTelling, TooEarly
from campaigns.deliveries.forms import AnnounceForm, DeliveryForm
from campaigns.deliveries.operations import NamesDeleted, NoSuchDelivery, NothingToDeliver
from campaigns.deliveries.queries import DeliveryFacts
from campaigns.deliveries.rules import Freezing, freezing
from campaigns.signatures import queries as signatures
from campaigns.web.context import now, services, session

blueprint = Blueprint("delivery_desk", __name__, url_prefix="/desk")


@blueprint.get("/campaigns/<slug>/deliveries/")
@for_roles(ORGANIZER)
def index(slug: str) -> str:
    """List a campaign's lists and offer to make the next."""
    return _index(campaign_at(slug), DeliveryForm())


@blueprint.post("/campaigns/<slug>/deliveries/")
@for_roles(ORGANIZER)
def request_list(slug: str) -> str | tuple[str, int] | AnyResponse:
    """Ask for a list; a worker makes it."""
    campaign = campaign_at(slug)
    form = DeliveryForm(request.form)  # text alone: no field takes a file
    if not form.validate():
        return _index(campaign, form), 422
    try:
        announcements = announcing.under_which(session(), campaign, now=now())
        public_id = operations.request(
            session(),
            campaign,
            paper=form.paper.data,
            answer_expected=form.answer_expected.data,
            actor=actor(),
            now=now(),
            announcements=announcements,
        )
    except (NamesDeleted, NothingToDeliver, NotAnnounced, StillTelling, TooEarly) as refused:
        return _index(campaign, form, sentence=str(refused)), refused.status
    return redirect(url_for("delivery_desk.show", public_id=public_id), 303)


@blueprint.post("/campaigns/<slug>/deliveries/announce")
@for_roles(ORGANIZER)
def announce(slug: str) -> tuple[str, int] | AnyResponse:
    """Have signatories told that a list will be made."""
    campaign = campaign_at(slug)
    form = AnnounceForm(request.form)
    if not form.validate():
        return _index(campaign, DeliveryForm(), announce_form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    announcing.announce(session(), campaign, hours=int(form.hours.data), actor=actor(), now=now())
    return redirect(url_for("delivery_desk.index", slug=slug), HTTPStatus.SEE_OTHER)


@blueprint.get("/deliveries/<public_id>")
@for_roles(ORGANIZER)
def show(public_id: str) -> str:
    """Show how far a list has come."""
    delivery = _delivery(public_id)
    return render_template("desk/delivery.html", delivery=delivery, campaign=campaign_at(delivery.campaign_slug))


@blueprint.get("/deliveries/<public_id>.pdf")
@for_roles(ORGANIZER)
def download(public_id: str) -> Response:
    """Stream the PDF."""
    delivery = _delivery(public_id)
    if delivery.file_key is None:
        raise NoSuchDelivery
    files = services().files
    response = Response(files.stream(delivery.file_key), mimetype="application/pdf")
    response.headers["Content-Length"] = str(files.size(delivery.file_key))
    name = f"{delivery.campaign_slug}-list-{delivery.number}.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _index(
    campaign: CampaignFacts, form: DeliveryForm, sentence: str = "", announce_form: AnnounceForm | None = None
) -> str:
    announced = queries.announced(session(), campaign.id, now())
    verdict = freezing(announced, now())
    untold = 0  # while mails wait, those in the queue are not left out yet
    if announced and verdict is not Freezing.STILL_TELLING:
        untold = announcing.how_many_untold(session(), campaign.id, announced)
    return render_template(
        "desk/deliveries.html",
        campaign=campaign,
        deliveries=queries.of_campaign(session(), campaign.id),
        count=signatures.count_of(session(), campaign.id),
        form=form,
        announce_form=announce_form or AnnounceForm(formdata=None),
        announced=announced,
        freezing=verdict,
        untold=untold,
        sentence=sentence,
    )


def _delivery(public_id: str) -> DeliveryFacts:
    delivery = queries.find(session(), public_id)
    if delivery is None:
        raise NoSuchDelivery
    return delivery
