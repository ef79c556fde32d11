"""The target's own mail and network: what reads who signs from there."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from campaigns.kernel.addresses import InvalidAddress, ascii_domain
from campaigns.kernel.errors import InvalidValue

Network = IPv4Network | IPv6Network
# Wider than any company's: a slip of the pen would warn everybody.
WIDEST: Final = {4: 8, 6: 16}


class NoDomain(InvalidValue):
    """Enter mail domains like company.com, one on a line."""


class NoNetwork(InvalidValue):
    """Enter networks like 198.51.100.0/24 or 2001:db8::/32, one on a line."""


class TooWide(InvalidValue):
    """A network is too wide: it would take in people who have nothing to do with the target."""


class Danger(StrEnum):
    """What of a signature would reach the target by itself."""

    MAIL = "mail"
    NETWORK = "network"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Employer:
    """What the target owns. `domains` are in ASCII (IDNA), lower case."""

    domains: frozenset[str]
    networks: tuple[Network, ...]

    def owns_mail(self, email: str) -> bool:
        """Tell whether an address lies in one of the domains or below it."""
        try:
            labels = ascii_domain(email.rpartition("@")[2]).split(".")
        except InvalidAddress:
            return False
        return any(".".join(labels[start:]) in self.domains for start in range(len(labels)))

    def owns_network(self, address: str | None) -> bool:
        """Tell whether an IP address lies in one of the networks; an IPv4 address may come dressed as IPv6."""
        try:
            found = ip_address(address or "")
        except ValueError:
            return False
        if isinstance(found, IPv6Address) and found.ipv4_mapped:
            found = found.ipv4_mapped
        return any(found in network for network in self.networks)

    def danger(self, email: str, address: str | None) -> Danger | None:
        """Return what is dangerous about signing with `email` from the IP `address`, or None."""
        mail, network = self.owns_mail(email), self.owns_network(address)
        if mail and network:
            return Danger.BOTH
        return Danger.MAIL if mail else Danger.NETWORK if network else None


@lru_cache(maxsize=256)
def employer(domains: tuple[str, ...], networks: tuple[str, ...]) -> Employer:
    """Return what a target owns, from what the desk stored (see `read_domains`, `read_networks`)."""
    return Employer(frozenset(map(ascii_domain, domains)), tuple(map(ip_network, networks)))


def read_domains(text: str) -> tuple[str, ...]:
    """Return the mail domains in `text`, with spaces, commas or lines between. Raises NoDomain."""
    return _once(_domain(word) for word in text.replace(",", " ").split())


def _domain(word: str) -> str:
    """Return one domain as it is written; "@company.com" is company.com, and so is a whole address there."""
    domain = word.rpartition("@")[2].lower().strip(".")
    try:
        labels = ascii_domain(domain).split(".")
    except InvalidAddress as error:
        raise NoDomain from error
    # A name at the top is no company's, and what ends in a number is an IP address.
    if len(labels) < 2 or labels[-1].isdigit():
        raise NoDomain
    return domain


def read_networks(text: str) -> tuple[str, ...]:
    """Return the networks in `text` as CIDR; a single address is a network of one. Raises NoNetwork, TooWide."""
    return _once(_network(word) for word in text.replace(",", " ").split())


def _network(word: str) -> str:
    try:
        network = ip_network(word, strict=False)
    except ValueError as error:
        raise NoNetwork from error
    if network.prefixlen < WIDEST[network.version]:
        raise TooWide
    return str(network)


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
