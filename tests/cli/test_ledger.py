"""flask --app app ledger verify."""

import pytest
from click.testing import Result

from campaigns.ledger import queries, triggers
from tests.make import World, appeal


def verify(world: World, *arguments: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["ledger", "verify", *arguments])


def head(world: World) -> tuple[int, str]:
    with world.reading() as session:
        found = queries.head(session)
    return found.sequence, found.hash


@pytest.fixture
def booked(world: World) -> World:
    world.publish(appeal())
    world.pay(world.give())
    return world


def test_a_sound_ledger_says_so_with_its_head(booked: World) -> None:
    number, its_hash = head(booked)
    result = verify(booked)
    assert (result.exit_code, result.stdout) == (0, f"Every law holds. {number} entries; head {its_hash}\n")
    assert number == 2


def test_an_empty_ledger_is_sound(world: World) -> None:
    assert verify(world).stdout.startswith("Every law holds. 0 entries; head ")


def test_a_head_that_was_printed_holds_the_ledger_to_it(booked: World) -> None:
    number, its_hash = head(booked)
    assert verify(booked, "--head", f"{number}:{its_hash}").exit_code == 0
    result = verify(booked, "--head", f"{number}:{'0' * 64}")
    assert result.exit_code == 1
    assert result.stderr


@pytest.mark.parametrize("written", ["x", "", "1", "x:y", f"-1:{'0' * 64}", f"{'9' * 5000}:{'0' * 64}", "1:short"])
def test_a_head_that_is_no_head_is_refused_in_words(sqlite_world: World, written: str) -> None:
    result = verify(sqlite_world, "--head", written)
    assert result.exit_code == 2
    assert "write it as it stands on the statement" in result.output


def test_a_changed_amount_is_found_and_named(booked: World) -> None:
    """As somebody would who owns the database: the triggers are put back afterwards."""
    dialect = booked.engine.dialect.name
    with booked.engine.begin() as connection:
        for statement in (
            *triggers.drop(dialect),
            "UPDATE ledger_posting SET amount = amount * 2 WHERE sequence = 1",
            *triggers.create(dialect)[:-1],
        ):
            connection.exec_driver_sql(statement.replace("%", "%%") if dialect == "postgresql" else statement)
    result = verify(booked)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "1" in result.stderr
    assert "Traceback" not in result.output


def test_a_missing_trigger_is_found(booked: World) -> None:
    with booked.engine.begin() as connection:
        connection.exec_driver_sql(triggers.drop(booked.engine.dialect.name)[0])
    result = verify(booked)
    assert result.exit_code == 1
    assert "ledger_entry_sound" in result.stderr
