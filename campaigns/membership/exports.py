"""The members' list as a file for a spreadsheet."""

from collections.abc import Iterable

from campaigns.kernel import csvsafe
from campaigns.membership.queries import MemberRow

HEAD = ("name", "email", "tier", "amount", "currency", "state", "member since", "paid until", "ended on", "came by")


def members_file(rows: Iterable[MemberRow]) -> str:
    """Return a CSV file with every cell made safe; times in UTC (ISO 8601), days only."""
    return csvsafe.table(HEAD, (_cells(row) for row in rows))


def _cells(row: MemberRow) -> tuple[str, ...]:
    days = [moment.date().isoformat() if moment else "" for moment in (row.since, row.paid_until, row.ended_at)]
    return (row.name, row.email, row.tier, str(row.amount.decimal()), row.amount.currency, row.state, *days, row.source)
