"""How the benchmarks measure: ours and its baseline in turns, in one process."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from wsgiref.util import setup_testing_defaults

from flask import Flask

Run = Callable[[], None]


@dataclass(frozen=True)
class Result:
    """One comparison. Rates are per second; `ratio` is ours to the baseline's, 1.0 is as fast."""

    what: str
    database: str
    rows: int
    rate: float
    baseline_rate: float
    budget: str

    @property
    def ratio(self) -> float:
        return self.rate / self.baseline_rate


def compare(ours: Run, baseline: Run, rounds: int = 9, each: int = 200) -> tuple[float, float]:
    """Return both rates: the median of rounds in turns, so that whatever else the machine does meets both alike."""
    for run in (ours, baseline):
        _timed(run, max(1, each // 10))
    pairs = [(_timed(ours, each), _timed(baseline, each)) for _ in range(rounds)]
    return each / median(pair[0] for pair in pairs), each / median(pair[1] for pair in pairs)


def _timed(run: Run, times: int) -> float:
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    for _ in range(times):
        run()
    spent = time.perf_counter() - began
    gc.enable()
    return spent


def wsgi_call(app: Flask, path: str, form: Callable[[], bytes] | None = None, status: str = "200") -> Run:
    """Return a call of `app` without a server, the same for ours and the baseline; any other status is an error."""

    def run() -> None:
        environ: dict[str, object] = {"PATH_INFO": path, "HTTP_ACCEPT_ENCODING": "gzip"}
        setup_testing_defaults(environ)
        if form is not None:
            _post(environ, form())
        seen: list[str] = []
        body = app.wsgi_app(environ, lambda line, _headers, _error=None: seen.append(line))
        for _part in body:
            pass
        close = getattr(body, "close", None)
        if close:
            close()
        if not seen[0].startswith(status):
            raise RuntimeError(f"{path}: {seen[0]}")

    return run


def _post(environ: dict[str, object], data: bytes) -> None:
    import io

    environ |= {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.input": io.BytesIO(data),
    }
