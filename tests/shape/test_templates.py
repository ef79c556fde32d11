"""Every template compiles, and only with filters and tests that exist."""

from pathlib import Path

import pytest
from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, nodes

from campaigns.rendering import formats
from tests.shape.source import ROOT, assert_none, write_tree


def environment() -> Environment:
    """Return an environment with the filters that the factory gives the site, and Flask's own."""
    made = Environment(extensions=["jinja2.ext.i18n"], undefined=StrictUndefined, autoescape=True)
    made.filters.update(formats.filters(lambda: None))
    return made


def broken_templates(root: Path) -> list[str]:
    """Return each template that does not compile, with its line and why."""
    jinja = environment()
    return [complaint for path in sorted(_templates(root)) if (complaint := _problem(jinja, root, path))]


def _templates(root: Path) -> list[Path]:
    return [path for path in (root / "templates").rglob("*") if path.is_file()]


def _problem(jinja: Environment, root: Path, path: Path) -> str:
    name = str(path.relative_to(root))
    text = path.read_text(encoding="utf-8")
    try:
        jinja.compile(text, name)
    except TemplateSyntaxError as error:
        return f"{name}:{error.lineno} {error.message}"
    return _unknown(jinja, text, name)


def _unknown(jinja: Environment, text: str, name: str) -> str:
    """Jinja itself looks for the filters of a conditional block only when it is drawn."""
    for kind, known in ((nodes.Filter, jinja.filters), (nodes.Test, jinja.tests)):
        for node in jinja.parse(text).find_all(kind):
            if node.name not in known:
                return f"{name}:{node.lineno} No {kind.__name__.lower()} named {node.name!r}."
    return ""


def test_every_template_compiles() -> None:
    assert_none(broken_templates(ROOT))


@pytest.mark.parametrize(
    "text",
    ["{% if %}", "{{ name|no_such_filter }}", "{% trans %}never closed", "{% if x is no_such_test %}{% endif %}"],
)
def test_a_template_that_does_not_compile_is_noticed(tmp_path: Path, text: str) -> None:
    tree = write_tree(tmp_path, {"templates/pages/home.html": text})
    assert broken_templates(tree)[0].startswith("templates/pages/home.html:1 ")


def test_translated_text_compiles(tmp_path: Path) -> None:
    text = "{{ _('Sign') }}{% trans count=3 %}one name{% pluralize %}{{ count }} names{% endtrans %}"
    assert broken_templates(write_tree(tmp_path, {"templates/pages/home.html": text})) == []
