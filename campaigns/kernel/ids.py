"""Identifiers: ordered ones for rows, unguessable ones for addresses."""

import base64
import secrets
from datetime import datetime
from uuid import UUID

PUBLIC_ID_BYTES = 12


def row_id(now: datetime) -> UUID:
    """Return a UUID version 7 (RFC 9562, section 5.7): rows made later sort later."""
    milliseconds = int(now.timestamp() * 1000)
    value = (milliseconds & (2**48 - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def derived_id(digest: bytes) -> UUID:
    """Return a UUID version 8 (RFC 9562, section 5.8) made of a digest: the same one for the same thing.

    `digest` has at least 16 bytes.
    """
    value = int.from_bytes(digest[:16], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def derived_public_id(digest: bytes) -> str:
    """Return the id for an address that is made of a keyed digest: the same one for the same thing.

    `digest` has at least 28 bytes; those that `derived_id` shows are not used, so neither id gives the other away.
    """
    return base64.urlsafe_b64encode(digest[16 : 16 + PUBLIC_ID_BYTES]).decode()


def first_row_id(at: datetime) -> UUID:
    """Return the lowest id that a row made at `at` can have: rows made later sort after it."""
    return UUID(int=(int(at.timestamp() * 1000) & (2**48 - 1)) << 80)


def public_id() -> str:
    """Return 16 URL-safe characters (96 random bits) that nobody can guess."""
    return secrets.token_urlsafe(PUBLIC_ID_BYTES)
