"""Files in memory."""

import errno
from collections.abc import Iterator


class FakeFiles:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.is_full = False

    def put(self, key: str, data: bytes) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.kept[key] = data

    def stream(self, key: str) -> Iterator[bytes]:
        if key not in self.kept:
            raise FileNotFoundError(key)
        return iter([self.kept[key]])

    def size(self, key: str) -> int:
        if key not in self.kept:
            raise FileNotFoundError(key)
        return len(self.kept[key])

    def delete(self, key: str) -> None:
        self.kept.pop(key, None)
