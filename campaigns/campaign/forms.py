"""The desk's form for a campaign."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from email_validator import EmailNotValidError, validate_email
from flask_babel import LazyString, gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from campaigns.campaign.employer import read_domains, read_networks
from campaigns.campaign.operations import CampaignFields, FundFields
from campaigns.campaign.queries import CampaignFacts, FundFacts
from campaigns.campaign.questions import FREE, MAX_QUESTIONS, Kind, Question, ReadBy
from campaigns.campaign.rules import CURRENCIES, Demand, may_be_page
from campaigns.kernel.errors import InvalidValue
from campaigns.kernel.money import InvalidAmount, Money, parse_amount
from campaigns.rendering.countries import codes
from campaigns.rendering.typed import is_showable, one_line, paragraphs
from campaigns.web.choices import SelectChoice

DEMAND_ROWS = 8
SPARE_QUESTIONS = 2
MOST_CHOICES, LONGEST_CHOICE = 20, 80
MAX_GOAL = 100_000_000
MAX_ASKED_MINOR = 1_000_000_000
YEARS = range(2000, 3000)


def _zones() -> list[SelectChoice]:
    return [SelectChoice(name, name.replace("_", " ")) for name in sorted(available_timezones())]


def _showable(_form: Form, field: StringField) -> None:
    """Refuse control characters; PostgreSQL takes no NUL at all."""
    if not is_showable(field.data or ""):
        raise ValidationError(gettext("Type this again: it holds characters that cannot be shown."))


def _line(label: LazyString, longest: int, needed: LazyString | None = None) -> Any:
    return StringField(label, [*_needed(needed), Length(max=longest), _showable], filters=[one_line])


def _area(label: LazyString, longest: int, tidy: Callable[[str | None], str] = one_line) -> Any:
    return TextAreaField(label, [Length(max=longest), _showable], filters=[tidy])


def _needed(sentence: LazyString | None) -> list[DataRequired]:
    return [DataRequired(sentence)] if sentence else []


class DemandForm(Form):
    """One demand."""

    title = _line(lazy_gettext("Demand"), 200)
    detail = _line(lazy_gettext("Detail"), 300)


class QuestionForm(Form):
    """One question of the sign form; a row without a kind asks nothing."""

    key = HiddenField(filters=[one_line])
    kind = SelectField(
        lazy_gettext("Question"),
        default="",
        choices=[
            SelectChoice("", lazy_gettext("– not asked –")),
            SelectChoice("workplace", lazy_gettext("Workplace")),
            SelectChoice("job", lazy_gettext("Job")),
            SelectChoice("union", lazy_gettext("Union")),
            SelectChoice("phone", lazy_gettext("Phone")),
            SelectChoice("text", lazy_gettext("Own question, answered in words")),
            SelectChoice("choice", lazy_gettext("Own question, one of several answers")),
            SelectChoice("tick", lazy_gettext("Own sentence to tick")),
        ],
    )
    label = _line(lazy_gettext("In your words"), 120)
    help = _line(lazy_gettext("Help"), 200)
    choices = _area(lazy_gettext("Answers to choose from, one on a line"), 2000, paragraphs)
    is_required = BooleanField(lazy_gettext("Nobody can sign without it"))
    read_by = SelectField(
        lazy_gettext("Who reads the answer"),
        default="private",
        choices=[
            SelectChoice("private", lazy_gettext("only you, the organizers")),
            SelectChoice("delivered", lazy_gettext("the target too: it stands beside the name on the list")),
        ],
    )

    def validate_label(self, field: StringField) -> None:
        """An own question has words."""
        if self.kind.data in FREE and not field.data:
            raise ValidationError(gettext("Write the question."))

    def validate_choices(self, field: TextAreaField) -> None:
        """A choice is one between at least two, each short enough for a list."""
        if self.kind.data != Kind.CHOICE:
            return
        offered = _lines(field.data)
        if not 2 <= len(offered) <= MOST_CHOICES:
            raise ValidationError(gettext("Write between two and %(most)d answers.", most=MOST_CHOICES))
        if any(len(one) > LONGEST_CHOICE for one in offered):
            raise ValidationError(gettext("Shorten each answer to %(count)d characters.", count=LONGEST_CHOICE))

    def validate_read_by(self, field: SelectField) -> None:
        """A phone number stays with the organizers."""
        if self.kind.data == Kind.PHONE and field.data == ReadBy.DELIVERED:
            raise ValidationError(gettext("Phone numbers are never handed over. Choose “only you”."))

    def question(self) -> Question:
        """Return what was entered; call it on a valid row with a kind."""
        kind = Kind(self.kind.data)
        return Question(
            key=self.key.data or "",
            kind=kind,
            label=self.label.data or "",
            help=self.help.data or "",
            choices=_lines(self.choices.data) if kind is Kind.CHOICE else (),
            is_required=bool(self.is_required.data),
            read_by=ReadBy(self.read_by.data),
        )


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for typed in (text or "").splitlines() if (line := one_line(typed))))


class CampaignForm(FlaskForm):
    """Everything an organizer says about a campaign."""

    headline = _line(lazy_gettext("Headline"), 160, lazy_gettext("Write a headline."))
    summary = _line(lazy_gettext("One sentence"), 300)
    organisation = _line(lazy_gettext("Who runs this"), 120, lazy_gettext("Say who runs this campaign."))
    contact_email = StringField(
        lazy_gettext("Contact address"),
        [DataRequired(lazy_gettext("Enter the address that people can write to."))],
        filters=[one_line],
    )
    target_name = _line(lazy_gettext("Who is asked"), 160, lazy_gettext("Say who is asked."))
    target_address = _area(lazy_gettext("Their postal address"), 400, paragraphs)
    target_domains = _area(lazy_gettext("Their mail domains"), 1000, paragraphs)
    target_networks = _area(lazy_gettext("Their networks"), 2000, paragraphs)
    story = _area(lazy_gettext("What happened (Markdown)"), 30_000, paragraphs)
    deadline = DateTimeLocalField(lazy_gettext("Deadline"), [Optional()])
    zone = SelectField(lazy_gettext("Time zone"), choices=_zones)
    next_list_on = DateField(lazy_gettext("The next list is handed over on"), [Optional()])
    join_url = _line(lazy_gettext("Where people can join"), 300)
    country = StringField(
        lazy_gettext("Country most signatories live in (two letters)"), [Length(max=2)], filters=[one_line]
    )
    has_petition = BooleanField(lazy_gettext("This campaign has a petition"))
    goal = IntegerField(lazy_gettext("Goal"), [Optional(), NumberRange(1, MAX_GOAL)])
    demands = FieldList(FormField(DemandForm), min_entries=DEMAND_ROWS, max_entries=40)
    questions = FieldList(FormField(QuestionForm), min_entries=SPARE_QUESTIONS, max_entries=MAX_QUESTIONS)
    has_appeal = BooleanField(lazy_gettext("This campaign asks for money"))
    fund_name = _line(lazy_gettext("Name of the fund"), 120)
    currency = SelectField(lazy_gettext("Currency"), choices=[SelectChoice(code) for code in CURRENCIES])
    purpose = _area(lazy_gettext("What the money is for"), 400)
    beyond = _area(lazy_gettext("What happens with money beyond that"), 400)
    recipient = _line(lazy_gettext("Who receives it, by legal name"), 160)
    suggested = StringField(lazy_gettext("Suggested amount"), [Length(max=20)], filters=[one_line])
    presets = StringField(lazy_gettext("Amounts offered, with spaces between"), [Length(max=120)], filters=[one_line])
    fees_borne_by = RadioField(
        lazy_gettext("Card fees are paid"),
        choices=[
            SelectChoice("general", lazy_gettext("from the general fund, so that gifts arrive whole")),
            SelectChoice("fund", lazy_gettext("from this fund")),
        ],
    )

    def validate_contact_email(self, field: StringField) -> None:
        """Check the spelling of the address."""
        try:
            field.data = validate_email(field.data or "", check_deliverability=False).normalized
        except EmailNotValidError as error:
            raise ValidationError(gettext("Enter an e-mail address like name@example.org.")) from error

    def validate_target_domains(self, field: TextAreaField) -> None:
        """Take what could stand behind the @ of an address."""
        try:
            for domain in read_domains(field.data or ""):
                validate_email(f"name@{domain}", check_deliverability=False)
        except (InvalidValue, EmailNotValidError) as error:
            raise ValidationError(gettext("Enter mail domains like company.com, one on a line.")) from error

    def validate_target_networks(self, field: TextAreaField) -> None:
        """Take CIDR ranges, none so wide that it is a slip of the pen."""
        try:
            read_networks(field.data or "")
        except InvalidValue as error:
            raise ValidationError(gettext(str(error))) from error

    def validate_join_url(self, field: StringField) -> None:
        """Take a page of the web, or nothing."""
        if field.data and not may_be_page(field.data):
            raise ValidationError(gettext("Enter a whole address, such as https://union.example/join."))

    def validate_country(self, field: StringField) -> None:
        """Take an ISO 3166 code."""
        field.data = (field.data or "").upper()
        if field.data not in codes():
            raise ValidationError(gettext("Enter a country's two letters, such as US."))

    def validate_deadline(self, field: DateTimeLocalField) -> None:
        """Take a year that can be reckoned with."""
        if field.data and field.data.year not in YEARS:
            raise ValidationError(gettext("Enter a year between 2000 and 2999."))

    def validate_demands(self, field: "FieldList[Any]") -> None:
        """Refuse a detail without its demand."""
        if any(row["detail"] and not row["title"] for row in field.data):
            raise ValidationError(gettext("A detail stands without its demand. Write the demand before it."))

    def validate_purpose(self, field: TextAreaField) -> None:
        """An appeal says what the money is for, before anybody gives."""
        if self.has_appeal.data and not field.data:
            raise ValidationError(gettext("Say what the fund's money is for."))

    def validate_recipient(self, field: StringField) -> None:
        """An appeal says who gets the money."""
        if self.has_appeal.data and not field.data:
            raise ValidationError(gettext("Say who receives the money."))

    def validate_suggested(self, field: StringField) -> None:
        """Read the amount."""
        if self.has_appeal.data:
            self._read(field.data or "")

    def validate_presets(self, field: StringField) -> None:
        """Read each amount."""
        if self.has_appeal.data and not [self._read(text) for text in (field.data or "").split()]:
            raise ValidationError(gettext("Offer at least one amount."))

    def _read(self, text: str) -> Money:
        try:
            amount = parse_amount(text, self.currency.data)
        except InvalidAmount as error:
            raise ValidationError(gettext(str(error))) from error
        if not amount:
            raise ValidationError(gettext("Enter an amount above zero."))
        if amount.minor > MAX_ASKED_MINOR:
            raise ValidationError(gettext("Enter a smaller amount."))
        return amount

    def fields(self) -> CampaignFields:
        """Return what was entered; call it on a valid form only."""
        plain: dict[str, Any] = {name: getattr(self, name).data or "" for name in _PLAIN}
        return CampaignFields(
            **plain,
            deadline=self._deadline(),
            goal=self.goal.data or 100,
            next_list_on=self.next_list_on.data,
            has_petition=bool(self.has_petition.data),
            has_appeal=bool(self.has_appeal.data),
            demands=tuple(Demand(row["title"], row["detail"]) for row in self.demands.data if row["title"]),
            fund=self._fund() if self.has_appeal.data else None,
            target_domains=read_domains(self.target_domains.data or ""),
            target_networks=read_networks(self.target_networks.data or ""),
            questions=tuple(row.form.question() for row in self.questions if row.form.kind.data),
        )

    def _presets(self) -> tuple[int, ...]:
        return tuple(sorted({self._read(text).minor for text in (self.presets.data or "").split()}))

    def _deadline(self) -> datetime | None:
        local = self.deadline.data
        return local.replace(tzinfo=ZoneInfo(self.zone.data)).astimezone(UTC) if local else None

    def _fund(self) -> FundFields:
        return FundFields(
            name=self.fund_name.data or self.headline.data or "",
            currency=self.currency.data,
            purpose=self.purpose.data or "",
            beyond=self.beyond.data or "",
            recipient=self.recipient.data or "",
            fees_borne_by=self.fees_borne_by.data or "general",
            suggested_minor=self._read(self.suggested.data or "").minor,
            presets_minor=self._presets(),
        )


_PLAIN = "headline summary story organisation contact_email target_name target_address zone country join_url".split()


def filled_with(campaign: CampaignFacts, fund: FundFacts | None) -> dict[str, Any]:
    """Return the form's data for a stored campaign."""
    data: dict[str, Any] = {name: getattr(campaign, name) for name in (*_PLAIN, *_STORED)}
    data["deadline"] = (
        campaign.deadline.astimezone(ZoneInfo(campaign.zone)).replace(tzinfo=None) if campaign.deadline else None
    )
    data["demands"] = [{"title": demand.title, "detail": demand.detail} for demand in campaign.demands]
    data["demands"] += [{"title": "", "detail": ""}] * max(2, DEMAND_ROWS - len(campaign.demands))
    data["target_domains"], data["target_networks"] = (
        "\n".join(each) for each in (campaign.target_domains, campaign.target_networks)
    )
    data["questions"] = [_question_data(question) for question in campaign.asked]
    data["questions"] += [{}] * min(SPARE_QUESTIONS, MAX_QUESTIONS - len(campaign.asked))
    return data | (_fund_data(fund) if fund else {"fees_borne_by": "general"})


_STORED = ("next_list_on", "goal", "has_petition", "has_appeal")


def _question_data(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "kind": question.kind.value,
        "label": question.label,
        "help": question.help,
        "choices": "\n".join(question.choices),
        "is_required": question.is_required,
        "read_by": question.read_by.value,
    }


def _fund_data(fund: FundFacts) -> dict[str, Any]:
    return {
        "fund_name": fund.name,
        "currency": fund.currency,
        "purpose": fund.purpose,
        "beyond": fund.beyond,
        "recipient": fund.recipient,
        "fees_borne_by": "general" if fund.fees_borne_by_general else "fund",
        "suggested": _typed(fund.money(fund.suggested_minor)),
        "presets": " ".join(_typed(fund.money(minor)) for minor in fund.presets_minor),
    }


def _typed(money: Money) -> str:
    amount = money.decimal()
    return f"{amount.to_integral_value():f}" if amount == amount.to_integral_value() else f"{amount:f}"


def blank() -> dict[str, Any]:
    """Return the data of an empty form."""
    return {
        "zone": "UTC",
        "country": "US",
        "has_petition": True,
        "goal": 100,
        "currency": "USD",
        "fees_borne_by": "general",
    }
