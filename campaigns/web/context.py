"""What a door may reach for: the request's session, the clock and the ports."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, g, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from campaigns.db import Work, reading, unit_of_work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Checkout, Files
from campaigns.links import Links
from campaigns.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
EXTENSION = "undersigned"
DESK = "/desk"


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the factory introduced to this application."""

    settings: Settings
    engine: Engine
    clock: Clock
    links: Links
    checkout: Checkout
    files: Files

    def work(self) -> AbstractContextManager[Session]:
        """Return a fresh unit of work, for flows that span several."""
        return unit_of_work(self.engine)

    def reading(self) -> AbstractContextManager[Session]:
        """Return a fresh session that cannot write."""
        return reading(self.engine)


def services() -> Services:
    """Return the current application's services."""
    return cast(Services, current_app.extensions[EXTENSION])


def work() -> Work:
    """Return the maker of units of work, for flows."""
    return services().work


def now() -> datetime:
    """Return this request's moment: one for the whole request, in UTC."""
    if "now" not in g:
        g.now = services().clock()
    return cast(datetime, g.now)


def session() -> Session:
    """Return this request's session: one that cannot write for a GET, else the request's unit of work."""
    if "session" not in g:
        safe = request.method in SAFE_METHODS
        g.unit = services().reading() if safe else services().work()
        g.session = g.unit.__enter__()
    return cast(Session, g.session)


def close_unit(failure: BaseException | None) -> None:
    """End the request's unit of work: commit when `failure` is None, else roll back."""
    unit = g.pop("unit", None)
    g.pop("session", None)
    if unit is None:
        return
    if failure is None:
        unit.__exit__(None, None, None)
        return
    try:
        unit.__exit__(type(failure), failure, failure.__traceback__)
    except BaseException as raised:
        if raised is not failure:
            raise
