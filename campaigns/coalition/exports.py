"""The file that an organizer passes on to a partner: who agreed to that, and to which words."""

from collections.abc import Iterable

from campaigns.coalition.queries import Agreeing
from campaigns.kernel import csvsafe

HEAD = ("name", "email", "agreed_at", "agreed_to")


def people_file(people: Iterable[Agreeing]) -> str:
    """Return the CSV: name and address, as the words say, when they confirmed (UTC), and the words themselves."""
    return csvsafe.table(
        HEAD,
        ((each.name, each.email, each.agreed_at.isoformat(), f"{each.words} {each.disclosure}") for each in people),
    )
