"""The list as a PDF: every name can be read, is tagged once, and the file can be made again to the byte."""

import re
import select
import socket
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from campaigns.adapters.printing import WeasyPrinter, making
from campaigns.adapters.printing.parts import Part, PartWriter, TooManyObjects
from campaigns.adapters.printing.syntax import renumbered, text_string
from campaigns.adapters.printing.tagging import NotAsWritten
from campaigns.deliveries.document import ListDocument, chunks, footer, letter_html
from campaigns.kernel.ports import ListedName, PrintChunk, PrintedFile, PrintFooter
from tests.adapters.printed import PrintedList, font_programs
from tests.deliveries.lists import SHORT_DIGEST, URL, a_list, environment, listed, names
from tests.scanned import codes_on

MANY = 3_000
SCRIPTS = {
    "Latin": ("Søren Łukasz O’Connor-Müller", "Øster Åby, Ñ"),
    "Vietnamese": ("Nguyễn Thị Hoa", "Hà Nội"),
    "Cyrillic": ("Иван Петров", "Москва"),
    "Greek": ("Γιώργος Παπαδόπουλος", "Αθήνα"),
    "Arabic": ("محمد رضا", "تهران"),
    "Hebrew": ("דוד לוי", "תל אביב"),
    "Devanagari": ("अनिल कुमार शर्मा", "दिल्ली"),
    "Bengali": ("রহিম উদ্দিন", "ঢাকা"),
    "Tamil": ("முத்து குமார்", "சென்னை"),
    "Ethiopic": ("አበበ ቢቂላ", "አዲስ አበባ"),
    "Georgian": ("გიორგი მელაძე", "თბილისი"),
    "Armenian": ("Արամ Խաչատրյան", "Երևան"),
    "Thai": ("สมชาย ใจดี", "กรุงเทพฯ"),
    "Sinhala": ("නිමල් සිරිපාල", "කොළඹ"),
    "Gujarati": ("નરેન્દ્ર પટેલ", "અમદાવાદ"),
    "Chinese": ("王小明", "北京"),
    "Japanese": ("田中 さくら", "カナダ"),
    "Korean": ("김민수", "서울"),
}


def print_names(printer: WeasyPrinter, rows: Sequence[ListedName], document: ListDocument | None = None) -> PrintedFile:
    """Print `rows` under a letter of one word, or under that of `document`."""
    jinja = environment()
    letter = letter_html(document, jinja) if document else '<html lang="en"><title>List</title><p>Letter</p>'
    values = document or a_list(len(rows))
    return printer.print_list(letter, list(chunks(rows, values, jinja)), footer(values, jinja))


def letters(text: str) -> str:
    """Return `text` without spaces, marks of order and the filler that stands for the rest of a cluster."""
    return re.sub(r"[\s\u200b\u200e\u200f\u2066-\u2069]+", "", text)


@pytest.fixture
def printer(tmp_path: Path) -> WeasyPrinter:
    return WeasyPrinter(tmp_path / "cache", processes=1)


@pytest.fixture(scope="module")
def long_list(tmp_path_factory: pytest.TempPathFactory) -> tuple[PrintedList, PrintedFile]:
    """3,000 names in four chunks, two of them made at once."""
    file = print_names(WeasyPrinter(tmp_path_factory.mktemp("cache"), processes=2), names(MANY), a_list(MANY))
    return PrintedList(file.data), file


@pytest.fixture(scope="module")
def many_scripts(tmp_path_factory: pytest.TempPathFactory) -> tuple[PrintedList, PrintedFile]:
    file = print_names(WeasyPrinter(tmp_path_factory.mktemp("cache"), processes=1), listed(*SCRIPTS.values()))
    return PrintedList(file.data), file


def test_every_name_is_tagged_once_in_order_with_its_exact_text(long_list: tuple[PrintedList, PrintedFile]) -> None:
    texts = [item.text for item in long_list[0].items]
    assert texts == [f"{number}. Rosa Delgado {number}, Hebron, KY" for number in range(1, MANY + 1)]


def test_what_is_tagged_is_what_is_printed(long_list: tuple[PrintedList, PrintedFile]) -> None:
    printed, _ = long_list
    pages = [printed.marked(page) for page in range(len(printed.pdf.pages))]
    for item in printed.items:
        shown = " ".join(pages[item.page][mark] for mark in item.marks)
        assert letters(shown) == letters((item.text or "").replace(". ", "", 1).replace(", ", "", 1))


def test_every_marked_piece_leads_back_to_its_owner(long_list: tuple[PrintedList, PrintedFile]) -> None:
    printed, _ = long_list
    owned = {(element.page, mark): element.number for element in printed.tagged for mark in element.marks}
    assert owned == printed.owners


def test_names_are_drawn_in_the_order_of_the_list_with_their_places(long_list: tuple[PrintedList, PrintedFile]) -> None:
    printed, _ = long_list
    drawn = list(printed.marked(1))
    tagged = [mark for item in printed.items if item.page == 1 for mark in item.marks]
    assert [mark for mark in drawn if mark in tagged] == tagged


def test_every_page_says_which_list_it_is_of_and_its_number(long_list: tuple[PrintedList, PrintedFile]) -> None:
    printed, file = long_list
    assert file.pages == len(printed.pdf.pages)
    for page in range(file.pages):
        left = f"List no. 3 · 3,007 signatures · digest {SHORT_DIGEST} …"
        assert letters(printed.footer(page)) == letters(f"{left}Page {page + 1} of {file.pages}")


def test_each_chunk_has_a_bookmark_and_a_heading(long_list: tuple[PrintedList, PrintedFile]) -> None:
    printed, _ = long_list
    ranges = ["Signatures 1 to 960", "Signatures 961 to 1,920", "Signatures 1,921 to 2,880"]
    ranges.append("Signatures 2,881 to 3,000")
    assert printed.bookmarks == ["Reinstate Connor Spence.", *ranges]
    headings = [element for element in printed.tagged if element.tag == "/H3"]
    assert [printed.marked(element.page)[element.marks[0]] for element in headings] == ranges


def test_a_font_that_two_chunks_share_is_written_once(long_list: tuple[PrintedList, PrintedFile]) -> None:
    programs = font_programs(long_list[0].pdf)
    assert len(programs) == len(set(programs)) > 2


def test_the_file_is_sound_titled_and_says_its_language(long_list: tuple[PrintedList, PrintedFile]) -> None:
    pdf = long_list[0].pdf
    assert pdf.check_pdf_syntax() == []
    assert pdf.Root.Lang == "en-GB"
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == pdf.docinfo.Title == "List no. 3: Reinstate Connor Spence."
        assert metadata["pdfuaid:part"] == "1"


@pytest.mark.parametrize("script", SCRIPTS)
def test_names_print_as_letters(many_scripts: tuple[PrintedList, PrintedFile], script: str) -> None:
    printed, file = many_scripts
    item = printed.items[list(SCRIPTS).index(script)]
    name, place = SCRIPTS[script]
    shown = "".join(printed.marked(item.page)[mark] for mark in item.marks)
    expected = letters(f"{item.text}".partition(".")[0] + name + place)
    assert item.text is not None
    assert item.text.endswith(f". {name}, {place}")
    if unicodedata.bidirectional(name[0]) in ("R", "AL"):  # glyphs stand as they are seen
        assert sorted(letters(shown)) == sorted(expected)
    else:
        assert letters(shown) == expected
    assert file.unprintable == ()


def test_a_character_that_no_font_has_is_named_also_when_its_chunk_was_kept(printer: WeasyPrinter) -> None:
    rows = listed(("Rosa \ue000", "Hebron"), ("Giulia", "\ue001"))
    assert print_names(printer, rows).unprintable == print_names(printer, rows).unprintable == ("\ue000", "\ue001")


def test_the_same_list_gives_the_same_bytes(tmp_path: Path) -> None:
    rows = [*listed(SCRIPTS["Greek"], SCRIPTS["Arabic"], SCRIPTS["Chinese"], ("Luz 😀", "")), *names(4, first=959)]
    with time_machine.travel(datetime(2023, 1, 1, tzinfo=UTC)):
        first = print_names(WeasyPrinter(tmp_path / "a", processes=1), rows)
    assert first == print_names(WeasyPrinter(tmp_path / "b", processes=2), rows)
    assert first == print_names(WeasyPrinter(tmp_path / "a", processes=1), rows)


def test_a_list_without_names_is_the_letter_alone(printer: WeasyPrinter) -> None:
    file = print_names(printer, [], a_list(0))
    printed = PrintedList(file.data)
    assert file.pages == 1
    assert any("No names follow" in text for text in printed.marked(0).values())
    assert printed.pdf.check_pdf_syntax() == []


def test_a_growing_list_makes_only_its_last_chunk_again(printer: WeasyPrinter, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(making, "chunk_part", _counting(making.chunk_part, made))
    rows = [*names(3, first=958), *names(2, first=961)]
    print_names(printer, rows)
    print_names(printer, rows, a_list(5, list_number=4, withheld=9))
    assert made == [3, 2]
    print_names(printer, [*rows, *names(1, first=963)])
    assert made == [3, 2, 3]


def test_the_same_names_on_other_paper_are_not_taken_from_what_is_kept(printer: WeasyPrinter) -> None:
    heights = {}
    for paper in ("letter", "a4"):
        printed = PrintedList(print_names(printer, names(1), a_list(1, paper=paper)).data)
        heights[paper] = {round(page.mediabox[3]) for page in printed.pdf.pages}
    assert heights == {"letter": {792}, "a4": {842}}


def _counting(work: Callable[..., Part], made: list[int]) -> Callable[..., Part]:
    def counted(html: str, lines: Sequence[str], base: int) -> Part:
        made.append(len(lines))
        return work(html, lines, base)

    return counted


def test_kept_chunks_are_sealed_with_the_key_and_can_be_forgotten(tmp_path: Path) -> None:
    rows = listed(("Rosa Delgado", "Hebron"))
    open_one, sealed = tmp_path / "open", tmp_path / "sealed"
    first = print_names(WeasyPrinter(open_one, processes=1), rows)
    printer = WeasyPrinter(sealed, processes=1, cache_key=b"k" * 32)
    assert print_names(printer, rows) == print_names(printer, rows) == first
    assert b'"pages"' in next(open_one.iterdir()).read_bytes()
    assert b'"pages"' not in next(sealed.iterdir()).read_bytes()
    assert sealed.stat().st_mode & 0o077 == next(sealed.iterdir()).stat().st_mode & 0o077 == 0
    assert printer.forget(datetime.now(UTC) - timedelta(days=1)) == 0
    assert printer.forget() == 1
    assert list(sealed.iterdir()) == []


def test_a_damaged_chunk_is_made_again(tmp_path: Path) -> None:
    printer = WeasyPrinter(tmp_path, processes=1, cache_key=b"k" * 32)
    rows = listed(("Rosa Delgado", "Hebron"))
    first = print_names(printer, rows)
    kept = next(tmp_path.iterdir())
    kept.write_bytes(kept.read_bytes()[:-1] + b"\x00\x00")
    with pytest.raises(FileNotFoundError):
        print_names(printer, rows)
    assert print_names(printer, rows) == first


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("<script>alert(1)</script> & </p>", "<script>alert(1)</script> & </p>"),
        ("Rosa \u202e\u2066txt.exe", "Rosa txt.exe"),
        ("Rosa\x00\x0b\x1b Delgado\r\n2", "Rosa Delgado 2"),
        ("3 0 R (12 0 R) \\) >> endobj", "3 0 R (12 0 R) \\) >> endobj"),
        ("W" * 200, "W" * 200),
        ("word " * 40, ("word " * 40).strip()),
        ("e\u0301", "\u00e9"),
        ("", ""),
        ("Maria 😀 Luz", "Maria 😀 Luz"),
        ("3 Sisters 4 Ever", "3 Sisters 4 Ever"),
    ],
)
def test_a_strange_name_stays_one_line_of_text(printer: WeasyPrinter, name: str, text: str) -> None:
    file = print_names(printer, listed(("Ann", "A"), (name, "Hebron"), ("Zoë", "Z")))
    printed = PrintedList(file.data)
    expected = [f"2. {text}, Hebron" if text else "2. Hebron"]
    assert [item.text for item in printed.items] == ["1. Ann, A", *expected, "3. Zoë, Z"]
    assert printed.pdf.check_pdf_syntax() == []
    assert (file.pages, file.unprintable) == (2, ())


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p data-rows='0'>1 Rosa</p>", ["1. Rosa", "2. Giulia"]),
        ("<p data-rows='0 1'>1 Rosa</p>", ["1. Rosa", "2. Giulia"]),
        ("<p data-rows='0'>1 Rosa</p>", ["1. Giulia"]),
        ("<p>1 Rosa</p>", ["1. Rosa"]),
        ("<p style='break-after:page' data-rows='0'>1 Rosa</p><p data-rows='0'>Hebron</p>", ["1. Rosa, Hebron"]),
    ],
)
def test_a_chunk_that_prints_anything_but_its_lines_is_refused(
    printer: WeasyPrinter, html: str, lines: list[str]
) -> None:
    page = f"<html lang=en><title>Names</title><style>p{{white-space:pre}}</style>{html}"
    with pytest.raises(NotAsWritten):
        printer.print_list("<html lang=en><title>List</title>", [PrintChunk(page, lines)], PrintFooter("", ""))


def test_nothing_is_loaded_from_the_network_or_from_other_files(printer: WeasyPrinter, tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>')
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = f"http://127.0.0.1:{server.getsockname()[1]}/style.css"
        addresses = [there, secret.as_uri(), "print:league-gothic.ttf", "print:../favicon.svg"]
        loads = "".join(f'<link rel=stylesheet href="{url}"><img alt=x src="{url}">' for url in addresses)
        file = printer.print_document(f"<html lang=en><title>Receipt</title>{loads}<p>Paid</p>")
        waiting, _, _ = select.select([server], [], [], 0)
    assert waiting == []
    printed = PrintedList(file.data)
    assert not list(printed.pdf.pages[0].obj.Resources.get("/XObject", {}))
    assert b" h\n" not in printed.pdf.pages[0].obj.Contents.read_bytes()


def test_a_document_of_its_own_is_tagged_and_the_same_each_time(printer: WeasyPrinter) -> None:
    html = '<html lang="fr"><title>Reçu</title><h1>Reçu</h1><p><a href="https://example.org">100 €</a></p>'
    file = printer.print_document(html)
    printed = PrintedList(file.data)
    assert file == printer.print_document(html)
    assert (file.pages, file.unprintable, printed.pdf.Root.Lang, printed.pdf.docinfo.Title) == (1, (), "fr", "Reçu")
    assert printed.pdf.pages[0].obj.Annots[0].F == 4
    assert {element.tag for element in printed.tagged} >= {"/Span", "/Link"}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (PrintFooter("List 3", "Page {n} of {m}"), "List3Page1of2"),
        (PrintFooter("List 3", "{m}/{n}"), "List32/1"),
        (PrintFooter("List 3", "Page {n}"), "List3Page1"),
    ],
)
def test_a_page_label_may_put_its_numbers_anywhere(printer: WeasyPrinter, given: PrintFooter, shown: str) -> None:
    chunk = list(chunks(names(1), a_list(1), environment()))
    file = printer.print_list(letter_html(a_list(1), environment()), chunk, given)
    assert letters(PrintedList(file.data).footer(0)) == shown


def test_a_footer_that_runs_from_the_right_starts_there(printer: WeasyPrinter) -> None:
    document = a_list(1, language="ar")
    chunk = list(chunks(names(1), document, environment()))
    given = PrintFooter("قائمة رقم 3", "صفحة {n} من {m}")
    file = printer.print_list(letter_html(document, environment()), chunk, given)
    printed = PrintedList(file.data)
    placed = printed.pdf.pages[1].obj.Contents[2].read_bytes().decode()
    at = {name: float(x) for x, name in re.findall(r"1 0 0 1 ([\d.]+) \S+ cm /(\w+) Do", placed)}
    assert at["UFL"] > 300 > at["UFP0"] > at["UFP1"]
    assert file.unprintable == ()


def test_a_page_label_counts_a_page_once(printer: WeasyPrinter) -> None:
    with pytest.raises(ValueError, match="counts a page twice"):
        printer.print_list("<html lang=en><title>List</title>", [], PrintFooter("", "{n} {n}"))


def test_the_printed_qr_code_leads_to_the_page_that_verifies(printer: WeasyPrinter) -> None:
    assert codes_on(print_names(printer, [], a_list(0)).data) == [URL]


def test_a_part_has_no_more_objects_than_its_range(tmp_path: Path) -> None:
    writer = PartWriter(100, 110)
    assert writer.reserve(10) == 100
    with pytest.raises(TooManyObjects):
        writer.reserve()


def test_only_references_are_renumbered() -> None:
    text = rb"<</A 3 0 R/B[3 0 R 7 0 R]/T(3 0 R \) 7 0 R)/H<3020>/N 13 0 R>>"
    assert (
        renumbered(text, {3: 30, 7: 70, 13: 1}) == rb"<</A 30 0 R/B[30 0 R 70 0 R]/T(3 0 R \) 7 0 R)/H<3020>/N 1 0 R>>"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [("a (b) \\", rb"(a \(b\) \\)"), ("é", b"<feff00e9>"), ("😀", b"<feffd83dde00>"), ("a\nb", b"<feff0061000a0062>")],
)
def test_text_is_written_so_that_no_character_ends_it(text: str, written: bytes) -> None:
    assert text_string(text) == written
