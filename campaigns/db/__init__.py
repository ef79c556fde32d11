"""The database: engine, unit of work, column types."""

from campaigns.db.base import Base, Sealed, UTCDateTime
from campaigns.db.engine import make_engine, ping, reads_first
from campaigns.db.work import Work, reading, unit_of_work

__all__ = ["Base", "Sealed", "UTCDateTime", "Work", "make_engine", "ping", "reading", "reads_first", "unit_of_work"]
