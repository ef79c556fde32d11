"""Is the process alive, and can it serve?"""

from flask import Blueprint, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from campaigns.db import ping
from campaigns.web.context import services

VERSION_TABLE = "alembic_version"  # made by the first migration
blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """Answer 200 while the process runs; asks nothing of anybody."""
    return _plain("alive\n", 200)


@blueprint.get("/readyz")
def ready() -> Response:
    """Answer 200 when the database answers and has its tables, else 503."""
    try:
        ping(services().engine, VERSION_TABLE)
    except (DBAPIError, NoConnectionLeft):
        return _plain("database not available\n", 503)
    return _plain("ready\n", 200)


def _plain(text: str, status: int) -> Response:
    response = Response(text, status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
