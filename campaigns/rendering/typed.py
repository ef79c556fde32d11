"""What visitors type, made safe to keep and to show."""

import re
import unicodedata

# Unicode's explicit embeddings, overrides and isolates (UAX 9) let a name rewrite the line it stands in.
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_SPACES = re.compile("[ \t\r\n\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029")
# Control characters and lone surrogates, except the line end that paragraphs are made of.
_UNSHOWABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ADDRESS = re.compile(
    r"://|www\.|@|\w\.(?:com|net|org|info|biz|io|ru|cn|co|xyz|top|site|online|shop|link|app)(?:/|$|\s)"
)


def one_line(text: str | None) -> str:
    """Return `text` in Unicode's NFC, on one line, trimmed, without marks that turn the reading order around."""
    if not text:
        return ""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text.translate(_BIDI_CONTROLS))).strip()


def paragraphs(text: str | None) -> str:
    """Return `text` like `one_line`, but with its line ends kept, each a single newline."""
    if not text:
        return ""
    return _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text.translate(_BIDI_CONTROLS))).strip()


def is_showable(text: str) -> bool:
    """Tell whether `text` is free of control characters (NUL and its kin); line ends are allowed."""
    return not _UNSHOWABLE.search(text)


def has_letter(text: str) -> bool:
    """Tell whether `text` has a letter of any script."""
    return any(character.isalpha() for character in text)


def holds_address(text: str) -> bool:
    """Tell whether `text` holds a web or e-mail address, as names typed by advertisers do."""
    return bool(_ADDRESS.search(text))
