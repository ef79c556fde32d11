"""Answering one API request: key, version, parameters, idempotency, expansion, errors."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, Response, jsonify, request
from werkzeug.datastructures import Authorization

from sandbox.stripe import expand, form, idempotency, ids
from sandbox.stripe.account import API_VERSION, Account, Asked
from sandbox.stripe.errors import ApiError
from sandbox.stripe.idempotency import Answer
from sandbox.stripe.params import Request
from sandbox.stripe.store import Json


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose parameters have been checked. `id` is the id in its address, or empty."""

    account: Account
    path: str
    params: Json
    id: str


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the API. The handler returns a stored object or a list of them, unexpanded."""

    method: str
    path: str
    handler: Callable[[Call], Json]
    params: Request = field(default_factory=Request)


def serve(app: Flask, account: Account, routes: list[Route]) -> None:
    """Answer `routes` on `app`, and every other address under /v1 with Stripe's error."""
    for route in routes:
        app.add_url_rule(
            route.path,
            endpoint=f"{route.method} {route.path}",
            view_func=_view(account, route),
            methods=[route.method],
        )
    app.add_url_rule("/v1/<path:_rest>", "unknown", _unknown, methods=["GET", "POST", "DELETE"])


def _view(account: Account, route: Route) -> Callable[..., Response]:
    def view(identity: str = "") -> Response:
        name = ids.new("req")
        try:
            _check_key(request.authorization)
            _check_version(request.headers.get("Stripe-Version", API_VERSION))
            return _finished(_answer(account, route, identity, name), name)
        except ApiError as refusal:
            return _finished(Answer(refusal.status, refusal.body(), name), name)
        except Exception:
            traceback.print_exc()
            failure = ApiError("The stand-in for Stripe failed; its terminal says how.", status=500, kind="api_error")
            return _finished(Answer(500, failure.body(), name), name)

    return view


def _answer(account: Account, route: Route, identity: str, name: str) -> Answer:
    sent = form.tree((request.form if route.method == "POST" else request.args).items(multi=True))
    key = request.headers.get("Idempotency-Key") if route.method == "POST" else None
    with account.store.transaction(), account.answering(Asked(name, key)):
        if key is None:
            return Answer(200, _run(account, route, identity, sent), name)
        return _once(account, route, identity, sent, name, key)


def _once(account: Account, route: Route, identity: str, sent: form.Tree, name: str, key: str) -> Answer:
    idempotency.check(key)
    asked = idempotency.fingerprint(route.method, request.path, sent)
    if known := idempotency.recall(account.store, key, asked, account.now()):
        return known
    try:
        with account.store.transaction():
            answer = Answer(200, _run(account, route, identity, sent), name)
    except ApiError as refusal:
        if not refusal.saved:
            raise
        answer = Answer(refusal.status, refusal.body(), name)
    idempotency.remember(account.store, key, asked, answer, account.now())
    return answer


def _run(account: Account, route: Route, identity: str, sent: form.Tree) -> Json:
    account.catch_up()
    params = route.params.read(sent)
    paths = params.pop("expand", [])
    expand.check(paths)
    return expand.show(account, route.handler(Call(account, request.path, params, identity)), paths)


def _check_key(sent: Authorization | None) -> None:
    """Accept a test key as bearer token or as the user of basic authentication; it is never repeated or stored."""
    key = (sent.token or (sent.parameters or {}).get("username") or "") if sent else ""
    if not key:
        text = "You did not provide an API key. Send it in the Authorization header: 'Authorization: Bearer sk_test_…'."
        raise ApiError(text, status=401)
    if key.startswith(("sk_live_", "rk_live_")):
        text = (
            "This is a stand-in for Stripe on your own machine, and you sent it a live key. It refuses live keys. "
            "Take the key out of this configuration; with a live key, talk to Stripe itself."
        )
        raise ApiError(text, status=401)
    if not key.startswith(("sk_test_", "rk_test_")):
        raise ApiError("Invalid API Key provided: a secret test key starts with sk_test_ or rk_test_.", status=401)


def _check_version(version: str) -> None:
    if version != API_VERSION:
        text = f"This stand-in for Stripe answers in API version {API_VERSION} only; you asked for {version}."
        raise ApiError(text)


def _finished(answer: Answer, name: str) -> Response:
    response = jsonify(answer.body)
    response.status_code = answer.status
    response.headers["Request-Id"] = name
    response.headers["Stripe-Version"] = API_VERSION
    if key := request.headers.get("Idempotency-Key"):
        response.headers["Idempotency-Key"] = key
        response.headers["Original-Request"] = answer.request
    if answer.request != name:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _unknown(_rest: str) -> Response:
    text = f"Unrecognized request URL ({request.method}: {request.path}). The stand-in for Stripe has no such address."
    return _finished(Answer(404, ApiError(text).body(), ids.new("req")), ids.new("req"))
