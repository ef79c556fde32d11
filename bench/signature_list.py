"""How fast a signature list is printed, against one plain WeasyPrint table of the same rows in the same run.

    python -m bench.signature_list [ROWS] [--processes N] [--baseline-rows N]

The baseline has five columns, no tags, no cache, one process, and is not charged for its imports. The list is charged
for all: its letter, the start of its processes, joining. Then the same list is printed again, and once more with one
per cent new names at its end. Each measure has a process of its own, so that its memory is its own too.
"""

import argparse
import hashlib
import random
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from html import escape
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from campaigns.adapters.printing import WeasyPrinter
from campaigns.deliveries.document import ListDocument, chunks, footer, letter_html, qr_code
from campaigns.kernel.ports import ListedName
from campaigns.rendering.printing import print_environment

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
FIRST = "Rosa Giulia Marcus Amal Nguyễn Ivan Zoë Adebayo Jo María Søren Łukasz Tariq Fatima Denise Иван Ελένη".split()
LAST = "Delgado Ferri Bell Haddad Petrov Müller Okonkwo Hill Ortiz Kjær Wójcik Aziz Williams-Brown O’Connor".split()
PLACES = ("Hebron, KY", "Piacenza, Italy", "Staten Island, NY", "Paterson, NJ", "Erlanger, KY", "Berlin, Germany")
OTHER_SCRIPTS = (("أمل حداد", "عمّان"), ("王小明", "北京"), ("अनिल कुमार", "दिल्ली"), ("김민수", "서울"), ("דוד", "חיפה"))


def names(count: int, other_scripts: float) -> list[ListedName]:
    """Return `count` made-up names; about `other_scripts` (0..1) of them in scripts that Noto Sans lacks."""
    chance = random.Random(7)
    return [_name(number, chance, other_scripts) for number in range(1, count + 1)]


def _name(number: int, chance: random.Random, other_scripts: float) -> ListedName:
    if chance.random() < other_scripts:
        return ListedName(number, *chance.choice(OTHER_SCRIPTS))
    return ListedName(number, f"{chance.choice(FIRST)} {chance.choice(LAST)}", chance.choice(PLACES))


def a_list(named: int) -> ListDocument:
    """Return a list of `named` names and four demands."""
    url = "https://example.org/verify/3"
    return ListDocument(
        list_number=3, target_name="Management", target_address=("2 Loomis Road", "Hebron, KY 41048"),
        headline="Reinstate Connor Spence. Rescind every write-up.", demands=[("One wage for one job.", "")] * 4,
        statement="We, the undersigned, put these demands to you.", named=named, withheld=120, on_paper=80,
        total=named + 200, answer_expected=date(2023, 12, 22), handed_over=date(2023, 12, 15), organisation="The union",
        contact="office@example.org", verify_url=url, digest=hashlib.sha256(b"").hexdigest(), language="en-GB",
        paper="letter", qr_svg=qr_code(url, "QR code"),
    )  # fmt: skip


def plain_table(count: int, other_scripts: float) -> tuple[float, int]:
    """Return seconds and pages of one plain WeasyPrint document with a table of five columns."""
    import weasyprint

    cells = [
        (row.number, escape(row.name), escape(row.place), "1 Dec 2023", "yes") for row in names(count, other_scripts)
    ]
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
    style = "body{font:9pt/12pt 'Noto Sans'}table{width:100%;border-collapse:collapse}td{border:1px solid}"
    weasyprint.HTML(string="<p>warm").write_pdf()
    start = time.perf_counter()
    document = weasyprint.HTML(string=f"<style>{style}</style><table>{rows}</table>").render()
    document.write_pdf()
    return time.perf_counter() - start, len(document.pages)


def signature_list(count: int, other_scripts: float, folder: Path, processes: int) -> tuple[float, int]:
    """Return seconds and pages of a signature list, from rows to bytes."""
    rows = names(count, other_scripts)
    start = time.perf_counter()
    environment = print_environment(TEMPLATES)
    document = a_list(count)
    printed = WeasyPrinter(folder, processes).print_list(
        letter_html(document, environment), list(chunks(rows, document, environment)), footer(document, environment)
    )
    return time.perf_counter() - start, printed.pages


def _measured(pipe: Connection, work: Callable[..., tuple[float, int]], arguments: tuple[object, ...]) -> None:
    seconds, pages = work(*arguments)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    computing = sum(usage.ru_utime + usage.ru_stime for usage in used)
    pipe.send((seconds, pages, computing, *(usage.ru_maxrss // 1024 for usage in used)))


def measure(label: str, count: int, work: Callable[..., tuple[float, int]], *arguments: object) -> float:
    """Do `work` in a process of its own, print what it took, and return its rows a second."""
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_measured, args=(there, work, (count, *arguments)))
    process.start()
    seconds, pages, computing, own, helper = here.recv()
    process.join()
    rate = count / seconds
    print(
        f"{label:20}{count:>9,} rows {pages:>6,} pages {seconds:>8.2f} s {rate:>8,.0f} rows/s"
        f"   {computing:>7.2f} s of processor   {own:>5} MB, helpers {helper} MB"
    )
    return rate


def main() -> None:
    """Print the rates, and the ratio that the budget is about."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, nargs="?", default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--baseline-rows", type=int, default=10_000)
    parser.add_argument("--other-scripts", type=float, default=0.05, help="share of names in them, 0..1")
    given = parser.parse_args()
    more = given.rows + given.rows // 100
    share = given.other_scripts
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        cold = measure("list, cold", given.rows, signature_list, share, cache, given.processes)
        measure("list, unchanged", given.rows, signature_list, share, cache, given.processes)
        grown = measure("list, 1 % new names", more, signature_list, share, cache, given.processes)
    plain = measure("one plain table", min(given.rows, given.baseline_rows), plain_table, share)
    print(f"\nlist : plain table = {cold / plain:.1f} (budget: at least 7)")
    print(f"1 % new names cost {cold / grown * more / given.rows:.1%} of a cold list (budget at 100,000: at most 8 %)")


if __name__ == "__main__":
    main()
