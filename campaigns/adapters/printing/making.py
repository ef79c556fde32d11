"""Makes the parts of a list from print HTML."""

from collections.abc import Sequence
from io import BytesIO

from pikepdf import Array, Name, Object, ObjectStreamMode, Page, Pdf

from campaigns.adapters.printing.adopt import Adoption, bookmarks, mend_fonts, number_of
from campaigns.adapters.printing.contents import mend_contents
from campaigns.adapters.printing.parts import (
    CHUNK_NUMBERS,
    DOCUMENT,
    INFO,
    METADATA,
    STRUCTURE,
    Part,
    PartWriter,
)
from campaigns.adapters.printing.tagging import read_listing, write_listing

_PRINT_ANNOTATION = 4


def chunk_part(html: str, lines: Sequence[str], base: int) -> Part:
    """Return a chunk of names as a part whose numbers start at `base`; `lines` is the exact text of each name.

    Raises NotAsWritten where the pages hold anything else, TooManyObjects for more names than a chunk may have.
    """
    from campaigns.adapters.printing import weasy

    printed = weasy.write(html)
    with Pdf.open(BytesIO(printed.pdf)) as pdf:
        writer = PartWriter(base, base + CHUNK_NUMBERS)
        adoption = Adoption(pdf, writer)
        listing = read_listing(pdf, printed.tree, lines)
        mend_contents(pdf, listing)
        mend_fonts(pdf)
        adoption.pages()
        write_listing(listing, lines, adoption, writer)
        return _finished(adoption, printed.unprintable)


def letter_part(letter: bytes, base: int) -> Part:
    """Return the pages before the names, a tagged PDF by WeasyPrint, as a part whose numbers start at `base`.

    The part also has the whole list's title, language and metadata.
    """
    with Pdf.open(BytesIO(letter)) as pdf:
        writer = PartWriter(base)
        adoption = Adoption(pdf, writer)
        structure = pdf.Root.StructTreeRoot
        document = structure.K[0]
        adoption.numbers |= {number_of(structure): STRUCTURE, number_of(document): DOCUMENT}
        mend_fonts(pdf)
        links = _renumber_links(adoption)
        old_pages = [number_of(page.obj) for page in pdf.pages]
        adoption.pages(roots=list(document.K))
        writer.part.tops = [adoption.numbers[number_of(kid)] for kid in document.K]
        writer.put_parent_tree(_parent_entries(adoption, old_pages, links))
        _write_facts(adoption)
        return _finished(adoption, [])


def _renumber_links(adoption: Adoption) -> dict[int, int]:
    """Let each link be printed and give it a key of its own in the parent tree. Return old key → new key."""
    keys: dict[int, int] = {}
    for page in adoption.pdf.pages:
        for link in _links(page):
            key = adoption.writer.reserve()
            keys[int(link.StructParent)] = key
            link.StructParent, link.F = key, _PRINT_ANNOTATION
    return keys


def _links(page: Page) -> list[Object]:
    return [link for link in page.obj.get(Name.Annots, Array()) if Name.StructParent in link]


def _parent_entries(adoption: Adoption, old_pages: Sequence[int], links: dict[int, int]) -> dict[int, bytes]:
    """Return WeasyPrint's parent tree under the new keys: its keys are the page's place, then the links."""
    keys = {place: adoption.numbers[page] for place, page in enumerate(old_pages)} | links
    nums = adoption.pdf.Root.StructTreeRoot.ParentTree.Nums
    return {keys[int(nums[i])]: adoption.reference_or_text(nums[i + 1]) for i in range(0, len(nums), 2)}


def _write_facts(adoption: Adoption) -> None:
    """Write title and metadata of the whole list under their own numbers."""
    pdf, writer = adoption.pdf, adoption.writer
    writer.put(INFO, adoption.text(pdf.trailer.Info))
    writer.put_stream(METADATA, adoption.stream(pdf.Root.Metadata))
    writer.part.language = str(pdf.Root.Lang)


def _finished(adoption: Adoption, unprintable: list[str]) -> Part:
    part = adoption.writer.part
    part.bookmarks = list(bookmarks(adoption))
    part.unprintable = unprintable
    return adoption.writer.finish()


def document(html: str) -> tuple[bytes, int, tuple[str, ...]]:
    """Return `html` as a PDF of its own, its number of pages, and the characters no font could draw."""
    from campaigns.adapters.printing import weasy

    printed = weasy.write(html)
    with Pdf.open(BytesIO(printed.pdf)) as pdf:
        mend_fonts(pdf)
        for page in pdf.pages:
            for link in _links(page):
                link.F = _PRINT_ANNOTATION
        out = BytesIO()
        pdf.save(out, object_stream_mode=ObjectStreamMode.generate, deterministic_id=True)
        return out.getvalue(), len(pdf.pages), tuple(printed.unprintable)
