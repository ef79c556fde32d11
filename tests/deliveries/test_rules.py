"""What a frozen row holds, and the digest over all of them."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from campaigns.deliveries import rules
from campaigns.deliveries.rules import ListDigest, Row
from campaigns.signatures.rules import Frozen, Visibility

SALT = "5a" * 16
LETTER: dict[str, Any] = {"list": 1, "headline": "Löscht die Abmahnungen", "demands": [["Sofort", ""]]}
texts = st.text(st.characters(codec="utf-8"), max_size=12)
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
named = st.builds(
    Row, st.just(1), st.uuids(), st.integers(1, 10**6), texts, texts, st.just(SALT), st.none(), hashes,
)  # fmt: skip
withheld = st.builds(
    Row, st.just(1), st.uuids(), st.none(), st.none(), st.none(), st.just(SALT), hashes,
)  # fmt: skip
row_lists = st.lists(st.one_of(named, withheld), max_size=6)


def signature(visibility: Visibility, name: str = "Maria Ortiz") -> Frozen:
    moment = datetime(2026, 5, 4, tzinfo=UTC)
    return Frozen(UUID(int=7), UUID(int=8), visibility, name, "Hebron, US", moment)


def digest(rows: list[Row], letter: dict[str, Any] = LETTER) -> str:
    whole = ListDigest(letter)
    whole.add(rows)
    return whole.hexdigest()


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.DELIVERED])
def test_a_named_row_holds_number_name_and_place(visibility: Visibility) -> None:
    row = rules.frozen_row(3, 2, signature(visibility), SALT, 1)
    told = json.dumps(["undersigned list 3", SALT, 2, "Maria Ortiz", "Hebron, US", 1], separators=(",", ":"))
    shown = hashlib.sha256(told.encode()).hexdigest()
    assert row == Row(3, UUID(int=7), 2, "Maria Ortiz", "Hebron, US", SALT, None, shown, version=1)


def test_a_withheld_row_holds_a_salted_hash_and_nothing_of_the_person() -> None:
    row = rules.frozen_row(3, 2, signature(Visibility.COUNTED), SALT, 1)
    told = json.dumps(
        ["undersigned list 3", SALT, str(UUID(int=7)), "Maria Ortiz", "Hebron, US", 1], separators=(",", ":")
    )
    assert row == Row(3, UUID(int=7), None, None, None, SALT, hashlib.sha256(told.encode()).hexdigest(), version=1)
    assert "Maria" not in repr(row)
    assert "Hebron" not in repr(row)


def test_two_salts_give_one_person_two_hashes() -> None:
    first = rules.frozen_row(1, 1, signature(Visibility.COUNTED), "00" * 16, 1)
    second = rules.frozen_row(1, 1, signature(Visibility.COUNTED), "01" * 16, 1)
    assert first.withheld_hash != second.withheld_hash


@given(row_lists)
def test_the_digest_is_sha256_over_the_canonical_json_of_letter_and_rows(rows: list[Row]) -> None:
    whole = {
        "letter": LETTER,
        "rows": [row.withheld_hash or row.named_hash for row in rows],
    }
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert digest(rows) == hashlib.sha256(text.encode()).hexdigest()


@given(row_lists, st.integers(0, 6))
def test_the_digest_does_not_depend_on_how_the_rows_come_in(rows: list[Row], at: int) -> None:
    in_parts = ListDigest(LETTER)
    in_parts.add(rows[:at])
    in_parts.add([])
    in_parts.hexdigest()  # asking in between ends nothing
    in_parts.add(iter(rows[at:]))
    assert in_parts.hexdigest() == digest(rows)


@given(st.lists(st.one_of(named, withheld), min_size=1, max_size=6), st.data())
def test_any_changed_row_changes_the_digest(rows: list[Row], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    other = data.draw(st.one_of(named, withheld))
    assume(_told(other) != _told(rows[at]))
    assert digest([*rows[:at], other, *rows[at + 1 :]]) != digest(rows)
    assert digest([*rows[:at], *rows[at + 1 :]]) != digest(rows)
    assert digest([*rows, other]) != digest(rows)


def _told(row: Row) -> Any:
    return row.withheld_hash or row.named_hash


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 2},
        {"name": "Maria Ortíz"},
        {"place": "Hebron, GB"},
        {"salt": "00"},
        {"details": "Air Hub"},
        {"version": 2},
    ],
)
def test_each_part_of_a_named_row_is_covered(changes: dict[str, Any]) -> None:
    facts: dict[str, Any] = {"salt": SALT, "number": 1, "name": "Maria Ortiz", "place": "Hebron, US", "version": 1}
    row = rules.frozen_row(1, 1, signature(Visibility.PUBLIC), SALT, 1)
    assert row.named_hash == rules.named_hash(**facts)
    assert rules.named_hash(**facts | changes) != row.named_hash


def test_a_row_without_its_name_proves_the_same_digest() -> None:
    row = rules.frozen_row(1, 1, signature(Visibility.PUBLIC), SALT, 1)
    assert digest([replace(row, name=None, place=None, salt=None, details=None)]) == digest([row])


def test_lists_of_the_earlier_formats_verify_as_they_did() -> None:
    """The first had named rows in clear, the second hashed them without the version. Worked out by hand."""
    told = ["undersigned list 1", SALT, str(UUID(int=7)), "Maria Ortiz", "Hebron, US"]
    hidden = hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()
    rows = [Row(1, UUID(int=8), 1, "Ana", "Rome, IT", None, None), Row(2, UUID(int=7), None, None, None, SALT, hidden)]
    text = f'{{"letter":{{"format":"undersigned list 1","list":1}},"rows":[[1,"Ana","Rome, IT"],"{hidden}"]}}'
    assert digest(rows, {"format": "undersigned list 1", "list": 1}) == hashlib.sha256(text.encode()).hexdigest()
    second = json.dumps(["undersigned list 2", SALT, 1, "Ana", "Rome, IT"], separators=(",", ":"))
    shown = hashlib.sha256(second.encode()).hexdigest()
    rows = [Row(1, UUID(int=8), 1, "Ana", "Rome, IT", SALT, None, shown)]
    text = f'{{"letter":{{"format":"undersigned list 2","list":1}},"rows":["{shown}"]}}'
    assert digest(rows, {"format": "undersigned list 2", "list": 1}) == hashlib.sha256(text.encode()).hexdigest()


def test_the_version_that_was_signed_is_covered_also_where_the_name_is_withheld() -> None:
    first, second = (rules.frozen_row(1, 1, signature(Visibility.COUNTED), SALT, version) for version in (1, 2))
    assert (first.version, second.version) == (1, 2)
    assert first.told != second.told


def test_what_stands_beside_a_name_is_frozen_with_it_and_nothing_of_a_withheld_one() -> None:
    shown, hidden = (
        rules.frozen_row(1, 1, replace(signature(visibility), details="Air Hub · sorter"), SALT, 1)
        for visibility in (Visibility.DELIVERED, Visibility.COUNTED)
    )
    assert shown.told == rules.named_hash(SALT, 1, "Maria Ortiz", "Hebron, US", 1, "Air Hub · sorter")
    assert shown.details == "Air Hub · sorter"
    assert hidden.details is None
    assert hidden.told == hidden.withheld_hash


def test_the_letter_is_covered_and_the_order_of_its_keys_is_not() -> None:
    assert digest([], LETTER | {"list": 2}) != digest([], LETTER)
    assert digest([], dict(reversed(LETTER.items()))) == digest([], LETTER)


def test_the_foot_of_a_page_shows_the_first_sixteen_characters_in_groups() -> None:
    assert rules.grouped("0123456789abcdef" * 4) == "0123 4567 89ab cdef"
