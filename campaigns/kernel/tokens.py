"""Tokens that stand in mailed links: bound to one purpose, expiring, hashed at rest."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

TOKEN_BYTES = 24  # 192 bits; 32 characters keep a whole link under one mail line


@dataclass(frozen=True, slots=True)
class Token:
    """A fresh token: `secret` goes into the link once, `digest` and `expires_at` are stored."""

    secret: str
    digest: bytes
    expires_at: datetime


def issue(purpose: str, now: datetime, lifetime: timedelta) -> Token:
    """Return a new token for `purpose`, valid until `now + lifetime` (UTC)."""
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    return Token(secret, digest(purpose, secret), now + lifetime)


def digest(purpose: str, secret: str) -> bytes:
    """Return what is stored for `secret`: a token of one purpose never opens another's door.

    The secret has 192 random bits, so a plain hash cannot be searched (no salt or stretching needed).
    """
    return hashlib.sha256(f"{purpose}\x00{secret}".encode("utf-8", "surrogatepass")).digest()
