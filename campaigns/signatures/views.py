"""The public doors: sign, confirm, the count."""

from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from campaigns.abuse import queries as abuse
from campaigns.abuse.checks import new_challenge, proof_of
from campaigns.abuse.rules import Traces, network_of
from campaigns.campaign import queries as campaigns
from campaigns.campaign.guard import danger_from, warned
from campaigns.campaign.operations import NoSuchCampaign
from campaigns.campaign.queries import CampaignFacts
from campaigns.partners import queries as partners
from campaigns.partners.operations import keep_words
from campaigns.partners.queries import Offer
from campaigns.signatures import changes, operations, queries
from campaigns.signatures.forms import TICK, WORDS, SignForm, form_for
from campaigns.signatures.operations import LinkGone, PetitionClosed, SignFields
from campaigns.signatures.queries import Signatory
from campaigns.signatures.rules import State, Visibility, carried, read_source
from campaigns.switches.guard import TRY_AGAIN_SECONDS, standing
from campaigns.web.caching import kept_page, kept_value, stays_with_query, with_holes
from campaigns.web.context import now, session
from campaigns.web.headers import private

blueprint = Blueprint("signatures", __name__)
BAIT = "homepage"
LONG_NAME = 28  # characters that still fit a phone's line in the largest type


@blueprint.get("/campaigns/<slug>/sign")
@kept_page
def sign_page(slug: str) -> Response:
    """Show the demands and the form, and nothing else."""
    campaign = _petition(slug)
    via = request.args.get("via", "")
    form = form_for(campaign, via=via, partner=_offer(campaign, via)) if _is_signed_now(campaign) else None
    if form and form.partner:
        stays_with_query(f"via={form.via}")
    return make_response(render_template("signatures/sign.html", campaign=campaign, form=form))


@blueprint.post("/campaigns/<slug>/sign", endpoint="sign")
def sign(slug: str) -> Response:
    """Store the signature and say to check the mail: the same answer for every address.

    Before anything is stored, ask again where the text is not the one that was shown (409), where something typed is
    wrong (422), while signing is paused (503), and where the employer would read of it (409).
    """
    campaign, is_other_text = _as_shown(_petition(slug))
    if not campaign.petition_open:
        raise PetitionClosed
    via = request.form.get("via", "")
    form = form_for(campaign, request.form, via, _offer(campaign, via))  # text alone: no field takes a file
    if standing().signing_paused:
        page = render_template("signatures/sign.html", campaign=campaign, form=form, is_paused=True)
        return make_response(page, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": TRY_AGAIN_SECONDS})
    if not form.validate() or is_other_text:
        status = HTTPStatus.CONFLICT if is_other_text else HTTPStatus.UNPROCESSABLE_ENTITY
        page = render_template("signatures/sign.html", campaign=campaign, form=form, is_other_text=is_other_text)
        return make_response(page, status)
    email = form.email.data or ""
    if danger := danger_from(campaign.employer, email):
        return warned("signatures/at_work.html", danger, email, campaign=campaign)
    operations.sign(session(), campaign, _fields(form), now=now(), traces=_traces(campaign))
    return _check_mail(campaign, form)


def _is_signed_now(campaign: CampaignFacts) -> bool:
    return campaign.petition_open and standing().takes_signatures


def _check_mail(campaign: CampaignFacts, form: SignForm) -> Response:
    """The same page for every address, and for those that look mistyped a hint that depends on the address alone."""
    holes = {"email": form.email.data or "", "suggested": form.suggested_email or "", "via": form.via}
    given = {name: value for name, value in holes.items() if value}
    page = with_holes(
        ("check mail", campaign.slug, *given),
        given,
        lambda marks: render_template("signatures/check_mail.html", campaign=campaign, **marks),
    )
    return private(page)


def _as_shown(campaign: CampaignFacts) -> tuple[CampaignFacts, bool]:
    """Return the campaign, and whether its text or consent is another than the form was sent under.

    A form that does not say what it stood under (a page of an older version of this site) is taken at its word.
    What is kept for a moment may be older than the page: before anybody is asked again, it is read anew.
    """
    shown = request.form.get("version", "")
    if shown in ("", campaign.text_mark):
        return campaign, False
    fresh = campaigns.find_published(session(), campaign.slug, now()) or campaign
    return fresh, shown != fresh.text_mark


def _offer(campaign: CampaignFacts, via: str) -> Offer | None:
    """What the partner behind a code offers. Whoever came without a code costs no question."""
    code = read_source(via)
    if not code:
        return None
    key = ("partner", campaign.id, campaign.organisation, code)  # whose name is another asks for other words
    return kept_value(key, lambda: partners.offer(session(), campaign.id, campaign.organisation, code))


def _opt_in(form: SignForm) -> UUID | None:
    """The words that were ticked, as they stood there when the form was opened; a tick without words is none."""
    if form.partner is None or not request.form.get(TICK):
        return None
    return keep_words(session(), form.partner, request.form.get(WORDS, ""), now())


@blueprint.get("/campaigns/<slug>/count.json")
@kept_page
def count(slug: str) -> Response:
    """Tell how many have signed, in a few cacheable bytes."""
    campaign = _petition(slug)
    found = queries.count_of(session(), campaign.id)
    response = jsonify(total=found.total, online=found.online, paper=found.paper)
    response.headers["Cache-Control"] = "public, max-age=1, stale-while-revalidate=10"
    return response


@blueprint.get("/campaigns/<slug>/challenge")
def challenge(slug: str) -> Response:
    """Hand out a sum to do while the petition is under pressure; else nothing. The pages themselves stay the same."""
    campaign = _petition(slug)
    asked = campaign.petition_open and _under_pressure(campaign)
    response = jsonify(new_challenge(str(campaign.id), now()) if asked else None)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/confirm/<token>")
def confirm_page(token: str) -> Response:
    """Show one button under the text that was signed. Opening the link does nothing: mail scanners open links too."""
    found = queries.by_token(session(), token, now())
    if found is None:
        return _link_gone()
    if found.state is State.CONFIRMED:
        return _thanks(found, token)
    today = _petition(found.campaign_slug)
    campaign = replace(today, headline=found.headline, demands=found.demands)
    partner = partners.wording(session(), found.opt_in_id) if found.opt_in_id else None
    page = render_template(
        "signatures/confirm.html", campaign=campaign, signature=found, token=token, partner=partner,
        is_earlier_text=campaign != today,
    )  # fmt: skip
    return private(page)


@blueprint.post("/confirm/<token>", endpoint="confirm")
def confirm(token: str) -> Response:
    """Confirm the signature, thank, and ask for the next step."""
    try:
        found = operations.confirm(session(), token, now=now())
    except LinkGone:
        return _link_gone()
    if "without_partner" in request.form:
        changes.stop_partner(session(), found.id, now=now())
    return _thanks(found, token)


def _thanks(found: Signatory, token: str) -> Response:
    kind = (found.campaign_slug, found.visibility, found.review, len(found.name) > LONG_NAME, bool(found.source))
    page = with_holes(
        ("thanks", *kind),
        {"name": found.name, "token": token, **({"via": found.source} if found.source else {})},
        lambda marks: _render_thanks(found, marks["name"], marks["token"], marks.get("via", "")),
    )
    return private(page)


def _render_thanks(found: Signatory, name: str, token: str, via: str) -> str:
    campaign = _petition(found.campaign_slug)
    return render_template(
        "signatures/confirmed.html",
        campaign=campaign,
        name=name,
        token=token,
        is_long=len(found.name) > LONG_NAME,
        visibility=found.visibility,
        fund=campaigns.ask_of(session(), campaign),
        review=found.review,
        via=via,
        join_url=carried(campaign.join_url, via),
        others=[other for other in campaigns.published(session(), now()) if other.slug != campaign.slug],
    )


def _traces(campaign: CampaignFacts) -> Traces:
    """What this request gave away. The field BAIT is hidden from people and read aloud to nobody."""
    proof = proof_of(request.form.get("altcha"), str(campaign.id), now())
    return Traces(
        network=network_of(request.remote_addr),
        trapped=bool(request.form.get(BAIT)),
        unproven=proof is None and _under_pressure(campaign),
        proof=proof,
    )


def _under_pressure(campaign: CampaignFacts) -> bool:
    subject = str(campaign.id)
    return kept_value(("pressure", subject), lambda: abuse.is_under_pressure(session(), subject, now()))


def _fields(form: SignForm) -> SignFields:
    entered = form.data
    return SignFields(
        name=entered["name"],
        email=entered["email"],
        town=entered["town"],
        postcode=entered["postcode"],
        country=entered["country"],
        visibility=Visibility(entered["visibility"]),
        comment=entered["comment"],
        updates=entered["updates"],
        answers=form.answers,
        source=form.via,
        opt_in_id=_opt_in(form),
    )


def _petition(slug: str) -> CampaignFacts:
    campaign = kept_value(("campaign", slug), lambda: campaigns.find_published(session(), slug, now()))
    if campaign is None or not campaign.has_petition:
        raise NoSuchCampaign
    return replace(campaign, as_of=now())


def _link_gone() -> Response:
    return make_response(render_template("signatures/link_gone.html"), LinkGone.status)
