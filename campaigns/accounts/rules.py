"""The desk's roles and what each may do."""

import unicodedata
from typing import Final

ORGANIZER: Final = "organizer"
TREASURER: Final = "treasurer"
APPROVER: Final = "approver"
ADMIN: Final = "admin"

ROLES: Final = {
    ORGANIZER: "Makes campaigns, sees signatures, hands lists over.",
    TREASURER: "Sees and records money.",
    APPROVER: "Approves what a treasurer asked for.",
    ADMIN: "Invites and removes people; sees everything a role sees.",
}
MIN_PASSWORD_LENGTH: Final = 12
NORMAL_FORM: Final = "NFKD"


def may(held: frozenset[str], wanted: frozenset[str]) -> bool:
    """Return whether somebody who holds the roles `held` may pass a door open to `wanted`. Admins pass each."""
    return ADMIN in held or bool(held & wanted)


def normalised(password: str) -> str:
    """Return `password` in one Unicode form: keyboards compose accents in different ways (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize(NORMAL_FORM, password)
