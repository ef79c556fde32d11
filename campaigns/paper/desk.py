"""The desk's doors for paper: print sheets, type one in beside its photo, undo it, erase a person on it."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from campaigns.accounts.guard import actor, for_roles
from campaigns.accounts.rules import ORGANIZER
from campaigns.campaign.answers import campaign_at
from campaigns.campaign.queries import CampaignFacts
from campaigns.paper import operations, queries
from campaigns.paper.checks import Refused, check_all
from campaigns.paper.forms import PrintForm, TableForm, errors_of, typed_rows
from campaigns.paper.operations import AlreadyEntered, NoSuchPrint, NoSuchSheet, NotPublished, NotReadable
from campaigns.paper.queries import PrintFacts, SheetFacts
from campaigns.paper.rules import PHOTO_KEPT, ROWS, Typed
from campaigns.signatures import queries as signatures
from campaigns.web.bodies import takes_up_to
from campaigns.web.context import now, services, session

blueprint = Blueprint("paper_desk", __name__, url_prefix="/desk/campaigns/<slug>/paper")
MOST_PHOTO_BYTES = 12 * 1024 * 1024
SHOWN = 20
Page = str | tuple[str, int] | AnyResponse


@blueprint.get("/")
@for_roles(ORGANIZER)
def index(slug: str) -> Page:
    """Offer to print sheets, to type one in, to import a table; show what was done. `?number=` leads to a sheet."""
    campaign = campaign_at(slug)
    typed = request.args.get("number", "").strip()
    if typed.isascii() and typed.isdecimal() and queries.find_sheet(session(), campaign.id, _number(typed)):
        return redirect(url_for("paper_desk.sheet", slug=slug, number=_number(typed)), HTTPStatus.SEE_OTHER)
    return index_page(campaign, PrintForm(formdata=None), TableForm(formdata=None), unknown=typed[:20])


def _number(digits: str) -> int:
    return int(digits[-9:])  # more digits no sheet has, and no column holds


@blueprint.post("/")
@for_roles(ORGANIZER)
def print_sheets(slug: str) -> Page:
    """Ask for blank sheets; a worker prints them."""
    campaign = campaign_at(slug)
    form = PrintForm(request.form)
    if not form.validate():
        return index_page(campaign, form, TableForm(formdata=None)), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        print_id = operations.ask_print(
            session(), campaign, paper=form.paper.data, sheets=form.sheets.data or 1, actor=actor(), now=now()
        )
    except NotPublished as refused:
        form.form_errors.append(gettext(str(refused)))
        return index_page(campaign, form, TableForm(formdata=None)), refused.status
    return redirect(url_for("paper_desk.show_print", slug=slug, print_id=print_id), HTTPStatus.SEE_OTHER)


@blueprint.get("/prints/<uuid:print_id>")
@for_roles(ORGANIZER)
def show_print(slug: str, print_id: UUID) -> Page:
    """Show how far the printing has come."""
    campaign = campaign_at(slug)
    return render_template("desk/paper_print.html", campaign=campaign, pile=_print(campaign, print_id), rows=ROWS)


@blueprint.get("/prints/<uuid:print_id>.pdf")
@for_roles(ORGANIZER)
def download(slug: str, print_id: UUID) -> Response:
    """Stream the sheets."""
    pile = _print(campaign_at(slug), print_id)
    if pile.file_key is None:
        raise NoSuchPrint
    files = services().files
    response = Response(files.stream(pile.file_key), mimetype="application/pdf")
    response.headers["Content-Length"] = str(files.size(pile.file_key))
    name = f"{slug}-sheets-{pile.first_number}-{pile.last_number}.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/sheets/<int:number>")
@for_roles(ORGANIZER)
def sheet(slug: str, number: int) -> Page:
    """Show a sheet: its form while it is blank, its rows once it is entered."""
    campaign = campaign_at(slug)
    found = _sheet(campaign, number)
    if found.entered_at is None:
        return _form_page(campaign, found, [Typed(row) for row in range(1, ROWS + 1)])
    rows = queries.rows_of(session(), found.id, limit=ROWS)
    return render_template("desk/paper_sheet.html", campaign=campaign, sheet=found, rows=rows, kept=PHOTO_KEPT.days)


@blueprint.post("/sheets/<int:number>")
@takes_up_to(MOST_PHOTO_BYTES)
@for_roles(ORGANIZER)
def work_on_sheet(slug: str, number: int) -> Page:
    """Keep the photo, look at what is typed, or enter it, as the button says; what is typed stays in any case.

    Enter in a field presses the first button, which only looks.
    """
    campaign = campaign_at(slug)
    found = _sheet(campaign, number)
    if found.entered_at is not None:
        raise AlreadyEntered
    rows = typed_rows(request.form, campaign.country)
    act = request.form.get("act", "look")
    if act == "photo":
        return _with_photo(campaign, number, rows)
    checked = list(check_all(row for row in rows if not row.is_empty))
    wrong = [row for row in checked if isinstance(row, Refused) and not row.problem.is_duplicate]
    twice = [row for row in checked if isinstance(row, Refused) and row.problem.is_duplicate]
    if act != "enter" or wrong:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if act == "enter" else HTTPStatus.OK
        return _form_page(campaign, found, rows, wrong, twice), status
    if not checked:
        sentence = gettext("Nothing is typed in yet. A sheet that nobody signed need not be entered.")
        return _form_page(campaign, found, rows, sentence=sentence), HTTPStatus.UNPROCESSABLE_ENTITY
    operations.enter_sheet(session(), campaign.id, number, checked, actor=actor(), now=now())
    return redirect(url_for("paper_desk.sheet", slug=slug, number=number), HTTPStatus.SEE_OTHER)


def _with_photo(campaign: CampaignFacts, number: int, rows: list[Typed]) -> Page:
    upload = request.files.get("photo")
    try:
        data = upload.read() if upload else b""
        operations.keep_photo(session(), campaign.id, number, data, actor=actor(), now=now())
    except NotReadable as refused:
        return _form_page(campaign, _sheet(campaign, number), rows, sentence=gettext(str(refused))), refused.status
    return _form_page(campaign, _sheet(campaign, number), rows), HTTPStatus.OK


def _form_page(
    campaign: CampaignFacts,
    found: SheetFacts,
    rows: list[Typed],
    wrong: list[Refused] | None = None,
    twice: list[Refused] | None = None,
    sentence: str = "",
) -> str:
    return render_template(
        "desk/paper_enter.html",
        campaign=campaign,
        sheet=found,
        rows=rows,
        errors=errors_of(wrong or []),
        twice=errors_of(twice or []),
        sentence=sentence,
        kept=PHOTO_KEPT.days,
    )


@blueprint.get("/sheets/<int:number>/photo.jpg")
@for_roles(ORGANIZER)
def photo(slug: str, number: int) -> Response:
    """Show a sheet's photo, to be kept by nobody."""
    picture = queries.photo(session(), campaign_at(slug).id, number)
    if picture is None:
        raise NoSuchSheet
    response = Response(picture, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/sheets/<int:number>/undo")
@for_roles(ORGANIZER)
def undo_sheet(slug: str, number: int) -> Page:
    """Take back what was entered from a sheet."""
    done = operations.undo_sheet(session(), campaign_at(slug).id, number, actor=actor(), now=now())
    flash(ngettext("%(num)d signature is taken back.", "%(num)d signatures are taken back.", done))
    return redirect(url_for("paper_desk.sheet", slug=slug, number=number), HTTPStatus.SEE_OTHER)


@blueprint.post("/sheets/<int:number>/rows/<int:row>/erase")
@for_roles(ORGANIZER)
def erase_row(slug: str, number: int, row: int) -> Page:
    """Erase the person in a row."""
    operations.erase_row(session(), campaign_at(slug).id, number, row, actor=actor(), now=now())
    flash(gettext("The person is erased, and the photo of the sheet too."))
    return redirect(url_for("paper_desk.sheet", slug=slug, number=number), HTTPStatus.SEE_OTHER)


def index_page(
    campaign: CampaignFacts, print_form: PrintForm, table_form: TableForm, unknown: str = "", sentence: str = ""
) -> str:
    """Return the first page of a campaign's paper, with forms as they were typed."""
    return render_template(
        "desk/paper.html",
        campaign=campaign,
        print_form=print_form,
        table_form=table_form,
        unknown=unknown,
        sentence=sentence,
        piles=queries.piles(session(), campaign.id),
        prints=queries.prints(session(), campaign.id, SHOWN),
        sheets=queries.sheets_entered(session(), campaign.id, SHOWN),
        imports=queries.imports(session(), campaign.id, SHOWN),
        count=signatures.count_of(session(), campaign.id),
    )


def _print(campaign: CampaignFacts, print_id: UUID) -> PrintFacts:
    pile = queries.find_print(session(), print_id)
    if pile is None or pile.campaign_id != campaign.id:
        raise NoSuchPrint
    return pile


def _sheet(campaign: CampaignFacts, number: int) -> SheetFacts:
    found = queries.find_sheet(session(), campaign.id, number) if number < 10**9 else None
    if found is None:
        raise NoSuchSheet
    return found
