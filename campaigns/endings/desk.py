"""The desk's doors for how a petition ends: close, reopen, answer, win, the timeline, how long names are kept."""

from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from campaigns.accounts.guard import actor, for_roles
from campaigns.accounts.rules import ORGANIZER
from campaigns.campaign.answers import petition_at
from campaigns.campaign.queries import CampaignFacts
from campaigns.deliveries import queries as deliveries
from campaigns.endings import operations, queries
from campaigns.endings.forms import AnswerForm, EntryForm, HandedOverForm, KeepForm, ReopenForm, WinForm
from campaigns.endings.operations import (
    AnswerChanged,
    AnswerFields,
    NamesDeleted,
    NoSuchList,
    NotPublished,
    PassedAlready,
    PromisedShorter,
)
from campaigns.endings.rules import Answer
from campaigns.kernel.errors import Refusal
from campaigns.timeline import operations as timeline
from campaigns.timeline import queries as timelines
from campaigns.timeline.rules import read_day
from campaigns.web.context import now, session

blueprint = Blueprint("ending_desk", __name__, url_prefix="/desk/campaigns/<slug>/ending")
Page = str | tuple[str, int] | Response


@blueprint.get("")
@for_roles(ORGANIZER)
def index(slug: str) -> Page:
    """Show where a petition stands on its way to an end, and all that can be done."""
    return _page(petition_at(slug))


@blueprint.post("/close")
@for_roles(ORGANIZER)
def close(slug: str) -> Page:
    """Close it now."""
    campaign = petition_at(slug)
    try:
        does = operations.close(session(), slug, actor=actor(), now=now())
    except NotPublished as refused:
        return _refused(campaign, refused)
    return _done(slug, gettext("It is closed.") if does is Answer.DONE else gettext("It is closed already."))


@blueprint.post("/reopen")
@for_roles(ORGANIZER)
def reopen(slug: str) -> Page:
    """Open it again, until a new deadline or without one."""
    campaign, form = petition_at(slug), ReopenForm(request.form)
    if not form.validate():
        return _wrong(campaign, reopen_form=form)
    try:
        does = operations.reopen(session(), slug, form.moment(campaign.zone), actor=actor(), now=now())
    except PassedAlready as refused:
        form.form_errors.append(gettext(str(refused)))
        return _wrong(campaign, reopen_form=form)
    except (NotPublished, NamesDeleted) as refused:
        return _refused(campaign, refused)
    return _done(slug, gettext("It is open again.") if does is Answer.DONE else gettext("It is open already."))


@blueprint.post("/answer")
@for_roles(ORGANIZER)
def answer(slug: str) -> Page:
    """Write down what the target answered, or correct it."""
    campaign = petition_at(slug)
    form = AnswerForm(request.form, today=_today(campaign))
    if not form.validate():
        return _wrong(campaign, answer_form=form)
    fields = AnswerFields(
        answered_on=form.answered_on.data or _today(campaign),
        answered_by=form.answered_by.data,
        text=form.answer_text.data or "",
        seen=form.seen_number,
    )
    try:
        does = operations.record_answer(session(), slug, fields, actor=actor(), now=now())
    except NotPublished as refused:
        return _refused(campaign, refused)
    except AnswerChanged as refused:
        form.form_errors.append(gettext(str(refused)))
        return _page(campaign, answer_form=form), refused.status
    corrected = does is Answer.CORRECTED
    return _done(slug, gettext("The answer is corrected.") if corrected else gettext("The answer stands on the page."))


@blueprint.post("/win")
@for_roles(ORGANIZER)
def win(slug: str) -> Page:
    """Say that it is won."""
    campaign = petition_at(slug)
    form = WinForm(request.form, today=_today(campaign))
    if not form.validate():
        return _wrong(campaign, win_form=form)
    day = form.won_on.data or _today(campaign)
    try:
        does = operations.win(session(), slug, day, form.won_words.data, actor=actor(), now=now())
    except NotPublished as refused:
        return _refused(campaign, refused)
    if does is Answer.STANDS:
        return _done(slug, gettext("The page says so already. Take it back to write anew."))
    return _done(slug, gettext("The page says that it is won."))


@blueprint.post("/not-won")
@for_roles(ORGANIZER)
def not_won(slug: str) -> Page:
    """Say that it is not won after all."""
    campaign = petition_at(slug)
    try:
        operations.take_back_win(session(), slug, actor=actor(), now=now())
    except NotPublished as refused:
        return _refused(campaign, refused)
    return _done(slug, gettext("The page no longer says that it is won."))


@blueprint.post("/entries")
@for_roles(ORGANIZER)
def write(slug: str) -> Page:
    """Write a sentence into the timeline."""
    campaign = petition_at(slug)
    form = EntryForm(request.form, today=_today(campaign))
    if not form.validate():
        return _wrong(campaign, entry_form=form)
    day = form.entry_day.data or _today(campaign)
    try:
        operations.write_entry(session(), slug, day, form.entry_words.data, actor=actor(), now=now())
    except NotPublished as refused:
        return _refused(campaign, refused)
    return _done(slug, gettext("It stands in the timeline."))


@blueprint.post("/handed-over")
@for_roles(ORGANIZER)
def handed_over(slug: str) -> Page:
    """Note to whom a list was handed, and when."""
    campaign = petition_at(slug)
    form = HandedOverForm(request.form, today=_today(campaign), lists=_lists(campaign))
    if not form.validate():
        return _wrong(campaign, handed_form=form)
    day, number, whom = form.handed_on.data or _today(campaign), form.list_number.data, form.handed_to.data
    try:
        operations.note_handing_over(session(), slug, number, day, whom, actor=actor(), now=now())
    except (NotPublished, NoSuchList) as refused:
        return _refused(campaign, refused)
    return _done(slug, gettext("It stands in the timeline."))


@blueprint.post("/entries/<uuid:entry_id>")
@for_roles(ORGANIZER)
def hide(slug: str, entry_id: UUID) -> Page:
    """Hide an entry from the public page, or show it again."""
    campaign, hidden = petition_at(slug), request.form.get("act") != "show"
    timeline.hide(session(), campaign.id, entry_id, hidden=hidden, actor=actor(), now=now())
    return _done(slug, gettext("It is hidden.") if hidden else gettext("It is shown again."), _before())


@blueprint.post("/keep")
@for_roles(ORGANIZER)
def keep(slug: str) -> Page:
    """Set how long what was typed is kept."""
    campaign, form = petition_at(slug), KeepForm(request.form)
    if not form.validate():
        return _wrong(campaign, keep_form=form)
    try:
        operations.keep_for(session(), slug, form.days.data or 0, actor=actor(), now=now())
    except PromisedShorter as refused:
        form.form_errors.append(gettext(str(refused)))
        return _wrong(campaign, keep_form=form)
    except NamesDeleted as refused:
        return _refused(campaign, refused)
    return _done(slug, gettext("The time is set."))


def _done(slug: str, sentence: str, before: date | None = None) -> Response:
    flash(sentence)
    return redirect(url_for("ending_desk.index", slug=slug, before=before), HTTPStatus.SEE_OTHER)


def _before() -> date | None:
    """The day before which the timeline is looked at."""
    return read_day(request.args.get("before", ""))


def _refused(campaign: CampaignFacts, refused: Refusal) -> tuple[str, int]:
    return _page(campaign, sentence=str(refused)), refused.status


def _wrong(campaign: CampaignFacts, **forms: Any) -> tuple[str, int]:
    return _page(campaign, **forms), HTTPStatus.UNPROCESSABLE_ENTITY


def _page(campaign: CampaignFacts, sentence: str = "", **forms: Any) -> str:
    """Return the page with each form as it was sent, or fresh."""
    answers = queries.answers(session(), campaign.id)
    values = _fresh_forms(campaign, answers[0] if answers else None) | forms
    return render_template(
        "desk/ending.html",
        campaign=campaign,
        answers=answers,
        timeline=timelines.every(session(), campaign.id, _before()),
        before=_before(),
        deleted_on=deliveries.anonymised_on(session(), campaign),
        sentence=sentence,
        **values,
    )


def _fresh_forms(campaign: CampaignFacts, answered: queries.AnswerFacts | None) -> dict[str, Any]:
    today, lists = _today(campaign), _lists(campaign)
    said = {
        "answered_by": answered.answered_by if answered else campaign.target_name,
        "answered_on": answered.answered_on if answered else today,
        "answer_text": answered.text if answered else "",
        "seen": str(answered.number if answered else 0),
    }
    return {
        "reopen_form": ReopenForm(formdata=None),
        "answer_form": AnswerForm(formdata=None, data=said, today=today),
        "win_form": WinForm(formdata=None, data={"won_on": today}, today=today),
        "entry_form": EntryForm(formdata=None, data={"entry_day": today}, today=today),
        "handed_form": HandedOverForm(formdata=None, data={"handed_on": today}, today=today, lists=lists),
        "keep_form": KeepForm(formdata=None, data={"days": campaign.anonymise_after_days}),
    }


def _lists(campaign: CampaignFacts) -> list[int]:
    return timelines.lists_made(session(), campaign.id)


def _today(campaign: CampaignFacts) -> date:
    return timeline.day_of(now(), campaign.zone)
