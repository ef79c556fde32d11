"""The desk's doors for imported tables: take one in, say what its columns mean, start, cancel and undo it."""

from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from campaigns.accounts.guard import actor, for_roles
from campaigns.accounts.rules import ORGANIZER
from campaigns.campaign.answers import campaign_at
from campaigns.campaign.queries import CampaignFacts
from campaigns.paper import importing, queries, tables
from campaigns.paper.desk import Page, index_page
from campaigns.paper.forms import COLUMNS, PROBLEMS, PrintForm, TableForm, columns_of
from campaigns.paper.importing import NoNames, NoSuchImport
from campaigns.paper.operations import NotPublished
from campaigns.paper.queries import ImportFacts
from campaigns.paper.rules import TABLE_WAITS, Phase, Step
from campaigns.paper.tables import NoTable, TooLong
from campaigns.web.bodies import takes_up_to
from campaigns.web.context import now, session

blueprint = Blueprint("paper_imports", __name__, url_prefix="/desk/campaigns/<slug>/paper/imports")
MOST_BODY_BYTES = tables.MOST_BYTES + 64 * 1024
HEAD = 6
ROWS_SHOWN = 50
REPORT_SHOWN = 200
LAST_PAGE = 1_000_000  # more than any database would be asked to skip


@blueprint.post("/")
@takes_up_to(MOST_BODY_BYTES)
@for_roles(ORGANIZER)
def take_in(slug: str) -> Page:
    """Take a table in; nothing is entered yet."""
    campaign = campaign_at(slug)
    form = TableForm()
    if not form.validate():
        return index_page(campaign, PrintForm(formdata=None), form), HTTPStatus.UNPROCESSABLE_ENTITY
    upload = request.files.get("table")
    try:
        rows = tables.read(upload.read() if upload else b"")
        import_id = importing.take_in(session(), campaign, rows, actor=actor(), now=now())
    except (NoTable, TooLong, NotPublished) as refused:
        form.table.errors = [gettext(str(refused))]
        return index_page(campaign, PrintForm(formdata=None), form), refused.status
    return redirect(url_for("paper_imports.show", slug=slug, import_id=import_id), HTTPStatus.SEE_OTHER)


@blueprint.get("/<uuid:import_id>")
@for_roles(ORGANIZER)
def show(slug: str, import_id: UUID) -> Page:
    """Show how far an import has come."""
    campaign = campaign_at(slug)
    return _page(campaign, _import(campaign, import_id))


@blueprint.post("/<uuid:import_id>/columns")
@for_roles(ORGANIZER)
def set_columns(slug: str, import_id: UUID) -> Page:
    """Say what the columns mean, and see who would be entered."""
    campaign = campaign_at(slug)
    columns, has_header = columns_of(request.form), "header" in request.form
    try:
        importing.set_columns(session(), campaign, import_id, columns, has_header=has_header, actor=actor(), now=now())
    except NoNames as refused:
        chosen = replace(_import(campaign, import_id), columns=columns, has_header=has_header)
        return _page(campaign, chosen, gettext(str(refused))), refused.status
    return redirect(url_for("paper_imports.show", slug=slug, import_id=import_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/<uuid:import_id>/<step>")
@for_roles(ORGANIZER)
def take_step(slug: str, import_id: UUID, step: str) -> Page:
    """Start, cancel or undo an import."""
    importing.take_step(session(), campaign_at(slug).id, import_id, _step(step), actor=actor(), now=now())
    return redirect(url_for("paper_imports.show", slug=slug, import_id=import_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/<uuid:import_id>/rows/<int:row>/erase")
@for_roles(ORGANIZER)
def erase_row(slug: str, import_id: UUID, row: int) -> Page:
    """Erase the person in a row."""
    importing.erase_row(session(), campaign_at(slug).id, import_id, row, actor=actor(), now=now())
    flash(gettext("The person is erased."))
    return redirect(url_for("paper_imports.show", slug=slug, import_id=import_id), HTTPStatus.SEE_OTHER)


def _page(campaign: CampaignFacts, table: ImportFacts, sentence: str = "") -> str:
    number = min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)
    first = (number - 1) * REPORT_SHOWN
    rows = queries.rows_of(session(), table.id, offset=(number - 1) * ROWS_SHOWN, limit=ROWS_SHOWN + 1)
    return render_template(
        "desk/paper_import.html",
        campaign=campaign,
        table=table,
        sentence=sentence,
        columns=COLUMNS,
        problems=PROBLEMS,
        report=table.report[first : first + REPORT_SHOWN],
        report_from=first,
        rows=rows[:ROWS_SHOWN],
        page=number,
        has_next=len(rows) > ROWS_SHOWN or len(table.report) > first + REPORT_SHOWN,
        waits=TABLE_WAITS.days,
        at_work=table.phase in (Phase.RUNNING, Phase.UNDOING),
    )


def _import(campaign: CampaignFacts, import_id: UUID) -> ImportFacts:
    found = queries.find_import(session(), campaign.id, import_id, HEAD)
    if found is None:
        raise NoSuchImport
    return found


def _step(text: str) -> Step:
    try:
        return Step(text)
    except ValueError as error:
        raise NoSuchImport from error
