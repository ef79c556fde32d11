"""Signatures on paper: sheets printed and typed in by keyboard alone, a table imported and undone."""

import io
import re
from pathlib import Path
from uuid import uuid4

from PIL import Image

from campaigns.paper.rules import consent_on_sheet
from tests.adapters.printed import PrintedList
from tests.journeys.conftest import Visitor
from tests.journeys.stack import Stack
from tests.journeys.test_desk import publish, sign, sign_in
from tests.paper.test_pages_in_a_browser import typed_by_keyboard
from tests.scanned import codes_on
from tests.waiting import wait_for

CONSENT = consent_on_sheet("Night Shift Committee", "Depot management")


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "white").save(out, "JPEG")
    return out.getvalue()


def test_a_sheet_from_the_printer_to_the_count_and_a_table_there_and_back(
    stack: Stack, desk_visitor: Visitor, tmp_path: Path
) -> None:
    page = desk_visitor.page
    sign_in(stack, desk_visitor, "organizer")
    slug = publish(stack, desk_visitor, f"Breaks as the law says {uuid4().hex[:6]}")
    sign(stack, desk_visitor, slug, "Rosa Delgado", "public")
    desk = f"{stack.url}/desk/campaigns/{slug}/paper/"

    page.goto(desk)
    desk_visitor.looks()
    page.get_by_label("How many").fill("2")
    page.get_by_role("button", name="Print", exact=True).click()
    desk_visitor.waits_for(page.get_by_role("link", name="Download"))
    desk_visitor.looks()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    path = tmp_path / "sheets.pdf"
    download.value.save_as(path)
    _sheets_say_what_is_signed(path.read_bytes(), f"{stack.url}/campaigns/{slug}")

    _types_in_a_sheet(desk_visitor, desk)
    _public_page_says(stack, desk_visitor, slug, r"\+ 3 on paper")
    address = _imports_a_table(desk_visitor, desk)
    _public_page_says(stack, desk_visitor, slug, r"\+ 4 on paper")
    page.goto(address)
    with page.expect_navigation():
        page.get_by_role("button", name="Undo all of it").click()
    desk_visitor.waits_for(page.get_by_text("1 taken back."))
    desk_visitor.looks()
    _public_page_says(stack, desk_visitor, slug, r"\+ 3 on paper")


def _sheets_say_what_is_signed(pdf: bytes, address: str) -> None:
    """Each page is a sheet of its own number, with what is demanded, what becomes of the names, and where to sign."""
    printed = PrintedList(pdf)
    assert len(printed.pdf.pages) == 2
    for page, number in enumerate((1, 2)):
        drawn = " ".join(" ".join(printed.marked(page).values()).split())
        assert (
            re.findall(r"Sheet no\. \d+", drawn) == [f"Sheet no. {number}"] * 3
        )  # above, over the rows, in the margin
        for words in ("1. Put the nine back on days", "2. Breaks as the law says", CONSENT):
            assert words in drawn
        assert codes_on(pdf, number) == [address]


def _types_in_a_sheet(desk_visitor: Visitor, desk: str) -> None:
    page = desk_visitor.page
    page.goto(desk)
    page.get_by_label("Number of the sheet").fill("2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/paper/sheets/2")
    page.get_by_label("JPEG, PNG or WebP").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    page.get_by_role("button", name="Show it here").click()
    page.wait_for_selector(".photo-frame img")
    width = "picture => picture.decode().then(() => picture.naturalWidth)"
    assert page.locator(".photo-frame img").evaluate(width) == 800
    desk_visitor.looks()
    typed_by_keyboard(page, "Enter")
    for _ in range(9 * 5):
        page.keyboard.press("Enter")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    desk_visitor.sees("3 signatures were entered")
    desk_visitor.looks()


def _imports_a_table(desk_visitor: Visitor, desk: str) -> str:
    """Import a table with one newcomer and one duplicate; return the address of the import."""
    page = desk_visitor.page
    page.goto(desk)
    table = (
        "Name;Ort;PLZ;E-Mail;Liste\nDora Fourth;Erlanger;41018;dora@example.org;ja\nCarl T.;Hebron;;CARL@example.org;\n"
    )
    page.get_by_label("CSV file").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": table.encode("utf-16")}
    )
    page.get_by_label("We hold these signatures").check()
    page.get_by_role("button", name="Look at the table").click()
    page.wait_for_url("**/paper/imports/*")
    desk_visitor.looks()
    with page.expect_navigation():
        page.get_by_role("button", name="Try it").click()
    desk_visitor.sees("has signed already")
    desk_visitor.looks()
    with page.expect_navigation():
        page.get_by_role("button", name="Enter 1 signature").click()
    desk_visitor.waits_for(page.get_by_role("button", name="Undo all of it"))
    desk_visitor.looks()
    return page.url


def _public_page_says(stack: Stack, visitor: Visitor, slug: str, words: str) -> None:
    visitor.page.goto(f"{stack.url}/campaigns/{slug}")
    wait_for(
        lambda: visitor.page.reload() and re.search(words, visitor.page.inner_text("body")),
        f"the page says {words}",
        30,
    )
