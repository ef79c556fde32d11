"""flask --app app demo …: sample campaigns and what members pay, read as data by path."""

import secrets
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup

from campaigns.accounts import operations as accounts
from campaigns.accounts.operations import AccountExists
from campaigns.accounts.rules import ROLES
from campaigns.accounts.security import DATASTORE
from campaigns.campaign import operations, queries
from campaigns.campaign.operations import CampaignFields, FundFields
from campaigns.campaign.rules import Demand
from campaigns.membership import queries as membership
from campaigns.membership.operations import TierFields, set_tier
from campaigns.web.context import services

SANDBOX = Path(__file__).resolve().parents[2] / "sandbox"
SAMPLES, TIERS = SANDBOX / "campaigns", SANDBOX / "tiers.toml"
SIGN_INS = "demo-sign-ins.txt"
group = AppGroup("demo", help="The demonstration.")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A demo account."""

    role: str
    email: str
    password: str


@group.command("load")
def load() -> None:
    """Load the sample campaigns and tiers, and make the demo sign-ins; what is there already stays as it is."""
    now = services().clock()
    for path in sorted(SAMPLES.glob("*.toml")):
        _load_campaign(tomllib.loads(path.read_text(encoding="utf-8")), now)
    _load_tiers(tomllib.loads(TIERS.read_text(encoding="utf-8"))["tiers"], now)
    made = [sign_in for role in ROLES if (sign_in := _make_sign_in(role))]
    if made:
        _keep_and_show(made)


def _load_campaign(sample: dict[str, Any], now: datetime) -> None:
    with services().work() as session:
        if queries.find_by_slug(session, sample["slug"], now):
            return
        operations.create(session, _fields(sample, now), actor="system", now=now)
        operations.publish(session, sample["slug"], actor="system", now=now)


def _fields(sample: dict[str, Any], now: datetime) -> CampaignFields:
    values = dict(sample)
    demands = tuple(Demand(row["title"], row.get("detail", "")) for row in values.pop("demands"))
    fund = FundFields(**values.pop("fund")) if "fund" in values else None
    deadline = _evening(values["zone"], now, values.pop("days_open"))
    list_after = values.pop("next_list_after_days", None)
    next_list_on = (now + timedelta(days=list_after)).date() if list_after else None
    return CampaignFields(
        **values, demands=demands, fund=fund, deadline=deadline, next_list_on=next_list_on, is_demo=True
    )


def _load_tiers(samples: list[dict[str, str]], now: datetime) -> None:
    settings = services().settings
    with services().work() as session:
        if membership.tiers(session):
            return
        for sample in samples:
            fields = TierFields(**sample, fund_id=None, is_open=True)
            set_tier(
                session, None, fields, recipient=settings.legal_name or settings.site_name, actor="system", now=now
            )


def _evening(zone: str, now: datetime, days: int) -> datetime:
    """Return the last minute of the day that lies `days` ahead, where the campaign is."""
    day = now.astimezone(ZoneInfo(zone)) + timedelta(days=days)
    return day.replace(hour=23, minute=59, second=0, microsecond=0)


def _make_sign_in(role: str) -> SignIn | None:
    sign_in = SignIn(role, f"{role}@demo.example", "-".join(secrets.token_hex(3) for _ in range(3)))
    try:
        accounts.create(current_app.extensions[DATASTORE], sign_in.email, role, sign_in.password)
    except AccountExists:
        return None
    return sign_in


def _keep_and_show(made: list[SignIn]) -> None:
    lines = [f"{sign_in.role:<10} {sign_in.email:<24} {sign_in.password}" for sign_in in made]
    path = services().settings.instance / SIGN_INS
    path.touch(mode=0o600)
    path.chmod(0o600)  # it may have stood there before, for others to read
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not _is_of(line, made)]
    path.write_text("\n".join([*kept, *lines]) + "\n", encoding="utf-8")
    click.echo("\n".join(lines))


def _is_of(line: str, made: list[SignIn]) -> bool:
    return any(sign_in.email in line.split() for sign_in in made)
