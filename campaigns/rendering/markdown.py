"""Organizers' Markdown to HTML that may stand on a page."""

import re

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

# Headings start below the page's own h1 and h2.
_FIRST_LEVEL = 3
_LAST_LEVEL = 6
_TAGS = {
    "p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a", "img",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "s",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_OUR_PATH = re.compile(r"/[A-Za-z0-9_]")
_SCHEMES = {"https", "http", "mailto", "tel"}


def to_html(text: str) -> Markup:
    """Return CommonMark `text` as HTML: no raw HTML, no scripts, no pictures from other hosts.

    Links carry rel="noopener nofollow". Headings start at h3.
    """
    tokens = _parser.parse(text)
    outline: list[str] = []
    for token in tokens:
        _place_heading(token, outline)
        token.children = [_without_foreign_picture(child) for child in token.children or []]
    html = _parser.renderer.render(tokens, _parser.options, {})
    return Markup(_cleaner.clean(html))  # noqa: S704  (nh3 has just made it safe)


def _place_heading(token: Token, outline: list[str]) -> None:
    """Give a heading the level its place in the `outline` so far calls for: readers of headings must miss no step."""
    if token.type == "heading_open":
        while outline and outline[-1] >= token.tag:
            outline.pop()
        outline.append(token.tag)
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(_FIRST_LEVEL + len(outline) - 1, _LAST_LEVEL)}"


def _without_foreign_picture(token: Token) -> Token:
    """Of a picture from another host leave only its words: loading it would tell that host who reads here."""
    if token.type != "image" or _is_ours(str(token.attrGet("src"))):
        return token
    return Token("text", "", 0, content=token.content)


def _is_ours(address: str) -> bool:
    """Tell whether a picture's address stays on this host: "//host" and "/\\host" lead elsewhere."""
    return bool(_OUR_PATH.match(address))


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src" and not _is_ours(value):
        return None
    return value


_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_cleaner = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    url_schemes=_SCHEMES,
    link_rel="noopener nofollow",
    attribute_filter=_keep_attribute,
)
