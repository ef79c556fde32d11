"""The form on which the owner of a monthly payment changes its amount."""

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError

from campaigns.kernel.errors import InvalidValue
from campaigns.kernel.money import Money, parse_amount, to_stripe
from campaigns.recurring.booking import About
from campaigns.rendering.typed import is_showable, one_line

LONGEST_AMOUNT = 20


class AmountForm(FlaskForm):
    """An amount as typed, or one of those offered. Without a session token: guarded by Origin like all public forms."""

    class Meta:
        """No token: see the class."""

        csrf = False

    amount = StringField(lazy_gettext("Amount each month"), filters=[one_line])

    def __init__(self, *args: object, about: About, **named: object) -> None:
        """Take what the amount is for; `chosen` is read from what was typed."""
        self.about = about
        self.chosen: Money | None = None
        super().__init__(*args, **named)

    def validate_amount(self, field: StringField) -> None:
        """Read the amount and hold it to what may be asked for."""
        typed = field.data or ""
        if len(typed) > LONGEST_AMOUNT or not is_showable(typed):
            raise ValidationError(gettext("Enter an amount in figures, like 30 or 12.50."))
        try:
            chosen = parse_amount(typed, self.about.least.currency)
            to_stripe(chosen)  # refuses what cards cannot be charged
        except InvalidValue as refused:
            raise ValidationError(gettext(str(refused))) from refused
        if self.about.choices and chosen not in [money for _, money in self.about.choices]:
            raise ValidationError(gettext("Choose one of the amounts."))
        if not self.about.least.minor <= chosen.minor <= self.about.most.minor:
            raise ValidationError(gettext("A card payment cannot carry this amount. Choose another one."))
        self.chosen = chosen
