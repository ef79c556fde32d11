"""A partner's own numbers: reached by a link that the organizer made, and by nothing else."""

from flask import Blueprint, Response, render_template

from campaigns.campaign import queries as campaigns
from campaigns.coalition import queries, rules
from campaigns.kernel.errors import NotFound
from campaigns.partners import queries as partners
from campaigns.partners.queries import PartnerFacts
from campaigns.web.context import now, session
from campaigns.web.headers import private

blueprint = Blueprint("coalition", __name__)


class LinkShut(NotFound):
    """This link no longer opens anything. Ask whoever gave it to you for a new one."""


@blueprint.get("/partners/<token>")
def numbers(token: str) -> Response:
    """Show what came by one partner's code: rounded numbers of whole days, no name, nothing of anybody else."""
    partner = partners.by_link(session(), token, now())
    if partner is None:
        raise LinkShut
    return private(_page(partner))


def _page(partner: PartnerFacts) -> str:
    until = rules.last_midnight(now())
    return render_template(
        "coalition/numbers.html",
        partner=partner,
        campaign=campaigns.find(session(), partner.campaign_id, now()),
        tally=queries.tally_until(session(), partner.campaign_id, partner.code, until),
        days=queries.by_day(session(), partner.campaign_id, partner.code, rules.days_before(until)),
        shown=rules.shown,
        fewest=rules.FEWEST_SHOWN,
        step=rules.STEP,
        until=until,
    )
