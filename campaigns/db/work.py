"""The unit of work: the one place that commits."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from campaigns.db.engine import READ_ONLY

Work = Callable[[], AbstractContextManager[Session]]


@contextmanager
def unit_of_work(engine: Engine) -> Iterator[Session]:
    """Yield a session; returning commits, raising rolls back."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Yield a session that the database itself keeps from writing."""
    bound = engine.execution_options(**{READ_ONLY: True, **_read_only_option(engine)})
    with Session(bound, expire_on_commit=False) as session:
        yield session


def _read_only_option(engine: Engine) -> dict[str, bool]:
    return {"postgresql_readonly": True} if engine.dialect.name == "postgresql" else {}
