"""Taken back and erased: what is left of a sheet, in the count, on lists, and of the person in a row."""

import re

import pytest
from sqlalchemy import select

from campaigns.audit.models import AuditRecord
from campaigns.db import Base
from campaigns.deliveries import announcing
from campaigns.deliveries.models import Delivery, DeliveryRow
from campaigns.paper import operations
from campaigns.review import operations as review
from campaigns.review.models import ReviewAction
from campaigns.review.queries import email_hash, rule_from_text
from campaigns.review.rules import Decision, Rule
from campaigns.signatures.queries import Count
from tests.make import World, petition
from tests.paper.make import (
    ANA,
    BEN,
    CARL,
    Sheets,
    counted,
    make_list,
    person,
    photo,
    photos,
    signatures,
    take_in,
    the_import,
    the_sheet,
)
from tests.review.make import ask, work_off
from tests.supporters.pages import OwnPage

# Undoing


def test_an_undone_sheet_is_blank_and_can_be_entered_anew(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, BEN, CARL)
    assert counted(world) == Count(3, 0, 3)
    assert sheets.post("sheets/1/undo").status_code == 303
    assert counted(world) == Count(0, 0, 0)
    assert signatures(world) == []
    assert sheets.post("sheets/1/undo").status_code == 409
    assert sheets.enter(1, ANA, CARL).status_code == 303
    assert the_sheet(world).duplicates == []
    assert counted(world) == Count(2, 0, 2)


def test_undoing_leaves_whom_the_signatory_has_taken_in_hand(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, CARL, BEN)
    page = OwnPage.asked(world, "carl@example.org")
    assert "Signed on paper" in page.see().text
    carl = next(row.id for row in signatures(world) if row.email)
    assert page.post(f"signatures/{carl}", name="Carl Third", visibility="public", comment="").status_code == 303
    sheets.post("sheets/1/undo")
    assert [row.name for row in signatures(world)] == ["Carl Third"]
    assert counted(world) == Count(1, 1, 1)
    assert sheets.enter(1, ANA, CARL).status_code == 303
    assert the_sheet(world).duplicates == [2]


def test_undoing_withdraws_whom_a_list_holds(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, BEN)
    made = make_list(world)
    sheets.post("sheets/1/undo")
    assert {row.state for row in signatures(world)} == {"withdrawn"}
    assert counted(world) == Count(0, 0, 0)
    with world.reading() as session:
        assert session.get_one(Delivery, made.id).digest == made.digest
        assert len(session.scalars(select(DeliveryRow.signature_id)).all()) == 2
    world.clock.move(days=31)
    world.run_worker()
    assert {(row.name, row.paper_id) for row in signatures(world)} == {("", None)}


def test_a_sheet_undone_after_a_list_was_made_can_be_entered_anew(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, BEN, CARL)
    make_list(world)
    on_the_list = {row.name: (row.id, world.clock()) for row in signatures(world)}
    sheets.post("sheets/1/undo")
    world.clock.move(minutes=1)
    assert sheets.enter(1, ANA, BEN, CARL).status_code == 303
    assert the_sheet(world).duplicates == []
    assert {row.name: (row.id, row.withdrawn_at) for row in signatures(world)} == on_the_list
    assert counted(world) == Count(3, 0, 3)
    sheets.post("sheets/1/undo")
    assert counted(world) == Count(0, 0, 0)


def test_whoever_left_an_address_keeps_their_place_on_a_list_in_whatever_order_a_sheet_is_typed_anew(
    world: World, sheets: Sheets
) -> None:
    dora = person("Dora Fourth", "dora@example.org")
    sheets.enter(1, CARL, dora, ANA)
    make_list(world)
    before = {row.email: row.id for row in signatures(world) if row.email}
    sheets.post("sheets/1/undo")
    assert sheets.enter(1, dora, BEN, CARL).status_code == 303
    assert the_sheet(world).duplicates == []
    rows = {row.paper_row: row for row in signatures(world) if row.state == "confirmed"}
    assert [rows[number].name for number in sorted(rows)] == ["Dora Fourth", "Ben Second", "Carl Third"]
    assert {row.email: row.id for row in rows.values() if row.email} == before
    assert counted(world) == Count(3, 0, 3)


def test_a_sheet_entered_anew_undoes_nobodys_own_withdrawal(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, CARL)
    make_list(world)
    carl = next(row.id for row in signatures(world) if row.email)
    OwnPage.asked(world, "carl@example.org").post(f"signatures/{carl}/withdraw")
    sheets.post("sheets/1/undo")
    sheets.enter(1, ANA, CARL)
    assert the_sheet(world).duplicates == [2]
    assert counted(world) == Count(1, 0, 1)


def test_a_sheet_entered_anew_leads_nobody_out_of_a_rejection(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, CARL)
    make_list(world)
    with world.work() as session:
        ana = signatures(world)[0].id
        review.decide_one(session, world.campaign().id, ana, Decision.REJECT, actor="t", now=world.clock())
    sheets.post("sheets/1/undo")
    sheets.enter(1, ANA, CARL)
    assert [(row.state, row.review) for row in signatures(world)] == [("confirmed", "rejected"), ("confirmed", "clear")]
    assert counted(world) == Count(1, 0, 1)


def test_who_was_emptied_since_is_entered_anew_by_their_address(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, CARL)
    make_list(world)
    sheets.post("sheets/1/undo")
    world.clock.move(days=31)
    world.run_worker()
    sheets.enter(1, ANA, CARL)
    assert the_sheet(world).duplicates == []
    assert counted(world) == Count(2, 0, 2)


def test_who_withdrew_from_paper_can_sign_online_and_is_online_then(world: World, sheets: Sheets) -> None:
    sheets.enter(1, CARL)
    OwnPage.asked(world, "carl@example.org").withdraw()
    assert counted(world) == Count(0, 0, 0)
    world.clock.move(minutes=1)
    world.sign_and_confirm(email="carl@example.org", name="Carl Third")
    assert counted(world) == Count(1, 0, 0)
    assert signatures(world)[0].paper_id is None


def test_a_held_row_does_not_count_as_paper(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, BEN)
    with world.work() as session:
        ana = signatures(world)[0].id
        review.decide_one(session, world.campaign().id, ana, Decision.REJECT, actor="t", now=world.clock())
    assert counted(world) == Count(1, 0, 1)
    sheets.post("sheets/1/undo")
    assert counted(world) == Count(0, 0, 0)


# The list


def test_a_list_counts_each_person_once_by_name_or_withheld_or_on_paper(world: World, sheets: Sheets) -> None:
    world.sign_and_confirm(visibility="counted", email="online@example.org", name="Olga Online")
    sheets.enter(1, ANA, BEN, CARL)
    made = make_list(world)
    assert (made.named, made.withheld, made.on_paper, made.named_on_paper) == (1, 1, 2, 1)
    assert [line for line in world.printer.lines if "Ana First" in line] == world.printer.lines
    (letter,) = world.printer.letters
    words = " ".join(re.sub("<[^>]+>|[\u2066-\u2069]", " ", letter).split())
    assert "2 on paper sheets, name withheld" in words
    assert "3 of the signatures were given on paper sheets, which Hub Workers keeps." in words
    assert "or signed on paper; no e-mail address is counted twice" in words
    with world.reading() as session:
        assert len(session.scalars(select(DeliveryRow.position)).all()) == 4


def test_the_announcement_goes_to_those_who_left_an_address(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, person("Dora Fourth", "dora@example.org", listed=True))
    with world.work() as session:
        announcing.announce(session, world.campaign(), hours=0, actor="t", now=world.clock())
    world.run_worker()
    assert [mail.to for mail in world.mailer.sent] == ["dora@example.org"]


def test_a_list_names_on_paper_who_was_told_and_who_left_no_address(world: World, sheets: Sheets) -> None:
    sheets.enter(1, ANA, person("Dora Fourth", "dora@example.org", listed=True))
    with world.work() as session:
        announcing.announce(session, world.campaign(), hours=0, actor="t", now=world.clock())
    world.run_worker()
    sheets.enter(2, person("Lena Late", "late@example.org", listed=True), person("Emil Fifth", listed=True))
    data = {"paper": "a4", "csrf_token": sheets.token}
    assert sheets.client.post("/desk/campaigns/rescind/deliveries/", data=data).status_code == 303
    world.run_worker()
    with world.reading() as session:
        names = session.scalars(select(DeliveryRow.name).where(DeliveryRow.name.is_not(None))).all()
        assert session.execute(select(Delivery.named_on_paper, Delivery.on_paper)).one() == (3, 1)
    assert sorted(names) == ["Ana First", "Dora Fourth", "Emil Fifth"]


# Erasing


def test_of_a_person_without_an_address_nothing_is_left_once_the_row_is_erased(world: World, sheets: Sheets) -> None:
    sheets.upload(1, photo())
    sheets.enter(1, person("Wilhelmina Quarrington", town="Zwiefalten", listed=True), BEN)
    make_list(world)
    assert "Wilhelmina Quarrington" in sheets.see("sheets/1").text
    assert sheets.post("sheets/1/rows/1/erase").status_code == 303
    world.run_worker()
    assert counted(world) == Count(1, 0, 1)
    assert photos(world) == 0
    assert "Quarrington" not in sheets.see("sheets/1").text
    assert not any(b"Quarrington" in data for data in world.files.kept.values())
    with world.reading() as session:
        for table in Base.metadata.sorted_tables:
            stored = repr(session.execute(select(table)).all())
            assert "Quarrington" not in stored, table.name
            assert "Zwiefalten" not in stored, table.name
    assert sheets.post("sheets/1/rows/1/erase").status_code == 404
    assert sheets.post("sheets/2/rows/2/erase").status_code == 404


@pytest.mark.parametrize("who", [ANA, CARL], ids=["without an address", "with an address"])
def test_rules_and_waiting_tables_lose_a_person_whose_row_is_erased(
    world: World, sheets: Sheets, who: dict[str, str]
) -> None:
    sheets.enter(1, who, BEN)
    rules = [Rule(review=None, name=who["name"]), Rule(review=None, name="ben second")]
    rules += [Rule(review=None, email_hash=email_hash(who["email"]))] if who["email"] else []
    for rule in rules:
        world.clock.move(seconds=1)
        work_off(world, ask(world, Decision.HOLD, rule))
    waiting = take_in(world, f"name,email\nCarl Third,{CARL['email']}\nDora Fourth,dora@example.org\n")
    assert sheets.post("sheets/1/rows/1/erase").status_code == 303
    with world.reading() as session:
        kept = [rule_from_text(text) for text in session.scalars(select(ReviewAction.rule).order_by(ReviewAction.id))]
    assert kept[:2] == [Rule(review=None, name="*"), Rule(review=None, name="ben second")]
    assert who["email"] == "" or kept[2].email_hash not in ("", rules[2].email_hash)
    content = the_import(world, waiting).content or ""
    assert ("carl@" in content) is (who["email"] == "")
    assert "dora@" in content


def test_the_photo_goes_with_a_person_who_erases_themselves(world: World, sheets: Sheets) -> None:
    sheets.upload(1, photo())
    sheets.upload(2, photo())
    sheets.enter(1, ANA, CARL)
    assert OwnPage.asked(world, "carl@example.org").post("erase").status_code == 200
    assert photos(world) == 1
    assert [row.name for row in signatures(world)] == ["Ana First"]


def test_the_audit_trail_tells_of_sheets_and_of_nobody(world: World, sheets: Sheets) -> None:
    sheets.upload(1, photo())
    sheets.enter(1, ANA, CARL)
    sheets.post("sheets/1/rows/1/erase")
    sheets.post("sheets/1/undo")
    with world.reading() as session:
        trail = session.scalars(select(AuditRecord).order_by(AuditRecord.id)).all()
    acts = [record.act for record in trail if record.act.startswith("paper.")]
    assert sorted(acts) == ["paper.entered", "paper.erased", "paper.photo_kept", "paper.printed", "paper.undone"]
    assert not any(word in repr([record.facts for record in trail]) for word in ("Ana", "carl", "Hebron"))


def test_another_campaigns_sheet_is_none_of_ours(world: World, sheets: Sheets) -> None:
    world.publish(petition(slug="other"))
    sheets.enter(1, ANA)
    with world.work() as session, pytest.raises(operations.NoSuchSheet):
        operations.undo_sheet(session, world.campaign("other").id, 1, actor="t", now=world.clock())
