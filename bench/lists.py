"""The signature list as a worker makes it, from its rows in the database to its file, against one plain table."""

import time
from functools import cache
from multiprocessing import get_context

from flask import Flask

from bench.measure import Result
from bench.signature_list import plain_table
from bench.sites import SLUG
from campaigns.campaign import queries as campaigns
from campaigns.deliveries import operations, queries

PLAIN_ROWS = 10_000  # its cost for a row grows with its rows, so that a longer one would only flatter us


def result(app: Flask, name: str, rows: int) -> Result:
    """Return the names a second of a list, cold, and the rows a second of a plain table of at most PLAIN_ROWS."""
    services = app.extensions["undersigned"]
    with services.work() as session:
        campaign = campaigns.find_by_slug(session, SLUG, services.clock())
        assert campaign is not None
        public_id = operations.request(
            session, campaign, paper="letter", answer_expected=None, actor="bench", now=services.clock()
        )
        delivery = queries.find(session, public_id)
        assert delivery is not None
    start = time.perf_counter()
    app.extensions["undersigned.printing"].run({"delivery": str(delivery.id)})
    spent = time.perf_counter() - start
    with services.reading() as session:
        named = queries.get(session, delivery.id).named
    return Result("list", name, rows, named / spent, _plain_rate(min(rows, PLAIN_ROWS)), _budget(rows))


@cache
def _plain_rate(rows: int) -> float:
    """In a process of its own: what it takes of memory stays there."""
    with get_context("spawn").Pool(1) as pool:
        seconds, _pages = pool.apply(plain_table, (rows, 0.0))
    return rows / seconds


def _budget(rows: int) -> str:
    return "≥ 7 at 10,000" if rows >= PLAIN_ROWS else "none: a letter and two processes for a handful of names"
