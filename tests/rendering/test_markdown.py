"""What organizers write becomes HTML that may stand on a page, whoever wrote it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rendering.markdown import to_html

ALLOWED = set("p br hr strong em code pre blockquote ul ol li a img h3 h4 h5 h6 table thead tbody tr th td s".split())
ATTRIBUTES = {"href", "title", "rel", "src", "alt", "start"}


class Tags(HTMLParser):
    """Every tag and attribute of a text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *slanted*", "<p><strong>bold</strong> and <em>slanted</em></p>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>\n"),
        ("a <b>b</b>", "<p>a &lt;b&gt;b&lt;/b&gt;</p>\n"),
        ("~~gone~~", "<p><s>gone</s></p>\n"),
        ("", ""),
        ("[us](https://a.example/x)", '<p><a href="https://a.example/x" rel="noopener nofollow">us</a></p>\n'),
        ("[mail](mailto:a@b.example)", '<p><a href="mailto:a@b.example" rel="noopener nofollow">mail</a></p>\n'),
        ("![banner](/media/banner.jpg)", '<p><img src="/media/banner.jpg" alt="banner"></p>\n'),
    ],
)
def test_plain_markdown_is_kept(text: str, html: str) -> None:
    assert to_html(text) == html


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a\n## b\n### c", [3, 4, 5]),
        ("## a\n## b\n#### c\n## d", [3, 3, 4, 3]),
        ("###### a\n# b", [3, 3]),
        ("# a\n## b\n### c\n#### d\n##### e\n###### f", [3, 4, 5, 6, 6, 6]),
    ],
)
def test_headings_start_at_the_third_level_and_miss_no_step(text: str, levels: list[int]) -> None:
    assert [int(level) for level in re.findall(r"<h(\d)>", to_html(text))] == levels


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java\nscript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox)",
        "<javascript:alert(1)>",
        '[x](https://a.example "\\" onclick=\\"alert(1)")',
        "![x](javascript:alert(1))",
        "<svg/onload=alert(1)>",
        "<iframe src=//evil.example></iframe>",
        "<style>*{display:none}</style>",
        "<form action=//evil.example><input name=email></form>",
        "`<script>`",
        "```<script>alert(1)</script>```",
        "[x]: javascript:alert(1)\n\n[x]",
        "<a href='x' style='position:fixed'>",
        "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)>",
    ],
)
def test_hostile_markdown_does_nothing(text: str) -> None:
    for tag, attributes in Tags(to_html(text)).found:
        assert tag in ALLOWED
        assert set(attributes) <= ATTRIBUTES
        assert not re.match(r"\s*(?:javascript|data|vbscript)", attributes.get("href") or "", re.IGNORECASE)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/pixel.png",
        "//evil.example/x.png",
        "/\\evil.example/x.png",
        "http:x.png",
        "x.png",
        "data:image/png;base64,AA",
    ],
)
def test_a_picture_from_another_host_leaves_only_its_words(address: str) -> None:
    html = to_html(f"![a banner]({address})")
    assert "<img" not in html
    assert "a banner" in html


@given(st.text(alphabet=st.sampled_from("<>[]()!\"'/\\&;:#*_`~-= \nabhjpstv"), max_size=60))
def test_no_text_at_all_makes_a_tag_of_its_own(text: str) -> None:
    for tag, attributes in Tags(to_html(text)).found:
        assert tag in ALLOWED
        assert set(attributes) <= ATTRIBUTES


def test_deep_nesting_ends() -> None:
    assert to_html("[" * 5000 + "> " * 500)
