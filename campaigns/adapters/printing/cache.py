"""Finished chunks, kept by the hash of all they are made from.

The files hold names, so they are encrypted when there is a key, readable by the owner alone, and can be forgotten.
"""

import ctypes
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PACKAGES = ("weasyprint", "pydyf", "tinycss2", "tinyhtml5", "pikepdf")
_LIBRARIES = {
    "pango_version_string": ("libpango-1.0.so.0", "libpango-1.0.0.dylib", "libpango-1.0.dylib"),
    "hb_version_string": ("libharfbuzz.so.0", "libharfbuzz.0.dylib", "libharfbuzz.dylib"),
}
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
_SUFFIX = ".chunk"
_NONCE_BYTES = 12


class ChunkCache:
    """Chunks in `folder`. With `key` (32 bytes) they are encrypted with AES-256-GCM."""

    def __init__(self, folder: Path, key: bytes | None = None) -> None:
        self._folder = folder
        self._cipher = AESGCM(key) if key else None
        self._origin = _machine() + sha256(key or b"").digest()

    def name(self, html: str, lines: list[str], base: int) -> str:
        """Return the name of the chunk that these make with the programs and fonts of this machine."""
        digest = sha256(self._origin)
        for text in (str(base), html, *lines):
            digest.update(b"%d:" % len(text))
            digest.update(text.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def read(self, name: str) -> bytes:
        """Return a chunk. Raises FileNotFoundError if it is not kept, or damaged: then it is made anew next time."""
        path = self._path(name)
        data = path.read_bytes()
        if self._cipher is None:
            return data
        try:
            return self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], name.encode())
        except InvalidTag:
            path.unlink()
            raise FileNotFoundError(name) from None

    def has(self, name: str) -> bool:
        """Tell whether a chunk is kept, and note that it was wanted."""
        try:
            os.utime(self._path(name))
        except FileNotFoundError:
            return False
        return True

    def write(self, name: str, data: bytes) -> None:
        """Keep a chunk: whole or not at all."""
        if self._cipher is not None:
            nonce = secrets.token_bytes(_NONCE_BYTES)
            data = nonce + self._cipher.encrypt(nonce, data, name.encode())
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=self._folder, delete=False) as part:
            part.write(data)
        Path(part.name).replace(self._path(name))

    def forget(self, before: datetime | None = None) -> int:
        """Remove the chunks not wanted since `before` (aware), or all. Return how many."""
        gone = [path for path in self._kept() if before is None or path.stat().st_mtime < before.timestamp()]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"

    def _kept(self) -> Iterator[Path]:
        return self._folder.glob(f"*{_SUFFIX}")


@cache
def _machine() -> bytes:
    """Return what else decides on a chunk's bytes: this package, the libraries, the fonts."""
    here = [path.read_text() for path in sorted(Path(__file__).parent.glob("*.py"))]
    own_fonts = Path(__file__).resolve().parents[3] / "static" / "print"
    facts = [*here, *(f"{package} {version(package)}" for package in _PACKAGES), *_library_versions()]
    facts += [fact for folder in (*_FONT_FOLDERS, str(own_fonts)) for fact in _fonts(Path(folder).expanduser())]
    return "\n".join(facts).encode()


def _library_versions() -> Iterator[str]:
    for function, names in _LIBRARIES.items():
        for name in names:
            try:
                said = getattr(ctypes.CDLL(name), function)
            except (OSError, AttributeError):
                continue
            said.restype = ctypes.c_char_p
            yield f"{function} {said().decode()}"
            break


def _fonts(folder: Path) -> list[str]:
    """Return each font file below `folder` with its size and date."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".ttf", ".otf", ".ttc", ".pfb"))
    return [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in found]
