"""Make a desk account."""

import unicodedata

import pytest
from sqlalchemy import func, select

from campaigns.accounts import operations
from campaigns.accounts.models import User
from campaigns.accounts.operations import AccountExists, NoSuchRole, NotAnAddress, PasswordTooShort
from campaigns.accounts.security import DATASTORE
from campaigns.kernel.errors import Refusal
from tests.make import PASSWORD, World, csrf_token


def create(world: World, email: str = "ana@example.org", role: str = "organizer", password: str = PASSWORD) -> None:
    with world.app.app_context():
        operations.create(world.app.extensions[DATASTORE], email, role, password)


def users(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(User)) or 0


def sign_in(world: World, email: str, password: str) -> int:
    client = world.client
    data = {"email": email, "password": password, "csrf_token": csrf_token(client)}
    return client.post("/desk/account/login", data=data).status_code


def test_an_account_signs_in_with_the_password_it_was_made_with(world: World) -> None:
    create(world)
    assert sign_in(world, "ana@example.org", PASSWORD) == 302
    assert sign_in(world, "Ana@Example.org", PASSWORD) == 302


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_password_with_accents_works_however_a_keyboard_composes_them(sqlite_world: World, form: str) -> None:
    password = "Größenwahn über alles"
    create(sqlite_world, password=unicodedata.normalize("NFC", password))
    assert sign_in(sqlite_world, "ana@example.org", unicodedata.normalize(form, password)) == 302


@pytest.mark.parametrize(
    ("email", "role", "password", "refusal"),
    [
        ("ana@example.org", "boss", PASSWORD, NoSuchRole),
        ("ana@example.org", "", PASSWORD, NoSuchRole),
        ("ana@example.org", "organizer", "eleven char", PasswordTooShort),
        ("ana@example.org", "organizer", "", PasswordTooShort),
        ("ana", "organizer", PASSWORD, NotAnAddress),
        ("ana@example", "organizer", PASSWORD, NotAnAddress),
        ("", "organizer", PASSWORD, NotAnAddress),
        (" ana@example.org ", "organizer", PASSWORD, NotAnAddress),
        ("ana@example.org\0", "organizer", PASSWORD, NotAnAddress),
    ],
)
def test_what_cannot_be_an_account_is_refused_by_name(
    sqlite_world: World, email: str, role: str, password: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        create(sqlite_world, email, role, password)
    assert users(sqlite_world) == 0


@pytest.mark.parametrize("again", ["ana@example.org", "ANA@example.org"])
def test_one_address_has_one_account(world: World, again: str) -> None:
    create(world)
    with pytest.raises(AccountExists):
        create(world, again, "treasurer")
    assert users(world) == 1


def test_a_password_is_kept_as_a_slow_hash(sqlite_world: World) -> None:
    create(sqlite_world)
    with sqlite_world.reading() as session:
        kept = session.scalars(select(User.password)).one()
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept
