"""Erasing a person while a table that names them is being imported."""

import threading

import pytest
from sqlalchemy import select

from campaigns.paper import importing
from campaigns.paper.importing import CheckedTable
from campaigns.paper.models import PaperImport
from campaigns.paper.rules import Step
from tests.make import SIGN, World, at_once
from tests.paper.make import COLUMNS, imported, set_columns, step, take_in
from tests.signatures.test_races import on_postgresql, until_somebody_waits
from tests.supporters.pages import OwnPage, signatures

TABLE = f"name,town,postcode,email,list\nMaria Ortiz,Hebron,41048,{SIGN['email']},yes\n"


@on_postgresql
@pytest.mark.parametrize("by_organizer", [False, True])
def test_whoever_is_erased_while_a_table_is_imported_is_gone_and_the_import_goes_on(
    world: World, by_organizer: bool
) -> None:
    """Both hold the table before a signature: in another order each would wait for the other."""
    world.publish()
    before = imported(world, TABLE)
    page, is_held = OwnPage.asked(world, SIGN["email"]), threading.Event()
    import_id = take_in(world, TABLE)
    set_columns(world, import_id, COLUMNS)
    step(world, import_id, Step.START)

    def go_on() -> int:
        with world.work() as session:
            session.execute(select(PaperImport.id).where(PaperImport.id == import_id).with_for_update())
            is_held.set()
            until_somebody_waits(world)
            importing.advance(session, import_id, CheckedTable(), now=world.clock())
        return 200

    def erase() -> int:
        assert is_held.wait(30)
        if not by_organizer:
            return page.post("erase").status_code
        with world.work() as session:
            importing.erase_row(session, world.campaign().id, before, 2, actor="test", now=world.clock())
        return 200

    assert at_once([go_on, erase]) == [200, 200]
    assert signatures(world) == []
