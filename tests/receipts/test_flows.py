"""Receipts on paper: one tagged page, the same bytes for the same words, in every script; nothing is kept of them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from pikepdf import Dictionary, Pdf
from sqlalchemy import select

from campaigns.adapters.printing import WeasyPrinter
from campaigns.kernel.money import Money
from campaigns.kernel.ports import PrintedFile
from campaigns.receipts import document
from campaigns.receipts.flows import NotKept, Receipts
from campaigns.receipts.models import ReceiptPrint
from campaigns.receipts.queries import ReceiptFacts
from campaigns.receipts.rules import Content, Line, VoidReason
from campaigns.rendering.mails import FOLDER
from campaigns.rendering.printing import print_environment
from tests.make import World
from tests.receipts.make import KIND, content, keep, usd
from tests.receipts.test_operations import MAILS

WHEN = datetime(2026, 5, 4, 15, tzinfo=UTC)
LONG = "The costs of housing, food, medicine and child care of everybody who is locked out. " * 6
NAMES = ["María José Ortiz", "Иван Петров", "محمد رضا", "王小明", "田中 さくら", "김민수", "x" * 100]


def facts(said: Content, **changes: object) -> ReceiptFacts:
    whole = ReceiptFacts(UUID(int=1), "2026", 17, KIND, UUID(int=2), said.kept, said, WHEN, None, None)
    return replace(whole, **changes)  # type: ignore[arg-type]  # each field by its name


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> WeasyPrinter:
    return WeasyPrinter(tmp_path_factory.mktemp("cache"), processes=1)


def html(said: Content, **changes: object) -> str:
    return document.receipt_html(facts(said, **changes), said, print_environment(FOLDER))


@pytest.mark.parametrize("name", NAMES)
def test_a_receipt_is_one_tagged_page_with_the_name_in_its_own_script(printer: WeasyPrinter, name: str) -> None:
    file = printer.print_document(html(content(name=name)))
    assert (file.pages, file.unprintable) == (1, ())
    with Pdf.open(BytesIO(file.data)) as pdf:
        assert isinstance(pdf.Root.StructTreeRoot, Dictionary)
        assert str(pdf.Root.Lang) == "en"


@pytest.mark.parametrize("lines", [1, 3])
def test_long_purposes_stay_on_one_page(printer: WeasyPrinter, lines: int) -> None:
    each = [Line(f"Fund {n}", LONG, LONG[:250], "Hub Workers e. V.", usd(1000), LONG[:250]) for n in range(lines)]
    said = replace(content(), lines=tuple(each), given=usd(1000 * lines))
    assert printer.print_document(html(said)).pages == 1


def test_the_same_receipt_is_the_same_file_to_the_byte(printer: WeasyPrinter, tmp_path: Path) -> None:
    said = content(name="Иван 王小明 محمد")
    first = printer.print_document(html(said))
    assert WeasyPrinter(tmp_path, processes=1).print_document(html(said)) == first
    assert printer.print_document(html(said, number=18)).sha256 != first.sha256


def test_a_receipt_says_all_that_was_promised() -> None:
    line = Line("Jo Hill", "Jo Hill's costs.", "Organizing.", "Hub Workers e. V.", usd(3000), "Not deductible.")
    page = html(replace(content(name="Maria"), lines=(line,)))
    for words in (
        "Receipt no. 2026-00017", "Maria", "maria@example.org", "Hub Workers e. V.", "$30.00", "May 4, 2026",
        "Jo Hill&#39;s costs.", "Organizing.", "Not deductible.", "abc", "hub@example.org",
    ):  # fmt: skip
        assert words in page, words
    assert "Void" not in page


def test_a_void_receipt_says_so_with_what_replaces_it_and_why() -> None:
    void = {"voided_at": datetime(2026, 6, 1, 2, tzinfo=UTC), "void_reason": VoidReason.DISPUTED}
    page = html(content(), **void, successor="2026-00031")
    assert "Void" in page
    assert "bank took the money back" in page
    assert "since May 31, 2026" in page  # in New York
    assert "replaced by no. 2026-00031" in page


def test_what_went_back_stands_beside_what_is_kept() -> None:
    page = html(content(2000, given=5000, disputed=1000))
    for words in ("$20.00", "$50.00 were given", "$20.00 were given back", "$10.00 were taken back by the bank"):
        assert words in page


def test_a_purpose_cannot_load_a_file_nor_break_out(printer: WeasyPrinter) -> None:
    evil = '<img src="file:///etc/passwd"><img src="http://169.254.169.254/"></p><h1>Mine</h1>'
    line = Line(evil, evil, evil, evil, usd(3000), evil)
    page = html(replace(content(name=evil, email=evil), lines=(line,)))
    assert "<img" not in page
    assert printer.print_document(page).pages == 1


def receipts(world: World) -> Receipts:
    services = world.app.extensions["undersigned"]
    return Receipts(world.work, world.reading, lambda: world.printer, services.links, world.clock)


def payload(world: World) -> dict[str, str]:
    return {"to": "maria@example.org", "receipt": str(keep(world, 3000).issued), "own_page": "s"}


def test_the_digest_of_what_is_mailed_is_kept_and_a_second_try_mails_the_same(sqlite_world: World) -> None:
    build, told = receipts(sqlite_world).mails(MAILS)[MAILS.first], payload(sqlite_world)
    first, again = build(told), build(told)
    assert first == again
    with sqlite_world.reading() as session:
        (kept,) = session.scalars(select(ReceiptPrint)).all()
    assert kept.sha256 == sqlite_world.printer.print_document(first.attachments[0].data.decode()).sha256
    assert sqlite_world.files.kept == {}


def test_a_receipt_that_cannot_be_printed_is_mailed_without_its_file(sqlite_world: World) -> None:
    def broken(_html: str) -> PrintedFile:
        raise RuntimeError("no fonts")

    sqlite_world.printer.print_document = broken  # type: ignore[method-assign]  # the printer fails
    message = receipts(sqlite_world).mails(MAILS)[MAILS.first](payload(sqlite_world))
    assert (message.attachments, "2026-00001" in message.text) == ((), True)


def test_what_is_not_kept_any_more_is_neither_mailed_nor_printed(sqlite_world: World) -> None:
    flow = receipts(sqlite_world)
    with pytest.raises(NotKept):
        flow.mails(MAILS)[MAILS.first]({"to": "x@example.org", "receipt": str(UUID(int=9)), "own_page": "s"})
    with pytest.raises(NotKept):
        flow.pdf(replace(facts(content()), content=None))


def test_other_languages_write_money_and_days_their_own_way() -> None:
    line = Line("صندوق", "إيجار", "", "نقابة", Money(5_120, "KWD"))
    nothing = Money(0, "KWD")
    said = replace(
        content(), language="ar", lines=(line,), given=Money(5_120, "KWD"), refunded=nothing, disputed=nothing,
        given_on=date(2026, 5, 4),
    )  # fmt: skip
    page = html(said)
    assert '<html lang="ar" dir="rtl">' in page
    assert "5.120" in page
    assert "size: a4" in page
