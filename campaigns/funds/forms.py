"""The treasurer's form for a fund."""

from collections.abc import Sequence
from typing import Any

from babel import Locale
from flask_babel import get_locale, gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from campaigns.campaign.operations import FundFields
from campaigns.campaign.queries import FundFacts
from campaigns.campaign.rules import CURRENCIES
from campaigns.funds import rules
from campaigns.funds.operations import FundTerms
from campaigns.funds.rules import LimitsCross, OutsideLimits
from campaigns.kernel.errors import InvalidValue
from campaigns.kernel.money import Money, parse_amount
from campaigns.rendering import formats
from campaigns.rendering.typed import is_showable, one_line
from campaigns.web.choices import SelectChoice

LONGEST_PRESETS, LONGEST_AMOUNT = 120, 20


def _showable(_form: FlaskForm, field: Field) -> None:
    if not is_showable(field.data or ""):
        raise ValidationError(gettext("Type this again: it holds characters that cannot be shown."))


def _words(kind: type[StringField], label: Any, longest: int, needed: Any = None) -> Any:
    first = [DataRequired(needed)] if needed else []
    return kind(label, [*first, Length(max=longest), _showable], filters=[one_line])


class FundForm(FlaskForm):
    """What a treasurer says of a fund. The general fund is asked for no amounts: nobody chooses it."""

    name = _words(StringField, lazy_gettext("Name of the fund"), 120, lazy_gettext("Enter a name."))
    purpose = _words(
        TextAreaField, lazy_gettext("What the money is for"), 400, lazy_gettext("Say what the fund's money is for.")
    )
    beyond = _words(TextAreaField, lazy_gettext("What happens with money beyond that"), 400)
    recipient = _words(
        StringField, lazy_gettext("Who receives it, by legal name"), 160, lazy_gettext("Say who receives the money.")
    )
    tax = _words(TextAreaField, lazy_gettext("What givers should know of taxes"), 400)
    presets = _words(StringField, lazy_gettext("Amounts offered, with spaces between"), LONGEST_PRESETS)
    suggested = _words(StringField, lazy_gettext("The one chosen already"), LONGEST_AMOUNT)
    least = _words(StringField, lazy_gettext("Smallest gift"), LONGEST_AMOUNT)
    most = _words(StringField, lazy_gettext("Largest gift"), LONGEST_AMOUNT)
    fees_borne_by = RadioField(
        lazy_gettext("Card fees are paid"),
        choices=[
            SelectChoice("general", lazy_gettext("from the general fund, so that gifts arrive whole")),
            SelectChoice("fund", lazy_gettext("from this fund")),
        ],
        default="general",
        validate_choice=False,
    )
    descriptor = StringField(lazy_gettext("On the card statement"), [Length(max=40)], filters=[one_line])

    def __init__(self, *args: Any, fund_currency: str = "", **named: Any) -> None:
        """Take the currency of a fund that is there already: it never changes."""
        self._currency = fund_currency
        super().__init__(*args, **named)

    @property
    def code(self) -> str:
        """The currency that amounts are read in."""
        return self._currency

    def _read(self, text: str) -> Money:
        try:
            return parse_amount(text, self.code)
        except InvalidValue as error:
            raise ValidationError(gettext(str(error))) from error

    def _limits(self) -> tuple[int | None, int | None]:
        """Read both limits; empty for those of cards."""
        typed = (self.least.data, self.most.data)
        least, most = (self._read(text).minor if text else None for text in typed)
        return least, most

    def validate_least(self, field: Field) -> None:
        """Take no less than a card carries."""
        lowest = rules.least(self.code)
        if field.data and self._read(field.data).minor < lowest.minor:
            raise ValidationError(gettext("Cards carry no gift below %(amount)s.", amount=_money(lowest)))

    def validate_most(self, field: Field) -> None:
        """Take no more than is taken by card."""
        highest = rules.most(self.code)
        if field.data and self._read(field.data).minor > highest.minor:
            raise ValidationError(gettext("Cards carry no gift above %(amount)s.", amount=_money(highest)))

    def validate_presets(self, field: Field) -> None:
        """Offer only what the fund takes."""
        presets = [self._read(text).minor for text in (field.data or "").split()]
        suggested = self._read(self.suggested.data).minor if self.suggested.data else 0
        try:
            least, most = self._limits()
            lower = rules.least(self.code) if least is None else Money(least, self.code)
            upper = rules.most(self.code) if most is None else Money(most, self.code)
            rules.check_amounts(suggested, tuple(presets), lower, upper)
        except (LimitsCross, OutsideLimits) as error:
            raise ValidationError(gettext(str(error))) from error

    def validate_suggested(self, field: Field) -> None:
        """Read the amount."""
        if field.data:
            self._read(field.data)

    def validate_fees_borne_by(self, field: Field) -> None:
        """Take one of the two; the general fund is not asked."""
        if field.data not in (None, "general", "fund"):
            raise ValidationError(gettext("Say who pays the card fees."))

    def validate_descriptor(self, field: StringField) -> None:
        """Take what a card statement can show."""
        try:
            rules.read_descriptor(field.data or "")
        except InvalidValue as error:
            raise ValidationError(gettext(str(error))) from error

    def terms(self) -> FundTerms:
        """Return what was entered; call it on a valid form only."""
        least, most = self._limits()
        fields = FundFields(
            name=self.name.data or "",
            currency=self.code,
            purpose=self.purpose.data or "",
            beyond=self.beyond.data or "",
            recipient=self.recipient.data or "",
            tax=self.tax.data or "",
            fees_borne_by=self.fees_borne_by.data or "general",
            suggested_minor=self._read(self.suggested.data).minor if self.suggested.data else 0,
            presets_minor=tuple(sorted({self._read(text).minor for text in (self.presets.data or "").split()})),
        )
        descriptor = rules.read_descriptor(self.descriptor.data or "")
        return FundTerms(fields=fields, least_minor=least, most_minor=most, descriptor=descriptor)


class NewFundForm(FundForm):
    """A fund that is made: for which campaign, and in which currency for good."""

    campaign = SelectField(lazy_gettext("Campaign"), validate_choice=True)
    currency = SelectField(lazy_gettext("Currency"), choices=[SelectChoice(code) for code in CURRENCIES], default="USD")

    def __init__(self, *args: Any, campaigns: Sequence[tuple[str, str]] = (), **named: Any) -> None:
        """Take the slugs and headlines of the campaigns to choose from."""
        super().__init__(*args, **named)
        self.campaign.choices = [SelectChoice(slug, headline) for slug, headline in campaigns]

    @property
    def code(self) -> str:
        """The currency that amounts are read in; some one where none of ours was sent."""
        return str(self.currency.data) if self.currency.data in CURRENCIES else CURRENCIES[0]


def _money(money: Money) -> str:
    return formats.money(money, get_locale() or Locale("en"), short=True)


def filled_with(fund: FundFacts) -> dict[str, Any]:
    """Return the form's data for a stored fund."""
    words = {name: getattr(fund, name) for name in ("name", "purpose", "beyond", "recipient", "tax", "descriptor")}
    limits = {"least": fund.least_minor, "most": fund.most_minor, "suggested": fund.suggested_minor or None}
    typed = {name: _typed(fund.money(minor)) if minor is not None else "" for name, minor in limits.items()}
    return (
        words
        | typed
        | {
            "presets": " ".join(_typed(fund.money(minor)) for minor in fund.presets_minor),
            "fees_borne_by": "general" if fund.fees_borne_by_general else "fund",
        }
    )


def _typed(money: Money) -> str:
    amount = money.decimal()
    return f"{amount.to_integral_value():f}" if amount == amount.to_integral_value() else f"{amount:f}"
