"""Bodies that are refused for their length."""

from contextlib import suppress

from flask import Response, current_app, request

PIECE_BYTES = 64 * 1024
TAKEN_IN_BYTES = 16 * 1024 * 1024


def take_in_the_rest(response: Response) -> Response:
    """Read a body that is longer than the site takes, and forget it.

    Nobody has begun to read it (werkzeug refuses it by its length). A server that answers and leaves it unread cuts the
    line: the sender, or the proxy in between, then reads of a broken connection instead of our sentence.
    """
    length = request.content_length or 0
    if length <= current_app.config["MAX_CONTENT_LENGTH"]:
        return response
    left = min(length, TAKEN_IN_BYTES)
    with suppress(OSError):  # the sender has gone
        while left > 0 and (piece := request.environ["wsgi.input"].read(min(left, PIECE_BYTES))):
            left -= len(piece)
    return response
