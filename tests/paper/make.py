"""Short words for what organizers do with paper: at the desk, as a browser does it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from campaigns.deliveries import operations as deliveries
from campaigns.deliveries.models import Delivery
from campaigns.paper import importing, operations, tables
from campaigns.paper.models import PaperImport, PaperPhoto, PaperPrint, PaperSheet
from campaigns.paper.rules import Column, Step
from campaigns.signatures import queries
from campaigns.signatures.models import Signature
from campaigns.signatures.queries import Count
from tests.make import World, csrf_token

PAPER = "/desk/campaigns/rescind/paper/"
Row = dict[str, str]


def photo(size: tuple[int, int] = (60, 40), kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind, **options)
    return out.getvalue()


def print_sheets(world: World, sheets: int = 3, paper: str = "letter") -> UUID:
    with world.work() as session:
        return operations.ask_print(
            session, world.campaign(), paper=paper, sheets=sheets, actor="test", now=world.clock()
        )


def the_pile(world: World) -> PaperPrint:
    with world.reading() as session:
        return session.scalars(select(PaperPrint)).one()


@dataclass
class Sheets:
    """An organizer's browser at the sheets."""

    client: FlaskClient
    token: str

    @classmethod
    def at(cls, world: World) -> "Sheets":
        client = world.desk()
        return cls(client, csrf_token(client, "/desk/"))

    def post(self, path: str, **data: object) -> TestResponse:
        """Send a form as a browser sends one with a file, whole from memory."""
        values = {"csrf_token": self.token} | data
        boundary, body = encode_multipart({name: FileStorage(*value) if isinstance(value, tuple) else value
                                           for name, value in values.items()})  # fmt: skip
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self.client.post(f"{PAPER}{path}", data=body, content_type=kind)

    def see(self, path: str = "") -> TestResponse:
        return self.client.get(f"{PAPER}{path}")

    def enter(self, number: int, *rows: Row, act: str = "enter") -> TestResponse:
        """Type rows into the form of a sheet, the first into row 1."""
        typed = {f"{name}-{at}": text for at, row in enumerate(rows, 1) for name, text in row.items()}
        return self.post(f"sheets/{number}", act=act, **typed)

    def upload(self, number: int, data: bytes, *rows: Row) -> TestResponse:
        typed = {f"{name}-{at}": text for at, row in enumerate(rows, 1) for name, text in row.items()}
        return self.post(f"sheets/{number}", act="photo", photo=(io.BytesIO(data), "IMG_1.jpg"), **typed)


def person(name: str, email: str = "", town: str = "Hebron", postcode: str = "41048", *, listed: bool = False) -> Row:
    row = {"name": name, "town": town, "postcode": postcode, "email": email}
    return row | ({"listed": "y"} if listed else {})


ANA, BEN, CARL = person("Ana First", listed=True), person("Ben Second"), person("Carl Third", "carl@example.org")


def take_in(world: World, text: str) -> UUID:
    with world.work() as session:
        rows = tables.read(text.encode())
        return importing.take_in(session, world.campaign(), rows, actor="test", now=world.clock())


def set_columns(world: World, import_id: UUID, columns: dict[Column, int], *, has_header: bool = True) -> None:
    with world.work() as session:
        importing.set_columns(
            session, world.campaign(), import_id, columns, has_header=has_header, actor="test", now=world.clock()
        )


COLUMNS = {Column.NAME: 0, Column.TOWN: 1, Column.POSTCODE: 2, Column.EMAIL: 3, Column.LISTED: 4}


def imported(world: World, text: str) -> UUID:
    """Import a table whose columns are those of COLUMNS, to its end."""
    import_id = take_in(world, text)
    set_columns(world, import_id, COLUMNS)
    step(world, import_id, Step.START)
    world.run_worker()
    return import_id


def step(world: World, import_id: UUID, wanted: Step) -> None:
    with world.work() as session:
        importing.take_step(session, world.campaign().id, import_id, wanted, actor="test", now=world.clock())


def the_sheet(world: World, number: int = 1) -> PaperSheet:
    with world.reading() as session:
        return session.scalars(select(PaperSheet).where(PaperSheet.number == number)).one()


def photos(world: World) -> int:
    with world.reading() as session:
        return len(session.scalars(select(PaperPhoto.sheet_id)).all())


def make_list(world: World) -> Delivery:
    with world.work() as session:
        deliveries.request(session, world.campaign(), paper="a4", answer_expected=None, actor="t", now=world.clock())
    world.run_worker()
    with world.reading() as session:
        return session.scalars(select(Delivery)).one()


def the_import(world: World, import_id: UUID) -> PaperImport:
    with world.reading() as session:
        return session.get_one(PaperImport, import_id)


def signatures(world: World) -> list[Signature]:
    with world.reading() as session:
        return list(session.scalars(select(Signature).order_by(Signature.paper_row, Signature.id)))


def counted(world: World) -> Count:
    """The count after all jobs, then the counting job; it must be what counting rows gives."""
    for _ in range(2):
        world.run_worker()
    with world.reading() as session:
        count = queries.count_of(session, world.campaign().id)
        assert count == queries.recount(session, world.campaign().id)
    return count


def walked_paper(world: World, *, sheet: Sequence[Row] = (ANA,), table: Sequence[str] = ()) -> dict[str, str]:
    """A sheet of each kind for tests that walk through every door: entered, with its photo, and a table imported."""
    pile = print_sheets(world)
    world.run_worker()
    sheets = Sheets.at(world)
    assert sheets.upload(1, photo()).status_code == 200
    assert sheets.enter(1, *sheet).status_code == 303
    import_id = imported(world, "\n".join(["name,town,postcode,email,list", *(table or ["Dora Fourth,Erlanger,,,"])]))
    return {"pile": str(pile), "sheet": "1", "table": str(import_id)}
