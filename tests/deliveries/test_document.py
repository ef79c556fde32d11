"""The list as print HTML: what the letter says, and where names, lines and pages end."""

import re
from datetime import date
from gettext import NullTranslations
from pathlib import Path

import pytest
import segno
from fontTools.ttLib import TTFont

from campaigns.deliveries.document import ListDocument, chunks, footer, letter_html
from campaigns.kernel.ports import ListedName, PrintChunk
from campaigns.rendering.printing import GOTHIC, print_environment
from tests.deliveries.lists import DIGEST, SHORT_DIGEST, TEMPLATES, URL, a_list, environment, listed, names

PARAGRAPH = re.compile(r'<p class="(\w+) c(\d)" style="top:([\d.-]+)pt[^"]*" data-rows="([\d ]+)">(.*?)</p>', re.DOTALL)


def letter(**changed: object) -> str:
    """Return the words of a letter, without marks that only order it."""
    text = letter_html(a_list(**changed), environment())  # type: ignore[arg-type]  # any field of a list
    words = re.sub("<style>.*</style>|<svg.*</svg>|<[^>]+>|[\u2066-\u2069]", " ", text, flags=re.DOTALL)
    return " ".join(words.split())


def one_chunk(rows: list[ListedName], values: ListDocument | None = None) -> PrintChunk:
    (chunk,) = chunks(rows, values or a_list(), environment())
    return chunk


def lines(chunk: PrintChunk, kind: str) -> list[str]:
    """Return the printed lines of one kind, spaces told alike."""
    found = [text for name, _, _, _, text in PARAGRAPH.findall(chunk.html) if name == kind]
    return [" ".join(line.split()) for text in found for line in text.split("\n")]


def test_the_letter_says_who_asks_whom_for_what_and_by_when() -> None:
    text = letter()
    for words in (
        "To Management of the Air Hub · handed over 15 December 2023",
        "2 Loomis Road Hebron, KY 41048",
        "1 Reinstate Connor Spence with back pay. 2 Rescind every write-up. All eleven.",
        "An answer in writing is expected by 22 December 2023.",
        "Handed over by Air Hub Workers’ Union 12 Depot Street, Hebron",
        "9 signatures 2 named in this list 4 counted, name withheld 3 on paper sheets, name withheld",
        "Names are withheld where the signatory asked for it or was not yet told of this list.",
        f"open example.org/verify/5f0c1e and compare the digest {SHORT_DIGEST} … at the foot of every page.",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("changed", "absent"),
    [
        ({"named": 0}, "named in this list"),
        ({"withheld": 0, "on_paper": 0}, "withheld"),
        ({"on_paper": 0}, "paper"),
        ({"answer_expected": None}, "answer"),
        ({"demands": ()}, "demanded"),
        ({"named": 0, "withheld": 0}, "online"),
        ({}, "seal"),
    ],
)
def test_the_letter_is_silent_about_what_is_not(changed: dict[str, object], absent: str) -> None:
    assert absent not in letter(**changed)


@pytest.mark.parametrize(
    ("named", "words"),
    [(0, "No names follow: every signatory asked"), (1, "1 named in this list"), (7114, "7,114 named in this list")],
)
def test_the_letter_tells_how_many_are_named(named: int, words: str) -> None:
    assert words in letter(named=named)


def test_one_signature_is_not_called_signatures() -> None:
    assert "1 signature 1 counted, name withheld" in letter(named=0, withheld=1, on_paper=0)


def test_the_qr_code_is_the_one_of_the_verifying_page_with_its_quiet_border() -> None:
    drawn = segno.make(URL, error="m").svg_inline(scale=3, border=4, title=f"QR code: {URL}")
    html = letter_html(a_list(), environment())
    assert drawn in html
    assert f'href="{URL}"' in html


def test_the_whole_digest_stands_in_the_letter() -> None:
    assert " ".join(DIGEST[start : start + 4] for start in range(0, 64, 4)) in letter()


def test_what_people_wrote_is_escaped() -> None:
    html = letter_html(
        a_list(headline="<i>", demands=[("<i>", "<i>")], organisation="<i>&", contact="<i>"), environment()
    )
    assert "<i>" not in html
    assert html.count("&lt;i&gt;") == 8
    assert "&lt;script" in one_chunk(listed(("<script>", "&"))).html


@pytest.mark.parametrize(
    ("headline", "classes"),
    [
        ("Short", "large gothic"),
        ("Łódź, Nguyễn, ¿qué? “€5”", "large gothic"),
        ("Ξαναπροσλάβετε", "large"),
        ("Łódź и Москва", "large"),
        ("x" * 110, "medium gothic"),
        ("x" * 240, "small gothic"),
        ("x" * 900, "smallest gothic"),
    ],
)
def test_a_headline_is_as_large_as_fits_and_in_gothic_only_when_latin(headline: str, classes: str) -> None:
    assert f'<h1 class="{classes}">{headline}</h1>' in letter_html(a_list(headline=headline), environment())


def test_league_gothic_has_every_letter_that_is_set_in_it() -> None:
    drawn = TTFont(TEMPLATES.parent / "static" / "print" / "league-gothic.ttf").getBestCmap()
    taken = [code for code in range(0x10000) if GOTHIC.fullmatch(chr(code))]
    upper = {ord(letter) for code in taken for letter in chr(code).upper()}
    assert sorted(map(chr, (set(taken) | upper) - set(drawn))) == []


@pytest.mark.parametrize(
    ("language", "direction", "day"),
    [("en", "ltr", "December 15, 2023"), ("es", "ltr", "15 de diciembre de 2023"), ("ar", "rtl", "15 ديسمبر 2023")],
)
def test_dates_and_direction_are_the_languages_own(language: str, direction: str, day: str) -> None:
    html = letter_html(a_list(language=language), environment())
    assert f'<html lang="{language}" dir="{direction}">' in html
    assert day in html


def test_the_letter_speaks_the_language_of_its_translations() -> None:
    class Shouting(NullTranslations):
        def gettext(self, message: str) -> str:
            return message.upper() if "%" not in message else message

        def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
            return msgid2

    jinja = print_environment(TEMPLATES, Shouting())
    assert "WHAT IS DEMANDED" in letter_html(a_list(), jinja)
    assert "THE UNDERSIGNED" in next(chunks(names(1), a_list(), jinja)).html


def test_the_footer_names_list_total_digest_and_page() -> None:
    printed = footer(a_list(named=7107), environment())
    assert printed.left == f"List no. 3 · 7,114 signatures · digest {SHORT_DIGEST} …"
    assert printed.page == "Page {n} of {m}"


def test_names_are_cut_into_chunks_by_their_numbers() -> None:
    rows = [*names(2, first=959), *names(1, first=961), *names(1, first=2000)]
    made = list(chunks(rows, a_list(), environment()))
    assert [chunk.lines[0].split(".")[0] for chunk in made] == ["959", "961", "2000"]
    assert ["Signatures 959 to 960" in made[0].html, "Signatures 2,000 to 2,000" in made[2].html] == [True, True]
    assert ["The undersigned" in chunk.html for chunk in made] == [True, False, False]


def test_a_chunk_stays_the_same_while_the_list_grows() -> None:
    before = next(chunks(names(960), a_list(960), environment()))
    later = a_list(5000, list_number=9, digest="ab" * 32, handed_over=date(2024, 1, 1), headline="Another")
    assert next(chunks(names(1200), later, environment())) == before


def test_no_chunk_comes_of_no_names() -> None:
    assert list(chunks([], a_list(0), environment())) == []


def test_each_name_stands_with_its_number_and_its_place() -> None:
    chunk = one_chunk(listed(("Zoë Müller", "Berlin"), ("Jo Hill", "")))
    assert chunk.lines == ["1. Zoë Müller, Berlin", "2. Jo Hill"]
    assert lines(chunk, "name") == ["1 Zoë Müller", "2 Jo Hill"]
    assert lines(chunk, "place") == ["Berlin", ""]


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Rosa\u202e Delgado\u2066", "Rosa Delgado"),
        (" Rosa \r\n Delgado ", "Rosa Delgado"),
        ("Rosa\x00\x1b", "Rosa"),
        ("e\u0301", "\u00e9"),
    ],
)
def test_marks_that_would_turn_a_line_around_are_left_out(name: str, printed: str) -> None:
    assert one_chunk(listed((name, ""))).lines == [f"1. {printed}"]


def test_a_name_that_runs_from_the_right_is_kept_apart_from_its_number() -> None:
    assert lines(one_chunk(listed(("أمل حداد", "Hebron"))), "name") == ["1 \u2068أمل حداد\u2069"]
    arabic = one_chunk(listed(("Jo Hill", "Hebron")), a_list(language="ar"))
    assert lines(arabic, "name") == ["1 \u2068Jo Hill\u2069"]


def test_columns_start_at_the_right_where_the_language_does() -> None:
    left, right = (one_chunk(names(3), a_list(language=language)).html for language in ("en", "ar"))
    assert re.findall(r"\.c\d { left: ([\d.]+)pt", left) == re.findall(r"\.c\d { left: ([\d.]+)pt", right)[::-1]


@pytest.mark.parametrize(
    ("name", "columns"), [("Jo Hill", 3), ("Wolfeschlegelsteinhausenbergerdorff Delgado", 2), ("W" * 200, 2)]
)
def test_long_names_get_wider_columns(name: str, columns: int) -> None:
    chunk = one_chunk(listed(*[(name, "Hebron")] * 300))
    assert {int(column) for _, column, _, _, _ in PARAGRAPH.findall(chunk.html)} == set(range(columns))


def test_a_long_name_is_broken_between_words_and_nothing_of_it_is_lost() -> None:
    name = "Maria del Carmen Fernández de Córdoba y Álvarez de las Asturias"
    chunk = one_chunk([*names(20), ListedName(21, name, "Hebron")])
    printed = [*lines(chunk, "name")[20:], *lines(chunk, "more")]
    assert len(printed) == 2
    assert " ".join(printed) == f"21 {name}"


@pytest.mark.parametrize("name", ["x" * 300, "ก็" * 120, "நி" * 90, "👩🏽‍🏭" * 40, "王" * 99])
def test_a_word_longer_than_a_line_is_cut_but_no_mark_from_its_letter(name: str) -> None:
    chunk = one_chunk(listed((name, "")))
    cut = [*lines(chunk, "name"), *lines(chunk, "more")]
    assert "".join(cut) == f"1 {name}".replace(" ", " ")
    assert not [line for line in cut if line[0] in "\u0e47\u0bbf\u200d🏭🏽"]


def test_a_page_is_filled_by_columns_and_the_last_is_levelled() -> None:
    chunk = one_chunk(names(150))
    counts = [len(rows.split()) for kind, _, _, rows, _ in PARAGRAPH.findall(chunk.html) if kind == "name"]
    assert counts == [33, 33, 33, 17, 17, 17]


def test_a_script_from_another_font_has_a_paragraph_of_its_own() -> None:
    column = listed(("Jo", "A"), ("Иван", "Б"), ("王小明", "C"), ("Zoë", "D"), ("Ann", "서울"), ("Bo", "E"))
    chunk = one_chunk([*column, *names(12, first=7)])
    rows = [rows for kind, place, _, rows, _ in PARAGRAPH.findall(chunk.html) if (kind, place) == ("name", "0")]
    assert rows == ["0 1 3 5", "2", "4"]
    together = next(text for *_, text in PARAGRAPH.findall(chunk.html))
    assert [bool(line) for line in together.split("\n")] == [True, True, False, True, False, True]


@pytest.mark.parametrize("paper", ["letter", "a4"])
def test_the_paper_is_the_one_asked_for(paper: str) -> None:
    values = a_list(paper=paper)
    assert f"@page {{ size: {paper} }}" in letter_html(values, environment())
    assert f"@page {{ size: {paper} }}" in one_chunk(names(1), values).html


def test_every_template_of_the_list_is_found() -> None:
    assert {path.name for path in Path(TEMPLATES / "deliveries" / "print").iterdir()} == {
        "fonts.css", "footer.txt", "letter.css", "letter.html", "list.css", "names.html",
    }  # fmt: skip
