"""Sample values for the gallery: one small class for each thing a template reads."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from uuid import UUID

from campaigns.campaign.queries import Version
from campaigns.campaign.questions import Kind, Question, ReadBy
from campaigns.campaign.rules import Demand, Text
from campaigns.comments.queries import Comment
from campaigns.endings.queries import AnswerFacts
from campaigns.kernel.money import Money
from campaigns.partners.queries import Offer, Wording
from campaigns.partners.rules import disclosure
from campaigns.rendering.markdown import to_html
from campaigns.signatures.forms import SignForm
from campaigns.timeline.queries import Entry, Stretch
from campaigns.timeline.rules import Kind as Happened
from campaigns.versions.queries import Correction
from campaigns.versions.rules import changes


@dataclass(frozen=True)
class Site:
    """Who runs the site."""

    name: str = "Air Hub Workers United"
    legal_name: str = "Air Hub Workers United, Inc."
    contact_email: str = "hello@airhubworkers.example"
    is_demo: bool = False
    stand_in: bool = False
    url: str = "http://localhost"


@dataclass(frozen=True)
class Role:
    """What somebody may do at the desk."""

    name: str = "organizer"


@dataclass(frozen=True)
class Staff:
    """Who is signed in at the desk."""

    email: str = "giulia@airhubworkers.example"
    is_authenticated: bool = True
    roles: tuple[Role, ...] = (Role(),)

    def has_role(self, name: str) -> bool:
        """Tell whether they have a role of that name."""
        return any(role.name == name for role in self.roles)


@dataclass(frozen=True)
class ShownName:
    """One public name."""

    name: str
    place: str


@dataclass(frozen=True)
class Count:
    """How many have signed."""

    total: int
    goal: int
    fraction: float
    is_first: bool = False
    paper: int = 0

    @property
    def online(self) -> int:
        """Those who signed on the site."""
        return self.total - self.paper


COUNT = Count(7114, 10000, 0.7114)
WITH_PAPER = Count(7194, 10000, 0.7194, paper=80)
PAPER_ALONE = Count(12, 100, 0.12, paper=12)
FIRST = Count(0, 100, 0.0, is_first=True)
REACHED = Count(10212, 10000, 1.0)


@dataclass(frozen=True)
class Signature:
    """A signatory's own signature."""

    name: str = "Rosa Delgado"
    visibility: str = "delivered"
    place: str = "Hebron, KY"
    state: str = "pending"
    headline: str = "Reinstate Connor. Rescind every write-up."


STORY = """Amazon is on the attack. Pro-union workers across the country are being written up and fired.

Last week, **eleven pro-union workers** at the air hub were written up for “insubordination” just for talking to their \
co-workers at union tables outside of the facility.

Now the company has fired Connor Spence, a key union organizer at the JFK8 warehouse in Staten Island, which unionized \
in April last year. The firing comes just days after Connor visited workers at the air hub and was “badge challenged” \
by management.

> The fight to unionize won't succeed without unflinching solidarity across the workers' movement.

## What your name does

- It tells management that the eleven are not alone.
- It is handed over on paper, with every page sealed.
- It stays withheld if you say so.

Read [the report of 9 December](https://example.org/report).
"""


@dataclass(frozen=True)
class Campaign:
    """A campaign as pages read it."""

    slug: str = "reinstate-connor"
    headline: str = "Reinstate Connor. Rescind every write-up."
    summary: str = (
        "Eleven workers were written up for talking union on their own time. Then the company fired an organizer."
    )
    target_name: str = "Amazon Air Hub management"
    deadline: datetime | None = datetime(2023, 12, 16, 4, 59, tzinfo=UTC)
    days_left: int | None = 4
    state: str = "open"
    count: Count = COUNT
    goal: int = 10000
    has_petition: bool = True
    has_appeal: bool = True
    is_demo: bool = False
    accent: str = ""
    story_html: str = to_html(STORY)
    demands: tuple[Demand, ...] = (
        Demand("Reinstate Connor Spence with back pay", "Fired days after visiting co-workers at the air hub."),
        Demand("Rescind all eleven write-ups", "Talking to co-workers at a union table is protected by law."),
        Demand("Stop badge-challenging organizers", ""),
    )
    contact_email: str = "hello@airhubworkers.example"
    organisation: str = "Air Hub Workers United"
    zone: str = "America/New_York"
    next_list_on: date | None = date(2023, 12, 15)
    join_url: str = "https://union.example/join"
    petition_open: bool = True
    appeal_open: bool = True
    country: str = "US"
    published: bool = True
    hours_left: int | None = 100
    is_won: bool = False
    won_words: str = ""
    is_corrected: bool = False
    version_since: datetime = datetime(2023, 12, 11, 18, 0, tzinfo=UTC)
    anonymise_after_days: int = 180
    anonymising_since: datetime | None = None
    consent: str = (
        "Air Hub Workers United keeps your name and address to count your signature and to hand over the list. "
        "Unconfirmed signatures are deleted after 30 days."
    )


@dataclass(frozen=True)
class FundFacts:
    """What a form needs to know of a fund to lead to it."""

    id: str = "0192f3a1"
    currency: str = "USD"


@dataclass(frozen=True)
class FundAsk:
    """What a fund is asked under."""

    fund: FundFacts = FundFacts()


@dataclass(frozen=True)
class Fund:
    """A fund with its figures."""

    ask: FundAsk = FundAsk()

    name: str = "Connor Spence and JFK8"
    purpose: str = "Connor Spence’s living costs while he fights his firing, and organizing at JFK8."
    beyond: str = "If more comes in than is needed, it goes to the next organizer who is fired."
    recipient: str = "Air Hub Workers United, Inc."
    tax: str = "We are no charity: gifts cannot be deducted from taxes."
    given: Money = Money(1048200, "USD")
    fees: Money = Money(33811, "USD")
    refunded: Money = Money(0, "USD")
    paid_out: Money = Money(615000, "USD")
    left: Money = Money(433200, "USD")
    givers: int = 412
    fees_borne_by_general: bool = True
    fraction_paid: float = 0.587
    suggested: Money = Money(3000, "USD")
    presets: tuple[Money, ...] = tuple(Money(amount * 100, "USD") for amount in (15, 30, 50, 100))
    example: Money = Money(3000, "USD")


@dataclass(frozen=True)
class Ask:
    """A fund as a form asks for it: no figures."""

    name: str = Fund.name
    purpose: str = Fund.purpose
    beyond: str = Fund.beyond
    recipient: str = Fund.recipient
    tax: str = Fund.tax
    fees_borne_by_general: bool = False
    suggested: Money = Fund.suggested
    presets: tuple[Money, ...] = Fund.presets


@dataclass(frozen=True)
class Line:
    """One fund's part of a gift."""

    fund_name: str
    purpose: str
    amount: Money
    beyond: str = Fund.beyond
    recipient: str = Fund.recipient
    tax: str = Fund.tax
    is_fee_cover: bool = False


@dataclass(frozen=True)
class Donation:
    """What became of a gift."""

    state: str = "paid"
    amount: Money = Money(3000, "USD")
    lines: tuple[Line, ...] = (Line(Fund().name, Fund().purpose, Money(3000, "USD")),)
    public_id: str = "g7hk2m9q4v"
    refunded: Money = Money(0, "USD")
    disputed: Money = Money(0, "USD")
    source: str = ""

    @property
    def given_back(self) -> Money:
        """What went back."""
        return self.refunded + self.disputed

    @property
    def kept(self) -> Money:
        """What is left."""
        return self.amount - self.given_back


KITCHEN = Fund(
    ask=FundAsk(FundFacts("0192f3a2")),
    name="Strike kitchen at the north gate",
    purpose="Hot meals for the pickets, as long as the strike lasts.",
    beyond="Pots and tents go to the next strike.",
    given=Money(84050, "USD"),
    paid_out=Money(61020, "USD"),
    left=Money(23030, "USD"),
    givers=37,
)
PIACENZA = replace(KITCHEN, ask=FundAsk(FundFacts("0192f3a3", "EUR")), name="Piacenza: fines of the pickets")
SHARED = Donation(
    amount=Money(3121, "USD"),
    lines=(
        Line(Fund.name, Fund.purpose, Money(2000, "USD")),
        Line(KITCHEN.name, KITCHEN.purpose, Money(1000, "USD"), beyond=KITCHEN.beyond),
        Line("General fund", "Costs that no other fund bears, card fees first.", Money(121, "USD"), is_fee_cover=True),
    ),
)


@dataclass(frozen=True)
class Delivery:
    """A list that was handed over."""

    number: int = 3
    public_id: str = "d4m8x2kq7p"
    delivered_at: datetime | None = datetime(2023, 12, 15, 14, 12, tzinfo=UTC)
    created_at: datetime = datetime(2023, 12, 15, 9, 12, tzinfo=UTC)
    named: int = 2905
    withheld: int = 4129
    on_paper: int = 80
    total: int = 7114
    digest: str = "9f3c7a1044d2b8e05c1f6a9377e0d4c2118baf5e2d90c6437fa8b1e05d3c92a1"
    file_sha256: str | None = "1b7e33d0c9f45a8e6620b19df4ce7a05538d2b60e7a914fc3d8e5b216a70cf94"
    pages: int | None = 34
    letter: dict[str, str] = field(
        default_factory=lambda: {"headline": Campaign().headline, "target": Campaign().target_name}
    )


NAMES = tuple(
    ShownName(name, place)
    for name, place in (
        ("Rosa Delgado", "Hebron, KY"), ("Giulia Ferri", "Piacenza, Italy"), ("Marcus Bell", "Staten Island, NY"),
        ("أمل حداد", "Paterson, NJ"), ("Nguyễn Thị Hoa", "Erlanger, KY"), ("Иван Петров", "Newport, KY"),
        ("王秀英", "Chicago, IL"), ("Zoë Müller", "Berlin, Germany"), ("Adebayo Okonkwo", "Hebron, KY"),
        ("María José de la Concepción Fernández-Villavicencio y Ortiz de Zárate", "Llanfairpwllgwyngyllgogerych"),
        ("Jo Hill", "Piacenza, Italy"), ("Søren Kjær", "Paterson, NJ"),
    )
)  # fmt: skip

OPEN = Campaign()
LAST_DAY = replace(OPEN, state="last_day", days_left=0, hours_left=5)
QUESTIONS = (
    Question("q1", Kind.WORKPLACE, is_required=True, read_by=ReadBy.DELIVERED),
    Question("q2", Kind.PHONE, help="Before the vote we call everybody once."),
    Question("q3", Kind.CHOICE, "Which shift do you work?", choices=("Day", "Night", "Weekend")),
    Question("q4", Kind.TICK, "I will come to the hand-over on 15 December."),
    Question("q5", Kind.TEXT, "How many years have you worked here?", read_by=ReadBy.DELIVERED),
)
ANSWER = AnswerFacts(
    2, date(2023, 12, 20), "Amazon Air Hub management",
    "We have read your list.\n\n> The write-ups of 6 December are under review.\n\nWe will meet **five** of you.",
    datetime(2023, 12, 21, 9, tzinfo=UTC),
)  # fmt: skip
_HAPPENED: tuple[tuple[Happened, int, str, dict[str, int | str]], ...] = (
    (Happened.CLOSED, 28, "", {}),
    (Happened.WON, 27, "All eleven write-ups are rescinded.", {}),
    (Happened.ANSWERED, 20, "Amazon Air Hub management", {}),
    (Happened.HANDED_OVER, 15, "Ms. Ortega at the gate of the air hub", {"list": 1}),
    (Happened.LIST, 15, "", {"list": 1, "total": 7114, "named": 2905}),
    (Happened.GOAL, 14, "", {"goal": 5000}),
    (Happened.REOPENED, 12, "", {"deadline": "2023-12-16"}),
    (Happened.CORRECTED, 11, "", {"version": 2}),
    (Happened.NOTE, 10, "سار أربعون منا إلى مكتب المدير.", {}),
    (Happened.PUBLISHED, 9, "", {}),
)
_ENTRIES = [
    Entry(UUID(int=number), kind, date(2023, 12, day), words, facts, False)
    for number, (kind, day, words, facts) in enumerate(_HAPPENED)
]
TIMELINE = Stretch(_ENTRIES, date(2023, 12, 9))
COMMENTS = (
    Comment("Connor trained me on my first night. Nobody here forgets that.", NAMES[0].name, NAMES[0].place),
    Comment("أوقّع لأن السلامة حق للجميع.", "أمل حداد", "Dearborn, US"),
    Comment("For my sister, who was written up for talking.\nFor all eleven.", NAMES[1].name, NAMES[1].place),
)
CLOSED = replace(OPEN, slug="closed", state="closed", days_left=0, petition_open=False, next_list_on=None)
WON = replace(OPEN, slug="won", is_won=True, won_words="All eleven write-ups are rescinded and Connor is back at work.")
WON_AND_CLOSED = replace(
    CLOSED, slug="won-closed", is_won=True, won_words=WON.won_words, is_corrected=True,
    anonymising_since=datetime(2024, 6, 13, 9, tzinfo=UTC),
)  # fmt: skip
PETITION_ONLY = replace(OPEN, slug="fans", has_appeal=False, appeal_open=False, deadline=None, days_left=None)
APPEAL_ONLY = replace(
    OPEN, slug="strike-fund", headline="Feed the strike.", summary="Ninety families, four weeks without pay.",
    has_petition=False, petition_open=False, demands=(), next_list_on=None, deadline=None, days_left=None,
)  # fmt: skip
LONG = replace(
    OPEN,
    slug="night-shift",
    headline="Reinstate every one of the twenty-three night-shift sorters dismissed without a hearing after the "
    "walkout of 22 March, and withdraw the disciplinary letters sent to their colleagues in Piacenza",
    target_name="Amazon Logistics Europe S.à r.l. & Co. KG, Regional Operations, Inbound Sortation and Air Gateway",
)
ARABIC = replace(
    OPEN, headline="أعيدوا كونور إلى عمله. اسحبوا كل الإنذارات.", target_name="إدارة المركز الجوي",
    summary="وُجّهت إنذارات إلى أحد عشر عاملاً لأنهم تحدثوا عن النقابة في وقتهم الخاص.",
    demands=(Demand("إعادة كونور سبنس مع أجره", "فُصل بعد أيام من زيارته لزملائه."), Demand("سحب الإنذارات كلها", "")),
    organisation="عمال المركز الجوي",
    story_html=to_html("الشركة تهاجم. العمال المؤيدون للنقابة يُنذرون ويُفصلون في أنحاء البلاد."),
)  # fmt: skip

_EARLIER = Text(OPEN.headline, (Demand("Rescind all nine write-ups", "Talking is protected."), *OPEN.demands[2:]))
_CURRENT = Text(OPEN.headline, OPEN.demands)
CORRECTIONS = (
    Correction(Version(UUID(int=2), 2, _CURRENT, OPEN.version_since, None), changes(_EARLIER, _CURRENT)),
    Correction(Version(UUID(int=1), 1, _EARLIER, datetime(2023, 12, 9, tzinfo=UTC), OPEN.version_since), []),
)
PARTNER = Offer(
    UUID(int=1), "night-shift", "Night Shift Committee", "Sorters of the night at the hub", UUID(int=2),
    "I want to hear from the Night Shift Committee about meetings and actions at the hub.",
    disclosure(OPEN.organisation, "Night Shift Committee"),
)  # fmt: skip
AGREED = Wording(PARTNER.name, PARTNER.words, PARTNER.disclosure)


def by_partner(form: SignForm) -> SignForm:
    """Return the form as those see it whom a partner sent."""
    form.partner = PARTNER
    return form


FUND = Fund()
FUND_EMPTY = replace(
    FUND,
    given=Money(0, "USD"),
    fees=Money(0, "USD"),
    paid_out=Money(0, "USD"),
    left=Money(0, "USD"),
    givers=0,
    fraction_paid=0.0,
)
FUND_FULL_ACCOUNT = replace(
    FUND, refunded=Money(12500, "USD"), fees_borne_by_general=False, left=Money(386889, "USD"), fraction_paid=0.614
)
