"""All data as one file: each column of what stands under an address is in it, or it is said why not."""

from typing import Any

from sqlalchemy import Table

from campaigns.db import Base, Sealed
from campaigns.db.base import SealedBytes
from tests.make import World, appeal
from tests.supporters.everything import HANDED_OUT, NOT_HANDED_OUT, expected, leaves, leaves_everything
from tests.supporters.pages import OwnPage

# By these a row belongs to a person, beside being sealed and pointing to such a row.
OF_SOMEBODY = {"email_hash", "address_key", "subject_id"}


def tables_about_people() -> dict[str, Table]:
    """What holds something sealed or is found by an address, and what points to such a row."""
    tables = Base.metadata.tables
    found = {name: table for name, table in tables.items() if any(map(_is_of_somebody, table.columns))}
    while more := {name: table for name, table in tables.items() if name not in found and _points_to(table, found)}:
        found |= more
    return found


def _is_of_somebody(column: Any) -> bool:
    return isinstance(column.type, Sealed | SealedBytes) or column.name in OF_SOMEBODY


def _points_to(table: Table, found: dict[str, Table]) -> bool:
    return any(key.column.table.name in found for key in table.foreign_keys)


def test_each_column_about_a_person_is_handed_out_or_it_is_said_why_not() -> None:
    columns = [f"{name}.{column.name}" for name, table in tables_about_people().items() for column in table.columns]
    told = [f"{table}.{column}" for table, of in HANDED_OUT.items() for column in of]
    kept_back = [name for names in NOT_HANDED_OUT.values() for name in names.split()]
    whole = {name for name in kept_back if "." not in name}
    listed = told + kept_back + [each for each in columns if each.partition(".")[0] in whole]
    assert not set(columns) - set(listed), "hand it out, or say why not"
    assert not set(listed) - {*columns, *whole}, "there is no such column"
    assert len(set(listed)) == len(listed), "handed out, and said why not"


def test_the_file_of_a_person_with_everything_holds_each_value(world: World) -> None:
    data = leaves_everything(world).see("/data.json").get_json()
    for table, columns in HANDED_OUT.items():
        for column, told in columns.items():
            values = list(expected(world, table, column, told))
            assert any(values), f"nobody here has a {table}.{column}"
            found = [leaf for path in told.paths.split() for leaf in leaves(data, path)]
            missing = [value for value in values if value not in found]
            assert not missing, f"{table}.{column} is not at {told.paths}: {missing}"


def test_who_only_began_to_pay_each_month_reaches_the_file_too(world: World) -> None:
    world.publish(appeal())
    world.give(frequency="monthly", email="never@example.org", name="Never Began")
    page = OwnPage.asked(world, "never@example.org")
    assert "What you pay each month" not in page.see().text
    (own,) = page.see("/data.json").get_json()["monthly_gifts"]
    assert (own["name"], own["email"]) == ("Never Began", "never@example.org")
