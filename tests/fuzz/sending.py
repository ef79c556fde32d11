"""Requests as a web server hands them on, however strange, and the answers to them.

Werkzeug's own test client builds only requests that make sense; here every part is a matter of its own.
"""

import gzip
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import Any

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import create_environ, run_wsgi_app

FORM = "application/x-www-form-urlencoded"
FITTING = "as long as the body"
CHUNKED = "in chunks"


@dataclass(frozen=True)
class Request:
    """One request. `path` is percent-decoded already, as WSGI has it; headers are Latin-1 text."""

    method: str
    path: bytes
    query: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    content_type: str | None = None
    content_length: str = FITTING

    def environ(self) -> dict[str, Any]:
        environ = create_environ(base_url="http://localhost", input_stream=BytesIO(self.body))
        environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers}
        environ |= {
            "REQUEST_METHOD": self.method,
            "PATH_INFO": self.path.decode("latin-1"),
            "QUERY_STRING": self.query.decode("latin-1"),
        }
        if self.content_type is not None:
            environ["CONTENT_TYPE"] = self.content_type
        return environ | self._length()

    def _length(self) -> dict[str, Any]:
        if self.content_length == CHUNKED:
            return {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        return {"CONTENT_LENGTH": str(len(self.body)) if self.content_length == FITTING else self.content_length}

    def has(self, header: str) -> bool:
        return any(name == header for name, _ in self.headers)


@dataclass(frozen=True)
class Answer:
    """What came back, unpacked."""

    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def kind(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]

    @property
    def refuses(self) -> bool:
        return self.status >= HTTPStatus.BAD_REQUEST


def send(app: Flask, request: Request) -> Answer:
    """Return the application's answer. What it lets fall out of it altogether is raised."""
    pieces, status, headers = run_wsgi_app(app, request.environ(), buffered=True)
    body = b"".join(pieces)
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return Answer(int(status.split()[0]), headers, body)
