"""A printer whose "PDF" is the text it was given."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from campaigns.kernel.ports import PrintChunk, PrintedFile, PrintFooter


class FakePrinter:
    def __init__(self) -> None:
        self.letters: list[str] = []
        self.lines: list[str] = []
        self.footers: list[PrintFooter] = []
        self.documents: list[str] = []
        self.forgotten: list[datetime | None] = []
        self.breaks_off = 0  # so many times it dies before it is done

    def forget(self, before: datetime | None = None) -> int:
        self.forgotten.append(before)
        return 0

    def print_document(self, html: str) -> PrintedFile:
        self.documents.append(html)
        data = html.encode()
        return PrintedFile(data, hashlib.sha256(data).hexdigest(), 1)

    def print_list(self, letter_html: str, chunks: Sequence[PrintChunk], footer: PrintFooter) -> PrintedFile:
        if self.breaks_off:
            self.breaks_off -= 1
            raise RuntimeError("the printer broke off")
        self.letters.append(letter_html)
        self.footers.append(footer)
        self.lines = [line for chunk in chunks for line in chunk.lines]
        data = "\n".join([letter_html, *self.lines, footer.left]).encode()
        return PrintedFile(data, hashlib.sha256(data).hexdigest(), 1 + len(chunks))
