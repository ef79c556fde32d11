"""A supporter's own page: reached by a mailed link, the same doors for everybody else stay shut."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from campaigns.signatures.answers import words_of
from campaigns.signatures.overviews import OwnSignature
from campaigns.signatures.rules import Visibility
from campaigns.supporters import erasing, exports, operations, queries
from campaigns.supporters.forms import AskForm, ChangeForm
from campaigns.supporters.operations import ChangedFields, LinkTooOld
from campaigns.supporters.queries import Supporter
from campaigns.web.caching import kept_page
from campaigns.web.context import now, session
from campaigns.web.headers import private

blueprint = Blueprint("supporters", __name__)


@blueprint.get("/my")
@kept_page
def ask_page() -> Response:
    """Ask for the address."""
    return make_response(render_template("supporters/ask.html", form=AskForm(formdata=None)))


@blueprint.post("/my", endpoint="ask")
def ask() -> Response:
    """Say to check the mail: the same answer for every address."""
    form = AskForm(request.form)
    if not form.validate():
        return make_response(render_template("supporters/ask.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY)
    operations.ask(session(), form.email.data or "", now=now())
    return private(render_template("supporters/asked.html", email=form.email.data))


@blueprint.post("/confirm/<token>/my", endpoint="ask_by_confirmation")
def ask_by_confirmation(token: str) -> Response:
    """Mail the link to whoever got the confirmation link. A confirmation link alone opens no page of its own."""
    operations.ask_by_confirmation(session(), token, now=now())
    return private(render_template("supporters/asked.html", email=""))


@blueprint.get("/my/<token>")
def page(token: str) -> Response:
    """Show all that stands under the address. Opening it changes nothing."""
    supporter = queries.behind_link(session(), token, now())
    return _page(supporter, token) if supporter else _too_old()


@blueprint.post("/my/<token>/signatures/<uuid:signature_id>", endpoint="change")
def change(token: str, signature_id: UUID) -> Response:
    """Correct the name, change the visibility or the comment."""
    form = ChangeForm(request.form)
    if not form.validate():
        supporter = operations.opened(session(), token, now())
        return _page(supporter, token, {signature_id: form}, HTTPStatus.UNPROCESSABLE_ENTITY)
    entered = form.data
    fields = ChangedFields(
        name=entered["name"], visibility=Visibility(entered["visibility"]), comment=entered["comment"]
    )
    operations.change(session(), token, signature_id, fields, now=now())
    return _back(token, "changed")


@blueprint.post("/my/<token>/signatures/<uuid:signature_id>/withdraw", endpoint="withdraw")
def withdraw(token: str, signature_id: UUID) -> Response:
    """Take a signature back."""
    operations.withdraw(session(), token, signature_id, now=now())
    return _back(token, "withdrawn")


@blueprint.post("/my/<token>/stop-mails", endpoint="stop_mails")
def stop_mails(token: str) -> Response:
    """Send no more news to this address."""
    operations.stop_mails(session(), token, now=now())
    return _back(token, "stopped")


@blueprint.post("/my/<token>/news/<uuid:campaign_id>/stop", endpoint="stop_news")
def stop_news(token: str, campaign_id: UUID) -> Response:
    """Send no more news of one campaign to this address."""
    operations.stop_news(session(), token, campaign_id, now=now())
    return _back(token, "stopped-one")


@blueprint.post("/my/<token>/signatures/<uuid:signature_id>/stop-partner", endpoint="stop_partner")
def stop_partner(token: str, signature_id: UUID) -> Response:
    """Take back that a partner may have name and address."""
    operations.stop_partner(session(), token, signature_id, now=now())
    return _back(token, "partner-stopped")


@blueprint.post("/my/<token>/monthly/<uuid:subscription_id>", endpoint="open_monthly")
def open_monthly(token: str, subscription_id: UUID) -> Response:
    """Lead the owner to the page on which a monthly payment is changed."""
    secret = operations.open_monthly(session(), token, subscription_id, now=now())
    return make_response(redirect(url_for("recurring.manage_page", token=secret), HTTPStatus.SEE_OTHER))


@blueprint.post("/my/<token>/erase", endpoint="erase")
def erase(token: str) -> Response:
    """Erase all that the law does not keep. Pressed twice, the link is gone and the page says so."""
    done = erasing.erase(session(), token, now=now())
    return private(render_template("supporters/erased.html", keeps_gifts=done.keeps_gifts, was_listed=done.was_listed))


@blueprint.get("/my/<token>/data.json")
def data(token: str) -> Response:
    """Hand out all that is kept, as a file."""
    supporter = operations.opened(session(), token, now())
    response = private(exports.as_json(supporter, now()))
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


def _page(
    supporter: Supporter, token: str, refused: dict[UUID, ChangeForm] | None = None, status: int = HTTPStatus.OK
) -> Response:
    """`refused` holds the form that is shown again with what was typed; the others show what stands."""
    forms = _told_apart({each.signature.id: _form(each.signature) for each in supporter.signed} | (refused or {}))
    done = request.args.get("done", "")
    return private(
        render_template(
            "supporters/page.html", supporter=supporter, token=token, forms_of=forms, done=done, words_of=words_of
        ),
        status,
    )


def _form(own: OwnSignature) -> ChangeForm:
    return ChangeForm(formdata=None, data={"name": own.name, "visibility": own.visibility, "comment": own.comment})


def _told_apart(forms: dict[UUID, ChangeForm]) -> dict[UUID, ChangeForm]:
    """Several forms stand on one page, and an id may stand there once."""
    for number, form in enumerate(forms.values(), 1):
        for field in form:
            field.id = f"{field.name}-{number}"
    return forms


def _back(token: str, done: str) -> Response:
    return make_response(redirect(url_for("supporters.page", token=token, done=done), HTTPStatus.SEE_OTHER))


def _too_old() -> Response:
    return private(render_template("supporters/too_old.html"), LinkTooOld.status)


@blueprint.errorhandler(LinkTooOld)
def _refused(_refusal: LinkTooOld) -> Response:
    return _too_old()
