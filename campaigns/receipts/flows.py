"""What prints: the mail that carries a receipt, and the file that its giver asks for. No file is kept, only digests."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any
from uuid import UUID

from jinja2 import Environment

from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Message, Payload, Printer
from campaigns.links import Links
from campaigns.receipts import document, operations, queries
from campaigns.receipts.emails import receipt_mail
from campaigns.receipts.operations import Mails
from campaigns.receipts.queries import ReceiptFacts
from campaigns.receipts.rules import Content
from campaigns.rendering.mails import FOLDER
from campaigns.rendering.printing import print_environment

log = logging.getLogger(__name__)
_VOID = "void"


class NotKept(LookupError):
    """What this receipt said is not kept any more."""


@dataclass(frozen=True, slots=True)
class Receipts:
    """The printing of receipts, with what the factory hands it."""

    work: Work
    reading: Work
    printer: Callable[[], Printer]
    links: Links
    clock: Clock

    def mails(self, kinds: Mails) -> dict[str, Callable[[Payload], Message]]:
        """Return who builds each of a feature's mails about receipts."""
        templates = {kinds.first: "first", kinds.corrected: "corrected", kinds.void: _VOID}
        return {kind: partial(self._mail, kinds.words, name) for kind, name in templates.items()}

    def _mail(self, words: str, name: str, payload: Payload) -> Message:
        """A receipt goes out as it was issued, whatever has become of it since: another mail tells that."""
        receipt, content = self._found(UUID(payload["receipt"]))
        template = f"{words}/{name}"
        if name == _VOID:
            return receipt_mail(template, payload, receipt, content, self.links)
        issued = replace(receipt, voided_at=None, void_reason=None, successor="")
        return receipt_mail(template, payload, issued, content, self.links, self._printed(issued, content))

    def _found(self, receipt_id: UUID) -> tuple[ReceiptFacts, Content]:
        with self.reading() as session:
            receipt = queries.find(session, receipt_id)
        if receipt is None or receipt.content is None:
            raise NotKept
        return receipt, receipt.content

    def _printed(self, receipt: ReceiptFacts, content: Content) -> bytes | None:
        """Return the PDF and keep its digest; None where it cannot be made: the mail says all that stands on it."""
        try:
            file = self.printer().print_document(document.receipt_html(receipt, content, _environment()))
        except Exception:
            log.exception("receipt cannot be printed", extra={"receipt": str(receipt.id)})
            return None
        with self.work() as session:
            operations.note_print(session, receipt.id, file.sha256, now=self.clock())
        return file.data

    def pdf(self, receipt: ReceiptFacts) -> bytes:
        """Return a receipt as it stands now, void or not, as a PDF made for whoever asks. Raises NotKept."""
        if receipt.content is None:
            raise NotKept
        return self.printer().print_document(document.receipt_html(receipt, receipt.content, _environment())).data

    def page_pdf(self, template: str, language: str, zone: str, values: Mapping[str, Any]) -> bytes:
        """Return a page of print about receipts as a PDF."""
        html = document.rendered(template, language, zone, values, _environment())
        return self.printer().print_document(html).data


@cache
def _environment() -> Environment:
    return print_environment(FOLDER)
