"""Use-case: turn a switch."""

from datetime import datetime
from http import HTTPStatus

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.kernel.errors import Refusal
from campaigns.outbox.operations import insert_ignoring
from campaigns.rendering.typed import is_showable
from campaigns.switches.models import SwitchRow
from campaigns.switches.rules import LONGEST_WORDS, Switch


class NoWords(Refusal):
    """Write what the banner says."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class Unreadable(Refusal):
    """Type the words again: they hold characters that cannot be shown."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TooManyWords(Refusal):
    """Shorten the words to 300 characters: they stand on every page."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


def turn(session: Session, switch: Switch, *, is_on: bool, words: str = "", actor: str, now: datetime) -> bool:
    """Turn a switch, or say other words beside it; return whether anything changed.

    Raises NoWords for a banner without any, TooManyWords beyond LONGEST_WORDS characters, Unreadable; then nothing
    is changed.
    """
    if is_on and switch.needs_words and not words:
        raise NoWords
    if len(words) > LONGEST_WORDS:
        raise TooManyWords
    if not is_showable(words):
        raise Unreadable
    first = {"name": switch.value, "is_on": False, "words": "", "turned_at": now, "turned_by": actor}
    insert_ignoring(session, SwitchRow, first)
    row = session.scalars(select(SwitchRow).where(SwitchRow.name == switch.value).with_for_update()).one()
    said = words if is_on else row.words  # kept for the next time
    if (row.is_on, row.words) == (is_on, said):
        return False
    row.is_on, row.words, row.turned_at, row.turned_by = is_on, said, now, actor
    audit.record(session, actor, f"switch.{'on' if is_on else 'off'}", switch.value, now=now)
    return True
