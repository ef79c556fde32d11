"""Files in a folder: whole or not at all, and never outside it. FakeFiles keeps the same promises."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from campaigns.adapters.files import PART_BYTES, FileStore
from campaigns.kernel.ports import Files
from tests.fakes.files import FakeFiles

KEY = "lists/rescind-1.pdf"


@pytest.fixture(params=["folder", "file://", "fake"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    stores: dict[str, Callable[[], Files]] = {
        "folder": lambda: FileStore(str(tmp_path / "deep" / "files")),
        "file://": lambda: FileStore(f"file://{tmp_path}/url files"),
        "fake": FakeFiles,
    }
    return stores[request.param]()


def whole(files: Files, key: str = KEY) -> bytes:
    return b"".join(files.stream(key))


@pytest.mark.parametrize("data", [b"", b"%PDF", b"\x00\xff" * 5], ids=["empty", "text", "bytes"])
def test_what_was_put_comes_back(files: Files, data: bytes) -> None:
    files.put(KEY, data)
    assert whole(files) == data
    assert files.size(KEY) == len(data)


def test_putting_again_replaces_the_file(files: Files) -> None:
    files.put(KEY, b"first, and longer")
    files.put(KEY, b"second")
    assert whole(files) == b"second"
    assert files.size(KEY) == 6


def test_a_missing_file_is_said_to_be_missing_before_the_first_part(files: Files) -> None:
    with pytest.raises(FileNotFoundError):
        files.stream("nowhere.pdf")
    with pytest.raises(FileNotFoundError):
        files.size("nowhere.pdf")


def test_a_deleted_file_is_gone_and_deleting_it_again_is_no_error(files: Files) -> None:
    files.put(KEY, b"%PDF")
    files.delete(KEY)
    files.delete(KEY)
    with pytest.raises(FileNotFoundError):
        files.size(KEY)


def test_a_large_file_comes_in_parts_and_in_order(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4 * 1024 * 3
    files = FileStore(str(tmp_path))
    files.put(KEY, data)
    parts = list(files.stream(KEY))
    assert len(parts) > 1
    assert all(len(part) <= 4 * PART_BYTES for part in parts)
    assert b"".join(parts) == data


def test_what_was_put_is_there_after_a_restart(tmp_path: Path) -> None:
    FileStore(str(tmp_path)).put(KEY, b"%PDF")
    assert whole(FileStore(str(tmp_path))) == b"%PDF"
    assert (tmp_path / KEY).read_bytes() == b"%PDF"


@pytest.mark.parametrize("key", ["../secret", "lists/../../secret", "lists//../../secret", "%2e%2e/secret"])
def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    files = FileStore(str(tmp_path / "files"))
    secret = tmp_path / "secret"
    secret.write_text("outside")
    with pytest.raises((OSError, ValueError)):
        files.stream(key)
    with suppress(OSError, ValueError):  # refused, or kept under that very name
        files.put(key, b"overwritten")
    assert secret.read_text() == "outside"


def test_names_in_every_script_are_kept(tmp_path: Path) -> None:
    files = FileStore(str(tmp_path))
    files.put("lists/été 山田.pdf", b"%PDF")
    assert whole(files, "lists/été 山田.pdf") == b"%PDF"
