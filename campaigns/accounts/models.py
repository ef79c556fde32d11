"""Accounts, roles and passkeys, on Flask-Security's plain SQLAlchemy mixins.

Their class names are fixed: the mixins' relationships refer to User, Role and WebAuthn by name.
"""

from datetime import datetime

from flask_security.models import sqla as security_models
from sqlalchemy import Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base

security_models.FsModels.set_db_info(
    base_model=Base, user_table_name="staff_user", role_table_name="staff_role", webauthn_table_name="staff_passkey"
)


_ITS_CLOCK = text("CURRENT_TIMESTAMP")


def _touched() -> Mapped[datetime]:
    """The library would stamp naive times of its own here; the database's clock knows its zone."""
    return mapped_column(server_default=_ITS_CLOCK, onupdate=_ITS_CLOCK)


class Role(Base, security_models.FsRoleMixin):
    """One of the desk's roles."""

    __tablename__ = "staff_role"

    update_datetime: Mapped[datetime] = _touched()


class User(Base, security_models.FsUserMixin):
    """Somebody who signs in at the desk."""

    __tablename__ = "staff_user"

    update_datetime: Mapped[datetime] = _touched()

    # The last TOTP step that was used: without it the library takes the same code twice.
    tf_last_counter: Mapped[int | None] = mapped_column(Integer)


class WebAuthn(Base, security_models.FsWebAuthnMixin):
    """A passkey."""

    __tablename__ = "staff_passkey"
