"""Forms of a supporter's own page; guarded by Origin like all public forms."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField, TextAreaField

from campaigns.rendering.typed import one_line, paragraphs
from campaigns.signatures.forms import SignForm


class AskForm(FlaskForm):
    """The address whose page is asked for."""

    class Meta:
        """No token: see SignForm."""

        csrf = False

    email = EmailField(lazy_gettext("E-mail"), filters=[one_line])

    validate_email = SignForm.validate_email


class ChangeForm(FlaskForm):
    """What a signatory may change. Held to what the sign form asks."""

    class Meta:
        """No token: see SignForm."""

        csrf = False

    name = StringField(lazy_gettext("Name"), filters=[one_line])
    visibility = StringField(lazy_gettext("Who may see your name?"), filters=[one_line])
    comment = TextAreaField(lazy_gettext("Why do you sign?"), filters=[paragraphs])

    validate_name = SignForm.validate_name
    validate_visibility = SignForm.validate_visibility
    validate_comment = SignForm.validate_comment
