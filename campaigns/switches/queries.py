"""Reads of the switches."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.switches import rules
from campaigns.switches.models import SwitchRow
from campaigns.switches.rules import Standing, Switch

_ON = select(SwitchRow.name, SwitchRow.words).where(SwitchRow.is_on)


@dataclass(frozen=True, slots=True)
class SwitchFacts:
    """A switch as the desk shows it. `turned_at` is None for one that nobody has turned yet."""

    switch: Switch
    is_on: bool = False
    words: str = ""
    turned_at: datetime | None = None


def standing(session: Session) -> Standing:
    """Return what holds now."""
    return rules.standing(dict(session.execute(_ON).all()))


def every(session: Session) -> list[SwitchFacts]:
    """Return every switch there is, in the order in which the desk shows them."""
    rows = {row.name: row for row in session.scalars(select(SwitchRow))}
    return [
        SwitchFacts(switch, row.is_on, row.words, row.turned_at) if (row := rows.get(switch)) else SwitchFacts(switch)
        for switch in Switch
    ]
