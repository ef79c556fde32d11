"""Figures for a monitor, in Prometheus' text format. Not public: for this machine, or for who holds the token.

Request figures are those of one web process; what comes from the database is the same from each.
"""

import hmac
import time
from collections.abc import Callable, Iterable

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from campaigns.web.context import services

EXTENSION = "undersigned.metrics"
LOOPBACK = frozenset({"127.0.0.1", "::1"})
FORWARDED = ("X-Forwarded-For", "Forwarded")
blueprint = Blueprint("metrics", __name__)
Gauges = Callable[[], Iterable[GaugeMetricFamily]]


class _FromDatabase:
    """Asks for figures when they are scraped."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield the families."""
        yield from self._gauges()


def install(site: Flask, gauges: Gauges) -> None:
    """Count and time requests by endpoint, and offer `gauges` beside them."""
    registry = CollectorRegistry()
    registry.register(_FromDatabase(gauges))
    requests = Counter(
        "undersigned_requests", "Answers by endpoint and status", ["endpoint", "status"], registry=registry
    )
    seconds = Histogram("undersigned_request_seconds", "Time to answer by endpoint", ["endpoint"], registry=registry)
    site.extensions[EXTENSION] = registry
    site.register_blueprint(blueprint)

    @site.before_request
    def _start() -> None:
        g.started = time.perf_counter()

    @site.after_request
    def _count(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        requests.labels(endpoint, response.status_code).inc()
        seconds.labels(endpoint).observe(time.perf_counter() - g.get("started", time.perf_counter()))
        return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer a monitor; everybody else finds nothing here."""
    if not _may_see():
        abort(404)
    response = Response(generate_latest(current_app.extensions[EXTENSION]), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


def _may_see() -> bool:
    """A proxy on this machine makes every visitor look local, so a forwarded request needs the token."""
    token = services().settings.metrics_token
    if token and hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return True
    return request.remote_addr in LOOPBACK and not any(name in request.headers for name in FORWARDED)
