"""What most tests of sheets begin with."""

import pytest

from tests.make import World
from tests.paper.make import Sheets, print_sheets


@pytest.fixture
def sheets(world: World) -> Sheets:
    """A campaign with three printed sheets, and an organizer at them."""
    world.publish()
    print_sheets(world)
    world.run_worker()
    return Sheets.at(world)
