"""Stories are told on both databases, short ones on SQLite alone; after each the ledger proves itself."""

from collections.abc import Iterator

import pytest

from tests.make import World, appeal
from tests.recurring.make import Months


@pytest.fixture
def months(world: World) -> Iterator[Months]:
    world.publish(appeal())
    story = Months(world)
    yield story
    story.prove()


@pytest.fixture
def short_months(sqlite_world: World) -> Iterator[Months]:
    """The same, for what no database can change."""
    sqlite_world.publish(appeal())
    story = Months(sqlite_world)
    yield story
    story.prove()
