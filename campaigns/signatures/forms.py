"""The sign form. Lean on purpose: it stands on the busiest door of the site."""

from collections.abc import Mapping, Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import get_locale, gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, StringField, TextAreaField
from wtforms.validators import ValidationError

from campaigns.campaign.queries import CampaignFacts
from campaigns.campaign.questions import Question
from campaigns.kernel.mailboxes import PROVIDERS, RIGHT, suggested_address
from campaigns.partners.queries import Offer
from campaigns.rendering import postcodes
from campaigns.rendering.countries import codes, countries
from campaigns.rendering.typed import has_letter, holds_address, is_showable, one_line, paragraphs
from campaigns.signatures import answers
from campaigns.signatures.rules import Visibility, read_source

VISIBILITIES = frozenset(Visibility)
SHORTEST_NAME, LONGEST_NAME = 2, 100
LONGEST_TOWN = 100
LONGEST_POSTCODE = 20
LONGEST_COMMENT = 500
LONGEST_EMAIL = 254  # RFC 5321 section 4.5.3.1.3, less the two angle brackets

# A partner's tick, and the mark of the words that stood beside it.
TICK, WORDS = "partner_news", "partner_words"

Choice = tuple[str, str]


class SignForm(FlaskForm):
    """Who signs, and who may see it. Without a session token: guarded by Origin, so that its page can be cached.

    Name, e-mail, country and visibility are needed; nothing is chosen for the signatory but the country.
    """

    class Meta:
        """No token: see the class."""

        csrf = False

    name = StringField(lazy_gettext("Name"), filters=[one_line])
    email = EmailField(lazy_gettext("E-mail"), filters=[one_line])
    town = StringField(lazy_gettext("Town"), filters=[one_line])
    postcode = StringField(lazy_gettext("Postcode"), filters=[one_line])
    country = StringField(lazy_gettext("Country"), filters=[one_line])
    visibility = StringField(lazy_gettext("Who may see your name?"), filters=[one_line])
    comment = TextAreaField(lazy_gettext("Why do you sign?"), filters=[paragraphs])
    updates = BooleanField(lazy_gettext("Send me news of this campaign"))

    asked: tuple[Question, ...] = ()  # see `form_for`
    text_mark = ""
    # For the script that notices a provider's near misses while somebody types.
    mail_providers = " ".join(PROVIDERS)
    right_domains = RIGHT
    via = ""
    # What the partner who sent the visitor offers, and whether it was taken; see `form_for`.
    partner: Offer | None = None
    wants_partner = False

    def __init__(
        self, *args: Any, default_country: str = "", likely_countries: Sequence[str] = (), **named: Any
    ) -> None:
        """Take ISO 3166 codes: the country shown as chosen on a fresh form, and those to offer before all others."""
        super().__init__(*args, data={"country": default_country}, **named)
        self.likely_countries = tuple(likely_countries) or ((default_country,) if default_country else ())

    @property
    def suggested_email(self) -> str | None:
        """The address that was most likely meant, where the one typed is a slip away from a large provider's."""
        return suggested_address(self.email.data or "")

    @property
    def answers(self) -> dict[str, str]:
        """What was answered to the campaign's own questions, by their keys."""
        return answers.given(self.asked, self)

    @property
    def country_choices(self) -> tuple[list[Choice], list[Choice]]:
        """The likely countries in the given order, then all others by name in the reader's language."""
        every = countries(str(get_locale() or "en"))
        names = dict(every)
        likely = [(code, names[code]) for code in self.likely_countries if code in names]
        return likely, [pair for pair in every if pair not in likely]

    def validate_name(self, field: StringField) -> None:
        """Refuse what cannot be a name on a list."""
        text = field.data or ""
        if not text:
            raise ValidationError(gettext("Enter your name."))
        if len(text) > LONGEST_NAME:
            raise ValidationError(gettext("Shorten your name to %(count)d characters.", count=LONGEST_NAME))
        _refuse_unshowable(text)
        if len(text) < SHORTEST_NAME or not has_letter(text):
            raise ValidationError(gettext("Enter your name in letters, at least two."))
        if holds_address(text):
            raise ValidationError(gettext("Enter your name alone, without an address."))

    def validate_email(self, field: EmailField) -> None:
        """Check the spelling of the address and keep it with its domain in lower case."""
        if not field.data:
            raise ValidationError(gettext("Enter your e-mail address."))
        field.data = spelled_email(field.data)

    def validate_town(self, field: StringField) -> None:
        """Refuse a town no list has room for."""
        _refuse_long(field.data, LONGEST_TOWN)

    def validate_postcode(self, field: StringField) -> None:
        """Refuse what is sure not to be a postcode of the country that was chosen."""
        _refuse_long(field.data, LONGEST_POSTCODE)
        country = self.country.data or ""
        if field.data and not postcodes.fits(field.data, country):
            like = postcodes.example(country)
            raise ValidationError(gettext("Enter a postcode like %(example)s, or leave this empty.", example=like))

    def validate_country(self, field: StringField) -> None:
        """Take an ISO 3166 code that the select offers."""
        if field.data not in codes():
            raise ValidationError(gettext("Choose your country."))

    def validate_visibility(self, field: StringField) -> None:
        """Insist on a choice: none is made for the signatory."""
        if field.data not in VISIBILITIES:
            raise ValidationError(gettext("Choose who may see your name."))

    def validate_comment(self, field: TextAreaField) -> None:
        """Refuse more than a short paragraph."""
        _refuse_long(field.data, LONGEST_COMMENT)


class ResendForm(FlaskForm):
    """The address that a mail is to be sent to again; guarded like the sign form."""

    class Meta:
        """No token: see SignForm."""

        csrf = False

    email = EmailField(lazy_gettext("E-mail"), filters=[one_line])

    validate_email = SignForm.validate_email


def form_for(
    campaign: CampaignFacts, typed: Mapping[str, str] | None = None, via: str = "", partner: Offer | None = None
) -> SignForm:
    """Return the form of a campaign, with its questions and the mark of the text it stands under.

    `via` is the code of who sent the visitor; what cannot be one is dropped, because nobody is refused over a code.
    `partner` is what the partner behind it offers: a tick beside words whose mark the form carries.
    """
    form: SignForm = answers.with_questions(SignForm, campaign.asked)(typed, default_country=campaign.country)
    form.text_mark, form.via = campaign.text_mark, read_source(via)
    form.partner, form.wants_partner = partner, _is_ticked(partner, typed)
    return form


def _is_ticked(partner: Offer | None, typed: Mapping[str, str] | None) -> bool:
    """Keep a tick only beside the very words it was set under: whoever is shown others decides anew."""
    return bool(partner and typed and typed.get(TICK) and typed.get(WORDS) == partner.mark)


def spelled_email(text: str) -> str:
    """Return `text` as an address mail can be sent to. Raises ValidationError for anything else."""
    try:
        if len(text) > LONGEST_EMAIL:
            raise EmailNotValidError
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValidationError(gettext("Enter an e-mail address like name@example.org.")) from error


def _refuse_long(typed: str | None, longest: int) -> None:
    text = typed or ""
    if len(text) > longest:
        raise ValidationError(gettext("Shorten this to %(count)d characters.", count=longest))
    _refuse_unshowable(text)


def _refuse_unshowable(text: str) -> None:
    if not is_showable(text):
        raise ValidationError(gettext("Type this again: it holds characters that cannot be shown."))
