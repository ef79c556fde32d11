"""Make a desk account. Runs on Flask-Security's datastore, inside an application context."""

from flask_security import SQLAlchemySessionUserDatastore, hash_password, uia_email_mapper

from campaigns.accounts.rules import MIN_PASSWORD_LENGTH, ROLES, normalised
from campaigns.kernel.errors import InvalidValue


class NoSuchRole(InvalidValue):
    """The role is one of: organizer, treasurer, approver, admin."""


class PasswordTooShort(InvalidValue):
    """A password has at least 12 characters."""


class AccountExists(InvalidValue):
    """There is already an account with this e-mail address."""


class NotAnAddress(InvalidValue):
    """This is not an e-mail address."""


def create(datastore: SQLAlchemySessionUserDatastore, email: str, role: str, password: str) -> None:
    """Add an account with one role and commit it. Raises NoSuchRole, PasswordTooShort, AccountExists, NotAnAddress."""
    if role not in ROLES:
        raise NoSuchRole
    password = normalised(password)
    if len(password) < MIN_PASSWORD_LENGTH:
        raise PasswordTooShort
    address = uia_email_mapper(email)
    if address is None:
        raise NotAnAddress
    if datastore.find_user(case_insensitive=True, email=address):  # as signing in finds it
        raise AccountExists
    datastore.find_or_create_role(role, description=ROLES[role])
    datastore.create_user(email=address, password=hash_password(password), roles=[role])
    datastore.commit()
