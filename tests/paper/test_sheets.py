"""Sheets: printed, photographed and typed in once."""

import io
import re
from contextlib import suppress

import pytest
from PIL import Image
from sqlalchemy import select

from campaigns.campaign import operations as campaign_operations
from campaigns.campaign.models import ConsentWording, PetitionVersion
from campaigns.campaign.rules import Demand
from campaigns.paper import importing, operations
from campaigns.paper.models import PaperImport, PaperPrint, PaperSheet
from campaigns.paper.rules import ROWS
from campaigns.signatures.queries import Count
from campaigns.signatures.rules import Visibility
from tests.make import World, at_once, petition
from tests.paper.make import (
    ANA,
    BEN,
    CARL,
    PAPER,
    Sheets,
    counted,
    person,
    photo,
    photos,
    print_sheets,
    signatures,
    the_pile,
    the_sheet,
)

# Printing


@pytest.mark.parametrize("kind", ["sheets", "table"])
def test_paper_names_whom_the_campaign_asks_now_however_little_before_that_was_changed(world: World, kind: str) -> None:
    seen = world.publish()
    with world.work() as session:
        fields = petition(target_name="The New Management")
        campaign_operations.change(session, "rescind", fields, actor="test", now=world.clock())
    with world.work() as session:
        if kind == "sheets":
            operations.ask_print(session, seen, paper="a4", sheets=1, actor="test", now=world.clock())
        else:
            importing.take_in(session, seen, [["name"], ["Ana First"]], actor="test", now=world.clock())
    with world.reading() as session:
        made = PaperPrint if kind == "sheets" else PaperImport
        wording = select(ConsentWording.text).join(made, made.consent_id == ConsentWording.id)
        words = session.scalars(wording).one()
    assert "The New Management" in words
    assert seen.target_name not in words


def test_sheets_asked_for_while_the_target_is_changed_name_one_of_them_everywhere(world: World) -> None:
    """Whoever comes second finds what the first has done: the new name printed, or the name fixed by the sheets."""
    seen = world.publish()

    def change() -> bool:
        with suppress(campaign_operations.TargetFixed), world.work() as session:
            fields = petition(target_name="The New Management")
            campaign_operations.change(session, "rescind", fields, actor="test", now=world.clock())
            return True
        return False

    def ask() -> bool:
        with world.work() as session:
            return bool(operations.ask_print(session, seen, paper="a4", sheets=1, actor="test", now=world.clock()))

    at_once([change, ask])
    with world.reading() as session:
        wording = select(ConsentWording.text).join(PaperPrint, PaperPrint.consent_id == ConsentWording.id)
        assert world.campaign().target_name in session.scalars(wording).one()


def test_each_sheet_has_a_number_of_its_own_and_says_what_is_signed(world: World, sheets: Sheets) -> None:
    print_sheets(world, 2, "a4")
    world.run_worker()
    with world.reading() as session:
        numbers = session.scalars(select(PaperSheet.number).order_by(PaperSheet.number)).all()
    assert numbers == [1, 2, 3, 4, 5]
    first, second = world.printer.documents
    assert re.findall(r"Sheet no\. (\d+)</p>", first) == ["1", "2", "3"]
    assert re.findall(r"Sheet no\. (\d+)</p>", second) == ["4", "5"]
    for words in ("Rescind all eleven write-ups", "Talking is no offence.", "Hub Workers keeps this sheet and hands",
                  "Text version 1", "localhost/campaigns/rescind", "<svg", "letter landscape"):  # fmt: skip
        assert words in first
    assert first.count('<span class="box">') == 3 * ROWS
    assert "a4 landscape" in second


def test_two_piles_at_once_share_no_number(world: World) -> None:
    world.publish()
    at_once([lambda: print_sheets(world, 4)] * 3)
    with world.reading() as session:
        numbers = session.scalars(select(PaperSheet.number)).all()
    assert sorted(numbers) == list(range(1, 13))


def test_printing_freezes_the_text_and_a_correction_leaves_the_printed_sheet_its_own(world: World) -> None:
    world.publish()
    print_sheets(world)
    with world.reading() as session:
        assert session.scalars(select(PetitionVersion.frozen_at)).one() is not None
    with world.work() as session:
        campaign_operations.change(
            session, "rescind", petition(demands=(Demand("Something else", ""),)), actor="t", now=world.clock()
        )
    world.run_worker()
    assert "Rescind all eleven write-ups" in world.printer.documents[0]
    assert Sheets.at(world).enter(1, ANA).status_code == 303
    with world.reading() as session:
        first = session.scalars(select(PetitionVersion).order_by(PetitionVersion.number)).first()
    assert first is not None
    assert signatures(world)[0].version_id == first.id != world.campaign().version_id
    assert signatures(world)[0].consent_id == the_pile(world).consent_id


def test_a_draft_has_no_sheets(sqlite_world: World) -> None:
    with sqlite_world.work() as session:
        campaign_operations.create(session, petition(), actor="t", now=sqlite_world.clock())
    answer = Sheets.at(sqlite_world).post("", sheets="3", paper="letter")
    assert answer.status_code == 409
    assert "Publish the campaign first" in answer.text


@pytest.mark.parametrize("typed", ["0", "101", "", "many"])
def test_a_number_of_sheets_that_cannot_be_is_refused(sqlite_world: World, typed: str) -> None:
    sqlite_world.publish()
    assert Sheets.at(sqlite_world).post("", sheets=typed, paper="letter").status_code == 422


def test_the_desk_waits_for_the_file_and_hands_it_out(sqlite_world: World) -> None:
    sqlite_world.publish()
    desk = Sheets.at(sqlite_world)
    answer = desk.post("", sheets="2", paper="letter")
    assert answer.status_code == 303
    path = answer.headers["Location"].removeprefix(PAPER)
    assert "being made" in desk.see(path).text
    assert desk.see(f"{path}.pdf").status_code == 404
    sqlite_world.run_worker()
    assert "Download" in desk.see(path).text
    file = desk.see(f"{path}.pdf")
    assert (file.status_code, file.mimetype) == (200, "application/pdf")
    file.close()


# Typing in


def test_rows_count_as_on_paper_and_the_tick_alone_lets_the_list_name(world: World, sheets: Sheets) -> None:
    world.sign_and_confirm(visibility="public", email="online@example.org", name="Olga Online")
    assert sheets.enter(1, ANA, BEN, {}, CARL).status_code == 303
    rows = {row.name: row for row in signatures(world)}
    assert rows["Ana First"].visibility == Visibility.DELIVERED
    assert rows["Ben Second"].visibility == rows["Carl Third"].visibility == Visibility.COUNTED
    assert (rows["Carl Third"].paper_row, rows["Carl Third"].email) == (4, "carl@example.org")
    assert (rows["Ben Second"].email, rows["Olga Online"].paper_id) == ("", None)
    assert counted(world) == Count(4, 1, 3)
    assert world.see("/campaigns/rescind/count.json").json == {"total": 4, "online": 1, "paper": 3}
    page = world.see("/campaigns/rescind").text
    assert "+ 3 on paper" in page
    assert not any(name in page for name in ("Ana First", "Ben Second", "Carl Third"))


def test_a_petition_signed_on_paper_alone_says_so(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, BEN)
    counted(world)
    page = " ".join(re.sub("<[^>]+>", " ", world.see("/campaigns/rescind").text).split())
    assert "2 on paper have signed" in page


def test_an_address_that_has_signed_is_reported_and_stays_as_it_was(world: World, sheets: Sheets) -> None:
    world.sign_and_confirm(name="Carla Online", email="c.a.r.l@gmail.com", visibility="public")
    world.sign(name="Ida Idle", email="idle@example.org")
    rows = [ANA, person("Carl Third", "Carl+x@googlemail.com"), person("Ida I.", "IDLE@example.org"), BEN]
    assert sheets.enter(1, *rows).status_code == 303
    assert the_sheet(world).duplicates == [2, 3]
    assert "row 2, 3" in sheets.see("sheets/1").text
    assert counted(world) == Count(3, 1, 2)
    assert {row.name for row in signatures(world)} == {"Carla Online", "Ida Idle", "Ana First", "Ben Second"}


def test_who_stands_on_the_sheet_twice_counts_once(world: World, sheets: Sheets) -> None:
    rows = [
        BEN,
        person("ben  sécond"),
        CARL,
        person("Carl 3rd", "CARL@example.org"),
        person("Ben Second", town="Erlanger"),
    ]
    assert sheets.enter(1, *rows).status_code == 303
    assert the_sheet(world).duplicates == [2, 4]
    assert counted(world) == Count(3, 0, 3)


def test_two_people_without_an_address_are_two(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA)
    sheets.enter(
        2, person("Ana First", town="Hebron", listed=True)
    )  # whoever signs two sheets is noticed by people alone
    assert len({row.email_hash for row in signatures(world)}) == 2


def test_what_is_typed_wrong_is_kept_and_nothing_is_entered(world: World, sheets: Sheets) -> None:
    answer = sheets.enter(1, ANA, person("12", "no address"), person("Eva", "eva@", "Hebron"), {"town": "Nowhere"})
    assert answer.status_code == 422
    for words in (
        "Ana First",
        "no address",
        "eva@",
        "Nowhere",
        "Enter the name in letters",
        "This is no e-mail address",
    ):
        assert words in answer.text
    assert 'id="listed-1" name="listed-1" value="y" checked' in answer.text
    assert signatures(world) == []


def test_the_first_button_only_looks(world: World, sheets: Sheets) -> None:
    answer = sheets.enter(1, ANA, person("Ana First"), act="look")
    assert answer.status_code == 200
    assert "The same person stands further up." in answer.text
    assert answer.text.index('value="look"') < answer.text.index('value="photo"') < answer.text.index('value="enter"')
    assert signatures(world) == []


def test_an_empty_sheet_is_not_entered(world: World, sheets: Sheets) -> None:
    assert sheets.enter(1, {}, {"listed": "y"}).status_code == 422
    assert the_sheet(world).entered_at is None


def test_marks_for_as_above_are_filled_in(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, person("Ben Second", town='"', postcode="”"), person("Carl Third", town='"', postcode='"'))
    assert {(row.town, row.postcode) for row in signatures(world)} == {("Hebron", "41048")}


def test_a_sheet_is_entered_once_however_many_try_at_once(world: World, sheets: Sheets) -> None:
    others = [Sheets.at(world) for _ in range(3)]
    answers = at_once([lambda desk=desk: desk.enter(1, ANA, BEN).status_code for desk in others])  # type: ignore[misc]
    assert sorted(answers) == [303, 409, 409]
    assert counted(world) == Count(2, 0, 2)


def test_a_number_leads_to_its_sheet(sqlite_world: World) -> None:
    sqlite_world.publish()
    print_sheets(sqlite_world)
    desk = Sheets.at(sqlite_world)
    assert desk.see("?number=2").headers["Location"] == f"{PAPER}sheets/2"
    for typed in ("4", "x", "-1", "99999999999999999999", "٢"):
        assert "There is no sheet with this number." in desk.see(f"?number={typed}").text
    assert desk.see("sheets/4").status_code == desk.see("sheets/99999999999999999999").status_code == 404


def test_nobody_on_paper_gets_a_mail_that_was_not_asked_for(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, CARL)
    world.run_worker()
    assert world.mailer.sent == []
    assert all(not row.wants_updates for row in signatures(world))


# The photo


def test_what_was_typed_stays_when_the_photo_is_shown(world: World, sheets: Sheets) -> None:
    answer = sheets.upload(1, photo((3000, 100)), ANA, BEN)
    assert answer.status_code == 200
    assert "Ana First" in answer.text
    assert "Ben Second" in answer.text
    assert "/sheets/1/photo.jpg" in answer.text
    shown = sheets.see("sheets/1/photo.jpg")
    assert (shown.status_code, shown.mimetype, shown.headers["Cache-Control"]) == (200, "image/jpeg", "no-store")
    assert Image.open(io.BytesIO(shown.data)).size == (2400, 80)
    with world.engine.connect() as connection:
        raw = connection.exec_driver_sql("SELECT picture FROM paper_photo").scalar_one()
    assert b"JFIF" not in bytes(raw)


def test_a_second_photo_takes_the_place_of_the_first(world: World, sheets: Sheets) -> None:
    sheets.upload(1, photo((100, 50)))
    sheets.upload(1, photo((50, 100), "PNG"))
    assert Image.open(io.BytesIO(sheets.see("sheets/1/photo.jpg").data)).size == (50, 100)


@pytest.mark.parametrize("data", [b"", b"no picture"])
def test_a_photo_that_cannot_be_read_is_refused_and_the_rows_stay(world: World, sheets: Sheets, data: bytes) -> None:
    answer = sheets.upload(1, data, ANA)
    assert answer.status_code == 422
    assert "This photo cannot be read." in answer.text
    assert "Ana First" in answer.text


def test_a_photo_of_many_megabytes_is_taken_and_one_beyond_the_limit_is_not(world: World, sheets: Sheets) -> None:
    assert sheets.upload(1, photo() + bytes(3 * 1024 * 1024)).status_code == 200
    assert sheets.upload(1, bytes(13 * 1024 * 1024)).status_code == 413
    assert sheets.post("", sheets="1", filler="x" * 300_000).status_code == 413  # other doors take no more than before


def test_a_photo_goes_some_time_after_its_sheet_was_entered(world: World, sheets: Sheets) -> None:
    for number in (1, 2):
        sheets.upload(number, photo())
    sheets.enter(1, ANA)
    world.clock.move(days=13)
    world.run_worker()
    assert photos(world) == 2
    world.clock.move(days=2)
    world.run_worker()
    assert photos(world) == 1
    world.clock.move(days=16)
    world.run_worker()
    assert photos(world) == 0
    assert sheets.see("sheets/1/photo.jpg").status_code == 404
