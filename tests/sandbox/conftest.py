"""Running sandboxes for the tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox import story as stories
from tests.sandbox.driving import Site
from tests.sandbox.rig import Rig, running


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.start()
    yield site
    site.stop()


@pytest.fixture
def rig(tmp_path: Path, site: Site) -> Iterator[Rig]:
    """A fresh sandbox. Everything that passes between client and sandbox must have Stripe's shapes."""
    with running(tmp_path, site) as rig:
        yield rig


@pytest.fixture(scope="module")
def shared_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One sandbox for the whole file, where nothing is kept."""
    site = Site()
    site.start()
    with running(tmp_path_factory.mktemp("sandbox"), site) as rig:
        yield rig
    site.stop()


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> stories.Story:
    """What passed between the real adapter and the stand-in when everything happened once."""
    with stories.stage(tmp_path_factory.mktemp("story")) as stage:
        return stories.tell(stage)
