"""What docs/deploy/ says, run. The tests here are marked `prove` and `deploy`."""

from pathlib import Path

import pytest

from tests.deploy.install import Install


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.prove)
            item.add_marker(pytest.mark.deploy)


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Install:
    """The project in a folder of its own, with its tables made and the sample campaigns loaded."""
    return Install.make(tmp_path_factory.mktemp("opt") / "undersigned")
