"""How wide names are about, and where a name that is wider than its column breaks. Pure: no font is asked."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from campaigns.rendering.printing import isolated

# Advance widths of Noto Sans Bold from U+0020 to U+007E, in thousandths of the type size.
_ASCII = (
    260, 286, 472, 646, 572, 901, 750, 266, 339, 339, 545, 572, 285, 322, 285, 413, 572, 572, 572, 572, 572, 572, 572,
    572, 572, 572, 285, 285, 572, 572, 572, 477, 897, 690, 672, 637, 740, 560, 549, 724, 765, 389, 331, 664, 565, 943,
    813, 796, 628, 796, 660, 551, 579, 756, 650, 967, 667, 624, 579, 331, 413, 331, 572, 411, 362, 604, 633, 514, 633,
    591, 387, 633, 657, 305, 305, 620, 305, 982, 657, 619, 633, 633, 454, 497, 434, 657, 569, 856, 578, 569, 488, 394,
    551, 394, 572,
)  # fmt: skip
# Other letters, by block: what three quarters of them do not exceed in the fonts the list names.
_BLOCKS = (
    (0x0370, 0.75), (0x0400, 0.8), (0x0530, 0.77), (0x0590, 0.68), (0x0600, 0.8), (0x0900, 0.8), (0x0980, 0.85),
    (0x0A00, 0.75), (0x0A80, 0.9), (0x0B00, 0.9), (0x0B80, 1.4), (0x0C00, 0.95), (0x0D00, 1.45), (0x0D80, 1.1),
    (0x0E00, 0.68), (0x0F00, 0.8), (0x1000, 1.1), (0x10A0, 0.75), (0x1100, 1.0), (0x1200, 0.9), (0x1400, 1.0),
    (0x1780, 0.85), (0x1800, 1.0), (0x1E00, 0.75), (0x2000, 1.1),
)  # fmt: skip
_LATIN_LETTER = 0.72
_IDEOGRAPH = 1.0


@lru_cache(maxsize=4096)
def _advance(character: str) -> float:
    """Return about how wide `character` is in bold, in ems."""
    plain = unicodedata.normalize("NFD", character)[0]
    if " " <= plain <= "~":
        return _ASCII[ord(plain) - 0x20] / 1000
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return _IDEOGRAPH
    return next((width for start, width in reversed(_BLOCKS) if start <= ord(character)), _LATIN_LETTER)


def _width(text: str) -> float:
    return sum(map(_advance, text))


def broken(text: str, room: float, always: bool) -> list[str]:
    """Return `text` in lines of at most `room` ems, broken at spaces, within a word only where it is too long.

    Each line is isolated if it may run the other way, or `always`.
    """
    if not text:
        return ["\u00a0"]
    lines = [""]
    for piece in [text] if _width(text) <= room else _pieces(text, room):
        longer = f"{lines[-1]}{piece}"
        if _width(longer.rstrip()) <= room:
            lines[-1] = longer
        else:
            lines.append(piece)
    return [isolated(line.rstrip(), always) for line in lines if line]


def _pieces(text: str, room: float) -> Iterator[str]:
    """Yield words with the space after them; a word wider than a line is cut, never within what is read as one."""
    for word in _WORDS.findall(text):
        start, used = 0, 0.0
        for place, character in enumerate(word):
            advance = _advance(character)
            if used + advance > room and place > start and not _belongs(word[place - 1], character):
                yield word[start:place]
                start, used = place, 0.0
            used += advance
        yield word[start:]


def _belongs(before: str, character: str) -> bool:
    """Tell whether `character` is a mark on the one before, or joined to it (a virama, a zero-width joiner)."""
    is_mark = unicodedata.category(character) in ("Mn", "Mc", "Me", "Sk", "Zs")
    return is_mark or "\u200d" in (before, character) or unicodedata.combining(before) == 9


_WORDS = re.compile(r"\S+\s?")
