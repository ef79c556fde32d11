"""Page, count, sign, confirm and list, each against its baseline."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import insert

from bench import baselines, lists
from bench.measure import Result, Run, compare, wsgi_call
from bench.sites import SLUG, engine_of, signature, site
from campaigns.campaign import queries
from campaigns.kernel import tokens
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import CONFIRM_LIFETIME, CONFIRM_PURPOSE

ROUNDS, EACH = 7, 150
numbers = count(1)


def results(name: str, url: str, folder: Path, rows: int) -> Iterator[Result]:
    """Yield every comparison on one database at `rows` signatures."""
    with site(url, folder, rows) as app:
        yield _page("campaign page", app, f"/campaigns/{SLUG}", name, rows)
        yield _page("count.json", app, f"/campaigns/{SLUG}/count.json", name, rows)
        yield _sign(app, name, rows)
        yield _confirm(app, name, rows)
        yield lists.result(app, name, rows)


def _page(what: str, app: Flask, path: str, name: str, rows: int) -> Result:
    answer = app.test_client().get(path, headers={"Accept-Encoding": "gzip"})
    same = baselines.page(answer.data, {"Content-Type": answer.content_type, "Content-Encoding": "gzip"})
    ours, bare = compare(wsgi_call(app, path), wsgi_call(same, "/page"), each=400)
    return Result(what, name, rows, ours, bare, "≥ 0.50")


def _form() -> bytes:
    number = next(numbers)
    fields = {
        "name": f"Maria Ortiz {number}", "email": f"person{number}@example.org", "town": "Hebron", "postcode": "41048",
        "country": "US", "visibility": "delivered", "comment": "",
    }  # fmt: skip
    return urlencode(fields).encode()


def _sign(app: Flask, name: str, rows: int) -> Result:
    with app.extensions["undersigned"].reading() as session:
        campaign = queries.find_by_slug(session, SLUG, app.extensions["undersigned"].clock())
    assert campaign is not None
    bare_app = baselines.signing(engine_of(app), signature(campaign, 0))
    ours, bare = compare(
        wsgi_call(app, f"/campaigns/{SLUG}/sign", _form), wsgi_call(bare_app, "/sign", _form), ROUNDS, EACH
    )
    return Result("sign", name, rows, ours, bare, "≥ 0.50")


def _each(app: Flask, secrets: list[str]) -> Run:
    """Confirm with the next secret at each call."""

    def run() -> None:
        wsgi_call(app, f"/confirm/{secrets.pop()}", lambda: b"")()

    return run


def _confirm(app: Flask, name: str, rows: int) -> Result:
    services = app.extensions["undersigned"]
    many = (ROUNDS + 1) * EACH * 2
    with services.work() as session:
        campaign = queries.find_by_slug(session, SLUG, services.clock())
        assert campaign is not None
        issued = [tokens.issue(CONFIRM_PURPOSE, services.clock(), CONFIRM_LIFETIME) for _ in range(many)]
        pending = [
            signature(campaign, 10_000_000 + rows * 10 + at)
            | {"state": "pending", "confirmed_at": None}
            | {"token_digest": token.digest, "token_expires_at": token.expires_at}
            for at, token in enumerate(issued)
        ]
        session.execute(insert(Signature), pending)
    secrets = [token.secret for token in issued[: many // 2]]
    bare_app = baselines.confirming(engine_of(app), campaign.id, [token.digest for token in issued[many // 2 :]])
    ours, bare = compare(
        _each(app, secrets),
        wsgi_call(bare_app, "/confirm", lambda: b""), ROUNDS, EACH,
    )  # fmt: skip
    return Result("confirm", name, rows, ours, bare, "no dearer than a sign")
