"""The desk's form that asks for a list."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField
from wtforms.validators import Optional

from campaigns.web.choices import SelectChoice


class AnnounceForm(FlaskForm):
    """How long signatories have to hide their names before the list is made."""

    hours = RadioField(
        lazy_gettext("Time to hide one’s name"),
        choices=[
            SelectChoice("48", lazy_gettext("Two days")),
            SelectChoice("24", lazy_gettext("One day")),
            SelectChoice("72", lazy_gettext("Three days")),
            SelectChoice("0", lazy_gettext("None: the list may be made when the mails are on their way")),
        ],
        default="48",
    )


class DeliveryForm(FlaskForm):
    """Paper size, and the day an answer is expected."""

    paper = RadioField(
        lazy_gettext("Paper"),
        choices=[
            SelectChoice("letter", lazy_gettext("Letter (United States, Canada)")),
            SelectChoice("a4", lazy_gettext("A4 (elsewhere)")),
        ],
        default="letter",
    )
    answer_expected = DateField(lazy_gettext("We expect an answer by"), [Optional()])
