"""The own doors of who gave or paid dues: the overview, as page, PDF and table; each receipt as a PDF."""

from dataclasses import dataclass
from itertools import chain

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import gettext

from campaigns.kernel.csvsafe import table
from campaigns.kernel.errors import NotFound
from campaigns.ledger.rules import Meaning
from campaigns.receipts import rules
from campaigns.receipts.flows import NotKept, Receipts
from campaigns.receipts.queries import ReceiptFacts
from campaigns.receipts.rules import Issuer
from campaigns.supporters import operations
from campaigns.supporters.operations import LinkTooOld
from campaigns.supporters.overviews import Moved, Overview, overview, read_days
from campaigns.supporters.queries import Supporter
from campaigns.web.context import now, services
from campaigns.web.headers import private
from campaigns.web.languages import reader_locale

blueprint = Blueprint("own_gifts", __name__, url_prefix="/my/<token>")
EXTENSION = "undersigned.own gifts"


class NoSuchReceipt(NotFound):
    """There is no such receipt under your address."""


@dataclass(frozen=True, slots=True)
class OwnGifts:
    """What these doors are handed: the printing of receipts, and who issues them."""

    receipts: Receipts
    issuer: Issuer


@blueprint.get("/gifts")
def page(token: str) -> Response:
    """Show what was given and paid from one day to another, with what went back; else the newest year."""
    _, shown = _overview(token)
    typed = (request.args.get("from", "")[:10], request.args.get("to", "")[:10])
    is_unread = any(typed) and read_days(*typed) is None
    values = {"overview": shown, "token": token, "typed": typed, "is_unread": is_unread, "word": _word}
    return private(render_template("supporters/gifts.html", **values, zone=_own().issuer.zone))


@blueprint.get("/gifts.csv")
def csv(token: str) -> Response:
    """Hand out the same as a table."""
    _, shown = _overview(token)
    head = [gettext("Day"), gettext("What"), gettext("Fund"), gettext("Amount"), gettext("Currency"), gettext("Number"),
            gettext("Receipt")]  # fmt: skip
    rows = (
        [line.day.isoformat(), _word(line), line.fund, str(line.amount.decimal()), line.amount.currency,
         line.public_id, line.receipt]
        for line in shown.lines
    )  # fmt: skip
    return _file(table(head, rows).encode(), "text/csv; charset=utf-8", f"{_name(shown)}.csv")


def _word(line: Moved) -> str:
    """Return what happened, in the words of page, table and print. What went back may come home again."""
    went = line.amount.minor < 0
    words = {
        Meaning.GIVEN: gettext("dues") if line.is_dues else gettext("given"),
        Meaning.REFUNDED: gettext("given back") if went else gettext("not given back after all"),
        Meaning.DISPUTED: gettext("taken back by the bank") if went else gettext("returned by the bank"),
    }
    return str(words.get(line.meaning, line.meaning.value))


@blueprint.get("/gifts.pdf")
def printed(token: str) -> Response:
    """Hand out the same to print."""
    (supporter, shown), own = _overview(token), _own()
    currency = shown.totals[0].given.currency if shown.totals else ""
    values = {
        "overview": shown, "issuer": own.issuer, "email": supporter.email, "made_at": now(),
        "word": _word, "paper": rules.paper_of(currency),
    }  # fmt: skip
    language = str(reader_locale()).replace("_", "-")
    data = own.receipts.page_pdf("receipts/print/overview.html", language, own.issuer.zone, values)
    return _file(data, "application/pdf", f"{_name(shown)}.pdf")


@blueprint.get("/receipts/<number>.pdf")
def receipt(token: str, number: str) -> Response:
    """Hand out one receipt as it stands now: a void one says so."""
    found = _receipt(token, number)
    try:
        data = _own().receipts.pdf(found)
    except NotKept:
        raise NoSuchReceipt from None
    return _file(data, "application/pdf", f"receipt-{found.shown}.pdf")


def _receipt(token: str, number: str) -> ReceiptFacts:
    """Return a receipt of the supporter's own. Raises LinkTooOld, NoSuchReceipt."""
    with services().reading() as session:
        supporter = operations.opened(session, token, now())
    for found in chain(*supporter.receipts.values()):
        if found.shown == number:
            return found
    raise NoSuchReceipt


def _overview(token: str) -> tuple[Supporter, Overview]:
    """Read whose link it is and what they ask for. Nothing is locked while it is printed. Raises LinkTooOld."""
    own, wanted = _own(), read_days(request.args.get("from", ""), request.args.get("to", ""))
    with services().reading() as session:
        supporter = operations.opened(session, token, now())
        return supporter, overview(session, supporter.email_hash, own.issuer, wanted, own.issuer.day_of(now()))


def _name(shown: Overview) -> str:
    return f"gifts-{shown.days.first}-{shown.days.last}"


def _own() -> OwnGifts:
    own: OwnGifts = current_app.extensions[EXTENSION]
    return own


@blueprint.errorhandler(LinkTooOld)
def _too_old(_refusal: LinkTooOld) -> Response:
    response = private(render_template("supporters/too_old.html"))
    response.status_code = LinkTooOld.status
    return response


def _file(data: bytes, kind: str, name: str) -> Response:
    response = private(data)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
