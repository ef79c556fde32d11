"""The public doors of giving."""

import logging

from babel import Locale
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask_babel import get_locale, gettext

from campaigns.abuse.rules import network_of
from campaigns.campaign import queries as campaigns
from campaigns.campaign.operations import NoSuchCampaign
from campaigns.campaign.queries import CampaignFacts
from campaigns.donations import queries
from campaigns.donations.flows import Giving
from campaigns.donations.forms import DonateForm
from campaigns.donations.operations import AppealClosed, GiftFields
from campaigns.donations.queries import FundShown
from campaigns.donations.rules import TooSmall
from campaigns.gate.rules import Visit
from campaigns.kernel.errors import InvalidValue, NotFound
from campaigns.kernel.money import Money
from campaigns.kernel.ports import PaymentsUnavailable
from campaigns.rendering import formats
from campaigns.signatures.rules import read_source
from campaigns.switches.guard import standing
from campaigns.web.context import now, services

log = logging.getLogger(__name__)
blueprint = Blueprint("donations", __name__)
EXTENSION = "undersigned.giving"
_AWAY = "The payment page cannot be reached at the moment. No money has moved. Please try again in a few minutes."


class NoSuchGift(NotFound):
    """There is no gift at this address."""


@blueprint.get("/campaigns/<slug>/donate")
def donate_page(slug: str) -> Response:
    """Show the form; ?amount=30 chooses an amount."""
    campaign, fund = _appeal(slug)
    chosen = request.args.get("amount", "")[:20] or fund.suggested
    return _page(campaign, fund, _form(fund, chosen), 200)


@blueprint.post("/campaigns/<slug>/donate", endpoint="donate")
def donate(slug: str) -> Response:
    """Promise the gift and send the giver to the hosted payment page."""
    campaign, fund = _appeal(slug)
    form = _form(fund, "")
    if not form.validate_on_submit():
        return _page(campaign, fund, form, 422)
    try:
        url = _giving().give(campaign, fund.ask.fund, _fields(form), str(get_locale() or "auto"))
    except InvalidValue as refused:
        form.refuse_amount(_sentence(refused))
        return _page(campaign, fund, form, 422)
    except PaymentsUnavailable as away:
        log.error("payments not available", extra={"problem": str(away), "path": request.endpoint})
        form.refuse_amount(gettext(_AWAY))
        return _page(campaign, fund, form, 503)
    return make_response(redirect(url, 303))


def _sentence(refused: InvalidValue) -> str:
    if isinstance(refused, TooSmall):
        least = formats.money(refused.least, get_locale() or Locale("en"), short=True)
        return str(gettext(TooSmall.sentence(), least=least))
    return str(gettext(str(refused)))


@blueprint.get("/donations/<public_id>")
def show(public_id: str) -> Response:
    """Tell what became of a gift, right whether or not a webhook has come. No person's data."""
    gift = _giving().look_up(public_id, may_write=not standing().read_only)
    if gift is None:
        raise NoSuchGift
    with services().reading() as session:
        campaign = campaigns.find_by_slug(session, gift.campaign_slug, now())
    response = make_response(render_template("donations/donation.html", donation=gift, campaign=campaign))
    response.headers["Cache-Control"] = "no-store"
    return response


def _appeal(slug: str) -> tuple[CampaignFacts, FundShown]:
    """Return an open appeal with its fund. Raises NoSuchCampaign, AppealClosed."""
    with services().reading() as session:
        campaign = campaigns.find_published(session, slug, now())
        if campaign is None or not campaign.has_appeal:
            raise NoSuchCampaign
        fund = queries.fund_shown(session, campaign)
        if fund is None:
            raise AppealClosed
        return campaign, fund


def _form(fund: FundShown, chosen: str | Money) -> DonateForm:
    """A form of what was typed; a file sent in a field's place is nothing typed."""
    typed = request.form if request.method == "POST" else None
    form = DonateForm(typed, presets=fund.presets, chosen=chosen)
    form.via.data = read_source((form.via.data or "") if typed is not None else request.args.get("via", ""))
    return form


def _fields(form: DonateForm) -> GiftFields:
    entered = form.data
    return GiftFields(
        amount=form.chosen_amount,
        email=entered["email"],
        name=entered["name"],
        show_name=entered["show_name"],
        message=entered["message"],
        attempt=entered["attempt"],
        source=read_source(entered["via"] or ""),
        visit=_visit(),
    )


def _visit() -> Visit:
    """What this request brings to the gate."""
    typed = request.form.get
    return Visit(network_of(request.remote_addr), typed("altcha", ""), typed("ticket", ""))


def _giving() -> Giving:
    giving: Giving = current_app.extensions[EXTENSION]
    return giving


def _page(campaign: CampaignFacts, fund: FundShown, form: DonateForm, status: int) -> Response:
    page = render_template("donations/donate.html", campaign=campaign, fund=fund, form=form)
    return make_response(page, status)
