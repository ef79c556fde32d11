"""Stories are told on both databases, short ones on SQLite alone; after each the ledger proves itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.donations.make import Story
from tests.donations.real import RealStory
from tests.make import World, appeal
from tests.sandbox.driving import Site
from tests.sandbox.rig import Rig, running


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


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[Rig]:
    """The stand-in for Stripe, with a site before it that keeps what it is told and does nothing."""
    site = Site()
    site.start()
    with running(tmp_path / "stand-in", site) as rig:
        yield rig
    site.stop()


@pytest.fixture
def real_story(world: World, stand_in: Rig, tmp_path: Path) -> Iterator[RealStory]:
    """A site that talks to the stand-in through the real adapters; what it is told is handed over by the test."""
    world.publish(appeal())
    story = RealStory.on(world, stand_in, tmp_path)
    yield story
    story.prove()
