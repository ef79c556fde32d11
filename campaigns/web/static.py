"""Static files under one digest of them all, so that they may be cached for ever."""

import hashlib
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, send_from_directory

from campaigns.web.shell import ROOT

FOLDER = ROOT / "static"
blueprint = Blueprint("static_files", __name__)


def release_digest(folder: Path) -> str:
    """Return ten characters that change whenever any file under `folder` changes."""
    state = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            state.update(str(path.relative_to(folder)).encode() + b"\x00" + path.read_bytes())
    return state.hexdigest()[:10]


def install(site: Flask) -> None:
    """Serve static/ and give templates `static_url`."""
    digest = release_digest(FOLDER)
    site.config["STATIC_DIGEST"] = digest
    site.register_blueprint(blueprint)
    site.jinja_env.globals["static_url"] = lambda name: f"/static/{digest}/{name}"


@blueprint.get("/static/<digest>/<path:name>")
def file(digest: str, name: str) -> Response:
    """Send one file. An old release's digest still finds today's file, but is not cached for long."""
    parts = name.split("/")
    if parts[0].lower() == "print" or {"", ".", ".."} & set(parts):  # a detour would lead to print/ too
        abort(404)
    response = send_from_directory(FOLDER, name)
    current = digest == current_app.config["STATIC_DIGEST"]
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "public, max-age=60"
    return response
