"""The questions of a campaign as fields of its sign form."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext
from wtforms import BooleanField, Field, StringField, TelField
from wtforms.validators import ValidationError

from campaigns.campaign.questions import LONGEST_ANSWER, TICKED, Kind, Question
from campaigns.rendering.typed import is_showable, one_line

PREFIX = "answer_"
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]*(?:(?:x|ext\.?) ?[0-9]+)?")
_FEWEST_DIGITS = 6
_WORDS = {
    Kind.WORKPLACE: lazy_gettext("Where do you work?"),
    Kind.JOB: lazy_gettext("What is your job?"),
    Kind.UNION: lazy_gettext("Which union are you in?"),
    Kind.PHONE: lazy_gettext("Phone"),
}


@lru_cache(maxsize=256)
def with_questions(form: Any, asked: tuple[Question, ...]) -> Any:
    """Return `form` with a field for each question, or `form` itself where none is asked. Made once for each set."""
    if not asked:
        return form
    fields = {f"{PREFIX}{question.key}": _field(question) for question in asked}
    return type(form)(form.__name__, (form,), {"asked": asked, **fields})


def words_of(question: Question) -> str | LazyString:
    """Return what is asked: the campaign's words, or those of the kind."""
    return question.label or _WORDS.get(question.kind, "")


def _field(question: Question) -> Any:
    label, check = words_of(question), [_check(question)]
    match question.kind:
        case Kind.TICK:
            return BooleanField(label, check)
        case Kind.PHONE:
            return TelField(label, check, filters=[one_line])
        case _:
            return StringField(label, check, filters=[one_line])


def given(asked: tuple[Question, ...], fields: Mapping[str, Any]) -> dict[str, str]:
    """Return what was answered, by the question's key; what was left empty is left out."""
    answers = {question.key: fields[f"{PREFIX}{question.key}"].data for question in asked}
    return {key: TICKED if answer is True else answer for key, answer in answers.items() if answer}


def _check(question: Question) -> Callable[[Any, Field], None]:
    def check(_form: Any, field: Field) -> None:
        if field.data and question.kind is not Kind.TICK:
            _check_text(question, field.data)
        if not field.data and question.is_required:
            raise ValidationError(_what_to_do(question.kind))

    return check


def _check_text(question: Question, text: str) -> None:
    if len(text) > LONGEST_ANSWER:
        raise ValidationError(gettext("Shorten this to %(count)d characters.", count=LONGEST_ANSWER))
    if not is_showable(text):
        raise ValidationError(gettext("Type this again: it holds characters that cannot be shown."))
    if question.kind is Kind.CHOICE and text not in question.choices:
        raise ValidationError(_what_to_do(question.kind))
    if question.kind is Kind.PHONE and not _is_phone(text):
        raise ValidationError(gettext("Enter a phone number in figures, like +1 859 555 0100."))


def _is_phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(text)) and sum(letter.isdigit() for letter in text) >= _FEWEST_DIGITS


def _what_to_do(kind: Kind) -> str:
    match kind:
        case Kind.TICK:
            return str(gettext("Tick this to sign."))
        case Kind.CHOICE:
            return str(gettext("Choose one of the answers."))
        case _:
            return str(gettext("Answer this to sign."))
