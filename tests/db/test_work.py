"""One unit of work: all of it or nothing."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from campaigns.db import reading, unit_of_work


class Base(DeclarativeBase):
    """Not the site's: the note is no table of the site."""


class Note(Base):
    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str]


@pytest.fixture(autouse=True)
def table(engine: Engine) -> None:
    Base.metadata.create_all(engine)


def notes(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(text("SELECT words FROM note ORDER BY id")))


def test_returning_commits(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        session.add(Note(words="one"))
        assert notes(engine) == []
    assert notes(engine) == ["one"]


def test_raising_takes_everything_back(engine: Engine) -> None:
    def fails_half_way() -> None:
        with unit_of_work(engine) as session:
            session.add(Note(words="one"))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        fails_half_way()
    assert notes(engine) == []


def test_what_was_written_can_still_be_read_afterwards(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        note = Note(words="one")
        session.add(note)
    assert note.words == "one"


def test_what_reads_never_commits(engine: Engine) -> None:
    with reading(engine) as session:
        session.add(Note(words="one"))
    assert notes(engine) == []
