"""Pure decisions about partners: what is disclosed to them, and what marks the words that were shown."""

import hashlib
import json
from datetime import timedelta
from typing import Final

LONGEST_CODE: Final = 40
LONGEST_NAME: Final = 100
LONGEST_LINE: Final = 200
LONGEST_WORDS: Final = 500
LINK_PURPOSE: Final = "partner's numbers"
LINK_LIFETIME: Final = timedelta(days=180)
_MARK_LENGTH: Final = 16


def disclosure(organisation: str, partner: str) -> str:
    """Return the sentences that stand under every partner's own words: who is told what, and how it ends.

    A partner learns a name that may stand nowhere else, by this consent alone: so it says so (design law 1).
    """
    return (
        f"If you tick this, {organisation} gives your name and e-mail address to {partner} once you have confirmed "
        f"by mail, even if you choose that nobody may see your name. On your own page you can take it back: "
        f"you then stand in no file that {partner} is given from that moment on."
    )


def mark_of(words: str, disclosed: str) -> str:
    """Return what the sign form carries to say which words stood beside the tick: other words have another mark."""
    return hashlib.sha256(json.dumps([words, disclosed]).encode()).hexdigest()[:_MARK_LENGTH]
