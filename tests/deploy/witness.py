"""The site with one door more, which says whom the site takes its visitor for. Started as `witness:app`."""

from flask import Response, jsonify, request

from app import app


@app.route("/witness", methods=["GET", "POST"])
def witness() -> Response:
    """Answer with what the site believes about this request."""
    answer = jsonify(visitor=request.remote_addr, scheme=request.scheme, host=request.host, address=request.url)
    answer.headers["Cache-Control"] = "no-store"
    return answer
