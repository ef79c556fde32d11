"""What the gallery shows of what is paid each month: the owner's page in every state, joining, members, tiers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict

from campaigns.kernel.money import Money
from campaigns.membership.forms import JoinForm, TierForm
from campaigns.membership.queries import MemberRow, Tier
from campaigns.recurring.booking import About
from campaigns.recurring.forms import AmountForm
from campaigns.recurring.queries import Monthly
from campaigns.recurring.rules import BEGINNING, Act, State
from tools import gallery_samples as samples

Values = Callable[[], dict[str, Any]]
TEN, FIFTEEN, THIRTY = (Money(minor, "USD") for minor in (1000, 1500, 3000))
GIFT = About(
    email="rosa@example.org",
    is_gift=True,
    title=samples.Fund().name,
    lines=((samples.Fund().name, samples.Fund().purpose, "Air Hub Workers United, Inc."),),
    least=Money(100, "USD"),
    most=Money(2_500_000, "USD"),
)
DUES = replace(
    GIFT,
    is_gift=False,
    title="Standard",
    choices=(("Standard", FIFTEEN), ("Solidarity, for those who earn more", THIRTY)),
    least=FIFTEEN,
    most=THIRTY,
)
BEGUN = datetime(2023, 12, 4, 15, 0, tzinfo=UTC)
MONTHLY = Monthly(
    UUID(int=1), "m8xk2p4q7z", "monthly_gift", UUID(int=2), State.ACTIVE, TEN, None, "sub_1", "cus_1",
    datetime(2024, 1, 4, 15, 0, tzinfo=UTC), None, BEGUN, None, None, (),
)  # fmt: skip
_FUND = (UUID(int=3), "General fund", UUID(int=4), "Costs that no other fund bears, card fees first.")
TIERS = tuple(
    Tier(UUID(int=number), name, words, amount, is_open, *_FUND, "Air Hub Workers United, Inc.", True)
    for number, name, words, amount, is_open in (
        (10, "Between jobs", "For everybody who has no wage at the moment", Money(300, "USD"), True),
        (11, "Standard", "For everybody in work", FIFTEEN, True),
        (12, "Solidarity", "For those who earn more and want others to pay less", THIRTY, False),
    )
)
MEMBERS = [
    MemberRow(UUID(int=20), name, email, tier, amount, state, BEGUN, MONTHLY.period_end, None, "")
    for name, email, tier, amount, state in (
        ("Rosa Delgado", "rosa.delgado@example.org", "Standard", FIFTEEN, "active"),
        ("أمل حداد", "amal@example.org", "Between jobs", Money(300, "USD"), "past_due"),
        ("Nguyễn Thị Hoa", "hoa@example.org", "Solidarity", THIRTY, "paused"),
        ("Wolfeschlegelsteinhausenbergerdorff", "a.very.long.address@union.example", "Standard", FIFTEEN, "ended"),
    )
]


@dataclass(frozen=True)
class Shown:
    """One page in one state; `name` begins with that of its template."""

    name: str
    template: str
    values: Values


def shown() -> Iterator[Shown]:
    """Yield every page."""
    yield from _owners()
    yield from _joining()
    yield from _at_the_desk()


def _owners() -> Iterator[Shown]:
    for state in State:
        values = {"monthly": replace(MONTHLY, state=state), "about": GIFT}
        yield Shown(f"monthly-{state.value}", "recurring/begun.html", values.copy)
        if state not in BEGINNING:
            yield Shown(f"manage-{state.value}", "recurring/manage.html", partial(_manage, state, GIFT))
    yield Shown("manage-dues", "recurring/manage.html", partial(_manage, State.ACTIVE, DUES, done="amount"))
    yield Shown("manage-refused", "recurring/manage.html", partial(_manage, State.ACTIVE, GIFT, typed="ten"))
    waits = partial(_manage, State.ACTIVE, GIFT, waits=(Act.PAUSE,))
    yield Shown("manage-waits", "recurring/manage.html", waits)
    ending = {"monthly": replace(MONTHLY, ends_at=MONTHLY.period_end)}
    yield Shown("manage-ending", "recurring/manage.html", lambda: _manage(State.ACTIVE, GIFT) | ending)
    yield Shown("manage-too-old", "recurring/too_old.html", dict)


def _manage(state: State, about: About, typed: str = "", waits: tuple[Act, ...] = (), done: str = "") -> dict[str, Any]:
    monthly = replace(MONTHLY, state=state, waits=waits, amount=TEN if about.is_gift else FIFTEEN)
    data = {"amount": f"{monthly.amount.decimal():f}"}
    form = AmountForm(MultiDict({"amount": typed}) if typed else None, about=about, data=data)
    if typed:
        form.validate()
    return {"token": "t0k3n", "monthly": monthly, "about": about, "form": form, "done": done}


def _joining() -> Iterator[Shown]:
    yield Shown("join", "membership/join.html", lambda: {"form": JoinForm(None, tiers=TIERS[:2])})
    yield Shown("join-refused", "membership/join.html", _refused)
    yield Shown("join-closed", "membership/join.html", lambda: {"form": JoinForm(None, tiers=())})


def _refused() -> dict[str, Any]:
    form = JoinForm(MultiDict({"name": "R", "email": "rosa"}), tiers=TIERS[:2])
    form.validate()
    return {"form": form}


def _at_the_desk() -> Iterator[Shown]:
    desk = {"current_user": samples.Staff(), "csrf_token": str, "page": 1, "has_next": True, "state": ""}
    tallies = {"active": 311, "past_due": 4, "paused": 2, "ended": 57}
    members = desk | {"rows": MEMBERS, "tallies": tallies, "tiers": TIERS}
    yield Shown("desk-members", "desk/members.html", members.copy)
    nobody = desk | {"rows": [], "tallies": {}, "tiers": (), "has_next": False}
    yield Shown("desk-members-empty", "desk/members.html", nobody.copy)
    yield Shown("desk-tiers", "desk/tiers.html", partial(_tiers, desk, TIERS, None))
    yield Shown("desk-tiers-empty", "desk/tiers.html", partial(_tiers, desk, (), None))
    yield Shown("desk-tier", "desk/tiers.html", partial(_tiers, desk, TIERS, TIERS[1]))


def _tiers(desk: dict[str, Any], tiers: tuple[Tier, ...], changed: Tier | None) -> dict[str, Any]:
    form = TierForm(None, funds=[("1", "Legal fund, USD")], meta={"csrf": False})
    form.csrf_token = lambda **_: ""  # the gallery's forms have none
    return desk | {"form": form, "tiers": tiers, "changed": changed}
