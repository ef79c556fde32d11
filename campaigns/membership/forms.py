"""The form on which somebody joins, and the desk's form for a tier."""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from campaigns.membership.operations import JoinFields, TierFields
from campaigns.membership.queries import Tier
from campaigns.membership.rules import LONGEST_TIER, LONGEST_WORDS
from campaigns.rendering.typed import has_letter, holds_address, is_showable, one_line
from campaigns.signatures.rules import read_source

LONGEST_EMAIL = 254  # RFC 5321 section 4.5.3.1.3, less the two angle brackets
SHORTEST_NAME, LONGEST_NAME = 2, 100
LONGEST_MARK = 40


def _mark(text: str | None) -> str:
    return (text or "")[:LONGEST_MARK]


def _showable(_form: FlaskForm, field: StringField) -> None:
    if not is_showable(field.data or ""):
        raise ValidationError(gettext("Type this again: it holds characters that cannot be shown."))


class JoinForm(FlaskForm):
    """Who joins, and in which tier. Without a session token: guarded by Origin, so that its page can be cached.

    `attempt` is the form's own mark, by which sending it twice is noticed.
    """

    class Meta:
        """No token: see the class."""

        csrf = False

    tier = StringField(lazy_gettext("Dues each month"), filters=[one_line])
    name = StringField(lazy_gettext("Name"), filters=[one_line])
    email = EmailField(lazy_gettext("E-mail"), filters=[one_line])
    attempt = HiddenField(filters=[_mark])
    via = HiddenField()

    def __init__(self, *args: Any, tiers: Sequence[Tier], via: str = "", **named: Any) -> None:
        """Take the tiers that are offered, and the code of who sent the visitor: what cannot be one is dropped."""
        self.tiers = {str(tier.id): tier for tier in tiers}
        super().__init__(*args, data={"attempt": secrets.token_urlsafe(12), "via": via}, **named)
        self.via.data = read_source(self.via.data or "")

    def validate_tier(self, field: StringField) -> None:
        """Take one of those offered."""
        if field.data not in self.tiers:
            raise ValidationError(gettext("Choose what you want to pay each month."))

    def validate_name(self, field: StringField) -> None:
        """Ask for a name: a member has one."""
        text = field.data or ""
        if len(text) > LONGEST_NAME:
            raise ValidationError(gettext("Shorten your name to %(count)d characters.", count=LONGEST_NAME))
        if len(text) < SHORTEST_NAME or not has_letter(text) or not is_showable(text):
            raise ValidationError(gettext("Enter your name in letters, at least two."))
        if holds_address(text):
            raise ValidationError(gettext("Enter your name alone, without an address."))

    def validate_email(self, field: EmailField) -> None:
        """Check the spelling of the address and keep it with its domain in lower case."""
        if not field.data:
            raise ValidationError(gettext("Enter your e-mail address."))
        try:
            if len(field.data) > LONGEST_EMAIL:
                raise EmailNotValidError
            field.data = validate_email(field.data, check_deliverability=False).normalized
        except EmailNotValidError as error:
            raise ValidationError(gettext("Enter an e-mail address like name@example.org.")) from error

    def fields(self) -> tuple[UUID, JoinFields]:
        """Return the tier and what was typed."""
        entered = self.data
        return UUID(entered["tier"]), JoinFields(
            entered["name"], entered["email"], entered["attempt"], source=entered["via"]
        )


class TierForm(FlaskForm):
    """A tier. `funds` are (id, words) pairs to choose between; no fund means the general fund of `currency`."""

    name = StringField(
        lazy_gettext("Name of the tier"),
        [DataRequired(lazy_gettext("Enter a name.")), Length(max=LONGEST_TIER), _showable],
        filters=[one_line],
    )
    words = StringField(lazy_gettext("Who it is for"), [Length(max=LONGEST_WORDS), _showable], filters=[one_line])
    amount = StringField(
        lazy_gettext("Dues each month"), [DataRequired(lazy_gettext("Enter an amount.")), Length(max=20)],
        filters=[one_line],
    )  # fmt: skip
    fund = SelectField(lazy_gettext("Fund that has the dues"), validate_choice=False)
    currency = StringField(lazy_gettext("Currency"), filters=[one_line], default="USD")
    is_open = BooleanField(lazy_gettext("People can join in this tier"))

    def __init__(self, *args: Any, funds: Sequence[tuple[str, str]], **named: Any) -> None:
        """Take the funds to choose between."""
        super().__init__(*args, **named)
        self.funds = [("", gettext("The general fund")), *funds]
        self.fund.choices = self.funds

    def validate_fund(self, field: SelectField) -> None:
        """Take one of those offered, or none."""
        if (field.data or "") not in [fund_id for fund_id, _ in self.funds]:
            raise ValidationError(gettext("Choose one of the funds."))

    def validate_currency(self, field: StringField) -> None:
        """Take three letters; only the general fund asks for them."""
        field.data = (field.data or "").upper()
        if not self.fund.data and not (len(field.data) == 3 and field.data.isascii() and field.data.isalpha()):
            raise ValidationError(gettext("Enter the three letters of a currency, like USD."))

    def refuse_amount(self, sentence: str) -> None:
        """Put `sentence` beside the amount: what the use-case found wrong with it."""
        self.amount.errors = [*self.amount.errors, sentence]

    def refuse_currency(self, sentence: str) -> None:
        """Put `sentence` beside what decides the currency: the fund, or what was typed for the general one."""
        field = self.fund if self.fund.data else self.currency
        field.errors = [*field.errors, sentence]

    def fields(self) -> TierFields:
        """Return what was typed."""
        entered = self.data
        fund_id = UUID(entered["fund"]) if entered["fund"] else None
        named = (entered["name"], entered["words"] or "", entered["amount"])
        return TierFields(*named, entered["currency"], fund_id, bool(entered["is_open"]))
