"""The Printer: WeasyPrint in a few processes, finished chunks kept, one PDF joined from them."""

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from datetime import datetime
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from campaigns.adapters.printing.cache import ChunkCache
from campaigns.adapters.printing.parts import CHUNK_BASE, CHUNK_NUMBERS, Part
from campaigns.kernel.ports import PrintChunk, PrintedFile, PrintFooter

_QUEUED_PER_PROCESS = 2


class WeasyPrinter:
    """Makes PDFs from print HTML, keeping finished chunks in `cache_dir`.

    `processes` work at once, and only where there is more than one chunk to make. With `cache_key` (32 bytes) the kept
    chunks, which hold names, are encrypted.
    """

    def __init__(self, cache_dir: Path, processes: int = 2, cache_key: bytes | None = None) -> None:
        self._cache = ChunkCache(cache_dir, cache_key)
        self._processes = processes

    def print_list(self, letter_html: str, chunks: Sequence[PrintChunk], footer: PrintFooter) -> PrintedFile:
        """Return one tagged PDF: the letter, then each chunk of names, with the footer on every page.

        The same input gives the same bytes. Characters no font has are printed as an empty box and named in the
        result. Raises ValueError for a chunk whose HTML does not hold its lines or that has too many of them.
        """
        with _Workshop(self._processes, letter_html, footer) as workshop:
            names = [self._make(workshop, place, chunk) for place, chunk in enumerate(chunks)]
            self._keep(workshop.rest())
            letter, unprintable, drawn_footer = workshop.letter()
        from campaigns.adapters.printing.footers import Footer
        from campaigns.adapters.printing.joining import Joining
        from campaigns.adapters.printing.making import letter_part

        joining = Joining(unprintable)
        joining.add(letter_part(letter, _base(len(names))))
        for name in names:
            joining.add(Part.load(self._cache.read(name)))
        data = joining.finish(Footer.load(drawn_footer))
        return PrintedFile(data, sha256(data).hexdigest(), joining.pages, joining.unprintable)

    def print_document(self, html: str) -> PrintedFile:
        """Return a document of its own, like a receipt, as a tagged PDF. Its footer, if any, is in its style."""
        data, pages, unprintable = _document(html)
        return PrintedFile(data, sha256(data).hexdigest(), pages, unprintable)

    def forget(self, before: datetime | None = None) -> int:
        """Remove the kept chunks not used since `before` (aware), or all of them, and return how many.

        To be called when a name is erased or withdrawn, since a kept chunk still holds it.
        """
        return self._cache.forget(before)

    def _make(self, workshop: "_Workshop", place: int, chunk: PrintChunk) -> str:
        """Have chunk number `place` made unless it is kept, and return its name."""
        base = _base(place)
        lines = list(chunk.lines)
        name = self._cache.name(chunk.html, lines, base)
        if not self._cache.has(name):
            self._keep(workshop.give(name, (chunk.html, lines, base)))
        return name

    def _keep(self, made: Iterator[tuple[str, bytes]]) -> None:
        for name, data in made:
            self._cache.write(name, data)


def _base(place: int) -> int:
    """Return the first number of the part at `place`. The letter's part is the last: it may be as long as it likes."""
    return CHUNK_BASE + place * CHUNK_NUMBERS


Job = tuple[str, list[str], int]
Letter = tuple[bytes, list[str], bytes]


class _Workshop:
    """Makes one list's parts: here while there is at most one chunk to make, with helping processes from the second on.

    No more chunks wait than the processes soon need, so that a long list is never held in memory whole.
    """

    def __init__(self, processes: int, letter_html: str, footer: PrintFooter) -> None:
        self._processes = processes
        self._letter = (letter_html, footer)
        self._pool: ProcessPoolExecutor | None = None
        self._first: tuple[str, Job] | None = None
        self._coming: dict[Future[bytes], str] = {}
        self._letter_coming: Future[Letter] | None = None

    def __enter__(self) -> "_Workshop":
        return self

    def __exit__(self, *exception: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def give(self, name: str, job: Job) -> Iterator[tuple[str, bytes]]:
        """Take a job; yield what was finished meanwhile."""
        if self._first is None and self._pool is None and self._processes > 1:
            self._first = (name, job)
            return
        if self._processes == 1:
            yield name, _chunk(*job)
            return
        self._submit(name, job)
        if len(self._coming) >= self._processes * _QUEUED_PER_PROCESS:
            yield from self._collect(wait(self._coming, return_when=FIRST_COMPLETED).done)

    def rest(self) -> Iterator[tuple[str, bytes]]:
        """Yield what is still to be finished."""
        if self._first is not None:
            name, job = self._first
            yield name, _chunk(*job)
        yield from self._collect(set(self._coming))

    def letter(self) -> Letter:
        """Return the letter as a PDF, the characters in it that no font has, and the drawn footer."""
        return self._letter_coming.result() if self._letter_coming is not None else _letter(*self._letter)

    def _submit(self, name: str, job: Job) -> None:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._processes, mp_context=get_context("spawn"), initializer=_start)
            self._letter_coming = self._pool.submit(_letter, *self._letter)
        if self._first is not None:
            first, self._first = self._first, None
            self._coming[self._pool.submit(_chunk, *first[1])] = first[0]
        self._coming[self._pool.submit(_chunk, *job)] = name

    def _collect(self, done: set[Future[bytes]]) -> Iterator[tuple[str, bytes]]:
        for future in done:
            yield self._coming.pop(future), future.result()


def _start() -> None:
    """Load everything once in a new process, and leave what stays out of every later garbage collection."""
    import campaigns.adapters.printing.footers
    import campaigns.adapters.printing.making
    import campaigns.adapters.printing.weasy  # noqa: F401  (imported to be loaded)

    gc.freeze()


def _chunk(html: str, lines: list[str], base: int) -> bytes:
    from campaigns.adapters.printing.making import chunk_part

    return chunk_part(html, lines, base).dump()


def _letter(html: str, footer: PrintFooter) -> Letter:
    from campaigns.adapters.printing.footers import make_footer
    from campaigns.adapters.printing.weasy import write

    printed = write(html)
    return printed.pdf, printed.unprintable, make_footer(footer).dump()


def _document(html: str) -> tuple[bytes, int, tuple[str, ...]]:
    from campaigns.adapters.printing.making import document

    return document(html)
