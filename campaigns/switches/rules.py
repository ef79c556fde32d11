"""Pure decisions: what the switches that are on mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LONGEST_WORDS: Final = 300  # characters


class Switch(StrEnum):
    """What can be switched on for the whole site."""

    SIGNING = "signing"
    MAIL = "mail"
    BANNER = "banner"
    READ_ONLY = "read_only"

    @property
    def needs_words(self) -> bool:
        """Whether it is nothing without words."""
        return self is Switch.BANNER

    @property
    def is_for_admins(self) -> bool:
        """Whether an organizer may not turn it: it stops the treasurers' work as well."""
        return self is Switch.READ_ONLY


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds now. Words are what everybody reads of it; they may be empty."""

    signing_paused: bool = False
    signing_words: str = ""
    mail_paused: bool = False
    read_only: bool = False
    read_only_words: str = ""
    banner: str = ""

    @property
    def takes_signatures(self) -> bool:
        """Whether somebody can sign now."""
        return not (self.signing_paused or self.read_only)

    @property
    def why_no_signing(self) -> str:
        """What was said about it, if anything."""
        return self.signing_words if self.signing_paused else self.read_only_words


def standing(on: Mapping[str, str]) -> Standing:
    """Return what holds, of the switches that are on with their words; a name this version does not know is left."""
    return Standing(
        signing_paused=Switch.SIGNING in on,
        signing_words=on.get(Switch.SIGNING, ""),
        mail_paused=Switch.MAIL in on,
        read_only=Switch.READ_ONLY in on,
        read_only_words=on.get(Switch.READ_ONLY, ""),
        banner=on.get(Switch.BANNER, ""),
    )
