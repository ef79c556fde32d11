"""The same Idempotency-Key gives the same answer (https://docs.stripe.com/api/idempotent_requests)."""

import hashlib
import json
from dataclasses import dataclass

from sandbox.stripe.errors import ApiError
from sandbox.stripe.form import Tree
from sandbox.stripe.store import Json, Store

LONGEST_KEY = 255
KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an API answer, and the id of the request that was answered first."""

    status: int
    body: Json
    request: str


def fingerprint(method: str, path: str, sent: Tree) -> str:
    """Return a digest of what was asked."""
    return hashlib.sha256(json.dumps([method, path, sent], sort_keys=True).encode()).hexdigest()


def check(key: str) -> None:
    """Raise ApiError for a key that is too long."""
    if len(key) > LONGEST_KEY:
        raise ApiError(f"Idempotency keys can be at most {LONGEST_KEY} characters long.", kind="idempotency_error")


def recall(store: Store, key: str, asked: str, now: int) -> Answer | None:
    """Return the answer that was given to `key`, or None. Raises ApiError where the key was used for something else."""
    store.rows("DELETE FROM answers WHERE created < ?", (now - KEPT_SECONDS,))
    found = store.rows("SELECT fingerprint, status, body, request FROM answers WHERE key = ?", (key,))
    if not found:
        return None
    first, status, body, request = found[0]
    if first != asked:
        text = (
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
        raise ApiError(text, kind="idempotency_error")
    return Answer(status, json.loads(body), request)


def remember(store: Store, key: str, asked: str, answer: Answer, now: int) -> None:
    """Keep the first answer to `key`."""
    values = (key, asked, answer.status, json.dumps(answer.body), answer.request, now)
    statement = "INSERT INTO answers (key, fingerprint, status, body, request, created) VALUES (?, ?, ?, ?, ?, ?)"
    store.rows(statement, values)
