"""Home and the campaign page."""

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from campaigns.campaign import queries as campaigns
from campaigns.campaign.answers import published_at
from campaigns.campaign.queries import CampaignFacts
from campaigns.comments import queries as comments
from campaigns.comments.rules import SHOWN_ON_PAGE
from campaigns.deliveries import queries as deliveries
from campaigns.deliveries.document import qr_code
from campaigns.donations.answers import funds_shown
from campaigns.endings import queries as endings
from campaigns.messages import queries as messages
from campaigns.messages.queries import SHOWN_ON_PAGE as MESSAGES_SHOWN
from campaigns.pages.queries import CountShown, HomeEntry
from campaigns.partners import queries as partners
from campaigns.partners.queries import Offer
from campaigns.signatures import queries as signatures
from campaigns.signatures.forms import form_for
from campaigns.signatures.rules import Audience, read_source
from campaigns.subscriptions.forms import NewsForm
from campaigns.switches.guard import standing
from campaigns.timeline import queries as timelines
from campaigns.timeline.rules import read_day
from campaigns.web.caching import kept_page, stays_with_query
from campaigns.web.context import now, services, session

blueprint = Blueprint("pages", __name__)
NAMES_SHOWN = 60


@blueprint.get("/")
@kept_page
def home() -> Response:
    """List every published campaign."""
    counts = signatures.counts(session())
    entries = [
        HomeEntry(facts, counts.get(facts.id, signatures.Count(0, 0)))
        for facts in campaigns.published(session(), now())
    ]
    return make_response(render_template("pages/home.html", campaigns=entries))


@blueprint.get("/campaigns/<slug>")
@kept_page
def campaign(slug: str) -> Response:
    """Show a campaign with its sign card, demands, fund and names."""
    facts = published_at(slug)
    via = read_source(request.args.get("via", ""))
    partner = partners.offer(session(), facts.id, facts.organisation, via)
    if partner:
        stays_with_query(f"via={via}")
    return make_response(campaign_page(session(), facts, via, partner))


@blueprint.get("/campaigns/<slug>/poster")
@kept_page
def poster(slug: str) -> Response:
    """Show a sheet to hang up, with the address as QR; ?via= puts a code into it."""
    facts = published_at(slug)
    via = read_source(request.args.get("via", ""))
    address = services().links.campaign(slug, via)
    qr = qr_code(address, gettext("QR code: %(address)s", address=address), is_scalable=True)
    return make_response(render_template("pages/poster.html", campaign=facts, address=address, qr=qr, via=via))


@blueprint.get("/campaigns/<slug>/timeline")
@kept_page
def timeline(slug: str) -> Response:
    """Show what happened, the newest first; ?before= a day goes on with what is older."""
    facts = published_at(slug)
    before = read_day(request.args.get("before", ""))
    if before and timelines.ends_a_stretch(session(), facts.id, before):
        stays_with_query(f"before={before}")
    stretch = timelines.shown(session(), facts.id, before)
    return make_response(render_template("pages/timeline.html", campaign=facts, timeline=stretch, before=before))


def campaign_page(session: Session, facts: CampaignFacts, via: str = "", partner: Offer | None = None) -> str:
    """Return the page's HTML; the desk's preview shows the same.

    `via` is the code of who sent the visitor, `partner` what the partner behind it offers.
    """
    count = signatures.count_of(session, facts.id)
    funds = funds_shown(session, facts)
    takes_signatures = facts.petition_open and standing().takes_signatures
    return render_template(
        "pages/campaign.html",
        campaign=facts,
        form=form_for(facts, via=via, partner=partner) if takes_signatures else None,
        count=CountShown.of(count.total, facts.goal, count.paper),
        names=signatures.latest_names(session, facts.id, Audience.EVERYONE, NAMES_SHOWN),
        withheld=count.withheld,
        comments=comments.latest_shown(session, facts.id, SHOWN_ON_PAGE),
        via=via,
        news=NewsForm(formdata=None),
        fund=next(iter(funds), None),
        more_funds=funds[1:],
        messages=messages.latest_shown(session, facts.id, MESSAGES_SHOWN) if funds else [],
        answer=endings.answer_of(session, facts.id),
        timeline=timelines.shown(session, facts.id),
        deleted_on=deliveries.anonymised_on(session, facts) if facts.has_petition else None,
    )
