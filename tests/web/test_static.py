"""Static files live under one digest, for ever; the fonts for print are nobody's download."""

from pathlib import Path

from werkzeug.test import TestResponse

from campaigns.web.static import FOLDER, release_digest
from tests.make import World


def fetch(world: World, name: str, digest: str | None = None, **headers: str) -> TestResponse:
    under = world.app.config["STATIC_DIGEST"] if digest is None else digest
    return world.client.get(f"/static/{under}/{name}", headers=headers)


def test_a_file_of_this_release_is_kept_for_ever(sqlite_world: World) -> None:
    with fetch(sqlite_world, "css/site.css") as response:
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["Content-Type"].startswith("text/css")


def test_a_page_of_an_older_release_still_finds_its_files_for_a_minute(sqlite_world: World) -> None:
    with fetch(sqlite_world, "css/site.css", "0123456789") as response:
        assert (response.status_code, response.headers["Cache-Control"]) == (200, "public, max-age=60")


def test_a_file_the_browser_has_is_not_sent_again(sqlite_world: World) -> None:
    with fetch(sqlite_world, "css/site.css") as first:
        etag = first.headers["ETag"]
    with fetch(sqlite_world, "css/site.css", **{"If-None-Match": etag}) as second:
        assert (second.status_code, second.data) == (304, b"")


NOTHING = [
    "nothing.css",
    "css",
    "css/",
    "",
    "../app.py",
    "css/../../app.py",
    "..%2f..%2fapp.py",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "print/numerals.ttf",
    "./print/numerals.ttf",
    "css/../print/numerals.ttf",
    "/print/numerals.ttf",
    "print//numerals.ttf",
    "%2e/print/numerals.ttf",
    "print%2fnumerals.ttf",
    "PRINT/numerals.ttf",
]


def test_nothing_else_is_found(sqlite_world: World) -> None:
    for name in NOTHING:
        path = f"/static/{sqlite_world.app.config['STATIC_DIGEST']}/{name}"
        raw = {"PATH_INFO": path.replace("%2f", "/").replace("%2e", ".")}  # as a server that tidies nothing hands it on
        with sqlite_world.client.get("/", environ_overrides=raw) as response:
            assert response.status_code in (301, 308, 404), name
        with sqlite_world.client.get(path) as response:
            assert response.status_code in (301, 308, 404), name


def test_the_fonts_for_print_are_there_to_be_hidden() -> None:
    assert (FOLDER / "print" / "numerals.ttf").is_file()


def test_the_digest_changes_with_any_byte_and_any_name(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    file = tmp_path / "css" / "site.css"
    seen = {release_digest(tmp_path)}
    for change in (lambda: file.write_text("a"), lambda: file.write_text("b"), lambda: file.rename(tmp_path / "b.css")):
        change()
        seen.add(release_digest(tmp_path))
    assert len(seen) == 4
    assert release_digest(tmp_path) == release_digest(tmp_path)


def test_pages_name_files_of_this_release(sqlite_world: World) -> None:
    digest = sqlite_world.app.config["STATIC_DIGEST"]
    page = sqlite_world.client.get("/").text
    assert f"/static/{digest}/css/site.css" in page
    assert page.count("/static/") == page.count(f"/static/{digest}/")
