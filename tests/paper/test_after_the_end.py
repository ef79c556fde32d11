"""Paper where other parts of the house meet it: corrected texts, and the day on which names are deleted."""

import pytest
from sqlalchemy import select

from campaigns.campaign import operations as campaigns
from campaigns.campaign.rules import Demand
from campaigns.endings import operations as endings
from campaigns.paper import importing, operations
from campaigns.paper.entering import NamesDeleted
from campaigns.paper.models import PaperImport
from campaigns.paper.rules import Phase, Step
from campaigns.signatures.queries import Count
from campaigns.versions import telling
from tests.make import World, petition
from tests.paper.make import (
    ANA,
    BEN,
    CARL,
    COLUMNS,
    Sheets,
    counted,
    make_list,
    photo,
    photos,
    print_sheets,
    set_columns,
    signatures,
    step,
    take_in,
)

TABLE = "name,town,postcode,email,list\nDora Fourth,Erlanger,,,"


def entered(world: World) -> Sheets:
    """Two sheets with photos, the first of them typed in."""
    world.publish()
    print_sheets(world)
    sheets = Sheets.at(world)
    for number in (1, 2):
        assert sheets.upload(number, photo()).status_code == 200
    assert sheets.enter(1, ANA, BEN, CARL).status_code == 303
    return sheets


def names_deleted(world: World) -> None:
    make_list(world)
    with world.work() as session:
        endings.close(session, "rescind", actor="test", now=world.clock())
    world.clock.move(days=182)
    world.run_worker()


def test_when_names_are_deleted_photos_and_waiting_tables_go_and_the_count_stays(world: World) -> None:
    entered(world)
    names_deleted(world)
    assert photos(world) == 0
    assert counted(world) == Count(3, 0, 3)
    assert {(row.name, row.town, row.email) for row in signatures(world)} == {("", "", "")}


def test_a_table_taken_in_a_moment_before_goes_too(world: World) -> None:
    entered(world)
    make_list(world)
    with world.work() as session:
        endings.close(session, "rescind", actor="test", now=world.clock())
    world.clock.move(days=178)
    world.run_worker()
    waiting = take_in(world, TABLE)
    set_columns(world, waiting, COLUMNS)
    world.clock.move(days=4)
    world.run_worker()
    with world.reading() as session:
        table = session.get_one(PaperImport, waiting)
    assert (table.content, table.state) == (None, Phase.CANCELLED.value)


def test_nobody_is_added_once_names_are_deleted(world: World) -> None:
    sheets = entered(world)
    names_deleted(world)
    refused = sheets.enter(2, ANA)
    assert refused.status_code == 409
    assert "The names under this petition are deleted" in refused.text
    assert sheets.upload(2, photo()).status_code == 409
    for late in (
        lambda session: operations.undo_sheet(session, world.campaign().id, 1, actor="test", now=world.clock()),
        lambda session: importing.take_in(session, world.campaign(), [["Dora"]], actor="test", now=world.clock()),
    ):
        with pytest.raises(NamesDeleted), world.work() as session:
            late(session)
    assert counted(world) == Count(3, 0, 3)


def test_an_import_that_is_overtaken_by_the_deleting_ends_without_adding(world: World) -> None:
    entered(world)
    import_id = take_in(world, TABLE)
    set_columns(world, import_id, COLUMNS)
    step(world, import_id, Step.START)
    with world.work() as session:
        campaigns.row_of(session, "rescind").anonymising_since = world.clock()
    with world.work() as session:
        assert not importing.advance(session, import_id, importing.CheckedTable(), now=world.clock())
    with world.reading() as session:
        assert session.scalars(select(PaperImport.state)).all() == [Phase.CANCELLED.value]
    assert len(signatures(world)) == 3


def test_who_left_no_address_on_paper_is_not_written_to_about_a_correction(world: World) -> None:
    entered(world)
    with world.work() as session:
        fields = petition(demands=(Demand("Rescind all twelve write-ups", ""),))
        campaigns.change(session, "rescind", fields, actor="test", now=world.clock())
        telling.tell(session, "rescind", 2, actor="test", now=world.clock())
    world.run_worker()
    assert [message.to for message in world.mailer.sent] == ["carl@example.org"]


def test_a_sheet_printed_before_a_correction_is_entered_under_the_text_it_shows(world: World) -> None:
    world.publish()
    print_sheets(world)
    with world.work() as session:
        fields = petition(demands=(Demand("Rescind all twelve write-ups", ""),))
        campaigns.change(session, "rescind", fields, actor="test", now=world.clock())
    assert Sheets.at(world).enter(1, ANA).status_code == 303
    delivery = make_list(world)
    assert delivery.letter["petition_version"] == 2
    (row,) = signatures(world)
    assert row.version_id != world.campaign().version_id
    with world.work() as session:
        assert operations.undo_sheet(session, world.campaign().id, 1, actor="test", now=world.clock()) == 1
