"""E-mail addresses: one canonical spelling for each mailbox, by the provider's own rules."""

from dataclasses import dataclass

from campaigns.kernel.errors import InvalidValue


class InvalidAddress(InvalidValue):
    """Enter an e-mail address like name@example.org."""


@dataclass(frozen=True, slots=True)
class ProviderRule:
    """How one provider reads the part before the @."""

    domain: str
    ignores_dots: bool = False
    tag_mark: str = "+"


_GMAIL = ProviderRule("gmail.com", ignores_dots=True)
_OUTLOOK_DOMAINS = ("outlook.com", "hotmail.com", "live.com", "msn.com")
# Dots are ignored by Gmail alone; elsewhere they tell two people apart (see tests for each provider).
_RULES: dict[str, ProviderRule] = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    **{domain: ProviderRule(domain) for domain in _OUTLOOK_DOMAINS},
    "icloud.com": ProviderRule("icloud.com"),
    "me.com": ProviderRule("icloud.com"),
    "mac.com": ProviderRule("icloud.com"),
    "fastmail.com": ProviderRule("fastmail.com"),
    "proton.me": ProviderRule("proton.me", ignores_dots=True),
    "protonmail.com": ProviderRule("proton.me", ignores_dots=True),
    "pm.me": ProviderRule("proton.me", ignores_dots=True),
    "yahoo.com": ProviderRule("yahoo.com", tag_mark="-"),
}


def canonical(email: str) -> str:
    """Return the one spelling under which a mailbox is looked up, never the one mail is sent to.

    Raises InvalidAddress where there is no local part or no domain.
    """
    local, at, domain = email.strip().rpartition("@")
    if not (at and local and domain):
        raise InvalidAddress
    domain = _ascii_domain(domain)
    rule = _RULES.get(domain)
    local = local.casefold()
    return f"{_reduced(local, rule)}@{rule.domain}" if rule else f"{local}@{domain}"


def _reduced(local: str, rule: ProviderRule) -> str:
    reduced = local.partition(rule.tag_mark)[0] or local
    if rule.ignores_dots:
        reduced = reduced.replace(".", "") or reduced
    return reduced


def _ascii_domain(domain: str) -> str:
    lowered = domain.casefold().rstrip(".")
    try:
        return lowered.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise InvalidAddress from error
