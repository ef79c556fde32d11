"""The donation form: an amount, an address for the receipt, and whether a name is shown."""

import secrets
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, StringField, TextAreaField
from wtforms.validators import ValidationError

from campaigns.donations.rules import MONTHLY, ONCE
from campaigns.kernel.money import InvalidAmount, Money, parse_amount
from campaigns.rendering.typed import has_letter, holds_address, is_showable, one_line, paragraphs

OTHER = "other"
LONGEST_AMOUNT = 20
SHORTEST_NAME, LONGEST_NAME = 2, 100
LONGEST_MESSAGE = 500
LONGEST_DEDICATION = 200
LONGEST_MARK = 40
LONGEST_EMAIL = 254  # RFC 5321 section 4.5.3.1.3, less the two angle brackets


def _mark(text: str | None) -> str:
    return (text or "")[:LONGEST_MARK]


class DonateForm(FlaskForm):
    """One gift. Without a session token: guarded by Origin, so that its page can be cached.

    `preset` is one of the offered amounts or "other"; `amount` is what is typed beside "other". The view reads
    `chosen_amount` and turns it into money. `attempt` is the form's own mark, by which sending it twice is noticed.
    `fund` says which fund it is for, or which currency's funds together; then `shares` has a field for each of them.
    """

    shares: tuple[str, ...] = ()

    class Meta:
        """No token: see the class."""

        csrf = False

    preset = StringField(lazy_gettext("Amount"), filters=[one_line])
    amount = StringField(lazy_gettext("Other amount"), filters=[one_line])
    cover_fees = BooleanField(lazy_gettext("Add the card fee"))
    email = EmailField(lazy_gettext("E-mail for your receipt"), filters=[one_line])
    frequency = StringField(lazy_gettext("How often"), filters=[one_line], default=ONCE)
    show_name = BooleanField(lazy_gettext("Show my name on the campaign's page"))
    name = StringField(lazy_gettext("Name to show"), filters=[one_line])
    message = TextAreaField(lazy_gettext("Message"), filters=[paragraphs])
    dedication = StringField(lazy_gettext("In whose name, or in memory of whom"), filters=[one_line])
    fund = HiddenField(filters=[_mark])
    attempt = HiddenField(filters=[_mark])
    via = HiddenField()

    def __init__(self, *args: Any, presets: Sequence[Money] = (), chosen: str | Money = "", **named: Any) -> None:
        """Take the amounts offered, and the one a fresh form shows as chosen: money, or text from an address."""
        self.presets = {amount_text(money): money for money in presets}
        super().__init__(*args, data=self._chosen_fields(chosen) | {"attempt": secrets.token_urlsafe(12)}, **named)

    def _chosen_fields(self, chosen: str | Money) -> dict[str, str]:
        text = amount_text(chosen) if isinstance(chosen, Money) else self._read_preset(chosen)
        if text in ("", OTHER) or text in self.presets:
            return {"preset": text}
        return {"preset": OTHER, "amount": text[:LONGEST_AMOUNT]}

    def _read_preset(self, text: str) -> str:
        """Return `text` in the presets' own spelling where it is one of them: "30.00" is "30"."""
        for name, money in self.presets.items():
            try:
                if parse_amount(text, money.currency) == money:
                    return name
            except InvalidAmount:
                return text
        return text

    @property
    def chosen_amount(self) -> str:
        """The amount as text: the preset picked, else what was typed, with or without "other" picked."""
        return str(self.preset.data if self.preset.data in self.presets else self.amount.data)

    @property
    def typed_shares(self) -> tuple[str, ...]:
        """What was typed for each fund, in their order; empty where the form is for one fund."""
        return tuple(self[name].data or "" for name in self.shares)

    def refuse_amount(self, sentence: str) -> None:
        """Put `sentence` beside the amount: what the view found wrong with it."""
        self.amount.errors = [*self.amount.errors, sentence]

    def validate_preset(self, field: StringField) -> None:
        """Take one of the amounts offered, or "other"."""
        if not field.data and not self.amount.data and not any(self.typed_shares):
            raise ValidationError(gettext("Choose an amount."))
        if field.data and field.data != OTHER and field.data not in self.presets:
            raise ValidationError(gettext("Choose one of the amounts, or enter your own."))

    def validate_amount(self, field: StringField) -> None:
        """Insist on one amount, neither none nor two; the view reads it."""
        typed = field.data or ""
        if typed and self.preset.data in self.presets and self._read_preset(typed) != self.preset.data:
            raise ValidationError(gettext("Two amounts are given. Choose “Other amount”, or clear this box."))
        if self.preset.data == OTHER and not typed and not any(self.typed_shares):
            raise ValidationError(gettext("Enter the amount you want to give."))
        if len(typed) > LONGEST_AMOUNT or not is_showable(typed):
            raise ValidationError(gettext("Enter an amount in figures, like 30 or 12.50."))

    def validate_frequency(self, field: StringField) -> None:
        """Take once, which is also meant where nothing is said, or monthly."""
        field.data = field.data or ONCE
        if field.data not in (ONCE, MONTHLY):
            raise ValidationError(gettext("Choose once or every month."))

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

    def validate_name(self, field: StringField) -> None:
        """Ask for a name only where it is to be shown."""
        text = field.data or ""
        if self.show_name.data and not text:
            raise ValidationError(gettext("Enter the name to show, or leave the box above empty."))
        if len(text) > LONGEST_NAME:
            raise ValidationError(gettext("Shorten your name to %(count)d characters.", count=LONGEST_NAME))
        if text and (len(text) < SHORTEST_NAME or not has_letter(text) or not is_showable(text)):
            raise ValidationError(gettext("Enter your name in letters, at least two."))
        if holds_address(text):
            raise ValidationError(gettext("Enter your name alone, without an address."))

    def validate_message(self, field: TextAreaField) -> None:
        """Refuse more than a short paragraph."""
        _check_words(field.data or "", LONGEST_MESSAGE)

    def validate_dedication(self, field: StringField) -> None:
        """Take words alone: nobody but the giver is written to."""
        _check_words(field.data or "", LONGEST_DEDICATION)
        if holds_address(field.data or ""):
            raise ValidationError(gettext("Enter words alone, without an address: we write to nobody but you."))


def _check_words(text: str, longest: int) -> None:
    if len(text) > longest:
        raise ValidationError(gettext("Shorten this to %(count)d characters.", count=longest))
    if not is_showable(text):
        raise ValidationError(gettext("Type this again: it holds characters that cannot be shown."))


@lru_cache(maxsize=256)
def with_shares(funds: tuple[tuple[str, str, str], ...]) -> type[DonateForm]:
    """Return the form with an amount for each of several funds: their ids, names and currencies. Made once each."""
    names = tuple(f"share_{key}" for key, _, _ in funds)
    fields = {
        name: StringField(label, [_read_share(currency)], filters=[one_line])
        for name, (_, label, currency) in zip(names, funds, strict=True)
    }
    return type("ShareForm", (DonateForm,), {"shares": names, **fields})


def _read_share(currency: str) -> Callable[[DonateForm, StringField], None]:
    def check(_form: DonateForm, field: StringField) -> None:
        try:
            if field.data:
                parse_amount(field.data, currency)
        except InvalidAmount as error:
            raise ValidationError(gettext(str(error))) from error

    return check


def amount_text(money: Money) -> str:
    """Return `money` as a form and an address write it, without a sign: "30", "12.50"."""
    amount = money.decimal()
    return f"{amount:f}" if amount != amount.to_integral_value() else f"{amount.to_integral_value():f}"
