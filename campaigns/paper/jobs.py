"""What runs outside a request: print sheets, work on imports by the batch, forget."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from jinja2 import Environment

from campaigns.campaign import queries as campaigns
from campaigns.db import Work
from campaigns.deliveries.document import qr_code
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Files, Payload, Printer
from campaigns.links import Links
from campaigns.paper import document, erasing, importing, operations, queries
from campaigns.paper.document import SheetDocument
from campaigns.paper.importing import CheckedTable
from campaigns.rendering.mails import FOLDER
from campaigns.rendering.printing import print_environment

FORGET_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SheetPrinting:
    """The job that prints blank sheets, with what the factory hands it."""

    work: Work
    reading: Work
    printer: Callable[[], Printer]
    files: Files
    links: Links
    clock: Clock

    def run(self, payload: Payload) -> None:
        """Job: print a pile, keep the file, note it. Safe to run again at any point."""
        print_id = UUID(payload["print"])
        values = self._document(print_id)
        key = f"paper/{print_id}.pdf"
        self.files.put(key, self.printer().print_document(document.sheets_html(values, _environment())).data)
        with self.work() as session:
            operations.note_printed(session, print_id, key, now=self.clock())

    def _document(self, print_id: UUID) -> SheetDocument:
        with self.reading() as session:
            pile = queries.find_print(session, print_id)
            assert pile is not None  # asked for in the transaction that queued this job
            campaign = campaigns.find(session, pile.campaign_id, self.clock())
            assert campaign is not None  # a foreign key holds it
        url = self.links.campaign(campaign.slug)
        return SheetDocument(
            headline=pile.headline, demands=pile.demands, version=pile.version, consent=pile.consent,
            target_name=campaign.target_name, organisation=campaign.organisation, contact=campaign.contact_email,
            numbers=range(pile.first_number, pile.last_number + 1), paper="a4" if pile.paper == "a4" else "letter",
            language="en", campaign_url=url, own_page_url=self.links.own_page(""),
            qr_svg=qr_code(url, f"QR code: {url}"),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Importing:
    """The job that imports tables and undoes imports."""

    work: Work
    clock: Clock

    def run(self, payload: Payload) -> None:
        """Job: work on an import, a batch in each transaction, until its phase is over or somebody cancels it."""
        import_id = UUID(payload["import"])
        read = CheckedTable()
        while self._batch(import_id, read):
            pass

    def _batch(self, import_id: UUID, read: CheckedTable) -> bool:
        with self.work() as session:
            return importing.advance(session, import_id, read, now=self.clock())


def forget(work: Work, clock: Clock) -> None:
    """Delete photos and tables whose time is over."""
    with work() as session:
        erasing.forget_photos(session, clock())
        erasing.give_up_tables(session, clock())


@cache
def _environment() -> Environment:
    return print_environment(FOLDER)
