"""flask --app app signatures list."""

from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import func, select

from campaigns.campaign import operations
from campaigns.deliveries import announcing
from campaigns.deliveries.announcing import NotAnnounced
from campaigns.deliveries.models import Delivery
from tests.make import World, petition


def make_list(world: World, *arguments: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["signatures", "list", "--without-telling", *arguments])


def make_list_as_told(world: World, *arguments: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["signatures", "list", "rescind", *arguments])


def deliveries(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(Delivery)) or 0


def test_a_list_is_numbered_made_and_written(world: World, tmp_path: Path) -> None:
    world.publish()
    world.sign_and_confirm(name="Ana Public", visibility="public")
    for number in (1, 2):
        output = tmp_path / f"list-{number}.pdf"
        result = make_list(world, "rescind", "--output", str(output))
        assert (result.exit_code, result.stdout) == (0, f"List no. {number} is in {output}.\n")
        assert output.read_bytes() in world.files.kept.values()
        assert b"Ana Public" in output.read_bytes()


def test_a_worker_that_comes_later_finds_nothing_left_to_do(world: World, tmp_path: Path) -> None:
    world.publish()
    world.sign_and_confirm()
    make_list(world, "rescind", "--output", str(tmp_path / "list.pdf"), "--paper", "a4")
    kept = dict(world.files.kept)
    world.run_worker()
    assert world.files.kept == kept
    assert len(world.printer.letters) == 1


def test_no_list_is_made_before_those_it_names_were_told(world: World, tmp_path: Path) -> None:
    world.publish()
    world.sign_and_confirm(name="Ana Public", visibility="public")
    output = tmp_path / "list.pdf"
    refused = make_list_as_told(world, "--output", str(output))
    assert (refused.exit_code, refused.output) == (1, f"Error: {NotAnnounced.__doc__}\n")
    assert deliveries(world) == 0
    with world.work() as session:
        announcing.announce(session, world.campaign(), hours=0, actor="test", now=world.clock())
    world.run_worker()
    world.sign_and_confirm(name="Bo Later", visibility="public", email="bo@example.org")
    assert make_list_as_told(world, "--output", str(output)).exit_code == 0
    assert b"Ana Public" in output.read_bytes()
    assert b"Bo Later" not in output.read_bytes()


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("unknown", "There is no published campaign called unknown."),
        ("draft", "There is no published campaign called draft."),
        ("rescind", "Nobody has signed yet. A list needs at least one confirmed signature."),
    ],
)
def test_what_cannot_be_listed_is_said_in_one_sentence(
    sqlite_world: World, tmp_path: Path, slug: str, sentence: str
) -> None:
    sqlite_world.publish()
    with sqlite_world.work() as session:
        operations.create(session, petition(slug="draft"), actor="test", now=sqlite_world.clock())
    result = make_list(sqlite_world, slug, "--output", str(tmp_path / "list.pdf"))
    assert (result.exit_code, result.output) == (1, f"Error: {sentence}\n")
    assert not (tmp_path / "list.pdf").exists()
    assert deliveries(sqlite_world) == 0


def test_a_place_that_cannot_be_written_to_uses_up_no_number(sqlite_world: World, tmp_path: Path) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    for place in (tmp_path / "nowhere" / "list.pdf", tmp_path):
        result = make_list(sqlite_world, "rescind", "--output", str(place))
        assert result.exit_code in (1, 2)
        assert "Traceback" not in result.output
        assert isinstance(result.exception, SystemExit)
    assert deliveries(sqlite_world) == 0
