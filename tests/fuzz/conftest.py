"""A site to be fuzzed, on each database."""

import gc
from collections.abc import Iterator

import pytest

from tests.fuzz.fuzzed import FuzzedSite
from tests.fuzz.laws import Overheard
from tests.make import World


@pytest.fixture
def fuzzed(world: World) -> Iterator[FuzzedSite]:
    """Made once for a test: the property is stated inside of it, and every example puts the site back."""
    with Overheard() as overheard:
        site = FuzzedSite.of(world, overheard)
        overheard.lines.clear()
        yield site


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What a test leaves to the garbage collector is collected while that test's own warnings are still silenced."""
    yield
    gc.collect()
