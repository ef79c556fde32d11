"""The public doors of giving."""

import logging
from collections import Counter
from dataclasses import dataclass

from babel import Locale
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask_babel import get_locale, gettext

from campaigns.campaign import queries as campaigns
from campaigns.campaign.guard import danger_from, warned
from campaigns.campaign.operations import NoSuchCampaign
from campaigns.campaign.queries import CampaignFacts
from campaigns.donations.answers import funds_shown
from campaigns.donations.flows import Giving, PageWords
from campaigns.donations.forms import DonateForm, with_shares
from campaigns.donations.operations import AppealClosed, GiftFields
from campaigns.donations.queries import FundShown
from campaigns.donations.rules import PartsDiffer, chosen
from campaigns.funds.rules import TooLarge, TooSmall
from campaigns.gate.guard import visit
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


@dataclass(frozen=True, slots=True)
class Appeal:
    """An open appeal, with those of its funds that a form is for. `is_as_wanted`: they are the ones asked for."""

    campaign: CampaignFacts
    funds: tuple[FundShown, ...]
    chosen: tuple[FundShown, ...]
    is_as_wanted: bool

    @property
    def first(self) -> FundShown:
        """The fund whose amounts are offered."""
        return self.chosen[0]

    @property
    def key(self) -> str:
        """What an address and a form say for the chosen funds; empty where there is no choice."""
        if len(self.funds) == 1:
            return ""
        return str(self.first.ask.fund.id) if len(self.chosen) == 1 else self.first.ask.fund.currency

    @property
    def shared_currencies(self) -> list[str]:
        """The currencies of which several funds can be given to at once."""
        codes = Counter(fund.ask.fund.currency for fund in self.funds)
        return [code for code, number in codes.items() if number > 1]


@blueprint.get("/campaigns/<slug>/donate")
def donate_page(slug: str) -> Response:
    """Show the form; ?amount=30 chooses an amount, ?fund= one of several funds."""
    appeal = _appeal(slug, request.args.get("fund", ""))
    suggested = appeal.first.suggested if len(appeal.chosen) == 1 and appeal.first.suggested else ""
    return _page(appeal, _form(appeal, request.args.get("amount", "")[:20] or suggested), 200)


@blueprint.post("/campaigns/<slug>/donate", endpoint="donate")
def donate(slug: str) -> Response:
    """Promise the gift and send the giver to the hosted payment page.

    Before anything is stored, ask again where something typed is wrong (422), where the fund takes no gifts any more
    (410), and where the employer would read of it (409).
    """
    appeal = _appeal(slug, request.form.get("fund", ""))
    form = _form(appeal, "")
    if not form.validate_on_submit():
        return _page(appeal, form, 422)
    if not appeal.is_as_wanted:
        form.refuse_amount(gettext("The fund you chose takes no gifts any more. Read what stands here now."))
        return _page(appeal, form, 410)
    email = form.email.data or ""
    if danger := danger_from(appeal.campaign.employer, email):
        return warned("donations/at_work.html", danger, email, campaign=appeal.campaign)
    try:
        url = _giving().give(appeal.campaign, [fund.ask.fund for fund in appeal.chosen], _fields(form), _page_words())
    except InvalidValue as refused:
        form.refuse_amount(_sentence(refused))
        return _page(appeal, form, 422)
    except PaymentsUnavailable as away:
        log.error("payments not available", extra={"problem": str(away), "path": request.endpoint})
        form.refuse_amount(gettext(_AWAY))
        return _page(appeal, form, 503)
    return make_response(redirect(url, 303))


def _sentence(refused: InvalidValue) -> str:
    """Say in the reader's language and money what was wrong with an amount."""
    match refused:
        case TooSmall(fund=""):
            return str(gettext(TooSmall.sentence(), least=_money(refused.limit)))
        case TooLarge(fund=""):
            return str(gettext(TooLarge.sentence(), most=_money(refused.limit)))
        case TooSmall():
            least = _money(refused.limit)
            return str(gettext("“%(fund)s” takes at least %(least)s.", fund=refused.fund, least=least))
        case TooLarge():
            most = _money(refused.limit)
            return str(gettext("“%(fund)s” takes at most %(most)s at once.", fund=refused.fund, most=most))
        case PartsDiffer():
            whole, parts = _money(refused.whole), _money(refused.parts)
            return str(gettext(PartsDiffer.sentence(), parts=parts, whole=whole))
    return str(gettext(str(refused)))


def _money(money: Money) -> str:
    return formats.money(money, get_locale() or Locale("en"), short=True)


def _page_words() -> PageWords:
    return PageWords(
        recipient=lambda name: str(gettext("Goes to: %(recipient)s", recipient=name)),
        fee_cover=str(gettext("Card fee, as estimated")),
    )


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


def _appeal(slug: str, wanted: str) -> Appeal:
    """Return an open appeal with the funds that `wanted` names, or its first. Raises NoSuchCampaign, AppealClosed."""
    with services().reading() as session:
        campaign = campaigns.find_published(session, slug, now())
        if campaign is None or not campaign.has_appeal:
            raise NoSuchCampaign
        funds = funds_shown(session, campaign)
    if not funds:
        raise AppealClosed
    places = chosen([(str(fund.ask.fund.id), fund.ask.fund.currency) for fund in funds], wanted)
    return Appeal(campaign, tuple(funds), tuple(funds[place] for place in places or [0]), places is not None)


def _form(appeal: Appeal, picked: str | Money) -> DonateForm:
    """A form of what was typed; a file sent in a field's place is nothing typed."""
    typed = request.form if request.method == "POST" else None
    funds = tuple((fund.ask.fund.id.hex, fund.name, fund.ask.fund.currency) for fund in appeal.chosen)
    form = (with_shares(funds) if len(funds) > 1 else DonateForm)(typed, presets=appeal.first.presets, chosen=picked)
    form.via.data = read_source((form.via.data or "") if typed is not None else request.args.get("via", ""))
    form.fund.data = appeal.key
    return form


def _fields(form: DonateForm) -> GiftFields:
    entered = form.data
    return GiftFields(
        amount=form.chosen_amount,
        shares=form.typed_shares,
        cover_fees=entered["cover_fees"],
        email=entered["email"],
        name=entered["name"],
        show_name=entered["show_name"],
        message=entered["message"],
        dedication=entered["dedication"],
        language=str(get_locale() or ""),
        attempt=entered["attempt"],
        source=read_source(entered["via"] or ""),
        frequency=entered["frequency"],
        visit=visit(),
    )


def _giving() -> Giving:
    giving: Giving = current_app.extensions[EXTENSION]
    return giving


def _page(appeal: Appeal, form: DonateForm, status: int) -> Response:
    page = render_template(
        "donations/donate.html",
        campaign=appeal.campaign,
        fund=appeal.first,
        funds=appeal.chosen,
        choices=appeal.funds,
        shared_currencies=appeal.shared_currencies,
        fee=_giving().fee,
        example=appeal.first.example,
        form=form,
    )
    return make_response(page, status)
