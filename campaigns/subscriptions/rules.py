"""Pure decisions about news: how long a question to a mailbox stands, and what asking again means."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

CONFIRM_PURPOSE: Final = "confirm news"
# Shorter than a signature's: nothing is lost but a click, and whoever did not ask is forgotten sooner.
PENDING_KEPT: Final = timedelta(days=7)
STOP_PURPOSE: Final = "stop news"


class State(StrEnum):
    """How far it has come. Stopping deletes it."""

    PENDING = "pending"
    CONFIRMED = "confirmed"


class Asking(StrEnum):
    """What asking for news does, given what stands under this address."""

    ADD = "add"
    REPLACE = "replace the link"
    TELL_BY_MAIL = "tell by mail"
    ENOUGH = "enough mails for a day"


def on_asking(existing: State | None, *, has_enough_mails: bool) -> Asking:
    """Return what to do when somebody asks with an address whose subscription has the state `existing`.

    On the web all look the same. A mailbox that `has_enough_mails` keeps the link of its last one.
    """
    match existing:
        case None:
            return Asking.ADD
        case State.PENDING:
            return Asking.ENOUGH if has_enough_mails else Asking.REPLACE
        case State.CONFIRMED:
            return Asking.TELL_BY_MAIL
