"""The desk's forms for how a petition ends. What has happened has a day that has come."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, DateTimeLocalField, Form, HiddenField, IntegerField, SelectField, StringField
from wtforms import TextAreaField as Area
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from campaigns.endings.rules import LONGEST_KEPT, SHORTEST_KEPT
from campaigns.rendering.typed import is_showable, one_line, paragraphs
from campaigns.web.choices import SelectChoice

YEARS = range(2000, 3000)
LONGEST_ANSWER = 20_000
LONGEST_SENTENCE = 300
LONGEST_NAME = 160


def _showable(_form: Form, field: StringField) -> None:
    """Refuse control characters; PostgreSQL takes no NUL at all."""
    if not is_showable(field.data or ""):
        raise ValidationError(gettext("Type this again: it holds characters that cannot be shown."))


def _sentence(label: LazyString, needed: LazyString, longest: int = LONGEST_SENTENCE) -> Any:
    return StringField(label, [DataRequired(needed), Length(max=longest), _showable], filters=[one_line])


A_DAY = lazy_gettext("Enter a day, such as 2027-01-31.")
A_TIME = lazy_gettext("Enter a number of days, from %(least)d to %(most)d.", least=SHORTEST_KEPT, most=LONGEST_KEPT)


class Day(DateField):
    """A day; what cannot be read as one is answered in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day. Raises ValueError."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(A_DAY)) from error


class Days(IntegerField):
    """A number of days; what is none is answered in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number. Raises ValueError."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(A_TIME)) from error


def _day(label: LazyString) -> Any:
    return Day(label, [InputRequired(A_DAY)])


class _Told(FlaskForm):
    """A form about something that has happened. `today` is the day it is in the campaign's zone."""

    def __init__(self, *args: Any, today: date, **named: Any) -> None:
        super().__init__(*args, **named)
        self.today = today

    def refuse_other_days(self, field: DateField) -> None:
        """Refuse a day that has not come, or that nobody can mean."""
        if field.data and not (field.data.year in YEARS and field.data <= self.today):
            raise ValidationError(gettext("Enter a day that has come."))


class AnswerForm(_Told):
    """What the target answered. `seen` says which answer the form stood under."""

    answered_by = _sentence(lazy_gettext("Who answered"), lazy_gettext("Say who answered."), LONGEST_NAME)
    answered_on = _day(lazy_gettext("When"))
    answer_text = Area(
        lazy_gettext("What they answered (Markdown)"),
        [DataRequired(lazy_gettext("Write what they answered.")), Length(max=LONGEST_ANSWER), _showable],
        filters=[paragraphs],
    )
    seen = HiddenField(filters=[one_line])

    def validate_answered_on(self, field: DateField) -> None:
        """See refuse_other_days."""
        self.refuse_other_days(field)

    @property
    def seen_number(self) -> int:
        """The number of the answer that was shown, 0 for none; what cannot be one matches none."""
        text = self.seen.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


class WinForm(_Told):
    """What is won."""

    won_on = _day(lazy_gettext("Since when"))
    won_words = _sentence(lazy_gettext("What is won, in one sentence"), lazy_gettext("Say what is won."))

    def validate_won_on(self, field: DateField) -> None:
        """See refuse_other_days."""
        self.refuse_other_days(field)


class EntryForm(_Told):
    """A sentence for the timeline."""

    entry_day = _day(lazy_gettext("Day"))
    entry_words = _sentence(lazy_gettext("What happened, in one sentence"), lazy_gettext("Write what happened."))

    def validate_entry_day(self, field: DateField) -> None:
        """See refuse_other_days."""
        self.refuse_other_days(field)


class HandedOverForm(_Told):
    """To whom a list was handed, and when."""

    list_number = SelectField(lazy_gettext("List"), coerce=int)
    handed_to = _sentence(lazy_gettext("Handed to"), lazy_gettext("Say to whom it was handed."), LONGEST_NAME)
    handed_on = _day(lazy_gettext("On"))

    def __init__(self, *args: Any, lists: list[int], **named: Any) -> None:
        super().__init__(*args, **named)
        self.list_number.choices = [
            SelectChoice(number, gettext("List no. %(number)s", number=number)) for number in lists
        ]

    def validate_handed_on(self, field: DateField) -> None:
        """See refuse_other_days."""
        self.refuse_other_days(field)


class ReopenForm(FlaskForm):
    """Until when people can sign again."""

    deadline = DateTimeLocalField(lazy_gettext("New deadline"), [Optional()])

    def validate_deadline(self, field: DateTimeLocalField) -> None:
        """Take a year that can be reckoned with."""
        if field.data and field.data.year not in YEARS:
            raise ValidationError(gettext("Enter a year between 2000 and 2999."))

    def moment(self, zone: str) -> datetime | None:
        """Return the deadline in UTC; it was typed in `zone` (IANA name)."""
        local = self.deadline.data
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if local else None


class KeepForm(FlaskForm):
    """How many days what was typed is kept."""

    days = Days(
        lazy_gettext("Days after the last list"),
        [InputRequired(A_TIME), NumberRange(SHORTEST_KEPT, LONGEST_KEPT, A_TIME)],
    )
