"""Keyed hashes of networks and domains, and the kept list of disposable mail domains."""

from datetime import date

from disposable_email_domains import blocklist

from campaigns.abuse.rules import ORDINARY_MAIL_HOSTS, domain_and_parents
from campaigns.db.sealing import fingerprint

KEY_BYTES = 16


def lasting_key(network: str) -> bytes:
    """Return the key under which a network is vouched for. `network` is what rules.network_of returned."""
    return fingerprint("network", network)


def key_of_the_day(lasting: bytes, subject: str, day: date) -> bytes:
    """Return what a submission keeps of its network: another key each day (UTC) and for each subject.

    So that nobody, with the site's key in hand, follows a visitor from day to day or from petition to petition
    but for those networks that are vouched for.
    """
    return fingerprint("network of the day", f"{day.isoformat()} {subject} {lasting.hex()}")[:KEY_BYTES]


def domain_key(domain: str) -> bytes:
    """Return the keyed hash of a mail domain in its canonical spelling."""
    return fingerprint("mail domain", domain)[:KEY_BYTES]


def ordinary_domain_keys() -> frozenset[bytes]:
    """Return the keys of the mail hosts that everybody uses."""
    return frozenset(map(domain_key, ORDINARY_MAIL_HOSTS))


def is_disposable(domain: str) -> bool:
    """Return whether `domain`, or one it is part of, lends mailboxes for ten minutes."""
    return any(part in blocklist for part in domain_and_parents(domain))
