"""The desk's doors to members and tiers."""

from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from campaigns.accounts.guard import actor, for_roles
from campaigns.accounts.rules import ORGANIZER, TREASURER
from campaigns.campaign import queries as campaigns
from campaigns.kernel.errors import InvalidValue
from campaigns.membership import exports, operations, queries
from campaigns.membership.forms import TierForm
from campaigns.membership.operations import MembersPayInAnother, NoSuchTier
from campaigns.membership.queries import Tier
from campaigns.membership.rules import SHOWN
from campaigns.web.context import now, services, session

blueprint = Blueprint("membership_desk", __name__, url_prefix="/desk/members")
PAGE = 100
LAST_PAGE = 1_000_000  # more than any database would be asked to skip
Page = str | Response | tuple[str, int]


@blueprint.get("")
@for_roles(ORGANIZER, TREASURER)
def index() -> str:
    """List the members, the newest first, all or those in one state."""
    wanted = request.args.get("state", "")
    state = wanted if wanted in SHOWN else ""
    number = min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)
    rows = queries.members(session(), state, offset=(number - 1) * PAGE, limit=PAGE + 1)
    return render_template(
        "desk/members.html",
        rows=rows[:PAGE],
        state=state,
        tallies=queries.tallies(session()),
        page=number,
        has_next=len(rows) > PAGE,
        tiers=queries.tiers(session()),
    )


@blueprint.post("/file")
@for_roles(ORGANIZER, TREASURER, fresh=True)
def take_out() -> Response:
    """Hand out the members' list as a file; that it was taken out is written down."""
    found = queries.members(session())
    operations.note_taken_out(session(), len(found), actor=actor(), now=now())
    response = make_response(exports.members_file(found))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="members-{now():%Y-%m-%d}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/tiers")
@for_roles(TREASURER)
def tiers() -> str:
    """List the tiers, with a form for a new one."""
    return _tiers(_form())


@blueprint.post("/tiers")
@for_roles(TREASURER)
def add_tier() -> Page:
    """Add a tier."""
    return _set(None)


@blueprint.get("/tiers/<uuid:tier_id>")
@for_roles(TREASURER)
def tier(tier_id: UUID) -> str:
    """Show one tier to be changed."""
    found = _found(tier_id)
    return _tiers(_form(found), found)


@blueprint.post("/tiers/<uuid:tier_id>")
@for_roles(TREASURER)
def change_tier(tier_id: UUID) -> Page:
    """Change a tier for those who join from now on."""
    return _set(_found(tier_id))


def _set(changed: Tier | None) -> Page:
    form = _form()
    if not form.validate_on_submit():
        return _tiers(form, changed), 422
    recipient = services().settings.legal_name or services().settings.site_name
    try:
        tier_id = changed.id if changed else None
        operations.set_tier(session(), tier_id, form.fields(), recipient=recipient, actor=actor(), now=now())
    except MembersPayInAnother as refused:
        form.refuse_currency(gettext(str(refused)))
        return _tiers(form, changed), 422
    except InvalidValue as refused:
        form.refuse_amount(gettext(str(refused)))
        return _tiers(form, changed), 422
    flash(gettext("Saved. Who is a member already keeps what they agreed to."))
    return redirect(url_for("membership_desk.tiers"), 303)


def _found(tier_id: UUID) -> Tier:
    found = queries.find_tier(session(), tier_id)
    if found is None:
        raise NoSuchTier
    return found


def _form(shown: Tier | None = None) -> TierForm:
    funds = [(str(fund.id), f"{fund.name}, {fund.currency}") for fund in campaigns.every_fund(session())]
    if shown is None:
        return TierForm(funds=funds)
    data = {
        "name": shown.name, "words": shown.words, "amount": f"{shown.amount.decimal():f}",
        "fund": str(shown.fund_id), "currency": shown.amount.currency, "is_open": shown.is_open,
    }  # fmt: skip
    return TierForm(formdata=None, funds=funds, data=data)


def _tiers(form: TierForm, changed: Tier | None = None) -> str:
    return render_template("desk/tiers.html", form=form, changed=changed, tiers=queries.tiers(session()))
