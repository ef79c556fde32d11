"""Make a list's PDF, outside any request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from jinja2 import Environment

from campaigns.campaign import queries as campaigns
from campaigns.db import Work
from campaigns.deliveries import announcing, document, operations, queries
from campaigns.deliveries.document import EarlierText, ListDocument
from campaigns.deliveries.operations import ErasedMeanwhile
from campaigns.deliveries.queries import DeliveryFacts
from campaigns.deliveries.rules import State
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Files, Payload, PrintedFile, Printer
from campaigns.links import Links
from campaigns.rendering.mails import FOLDER
from campaigns.rendering.printing import print_environment

STATEMENT = (
    "We, the undersigned, put these demands to you. "
    "Each of us confirmed the signature by e-mail; nobody is counted twice."
)
STATEMENT_WITH_PAPER = (
    "We, the undersigned, put these demands to you. "
    "Each of us confirmed the signature by e-mail or signed on paper; no e-mail address is counted twice."
)
CHUNKS_KEPT = timedelta(days=7)
NewPrinter = Callable[[], Printer]


@dataclass(frozen=True, slots=True)
class Printing:
    """The print job with what the factory hands it. `reading` gives a session that holds no write lock."""

    work: Work
    reading: Work
    printer: NewPrinter
    files: Files
    links: Links
    clock: Clock

    def run(self, payload: Payload) -> None:
        """Job: freeze the list, print it, keep the file, note it. Safe to run again at any point."""
        delivery_id = UUID(payload["delivery"])
        delivery = self._frozen(delivery_id, payload.get("announcements"))
        if delivery.state is State.READY:
            return
        printed = self.print(delivery)
        key = f"deliveries/{delivery.public_id}.pdf"
        self.files.put(key, printed.data)
        try:
            with self.work() as session:
                operations.note_file(session, delivery_id, key, printed, erased=delivery.erased, now=self.clock())
        except ErasedMeanwhile:
            self.files.delete(key)
            raise  # the outbox runs this again

    def remove_file(self, payload: Payload) -> None:
        """Job: delete a file that named somebody who was erased, and the chunks it was made of on this machine."""
        if payload["key"]:
            self.files.delete(payload["key"])
        self.printer().forget(None)

    def forget_chunks(self) -> None:
        """Job: delete the chunks that no list has wanted for some time."""
        self.printer().forget(self.clock() - CHUNKS_KEPT)

    def _frozen(self, delivery_id: UUID, announcements: Sequence[str] | None) -> DeliveryFacts:
        with self.work() as session:
            delivery = queries.get(session, delivery_id)
            campaign = campaigns.find(session, delivery.campaign_id, self.clock())
            assert campaign is not None  # a foreign key holds it
            told = None if announcements is None else announcing.told(session, campaign.id, map(UUID, announcements))
            operations.freeze(session, delivery_id, campaign, may_be_named=told, now=self.clock())
            session.flush()  # the facts are read again below
            return queries.get(session, delivery_id)

    def print(self, delivery: DeliveryFacts) -> PrintedFile:
        """Return the PDF of a frozen list: same rows, same bytes."""
        with self.reading() as session:
            values = list_document(delivery, self.links, queries.signed_versions(session, delivery.id))
            chunks = list(document.chunks(queries.named_rows(session, delivery.id), values, _environment()))
        letter = document.letter_html(values, _environment())
        return self.printer().print_list(letter, chunks, document.footer(values, _environment()))


@dataclass(frozen=True, slots=True)
class Announcing:
    """The job that tells signatories of the next list, a batch in each unit of work."""

    work: Work
    clock: Clock

    def run(self, payload: Payload) -> None:
        """Job: queue a mail for each. Safe to run again at any point."""
        announcement_id = UUID(payload["announcement"])
        while self._batch(announcement_id):
            pass

    def _batch(self, announcement_id: UUID) -> bool:
        with self.work() as session:
            campaign_id = queries.campaign_of_announcement(session, announcement_id)
            campaign = campaigns.find(session, campaign_id, self.clock())
            assert campaign is not None  # a foreign key holds it
            return announcing.tell_some(session, announcement_id, campaign, now=self.clock())


@cache
def _environment() -> Environment:
    return print_environment(FOLDER)


def list_document(delivery: DeliveryFacts, links: Links, signed: Mapping[int, int]) -> ListDocument:
    """Return a frozen list's letter as print values. `signed`: how many on it signed each version of the text."""
    letter = delivery.letter
    url = links.verify(delivery.public_id)
    return ListDocument(
        list_number=delivery.number,
        target_name=letter["target"],
        target_address=tuple(letter["target_address"].splitlines()),
        headline=letter["headline"],
        demands=tuple((title, detail) for title, detail in letter["demands"]),
        statement=STATEMENT_WITH_PAPER if delivery.on_paper + delivery.named_on_paper else STATEMENT,
        named=delivery.named,
        withheld=delivery.withheld,
        on_paper=delivery.on_paper,
        named_on_paper=delivery.named_on_paper,
        total=delivery.total,
        answer_expected=date.fromisoformat(letter["answer_expected"]) if letter["answer_expected"] else None,
        handed_over=datetime.fromisoformat(letter["frozen_at"]).date(),
        organisation=letter["organisation"],
        contact=letter["contact"],
        verify_url=url,
        digest=delivery.digest,
        language="en",
        paper="a4" if delivery.paper == "a4" else "letter",
        qr_svg=document.qr_code(url, f"QR code: {url}"),
        version=letter["petition_version"],
        earlier=[_earlier(text, signed) for text in letter.get("earlier", ()) if text["petition_version"] in signed],
    )


def _earlier(text: Mapping[str, Any], signed: Mapping[int, int]) -> EarlierText:
    demands = tuple((title, detail) for title, detail in text["demands"])
    version = text["petition_version"]
    return EarlierText(version=version, headline=text["headline"], demands=demands, signed=signed[version])
