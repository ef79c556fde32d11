"""The walk through every door knows what each reads of the query in its address; an unknown name would be noticed."""

from pathlib import Path

import pytest

from tests.doors import ADDRESSES, QUERIES
from tests.shape.arguments import ANYTHING, doors, read_by_templates
from tests.shape.source import ROOT, write_tree

OF_THE_LIBRARY = {"security.login", "security.change_password", "security.verify", "security.static"}
HEAD = """
from flask import Blueprint, request
from campaigns.fund.tables import as_table, Form
from campaigns.fund import tables
blueprint = Blueprint("fund", __name__)
@blueprint.get("/fund")
@kept
def index(number: int) -> str:
"""
TABLES = """
from flask import request
from campaigns.web.words import as_table
class Form:
    def __init__(self): self.kind = request.args["format"]
def later(): return request.args.get("format")
def other(): return request.args.get("other")
"""


def test_every_name_that_a_door_reads_of_the_query_is_walked_with() -> None:
    """A new name: say in tests/doors.py with which values the walk opens the door."""
    read = {endpoint: names for endpoint, names in doors(ROOT).items() if names}
    assert {endpoint: {name for query in queries for name in query} for endpoint, queries in QUERIES.items()} == read


def test_the_doors_in_the_source_are_those_that_are_walked() -> None:
    assert set(doors(ROOT)) | OF_THE_LIBRARY == set(ADDRESSES)


def test_templates_read_no_more_of_the_query_than_their_doors() -> None:
    """The sign-in's page is the library's, and is where `next` is read too."""
    assert read_by_templates(ROOT) == {"desk/fund.html": {"before"}, "security/_macros.html": {"next"}}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("return number", set()),
        ("return request.form['format']", set()),
        ("return request.args.get('format', '')", {"format"}),
        ("return request.args['format'] if 'page' in request.args else 1", {"format", "page"}),
        ("return [request.args[name] for name in ('format', 'page')]", {"format", "page"}),
        ("return request.args[number]", {ANYTHING}),
        ("return dict(request.args)", {ANYTHING}),
        ("return request.values['format']", {ANYTHING}),
        ("return as_table()", {"format"}),
        ("return map(tables.later, [number])", {"format"}),
        ("return Form()", {"format"}),
        ("return own()\ndef own(): return request.args.getlist('format')", {"format"}),
        ("as_table = number\n    return as_table", set()),
    ],
)
def test_what_a_door_reads_is_found_however_it_is_read(tmp_path: Path, body: str, names: set[str]) -> None:
    files = {
        "campaigns/fund/views.py": f"{HEAD}    {body}",
        "campaigns/fund/tables.py": TABLES,
        "campaigns/web/words.py": "from flask import request\ndef as_table(): return request.args.get('format')",
    }
    assert doors(write_tree(tmp_path, files)) == {"fund.index": names}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ request.args.get('format', '') }}", {"format"}),
        ("{{ request.args.format }}{% if 'page' in request.args %}", {"format", "page"}),
        ('{{ request.args["format"] }}', {"format"}),
        ("{{ request.args|tojson }}", {ANYTHING}),
    ],
)
def test_what_a_template_reads_is_found(tmp_path: Path, text: str, names: set[str]) -> None:
    assert read_by_templates(write_tree(tmp_path, {"templates/desk/page.html": text})) == {"desk/page.html": names}
