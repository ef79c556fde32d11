"""Sites to measure: ours with so many signatures, on SQLite and on a PostgreSQL of its own."""

import base64
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, insert

from bench.signature_list import FIRST, LAST
from campaigns.campaign import operations as campaigns
from campaigns.campaign import queries
from campaigns.campaign.operations import CampaignFields
from campaigns.campaign.rules import Demand
from campaigns.db.sealing import fingerprint
from campaigns.factory import create_app
from campaigns.kernel.ids import row_id
from campaigns.settings import Settings
from campaigns.signatures.models import Signature, SignatureCount

SLUG = "bench"
BATCH = 5000
START = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def site(database_url: str, folder: Path, rows: int) -> Iterator[Flask]:
    """Yield our application with one campaign that `rows` people have signed."""
    environment = {
        "SECRET_KEY": "a secret key for benchmarks, of some length",
        "ENCRYPTION_KEY": base64.urlsafe_b64encode(bytes(range(32))).decode(),
        "DATABASE_URL": database_url,
        "INSTANCE_PATH": str(folder),
    }
    app = create_app(Settings.from_environment(environment))
    result = app.test_cli_runner().invoke(args=["database", "upgrade"])
    if result.exit_code:
        raise RuntimeError(result.output)
    _fill(app, rows)
    yield app
    engine_of(app).dispose()


def engine_of(app: Flask) -> Engine:
    """Return the site's engine."""
    engine: Engine = app.extensions["undersigned"].engine
    return engine


def _fill(app: Flask, rows: int) -> None:
    services = app.extensions["undersigned"]
    now = services.clock()
    fields = CampaignFields(
        headline="Put the nine back on days", slug=SLUG, summary="Nine of us were moved to nights.",
        story="It began **in the spring**.\n\n" * 5, organisation="Night Shift Committee",
        target_name="Depot management", contact_email="nights@example.org",
        demands=(Demand("Put the nine back on days", ""),),
    )  # fmt: skip
    with services.work() as session:
        campaigns.create(session, fields, actor="bench", now=now)
        campaigns.publish(session, SLUG, actor="bench", now=now)
        campaign = queries.find_by_slug(session, SLUG, now)
        assert campaign is not None
        for first in range(0, rows, BATCH):
            batch = [signature(campaign, number) for number in range(first, min(rows, first + BATCH))]
            session.execute(insert(Signature), batch)
        session.execute(insert(SignatureCount).values(campaign_id=campaign.id, total=rows, public=(rows + 2) // 3))


def _name(number: int) -> str:
    return f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}"


def signature(campaign: queries.CampaignFacts, number: int) -> dict[str, object]:
    moment = START + timedelta(seconds=number)
    return {
        "id": row_id(moment), "campaign_id": campaign.id, "version_id": campaign.version_id,
        "consent_id": campaign.consent_id, "email_hash": fingerprint("e-mail", f"filled{number}@example.org"),
        "email": f"filled{number}@example.org", "name": _name(number), "town": "Hebron",
        "postcode": "41048", "country": "US", "comment": None,
        "visibility": ("public", "delivered", "counted")[number % 3], "wants_updates": False, "state": "confirmed",
        "review": "clear", "token_digest": None, "token_expires_at": None, "created_at": moment, "confirmed_at": moment,
    }  # fmt: skip


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Yield an empty SQLite file and an empty PostgreSQL database by name."""
    from tests.databases import fresh_database, postgres_is_installed, start_postgres, stop_postgres

    folder = Path(tempfile.mkdtemp(prefix="undersigned-bench-"))
    server = start_postgres(folder / "postgres") if postgres_is_installed() else None
    urls = {"SQLite": f"sqlite:///{folder / 'bench.sqlite3'}"}
    if server:
        urls["PostgreSQL"] = fresh_database(server)
    try:
        yield urls
    finally:
        if server:
            stop_postgres(server)
        shutil.rmtree(folder, ignore_errors=True)
