"""The desk's forms for reviewing."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, EmailField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from campaigns.abuse.rules import Reason
from campaigns.kernel.addresses import InvalidAddress
from campaigns.rendering.typed import one_line
from campaigns.review.queries import email_hash
from campaigns.review.rules import Decision, Rule
from campaigns.signatures.rules import Review, read_source
from campaigns.web.choices import SelectChoice

LONGEST_PATTERN = 100
LONGEST_LABEL = 80
TIME = "%Y-%m-%dT%H:%M"

REASONS = {
    Reason.TRAP: lazy_gettext("Filled in a field that people cannot see"),
    Reason.DISPOSABLE: lazy_gettext("A mailbox for ten minutes"),
    Reason.CROWD: lazy_gettext("Many from one network at one mail domain"),
    Reason.UNPROVEN: lazy_gettext("No proof of work under pressure; released by confirming"),
    Reason.AGAIN: lazy_gettext("Was rejected and signed again"),
    Reason.RENAMED: lazy_gettext("Put another name in the place of the first"),
    Reason.ORGANIZER: lazy_gettext("An organizer holds it"),
}
REVIEWS = {
    Review.HELD: lazy_gettext("held"),
    Review.CLEAR: lazy_gettext("clear"),
    Review.REJECTED: lazy_gettext("rejected"),
}
DECISIONS = {
    Decision.RELEASE: lazy_gettext("Release: they count when they are confirmed"),
    Decision.HOLD: lazy_gettext("Hold: they do not count for now"),
    Decision.REJECT: lazy_gettext("Reject: they do not count"),
}


class RuleForm(FlaskForm):
    """Whom a decision is about: everybody who fits all that is filled in."""

    review = SelectField(lazy_gettext("Which"), choices=[SelectChoice(*pair) for pair in REVIEWS.items()])
    reason = SelectField(
        lazy_gettext("Held because"),
        choices=[SelectChoice("", lazy_gettext("any reason")), *(SelectChoice(*pair) for pair in REASONS.items())],
    )
    domain = StringField(lazy_gettext("Mail domain"), [Length(max=LONGEST_PATTERN)], filters=[one_line])
    name = StringField(lazy_gettext("Name"), [Length(max=LONGEST_PATTERN)], filters=[one_line])
    place = StringField(lazy_gettext("Town or country code"), [Length(max=LONGEST_PATTERN)], filters=[one_line])
    source = StringField(lazy_gettext("Came with the code"), filters=[one_line])
    email = EmailField(lazy_gettext("Exactly this address"), filters=[one_line])
    since = DateTimeLocalField(lazy_gettext("Signed from"), [Optional()], format=TIME)
    until = DateTimeLocalField(lazy_gettext("Signed until"), [Optional()], format=TIME)
    decision = RadioField(lazy_gettext("What to do"), choices=[SelectChoice(*pair) for pair in DECISIONS.items()])

    def validate_email(self, field: EmailField) -> None:
        """Take one whole address or nothing."""
        if field.data:
            _refuse_no_address(field.data)

    def validate_source(self, field: StringField) -> None:
        """Take a code that an address can carry, or nothing."""
        if field.data and not read_source(field.data):
            raise ValidationError(gettext("Enter a code as it stands in the address after “via=”."))

    def rule(self, zone: str) -> Rule:
        """Return the rule; its times are read in `zone` (IANA name)."""
        return Rule(
            review=Review(self.review.data),
            reason=Reason(self.reason.data) if self.reason.data else None,
            domain=(self.domain.data or "").removeprefix("@"),
            name=self.name.data or "",
            place=self.place.data or "",
            source=read_source(self.source.data or ""),
            since=_moment(self.since.data, zone),
            until=_moment(self.until.data, zone),
            email_hash=email_hash(self.email.data) if self.email.data else "",
        )


def _moment(local: datetime | None, zone: str) -> datetime | None:
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if local else None


def _refuse_no_address(text: str) -> None:
    try:
        email_hash(text)
    except InvalidAddress as error:
        raise ValidationError(gettext("Enter an e-mail address like name@example.org.")) from error


class PersonForm(FlaskForm):
    """Whose signature to look for: exactly this address."""

    email = EmailField(lazy_gettext("E-mail address"), filters=[one_line])

    def validate_email(self, field: EmailField) -> None:
        """Insist on one whole address."""
        _refuse_no_address(field.data or "")


class NetworkForm(FlaskForm):
    """A network that many people share."""

    label = StringField(
        lazy_gettext("What it is"),
        [DataRequired(lazy_gettext("Say which network it is, such as: the plant's Wi-Fi.")), Length(max=LONGEST_LABEL)],
        filters=[one_line],
    )
    address = StringField(lazy_gettext("Its address"), filters=[one_line])
