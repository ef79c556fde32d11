"""Tables: taken in sealed, tried out, imported in batches, reported on, undone."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from campaigns.audit.models import AuditRecord
from campaigns.paper import importing, jobs
from campaigns.paper.importing import CheckedTable, NoNames, TooLate
from campaigns.paper.rules import Column, Phase, Problem, Step
from campaigns.signatures.queries import Count
from tests.make import World, a_world, petition
from tests.paper.make import (
    COLUMNS,
    Sheets,
    counted,
    imported,
    make_list,
    set_columns,
    signatures,
    step,
    take_in,
    the_import,
)
from tests.supporters.pages import OwnPage

HEADER = "name,town,postcode,email,list\n"
TABLE = HEADER + (
    "Ana First,Hebron,41048,ana@example.org,yes\n"
    "Ben Second,Hebron,41048,,\n"
    "\n"
    "Carl Third,Hebron,41048,Ana@Example.org,yes\n"
    "Dora Fourth,Hebron,41048,dora@,\n"
    "ben second,HEBRON,41048,,yes\n"
    "Eve Fifth,Hebron,41048,eve@example.org,no\n"
)


def report(world: World, import_id: Any) -> list[tuple[int, str]]:
    return [(row, code) for row, code in the_import(world, import_id).report]


def test_a_table_is_tried_out_before_anything_is_entered(world: World) -> None:
    world.publish()
    world.sign_and_confirm(email="eve@example.org", name="Eve Online")
    import_id = take_in(world, TABLE)
    table = the_import(world, import_id)
    assert (table.state, table.rows) == ("mapping", 8)
    assert table.columns == {"header": True, "name": 0, "town": 1, "postcode": 2, "email": 3, "listed": 4}
    set_columns(world, import_id, COLUMNS)
    table = the_import(world, import_id)
    assert (table.state, table.entered, table.duplicates, table.refused) == ("ready", 2, 3, 1)
    assert report(world, import_id) == [(5, "twice here"), (6, "email"), (7, "twice here"), (8, "known")]
    assert len(signatures(world)) == 1


def test_what_was_tried_out_is_entered_and_shown_as_on_paper(world: World) -> None:
    world.publish()
    world.sign_and_confirm(email="eve@example.org", name="Eve Online")
    import_id = imported(world, TABLE)
    table = the_import(world, import_id)
    assert (table.state, table.entered, table.duplicates, table.refused) == ("done", 2, 3, 1)
    assert report(world, import_id) == [(5, "twice here"), (6, "email"), (7, "twice here"), (8, "known")]
    assert counted(world) == Count(3, 0, 2)
    rows = {row.name: row for row in signatures(world)}
    assert (rows["Ana First"].paper_row, rows["Ana First"].visibility) == (2, "delivered")
    assert (rows["Ben Second"].paper_row, rows["Ben Second"].visibility) == (3, "counted")
    assert "+ 2 on paper" in world.see("/campaigns/rescind").text


def test_what_the_file_said_is_sealed_and_goes_when_the_import_is_over(world: World) -> None:
    world.publish()
    import_id = take_in(world, TABLE)
    with world.engine.connect() as connection:
        raw = bytes(connection.exec_driver_sql("SELECT content FROM paper_import").scalar_one())
    assert b"Ana" not in raw
    set_columns(world, import_id, COLUMNS)
    step(world, import_id, Step.START)
    world.run_worker()
    assert the_import(world, import_id).content is None


@pytest.mark.parametrize("is_mapped", [False, True])
def test_an_import_that_is_cancelled_leaves_nothing(world: World, is_mapped: bool) -> None:
    world.publish()
    import_id = take_in(world, TABLE)
    if is_mapped:
        set_columns(world, import_id, COLUMNS)
    step(world, import_id, Step.CANCEL)
    table = the_import(world, import_id)
    assert (table.state, table.content, table.entered) == ("cancelled", None, 0)
    assert signatures(world) == []


def test_an_import_that_nobody_starts_is_given_up_after_a_week(world: World) -> None:
    world.publish()
    import_id = take_in(world, TABLE)
    world.clock.move(days=6)
    world.run_worker()
    assert the_import(world, import_id).content is not None
    world.clock.move(days=2)
    world.run_worker()
    assert (the_import(world, import_id).state, the_import(world, import_id).content) == ("cancelled", None)


def test_a_stuck_import_is_given_up_after_a_week_and_what_it_entered_can_be_undone(world: World) -> None:
    world.publish()
    import_id = take_in(world, TABLE)
    set_columns(world, import_id, COLUMNS)
    step(world, import_id, Step.START)
    with world.work() as session:
        importing.advance(session, import_id, CheckedTable(), now=world.clock(), batch=1)
    world.clock.move(days=6)
    jobs.forget(world.work, world.clock)
    assert the_import(world, import_id).content is not None
    world.clock.move(days=2)
    jobs.forget(world.work, world.clock)
    assert (the_import(world, import_id).state, the_import(world, import_id).content) == ("cancelled", None)
    assert counted(world) == Count(1, 0, 1)
    step(world, import_id, Step.UNDO)
    assert counted(world) == Count(0, 0, 0)


def test_a_table_without_names_is_sent_back(world: World) -> None:
    world.publish()
    import_id = take_in(world, TABLE)
    with pytest.raises(NoNames):
        set_columns(world, import_id, {Column.TOWN: 1})


def test_each_step_is_taken_once(world: World) -> None:
    world.publish()
    import_id = imported(world, TABLE)
    for wanted in (Step.START, Step.CANCEL):
        with pytest.raises(TooLate):
            step(world, import_id, wanted)
    with pytest.raises(TooLate):
        set_columns(world, import_id, COLUMNS)
    step(world, import_id, Step.UNDO)
    with pytest.raises(TooLate):
        step(world, import_id, Step.UNDO)


def many(number: int) -> str:
    return HEADER + "".join(f"Person {each:04},Hebron,,p{each}@example.org,\n" for each in range(number))


def test_an_import_goes_on_where_it_was_broken_off(world: World) -> None:
    world.publish()
    import_id = take_in(world, many(25))
    set_columns(world, import_id, COLUMNS)
    step(world, import_id, Step.START)
    for expected in (10, 20):
        with world.work() as session:
            assert importing.advance(session, import_id, CheckedTable(), now=world.clock(), batch=10)
        assert len(signatures(world)) == expected
    world.run_worker()
    assert counted(world) == Count(25, 0, 25)
    assert (the_import(world, import_id).entered, the_import(world, import_id).done) == (25, 26)


def test_cancelling_stops_where_it_is_and_what_was_entered_can_be_undone(world: World) -> None:
    world.publish()
    import_id = take_in(world, many(25))
    set_columns(world, import_id, COLUMNS)
    step(world, import_id, Step.START)
    with world.work() as session:
        importing.advance(session, import_id, CheckedTable(), now=world.clock(), batch=10)
    step(world, import_id, Step.CANCEL)
    world.run_worker()
    assert counted(world) == Count(10, 0, 10)
    step(world, import_id, Step.UNDO)
    world.run_worker()
    assert counted(world) == Count(0, 0, 0)


def test_the_work_may_be_done_twice_without_harm(world: World) -> None:
    world.publish()
    import_id = imported(world, many(3))
    job = jobs.Importing(world.work, world.clock)
    for _ in range(2):
        job.run({"import": str(import_id)})
    assert counted(world) == Count(3, 0, 3)


def test_a_whole_import_is_undone_and_can_be_made_again(world: World) -> None:
    world.publish()
    world.sign_and_confirm(name="Olga Online")
    import_id = imported(world, TABLE)
    step(world, import_id, Step.UNDO)
    world.run_worker()
    table = the_import(world, import_id)
    assert (table.state, table.taken_back, table.kept) == ("undone", 3, 0)
    assert counted(world) == Count(1, 0, 0)
    again = imported(world, TABLE)
    assert the_import(world, again).entered == 3
    assert counted(world) == Count(4, 0, 3)


def test_an_import_undone_after_a_list_was_made_can_be_made_again(world: World) -> None:
    world.publish()
    import_id = imported(world, TABLE)
    make_list(world)
    step(world, import_id, Step.UNDO)
    world.run_worker()
    again = take_in(world, TABLE)
    set_columns(world, again, COLUMNS)
    assert the_import(world, again).entered == 3
    step(world, again, Step.START)
    world.run_worker()
    assert (the_import(world, again).entered, the_import(world, again).duplicates) == (3, 2)
    assert counted(world) == Count(3, 0, 3)


def test_undoing_leaves_whom_their_signatory_changed_and_withdraws_whom_a_list_holds(world: World) -> None:
    world.publish()
    import_id = imported(world, TABLE)
    page = OwnPage.asked(world, "eve@example.org")
    eve = next(row.id for row in signatures(world) if row.email == "eve@example.org")
    page.post(f"signatures/{eve}", name="Eve Fifth", visibility="delivered", comment="")
    make_list(world)
    step(world, import_id, Step.UNDO)
    world.run_worker()
    assert (the_import(world, import_id).taken_back, the_import(world, import_id).kept) == (2, 1)
    states = {row.name: row.state for row in signatures(world)}
    assert states == {"Ana First": "withdrawn", "Ben Second": "withdrawn", "Eve Fifth": "confirmed"}
    assert counted(world) == Count(1, 0, 1)


def test_who_erases_themselves_is_gone_from_tables_that_wait_too(world: World) -> None:
    world.publish()
    world.publish(petition(slug="other"))
    world.sign_and_confirm("other", email="ana@example.org", name="Ana First")
    page = OwnPage.asked(world, "ana@example.org")
    import_id = take_in(world, TABLE)
    set_columns(world, import_id, COLUMNS)
    step(world, import_id, Step.START)
    read = CheckedTable()
    with world.work() as session:
        importing.advance(session, import_id, read, now=world.clock(), batch=0)
    assert page.post("erase").status_code == 200
    assert "ana@" not in (the_import(world, import_id).content or "").lower()
    with world.work() as session:
        importing.advance(session, import_id, read, now=world.clock())
    assert [row.name for row in signatures(world)] == ["Ben Second", "Eve Fifth"]


def test_a_flood_of_paper_is_neither_pressure_nor_an_alarm(world: World) -> None:
    world.publish()
    imported(world, many(600))
    world.clock.move(minutes=10)
    world.run_worker()
    assert counted(world) == Count(600, 0, 600)
    assert world.mailer.sent == []
    assert world.client.get("/campaigns/rescind/challenge").json is None


def test_the_audit_trail_tells_of_imports_and_of_nobody(world: World) -> None:
    world.publish()
    import_id = imported(world, TABLE)
    step(world, import_id, Step.UNDO)
    world.run_worker()
    with world.reading() as session:
        trail = session.scalars(select(AuditRecord).where(AuditRecord.act.startswith("paper."))).all()
    assert {record.act for record in trail} == {
        "paper.table_taken_in", "paper.table_tried", "paper.import_start", "paper.import_done", "paper.import_undo",
        "paper.import_undone",
    }  # fmt: skip
    assert not any(word in repr([record.facts for record in trail]) for word in ("Ana", "example.org", "Hebron"))


# At the desk


def upload(desk: Sheets, content: bytes, **data: object) -> Any:
    return desk.post("imports/", table=(io.BytesIO(content), "people.csv"), **data)


def test_from_the_file_to_the_signatures_and_back(sqlite_world: World) -> None:
    sqlite_world.publish()
    desk = Sheets.at(sqlite_world)
    answer = upload(desk, TABLE.replace(",", ";").encode("utf-16"), holds="y")
    assert answer.status_code == 303
    path = answer.headers["Location"].removeprefix("/desk/campaigns/rescind/paper/")
    page = desk.see(path).text
    assert "Ana First" in page  # the first rows, so that somebody can say what the columns mean
    refused = desk.post(f"{path}/columns", town="1", header="y")
    assert refused.status_code == 422
    assert "Say which column holds the names." in refused.text
    chosen = {column.value: str(place) for column, place in COLUMNS.items()}
    assert desk.post(f"{path}/columns", header="y", **chosen).status_code == 303
    assert "Enter 3 signatures" in desk.see(path).text
    assert desk.post(f"{path}/start").status_code == 303
    assert "This page looks again by itself" in desk.see(path).text
    sqlite_world.run_worker()
    page = desk.see(path).text
    assert "Ana First" in page
    assert "Ben Second" not in page  # no tick: counted, and named to nobody
    assert "The same person stands further up." in page
    assert counted(sqlite_world) == Count(3, 0, 3)
    assert desk.post(f"{path}/rows/2/erase").status_code == 303
    assert "Ana First" not in desk.see(path).text
    assert desk.post(f"{path}/undo").status_code == 303
    sqlite_world.run_worker()
    assert "2 taken back." in desk.see(path).text
    assert counted(sqlite_world) == Count(0, 0, 0)


@pytest.mark.parametrize(("ticks", "named"), [({Column.LISTED: 1}, 1), ({}, 0)])
def test_who_tries_a_table_out_sees_how_many_of_it_the_list_would_name(
    sqlite_world: World, ticks: dict[Column, int], named: int
) -> None:
    """Of those who would be entered: a tick beside somebody who is left out names nobody."""
    sqlite_world.publish()
    import_id = take_in(sqlite_world, "name,met us\nAna First,x\nBen Second,\nana first,x\n12,x\n")
    set_columns(sqlite_world, import_id, {Column.NAME: 0} | ticks)
    page = Sheets.at(sqlite_world).see(f"imports/{import_id}").text
    assert f"<dt>of them by name on the list</dt><dd>{named}</dd>" in page
    step(sqlite_world, import_id, Step.START)
    sqlite_world.run_worker()
    assert sum(row.visibility == "delivered" for row in signatures(sqlite_world)) == named
    assert the_import(sqlite_world, import_id).named == named


def test_every_row_that_is_left_out_can_be_read_page_by_page(sqlite_world: World) -> None:
    sqlite_world.publish()
    import_id = imported(sqlite_world, HEADER + "Same Person,Hebron,41048,,\n" * 451)
    desk = Sheets.at(sqlite_world)
    pages = [desk.see(f"imports/{import_id}?page={number}").text for number in (1, 2, 3)]
    told = [int(row) for page in pages for row in re.findall(r'<td class="num">(\d+)</td><td>The same person', page)]
    assert told == list(range(3, 453))
    assert "201 to 400 of 450." in pages[1]
    assert [page.count('rel="next"') for page in pages] == [1, 1, 0]


def test_a_file_that_is_no_table_and_one_that_nobody_vouches_for_are_refused(sqlite_world: World) -> None:
    sqlite_world.publish()
    desk = Sheets.at(sqlite_world)
    assert "This file is no table of text" in upload(desk, b"\x89PNG\x00\x00", holds="y").text
    assert "This file is no table of text" in desk.post("imports/", holds="y").text
    answer = upload(desk, TABLE.encode())
    assert answer.status_code == 422
    assert "Tick this if it is so." in answer.text
    assert desk.post("imports/00000000-0000-0000-0000-000000000000/start").status_code == 404


# Whatever is entered, the count is the rows

PEOPLE = st.builds(
    "{},{},{},{},{}".format,
    st.sampled_from(["Ana First", "ana first", "Ben", "", "12", "Eve Ñ", "x" * 101]),
    st.sampled_from(["Hebron", "", "HEBRON"]),
    st.sampled_from(["41048", ""]),
    st.sampled_from(["", "a@example.org", "A@example.org", "b@gmail.com", "b+c@googlemail.com", "b@"]),
    st.sampled_from(["yes", "no", ""]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tables=st.lists(st.lists(PEOPLE, min_size=1, max_size=8), min_size=1, max_size=3), undone=st.sets(st.integers(0, 2))
)
def test_whatever_is_imported_and_undone_the_total_is_the_rows(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, tables: list[list[str]], undone: set[int]
) -> None:
    with a_world(sqlite_template, tmp_path_factory.mktemp("whatever")) as world:
        world.publish()
        world.sign_and_confirm(email="a@example.org")
        ids = [imported(world, HEADER + "\n".join(table)) for table in tables]
        entered = sum(the_import(world, import_id).entered for import_id in ids)
        assert counted(world) == Count(1 + entered, 0, entered)
        for import_id, table in zip(ids, tables, strict=True):
            told = the_import(world, import_id)
            assert told.entered + told.duplicates + told.refused == sum(not _is_empty(row) for row in table)
            assert len(told.report) == told.duplicates + told.refused
            assert {Problem(code) for _, code in told.report} <= set(Problem)
        left = entered
        for number in sorted(undone & set(range(len(ids)))):
            if the_import(world, ids[number]).entered:
                step(world, ids[number], Step.UNDO)
                world.run_worker()
                assert the_import(world, ids[number]).state == Phase.UNDONE
                left -= the_import(world, ids[number]).entered
        assert counted(world) == Count(1 + left, 0, left)
        assert len(signatures(world)) == 1 + left


def _is_empty(row: str) -> bool:
    return not any(row.split(",")[:4])
