"""One JSON object a line on standard error, with the request's id and nobody's data.

Only what a call names in `extra` is logged beside the message, and only if it is listed here: a field that
could hold an address cannot slip in. An exception is logged by its type and its place in our code; its text
may quote a row.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Final

from flask import g, has_request_context

FIELDS: Final = ("kind", "item", "path", "problem", "session", "status", "milliseconds", "method")


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "room": record.name,
            "message": record.getMessage(),
        }
        if has_request_context():
            line["request"] = g.get("request_id", "")
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1]:
            line["failure"] = _failure(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _failure(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "where": [f"{frame.filename.rpartition('/campaigns/')[2]}:{frame.lineno} {frame.name}" for frame in frames][
            -12:
        ],
        "cause": type(error.__cause__).__qualname__ if error.__cause__ else None,
    }


def configure(level: int = logging.INFO) -> None:
    """Send the site's own log to standard error as JSON lines; doing so twice is harmless."""
    room = logging.getLogger("campaigns")
    room.setLevel(level)
    if not any(isinstance(handler.formatter, JsonLines) for handler in room.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        room.addHandler(handler)
