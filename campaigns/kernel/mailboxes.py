"""Near misses of the mail providers that most people use: a hint to who mistyped theirs, never a refusal."""

import re
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache, partial
from typing import Final

# The largest providers of the world and of the regions this site is used in.
PROVIDERS: Final = tuple(
    """
    gmail.com googlemail.com yahoo.com ymail.com outlook.com hotmail.com live.com msn.com icloud.com aol.com gmx.com
    gmx.net gmx.de gmx.at gmx.ch web.de t-online.de freenet.de posteo.de mailbox.org proton.me protonmail.com
    tutanota.com riseup.net fastmail.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net
    charter.net yahoo.co.uk hotmail.co.uk btinternet.com virginmedia.com rogers.com yahoo.fr hotmail.fr orange.fr
    wanadoo.fr laposte.net yahoo.it libero.it virgilio.it tiscali.it yahoo.es hotmail.es yahoo.com.mx uol.com.br
    yandex.ru mail.ru bigpond.com
    """.split()
)
# Their neighbours: right as they are, and a letter or two from a larger one.
_NEIGHBOURS: Final = tuple(
    """
    mail.com email.com me.com mac.com pm.me tuta.com rocketmail.com posteo.net posteo.org mailbox.com free.fr sfr.fr
    alice.it tin.it zoho.com yandex.com yahoo.co.in yahoo.co.jp yahoo.com.br yahoo.com.au hotmail.com.br outlook.com.br
    yahoo.com.ar qq.com 163.com 126.com naver.com o2.pl wp.pl live.co.uk outlook.co.uk sky.com shaw.ca bell.net
    """.split()
)
# What Microsoft and Yahoo have in single countries, as far as lists of them agree. By name, for a "live." in any other
# country may be anybody's.
_ENDINGS: Final = {
    "hotmail": """
        at be ca ch cl cz de dk es fi fr gr hu ie it jp lt lv my nl no ph pt rs se sg sk co.id co.il co.in co.jp co.kr
        co.nz co.th co.uk co.za com.ar com.au com.br com.hk com.mx com.my com.pe com.ph com.sg com.tr com.tw com.vn
        """,
    "live": """
        at be ca ch cl cn de dk es fi fr hk ie in it jp nl no ph ru se co.in co.kr co.uk co.za com.ar com.au com.co
        com.mx com.my com.pe com.ph com.pk com.pt com.sg com.ve
        """,
    "outlook": """
        at be cl cz de dk es fr hu ie in it jp kr lv my ph pt sa sg sk co.id co.il co.nz co.th co.uk com.ar com.au
        com.br com.gr com.pe com.tr com.vn
        """,
    "yahoo": """
        at be ca cl cz de dk es fi fr gr hu ie in it nl no pl pt ro se co.id co.in co.jp co.kr co.nz co.th co.uk co.za
        com.ar com.au com.br com.co com.hk com.mx com.my com.pe com.ph com.sg com.tr com.tw com.ve com.vn
        """,
}
_NATIONAL_HOSTS: Final = tuple(f"{name}.{ending}" for name, endings in _ENDINGS.items() for ending in endings.split())
MICROSOFT_NATIONAL: Final = tuple(host for host in _NATIONAL_HOSTS if not host.startswith("yahoo."))
# Where so many have their mailbox that nobody stands out there.
LARGE_HOSTS: Final = (*PROVIDERS, *_NEIGHBOURS, *_NATIONAL_HOSTS)
# These have a domain in nearly every country; ".co", ".cm" and ".om" are slips for ".com" all the same.
_NATIONAL: Final = r"(?:yahoo|hotmail|outlook|live)\.(?:(?!(?:co|cm|om)$)|com?\.)[a-z]{2}"
_NEAR: Final = 0.85  # difflib's ratio: one letter wrong in nine, or two swapped; the script reckons the same
_LONGEST: Final = 40  # what is longer is none of them


# One pattern for Python and for the script that helps while somebody types; both read it alike.
RIGHT: Final = "|".join((_NATIONAL, *(re.escape(domain) for domain in (*PROVIDERS, *_NEIGHBOURS))))
_RIGHT: Final = re.compile(RIGHT)


def is_provider(domain: str) -> bool:
    """Tell whether a domain (lower case) is a provider that needs no correcting."""
    return _RIGHT.fullmatch(domain) is not None


@lru_cache(maxsize=1024)
def suggested_domain(domain: str) -> str | None:
    """Return the provider's domain that `domain` was most likely meant to be, or None. Nothing is looked up."""
    typed = domain.casefold()
    if is_provider(typed) or len(typed) > _LONGEST:
        return None
    near = get_close_matches(typed, PROVIDERS, n=len(PROVIDERS), cutoff=_NEAR)
    # Of two that are as near, difflib would take the later by the alphabet; more people mean the earlier of ours.
    return max(sorted(near, key=PROVIDERS.index), key=partial(_likeness, typed), default=None)


def _likeness(typed: str, provider: str) -> float:
    return SequenceMatcher(None, provider, typed).ratio()  # difflib's answer depends a little on which comes first


def suggested_address(email: str) -> str | None:
    """Return `email` at the provider it was most likely meant for, or None where nothing looks mistyped."""
    local, mark, domain = email.rpartition("@")
    found = suggested_domain(domain) if mark and local else None
    return f"{local}@{found}" if found else None
