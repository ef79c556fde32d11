"""E-mail addresses: one canonical spelling for each mailbox, by the provider's own rules."""

import re
import unicodedata
from dataclasses import dataclass

from campaigns.kernel.errors import InvalidValue
from campaigns.kernel.mailboxes import MICROSOFT_NATIONAL


class InvalidAddress(InvalidValue):
    """Enter an e-mail address like name@example.org."""


@dataclass(frozen=True, slots=True)
class ProviderRule:
    """How one provider reads the part before the @."""

    domain: str
    ignored: str = ""
    tag_mark: str = "+"


_GMAIL = ProviderRule("gmail.com", ignored=".")
_PROTON = ProviderRule("proton.me", ignored=".-_")
_OUTLOOK_DOMAINS = ("outlook.com", "hotmail.com", "live.com", "msn.com", *MICROSOFT_NATIONAL)
_PLUS_DOMAINS = ("fastmail.com", "posteo.de", "posteo.net", "posteo.org", "mailbox.org", "riseup.net")
# Two providers ignore marks inside a name; with all others a dot tells two people apart.
_RULES: dict[str, ProviderRule] = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    **{domain: ProviderRule(domain) for domain in (*_OUTLOOK_DOMAINS, *_PLUS_DOMAINS)},
    "icloud.com": ProviderRule("icloud.com"),
    "me.com": ProviderRule("icloud.com"),
    "mac.com": ProviderRule("icloud.com"),
    **dict.fromkeys(("proton.me", "protonmail.com", "protonmail.ch", "pm.me"), _PROTON),
    "yahoo.com": ProviderRule("yahoo.com", tag_mark="-"),
}

_LABEL_ENDS = re.compile("[.。]")
_LONGEST_LABEL = 63
# Python's IDNA (2003) reads these as others or as nothing; registries sell domains that differ in them alone (IDNA
# 2008). Two owners must never share one spelling, for it opens a mailbox's own page.
_READ_AS_OTHERS = re.compile("[ßς\u200c\u200d]")
_DOMAIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_NEVER_IN_A_NAME = re.compile(r"[\s\x00-\x1f\x7f]")


def canonical(email: str) -> str:
    """Return the one spelling under which a mailbox is looked up, never the one mail is sent to.

    Raises InvalidAddress where there is no local part or no domain, or something in it that no mailbox has.
    """
    local, _, domain = email.strip().rpartition("@")
    local = unicodedata.normalize("NFC", local.casefold())
    if not local or _NEVER_IN_A_NAME.search(local):
        raise InvalidAddress
    domain = ascii_domain(domain)
    rule = _RULES.get(domain)
    return f"{_reduced(local, rule)}@{rule.domain}" if rule else f"{local}@{domain}"


def _reduced(local: str, rule: ProviderRule) -> str:
    reduced = local.partition(rule.tag_mark)[0] or local
    return reduced.translate(dict.fromkeys(map(ord, rule.ignored))) or reduced


def ascii_domain(domain: str) -> str:
    """Return a mail domain in lower-case ASCII (IDNA), without a dot at its end. Raises InvalidAddress."""
    labels = _LABEL_ENDS.split(unicodedata.normalize("NFKC", domain).lower())
    try:
        encoded = ".".join(map(_ascii_label, labels)).removesuffix(".")
    except UnicodeError as error:
        raise InvalidAddress from error
    if not _DOMAIN.fullmatch(encoded):
        raise InvalidAddress
    return encoded


def _ascii_label(label: str) -> str:
    """Return one label of a domain in ASCII. Raises InvalidAddress, UnicodeError."""
    encoded = label.encode("idna")  # refuses what no label may hold, in the others too
    if _READ_AS_OTHERS.search(label):
        encoded = b"xn--" + label.encode("punycode")
    if len(encoded) > _LONGEST_LABEL:
        raise InvalidAddress
    return encoded.decode("ascii")
