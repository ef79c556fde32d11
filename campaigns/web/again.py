"""What somebody typed into a form that could not be taken now, so that one button sends it again."""

from contextlib import suppress
from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import HTTPException

from campaigns.web.context import DESK
from campaigns.web.guard import is_for_machines

_KINDS = ("application/x-www-form-urlencoded", "multipart/form-data", "")  # a button alone sends no kind


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a form went and every field of it, in order."""

    path: str
    fields: tuple[tuple[str, str], ...]


def sent_form() -> Sent | None:
    """Return the form that somebody posted; None where it was no form, and at the desk: it may hold a password."""
    if request.method != "POST" or request.mimetype not in _KINDS:
        return None
    if request.path.startswith(DESK) or is_for_machines():
        return None
    with suppress(HTTPException):  # one that is too large was not read
        return Sent(request.path, tuple(request.form.items(multi=True)))
    return None
