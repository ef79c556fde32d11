"""Links that open a supporter's own page."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base


class MailboxLink(Base):
    """A link that was mailed to an address: only hashes, of its token and of the address."""

    __tablename__ = "mailbox_link"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    email_hash: Mapped[bytes] = mapped_column(index=True)
    asked: Mapped[bool]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
