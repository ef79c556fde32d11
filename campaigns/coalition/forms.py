"""The desk's form for a partner."""

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from campaigns.partners.operations import PartnerFields
from campaigns.partners.rules import LONGEST_CODE, LONGEST_LINE, LONGEST_NAME, LONGEST_WORDS
from campaigns.rendering.typed import is_showable, one_line
from campaigns.signatures.rules import read_source


def _showable(_form: FlaskForm, field: StringField) -> None:
    if not is_showable(field.data or ""):
        raise ValidationError(gettext("Type this again: it holds characters that cannot be shown."))


class PartnerForm(FlaskForm):
    """A partner, but for its code."""

    name = StringField(
        lazy_gettext("Name"),
        [DataRequired(lazy_gettext("Enter the partner's name.")), Length(max=LONGEST_NAME), _showable],
        filters=[one_line],
    )
    line = StringField(lazy_gettext("Public line"), [Length(max=LONGEST_LINE), _showable], filters=[one_line])
    contact = EmailField(
        lazy_gettext("Contact"),
        [
            DataRequired(lazy_gettext("Enter an address at which the partner can be reached.")),
            Length(max=254),
            _showable,
        ],
        filters=[one_line],
    )
    words = TextAreaField(
        lazy_gettext("Words beside the tick"),
        [
            DataRequired(lazy_gettext("Write what people agree to when they tick.")),
            Length(max=LONGEST_WORDS),
            _showable,
        ],
        filters=[one_line],
    )

    def validate_contact(self, field: EmailField) -> None:
        """Take what can be an address."""
        local, mark, domain = (field.data or "").rpartition("@")
        if not (local and mark and "." in domain) or " " in (field.data or ""):
            raise ValidationError(gettext("Enter an e-mail address like name@example.org."))

    def fields(self) -> PartnerFields:
        """Return what was typed."""
        entered = self.data
        return PartnerFields(**{name: entered[name] or "" for name in ("name", "line", "contact", "words")})


class NewPartnerForm(PartnerForm):
    """A partner with its code, which stays."""

    code = StringField(
        lazy_gettext("Code"),
        [DataRequired(lazy_gettext("Enter a code.")), Length(max=LONGEST_CODE)],
        filters=[one_line],
    )

    def validate_code(self, field: StringField) -> None:
        """Take what can stand in a link, in small letters."""
        code = read_source(field.data or "")
        if not code:
            raise ValidationError(gettext("Use small letters, digits and hyphens, at most 40."))
        field.data = code
