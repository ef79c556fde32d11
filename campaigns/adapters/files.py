"""Files in a folder or an S3 bucket, behind the Files port."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

PART_BYTES = 256 * 1024


class FileStore:
    """Files under `url`: a folder (made if need be), or s3://bucket/prefix with the usual AWS_ variables."""

    def __init__(self, url: str) -> None:
        self._store: Any = from_url(url) if urlsplit(url).scheme == "s3" else _folder(_path(url))

    def put(self, key: str, data: bytes) -> None:
        """See the Files port."""
        try:
            obstore.put(self._store, key, data)
        except BaseError as error:
            raise OSError(str(error).partition("\n")[0]) from error  # the rest of it is for Rust programmers

    def stream(self, key: str) -> Iterator[bytes]:
        """See the Files port."""
        found = obstore.get(self._store, key)
        return (bytes(part) for part in found.stream(min_chunk_size=PART_BYTES))

    def size(self, key: str) -> int:
        """See the Files port."""
        return int(obstore.head(self._store, key)["size"])

    def delete(self, key: str) -> None:
        """See the Files port."""
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return


def _path(url: str) -> Path:
    return Path(unquote(urlsplit(url).path)) if url.startswith("file://") else Path(url)


def _folder(path: Path) -> LocalStore:
    path.mkdir(parents=True, exist_ok=True)
    return LocalStore(str(path))
