"""Stories are told on both databases, short ones on SQLite alone; after each the ledger proves itself."""

from collections.abc import Iterator

import pytest

from tests.donations.make import Story
from tests.make import World, appeal


@pytest.fixture
def story(world: World) -> Iterator[Story]:
    world.publish(appeal())
    story = Story(world)
    yield story
    story.prove()


@pytest.fixture
def short_story(sqlite_world: World) -> Iterator[Story]:
    """The same, for what no database can change."""
    sqlite_world.publish(appeal())
    story = Story(sqlite_world)
    yield story
    story.prove()
