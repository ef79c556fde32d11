"""Pure decisions about suspicion. It holds, it never drops, and an IP alone condemns nobody (design law 6).

Why each rule stands and what its numbers mean: docs/decisions/0007-what-holds-a-signature.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from publicsuffixlist import PublicSuffixList

from campaigns.kernel import addresses, mailboxes

SHORT_WINDOW: Final = timedelta(minutes=10)
SHORT_LIMIT: Final = 20
DAY_WINDOW: Final = timedelta(days=1)  # it reaches over midnight (UTC), where a network gets another key
DAY_LIMIT: Final = 100
ONE_DOMAIN_LIMIT: Final = 10

PRESSURE_WINDOW: Final = timedelta(minutes=1)
PRESSURE_RATE: Final = 60  # in one window
PRESSURE_LASTS: Final = timedelta(minutes=10)

NETWORK_KEPT: Final = timedelta(days=2)

# Behind these stands a proxy or a container bridge of our own, and no visitor.
_MACHINE_ROOM: Final = tuple(
    ip_network(room)
    for room in (
        "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 ::1/128 fc00::/7 fe80::/10".split()
    )
)

# Large where the lists of large hosts end.
_REGIONAL_HOSTS: Final = (
    "terra.com.br bol.com.br sympatico.ca talktalk.net optusnet.com.au hanmail.net rediffmail.com "
    "interia.pl onet.pl seznam.cz telenet.be skynet.be ziggo.nl kpnmail.nl bluewin.ch autistici.org".split()
)
# Where so many people have their mailbox that many of one domain say nothing; as addresses are looked up.
ORDINARY_MAIL_HOSTS: Final = frozenset(
    addresses.canonical(f"somebody@{host}").rpartition("@")[2] for host in (*mailboxes.LARGE_HOSTS, *_REGIONAL_HOSTS)
)


class Reason(StrEnum):
    """Why something is held. Organizers read it; no public page does."""

    TRAP = "trap"  # filled in a field that people cannot see
    DISPOSABLE = "disposable"  # a mail domain for mailboxes that live ten minutes
    CROWD = "crowd"  # many from one network at one uncommon mail domain
    UNPROVEN = "unproven"  # no proof of work while the site was under pressure
    AGAIN = "again"  # signed anew after an organizer had rejected it
    RENAMED = "renamed"  # another name, not another spelling, after confirming
    ORGANIZER = (
        "organizer"  # an organizer holds it, whatever else does; of before this was written down there is no code
    )


# What the mailbox's own answer settles: a browser without JavaScript cannot do the work, a person can confirm.
SETTLED_BY_CONFIRMING: Final = frozenset({Reason.UNPROVEN})
# What no second form settles: it says nothing of the crowd that the first came in, nor of what an organizer decided.
KEPT_WHEN_SIGNED_ANEW: Final = frozenset({Reason.CROWD, Reason.AGAIN, Reason.ORGANIZER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What a request gave away. `network` is never stored, only its key of the day."""

    network: str | None = None
    trapped: bool = False
    unproven: bool = False
    proof: bytes | None = None


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many came from one network: in the short window, in a day, and in a day at one mail domain."""

    lately: int
    today: int
    at_domain: int
    is_shared: bool = False  # an organizer vouches for the network: the plant's Wi-Fi
    is_ordinary: bool = False  # the domain is one of ORDINARY_MAIL_HOSTS


def network_of(address: str | None) -> str | None:
    """Return the network of a client address as text: IPv4 /32, IPv6 /64. None where it names no visitor.

    An IPv4 address written as IPv6 (RFC 4291, section 2.5.5.2) is that IPv4 address.
    """
    try:
        parsed = ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    parsed = (parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else parsed
    if any(parsed in room for room in _MACHINE_ROOM if room.version == parsed.version):
        return None
    return str(parsed) if isinstance(parsed, IPv4Address) else str(ip_network((parsed, 64), strict=False))


def reasons_at_once(traces: Traces, *, is_disposable: bool) -> frozenset[Reason]:
    """Return what speaks against a submission by itself, before any other is looked at."""
    found = {Reason.TRAP: traces.trapped, Reason.DISPOSABLE: is_disposable, Reason.UNPROVEN: traces.unproven}
    return frozenset(reason for reason, speaks in found.items() if speaks)


def is_over_limit(crowd: Crowd) -> bool:
    """Return whether more came from one network than one network sends without help. Condemns nobody by itself."""
    return crowd.lately > SHORT_LIMIT or crowd.today > DAY_LIMIT


def is_suspicious(crowd: Crowd) -> bool:
    """Return whether to hold those of one network at one mail domain: both signs must speak, and nobody vouch."""
    uncommon = crowd.at_domain >= ONE_DOMAIN_LIMIT and not crowd.is_ordinary
    return is_over_limit(crowd) and uncommon and not crowd.is_shared


def is_settled_by_confirming(reasons: Iterable[Reason]) -> bool:
    """Return whether all that speaks against somebody falls when they answer their mail."""
    reasons = frozenset(reasons)
    return bool(reasons) and reasons <= SETTLED_BY_CONFIRMING


def pressure_until(rate: int, until: datetime | None, now: datetime) -> datetime | None:
    """Return until when proof of work is asked for, given how many came in the last window. None: it is not."""
    if rate > PRESSURE_RATE:
        return now + PRESSURE_LASTS
    return until if until and until > now else None


def written(reasons: Iterable[Reason]) -> str:
    """Return `reasons` as a column keeps them: codes in alphabetical order, a space between."""
    return " ".join(sorted(reasons))


def read(codes: str) -> frozenset[Reason]:
    """Return the reasons that a column keeps."""
    return frozenset(map(Reason, codes.split()))


def domain_and_parents(domain: str) -> list[str]:
    """Return `domain` and each domain it is part of, but no top-level one."""
    labels = domain.split(".")
    return [".".join(labels[at:]) for at in range(max(1, len(labels) - 1))]


def is_public_suffix(domain: str) -> bool:
    """Return whether strangers share `domain`: a registry or a host gives names below it to anybody.

    As uk, co.uk, k12.ca.us and github.io. Source: publicsuffix.org, as the library ships it; nothing is fetched.
    """
    return bool(_suffixes().is_public(domain))


def registrable(domain: str) -> str:
    """Return the part of `domain` that somebody bought, with all below it theirs; what strangers share as it is."""
    return _suffixes().privatesuffix(domain) or domain


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
