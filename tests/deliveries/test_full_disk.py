"""A list is printed while the disk is full: it stays due, nothing half stands under its name, and later it is there."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from campaigns.adapters.files import FileStore
from campaigns.deliveries import operations, queries
from campaigns.deliveries.queries import DeliveryFacts
from campaigns.deliveries.rules import State
from campaigns.factory import Vendors, create_app
from campaigns.kernel.ports import PrintChunk, PrintedFile, PrintFooter
from campaigns.outbox.models import DONE, DUE, OutboxItem
from tests.fakes.disk import little_room
from tests.make import World, settings

ROOM = 4 * 1024 * 1024  # enough for the database, not for the list
DATA = b"%PDF" + b"x" * (ROOM + 1)


class LargePrinter:
    """Prints one list that is larger than the room there is."""

    def print_list(self, letter_html: str, chunks: Sequence[PrintChunk], footer: PrintFooter) -> PrintedFile:
        return PrintedFile(DATA, hashlib.sha256(DATA).hexdigest(), 1)


class Office:
    """A site that keeps its files on a real disk, with one list asked for."""

    def __init__(self, app: Flask, world: World, files: Path) -> None:
        self.app, self.world, self.files = app, world, files

    def ask(self) -> DeliveryFacts:
        with self.world.work() as session:
            public_id = operations.request(
                session, self.world.campaign(), paper="a4", answer_expected=None, actor="x", now=self.world.clock()
            )
        return self.found(public_id)

    def found(self, public_id: str) -> DeliveryFacts:
        with self.world.reading() as session:
            delivery = queries.find(session, public_id)
        assert delivery
        return delivery

    def work(self) -> None:
        self.app.extensions["undersigned.worker"]("worker").drain()

    def job(self) -> OutboxItem:
        with self.world.reading() as session:
            return session.scalars(select(OutboxItem).where(OutboxItem.kind == operations.PRINT_JOB)).one()

    def kept(self) -> list[Path]:
        return [path for path in self.files.rglob("*") if path.is_file()]

    def list_into(self, output: Path) -> Result:
        arguments = ["signatures", "list", "--without-telling", "rescind", "--output", str(output)]
        return self.app.test_cli_runner().invoke(args=arguments)


@pytest.fixture
def office(sqlite_world: World, tmp_path: Path) -> Office:
    world, files = sqlite_world, tmp_path / "files"
    world.publish()
    world.sign_and_confirm()
    vendors = Vendors(
        checkout=world.checkout, mailer=world.mailer, files=FileStore(str(files)), printer=LargePrinter,
        clock=world.clock, engine=world.engine,
    )  # fmt: skip
    return Office(create_app(settings(world.engine.url.render_as_string(), tmp_path), vendors), world, files)


def test_a_list_that_finds_no_room_stays_due_and_is_made_when_there_is(office: Office) -> None:
    public_id = office.ask().public_id
    with little_room(ROOM):
        office.work()
    broken = office.found(public_id)
    assert (broken.state, broken.file_key, office.kept()) == (State.FROZEN, None, [])
    job = office.job()
    assert (job.state, job.attempts, job.problem) == (DUE, 1, "OSError")
    assert job.due_at
    assert timedelta(0) < job.due_at - office.world.clock() <= timedelta(seconds=2)

    office.world.clock.now = job.due_at
    office.work()
    ready = office.found(public_id)
    assert (ready.state, ready.digest, ready.frozen_at) == (State.READY, broken.digest, broken.frozen_at)
    assert [path.read_bytes() for path in office.kept()] == [DATA]
    assert office.job().state == DONE


def test_the_command_says_so_in_one_sentence_and_loses_no_list(office: Office, tmp_path: Path) -> None:
    output = tmp_path / "list.pdf"
    with little_room(ROOM):
        refused = office.list_into(output)
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: List no. 1 could not be written: ")
    assert "Traceback" not in refused.output
    assert (list(tmp_path.glob("list.pdf*")), office.kept()) == ([], [])
    office.work()
    assert [path.read_bytes() for path in office.kept()] == [DATA]


def test_where_only_the_copy_finds_no_room_an_older_one_stays_whole(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "list.pdf"
    output.write_bytes(b"an older list")
    write = Path.write_bytes

    def write_on_a_full_disk(path: Path, data: bytes) -> int:
        with little_room(ROOM):
            return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", write_on_a_full_disk)
    assert office.list_into(output).exit_code == 1
    assert output.read_bytes() == b"an older list"
    assert list(tmp_path.glob("list.pdf*")) == [output]
    assert [path.read_bytes() for path in office.kept()] == [DATA]
