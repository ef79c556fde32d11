"""flask --app app backup …: one archive of database and files, made while people sign, proven before it is trusted."""

import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.campaign import queries as campaigns
from campaigns.db import dumps
from campaigns.db.dumps import DumpFailed
from campaigns.deliveries import queries as deliveries
from campaigns.ledger import checks
from campaigns.ledger import queries as ledger
from campaigns.outbox import operations as outbox
from campaigns.paper import queries as paper
from campaigns.signatures import queries as signatures
from campaigns.web.context import services

DATABASE, MANIFEST, FILES = "database", "manifest.json", "files/"
group = AppGroup("backup", help="Backups of database and files.")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a state of the site can be held to: the ledger's head, the count of each campaign, the files."""

    kind: str
    revision: str
    sequence: int
    head: str
    counts: dict[str, int]
    files: list[str]


@group.command("create")
@click.argument("archive", type=click.Path(dir_okay=False, path_type=Path))
def create(archive: Path) -> None:
    """Write ARCHIVE (a tar file). The encryption key is not in it: keep that apart."""
    if archive.exists():
        raise click.ClickException(f"{archive} is there already. Nothing was changed.")
    unfinished = archive.with_name(f"{archive.name}.unfinished")
    with _said(), tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        dumped = Path(folder) / DATABASE
        facts = dumps.dump(services().engine, dumped, _facts)
        try:
            _write(unfinished, dumped, facts)
            unfinished.rename(archive)
        finally:
            unfinished.unlink(missing_ok=True)
    signed = sum(facts.counts.values())
    click.echo(f"{archive}: {facts.sequence} ledger entries, {signed} signatures, {len(facts.files)} files.")


@group.command("check")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(archive: Path) -> None:
    """Prove that ARCHIVE is whole; for SQLite also that its ledger and counts hold."""
    with _said(), tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        facts = _unpack(archive, Path(folder))
        if facts.kind == "sqlite":
            with dumps.opened(Path(folder) / DATABASE) as session:
                _prove(session, facts)
            click.echo("The archive is whole; its ledger and counts hold.")
            return
    click.echo("The archive is whole. Restore it into an empty PostgreSQL database to prove its ledger and counts.")


@group.command("restore")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(archive: Path) -> None:
    """Fill the empty database and the files from ARCHIVE, then prove ledger and counts."""
    site = services()
    with _said(), tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        facts = _unpack(archive, Path(folder))
        if facts.kind != site.engine.dialect.name:
            raise DumpFailed(f"This archive is of {facts.kind}; the site runs on {site.engine.dialect.name}.")
        dumps.restore(site.engine, Path(folder) / DATABASE)
        for key in facts.files:
            site.files.put(key, (Path(folder) / FILES / key).read_bytes())
        with site.reading() as session:
            _prove(session, facts)
        with site.work() as session:
            outbox.note_restore(session, site.clock())
    click.echo("Restored; ledger and counts hold. What was paid since the archive is booked again by the sweep;")
    click.echo("its receipts are not mailed a second time.")


@contextmanager
def _said() -> Iterator[None]:
    """Turn what went wrong into one sentence and exit code 1."""
    try:
        yield
    except (DumpFailed, tarfile.TarError, FileNotFoundError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"Reading or writing failed: {error.strerror or error}.") from error


def _facts(session: Session) -> Facts:
    now = services().clock()
    head = ledger.head(session)
    counts = {row.slug: signatures.recount(session, row.id).total for row in campaigns.every(session, now)}
    return Facts(
        kind=session.get_bind().dialect.name,
        revision=str(session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()),
        sequence=head.sequence,
        head=head.hash,
        counts=counts,
        files=[*deliveries.file_keys(session), *paper.file_keys(session)],
    )


def _prove(session: Session, facts: Facts) -> None:
    findings = checks.verify(session, {facts.sequence: facts.head} if facts.sequence else {})
    if findings:
        raise DumpFailed(f"The ledger does not hold: {findings[0]}")
    if _facts(session) != facts:
        raise DumpFailed("The counts or the ledger's head are not those of the archive.")


def _write(path: Path, dumped: Path, facts: Facts) -> None:
    digests: dict[str, str] = {}
    with tarfile.open(path, "w") as tar:
        _add(tar, DATABASE, dumped.read_bytes(), digests)
        for key in facts.files:
            _add(tar, FILES + key, b"".join(services().files.stream(key)), digests)
        _add(tar, MANIFEST, json.dumps({"facts": asdict(facts), "sha256": digests}).encode(), {})
    path.chmod(0o600)


def _add(tar: tarfile.TarFile, name: str, data: bytes, digests: dict[str, str]) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    tar.addfile(member, io.BytesIO(data))
    digests[name] = hashlib.sha256(data).hexdigest()


def _unpack(archive: Path, folder: Path) -> Facts:
    with tarfile.open(archive) as tar:
        for member in tar:
            _unpack_member(tar, member, folder)
    manifest: dict[str, Any] = json.loads(_read(folder, MANIFEST))
    for name, digest in manifest["sha256"].items():
        if hashlib.sha256(_read(folder, name)).hexdigest() != digest:
            raise DumpFailed(f"{name} in the archive was changed or damaged.")
    return Facts(**manifest["facts"])


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write one file, whatever an archive from elsewhere claims, below `folder`."""
    target = (folder / member.name).resolve()
    data = tar.extractfile(member) if member.isfile() and target.is_relative_to(folder.resolve()) else None
    if data is None:
        raise DumpFailed(f"{member.name} does not belong into an archive of this site.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data.read())


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError as error:
        raise DumpFailed(f"{name} is missing from the archive.") from error
