"""The one field of the news form; guarded by Origin like all public forms."""

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField
from wtforms.validators import ValidationError

from campaigns.rendering.typed import one_line

LONGEST_EMAIL = 254  # RFC 5321 section 4.5.3.1.3, less the two angle brackets


class NewsForm(FlaskForm):
    """The address that news goes to. Its id is its own: the sign form stands on the same page."""

    class Meta:
        """No session token, so that its page can be cached."""

        csrf = False

    email = EmailField(lazy_gettext("E-mail for news"), filters=[one_line], id="news-email")

    def validate_email(self, field: EmailField) -> None:
        """Check the spelling of the address and keep it with its domain in lower case."""
        typed = field.data or ""
        if not typed:
            raise ValidationError(gettext("Enter your e-mail address."))
        try:
            if len(typed) > LONGEST_EMAIL:
                raise EmailNotValidError
            field.data = validate_email(typed, check_deliverability=False).normalized
        except EmailNotValidError as error:
            raise ValidationError(gettext("Enter an e-mail address like name@example.org.")) from error
