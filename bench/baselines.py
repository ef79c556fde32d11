"""What ours is held to: bare Flask routes that do the least that the same promise needs."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, request
from sqlalchemy import Engine, Table, insert, update

from campaigns.kernel.ids import row_id
from campaigns.outbox.models import OutboxItem
from campaigns.signatures.models import CountChange, Signature


def page(body: bytes, headers: dict[str, str]) -> Flask:
    """A route that returns the same bytes."""
    app = Flask("baseline")

    @app.get("/page")
    def same() -> Response:
        return Response(body, headers=headers)

    return app


def signing(engine: Engine, like: dict[str, Any]) -> Flask:
    """A route that writes the same rows by SQLAlchemy Core in one durable transaction."""
    app = Flask("baseline")
    signature, outbox = _table(Signature), _table(OutboxItem)

    @app.post("/sign")
    def sign() -> str:
        now = datetime.now(UTC)
        row = like | {
            "id": row_id(now), "email_hash": secrets.token_bytes(32), "email": request.form["email"],
            "name": request.form["name"], "state": "pending", "confirmed_at": None, "created_at": now,
            "token_digest": secrets.token_bytes(32), "token_expires_at": now + timedelta(days=30),
        }  # fmt: skip
        mail = {
            "id": row_id(now), "kind": "baseline", "subject": secrets.token_hex(16), "payload": "{}" * 150,
            "state": "done", "created_at": now, "due_at": None, "attempts": 0,
        }  # fmt: skip
        with engine.begin() as connection:
            connection.execute(insert(signature), row)
            connection.execute(insert(outbox), mail)
        return "signed"

    return app


def confirming(engine: Engine, campaign_id: object, digests: "list[bytes]") -> Flask:
    """A route that confirms by one UPDATE and notes the change, in one durable transaction."""
    app = Flask("baseline")
    signature, change = _table(Signature), _table(CountChange)

    @app.post("/confirm")
    def confirm() -> str:
        now = datetime.now(UTC)
        with engine.begin() as connection:
            connection.execute(
                update(signature)
                .where(signature.c.token_digest == digests.pop(), signature.c.state == "pending")
                .values(state="confirmed", confirmed_at=now)
            )
            connection.execute(insert(change), {"campaign_id": campaign_id, "total": 1, "public": 0})
        return "confirmed"

    return app


def _table(mapped: Any) -> Table:
    table: Table = mapped.__table__
    return table
