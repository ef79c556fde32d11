"""Bodies that are refused for their length."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from flask import Response, request

PIECE_BYTES = 64 * 1024
TAKEN_IN_BYTES = 16 * 1024 * 1024


def take_in_the_rest(response: Response) -> Response:
    """Read a body that is longer than the site takes, and forget it.

    Nobody has begun to read it (werkzeug refuses it by its length). A server that answers and leaves it unread cuts the
    line: the sender, or the proxy in between, then reads of a broken connection instead of our sentence.
    """
    length = request.content_length or 0
    if length <= (request.max_content_length or 0):
        return response
    left = min(length, TAKEN_IN_BYTES)
    with suppress(OSError):  # the sender has gone
        while left > 0 and (piece := request.environ["wsgi.input"].read(min(left, PIECE_BYTES))):
            left -= len(piece)
    return response


def takes_up_to(most_bytes: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a door take a longer body than others do, for a file. It stands above the guard, which reads the form."""

    def widen(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def widened(*args: Any, **kwargs: Any) -> Any:
            request.max_content_length = most_bytes
            return view(*args, **kwargs)

        return widened

    return widen
