"""Accounts, roles and passkeys, on Flask-Security's plain SQLAlchemy mixins.

Their class names are fixed: the mixins' relationships refer to User, Role and WebAuthn by name.
"""

from flask_security.models import sqla as security_models
from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base

security_models.FsModels.set_db_info(
    base_model=Base, user_table_name="staff_user", role_table_name="staff_role", webauthn_table_name="staff_passkey"
)


class Role(Base, security_models.FsRoleMixin):
    """One of the desk's roles."""

    __tablename__ = "staff_role"


class User(Base, security_models.FsUserMixin):
    """Somebody who signs in at the desk."""

    __tablename__ = "staff_user"

    # The last TOTP step that was used: without it the library takes the same code twice.
    tf_last_counter: Mapped[int | None] = mapped_column(Integer)


class WebAuthn(Base, security_models.FsWebAuthnMixin):
    """A passkey."""

    __tablename__ = "staff_passkey"
