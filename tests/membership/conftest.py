"""A site with an open appeal and a tier; after each story the ledger proves itself."""

from collections.abc import Iterator

import pytest

from tests.make import World, appeal
from tests.membership.make import Union


@pytest.fixture
def union(world: World) -> Iterator[Union]:
    world.publish(appeal())
    story = Union(world)
    yield story
    story.prove()


@pytest.fixture
def short_union(sqlite_world: World) -> Iterator[Union]:
    """The same, for what no database can change."""
    sqlite_world.publish(appeal())
    story = Union(sqlite_world)
    yield story
    story.prove()
