"""flask --app app accounts …"""

import pytest

from tests.make import PASSWORD, World, csrf_token


def create(world: World, *arguments: str, password: str = PASSWORD) -> tuple[int, str]:
    result = world.app.test_cli_runner().invoke(args=["accounts", "create", *arguments], input=f"{password}\n")
    return result.exit_code, result.output


def test_an_account_is_made_with_a_password_from_standard_input(world: World) -> None:
    code, output = create(world, "ana@example.org", "--role", "treasurer", "--password-stdin")
    assert (code, output) == (0, "ana@example.org can sign in as treasurer.\n")
    client = world.client
    data = {"email": "ana@example.org", "password": PASSWORD, "csrf_token": csrf_token(client)}
    assert client.post("/desk/account/login", data=data).status_code == 302
    assert client.get("/desk/money/").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "password", "sentence"),
    [
        (
            ("ana@example.org", "--role", "organizer", "--password-stdin"),
            "short",
            "A password has at least 12 characters.",
        ),
        (("ana@example.org", "--role", "organizer", "--password-stdin"), "", "A password has at least 12 characters."),
        (("ana", "--role", "organizer", "--password-stdin"), PASSWORD, "This is not an e-mail address."),
        (("ana@example.org", "--role", "boss", "--password-stdin"), PASSWORD, "'boss' is not one of"),
        (("ana@example.org", "--role", "organizer"), PASSWORD, "Missing option '--password-stdin'"),
        (("ana@example.org", "--password-stdin"), PASSWORD, "Missing option '--role'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    sqlite_world: World, arguments: tuple[str, ...], password: str, sentence: str
) -> None:
    code, output = create(sqlite_world, *arguments, password=password)
    assert code != 0
    assert sentence in output
    assert "Traceback" not in output


def test_a_second_account_for_an_address_is_refused(sqlite_world: World) -> None:
    arguments = ("ana@example.org", "--role", "organizer", "--password-stdin")
    assert create(sqlite_world, *arguments)[0] == 0
    code, output = create(sqlite_world, *arguments)
    assert code == 1
    assert output == "Error: There is already an account with this e-mail address.\n"
