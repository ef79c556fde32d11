"""Vendors, Flask, the database, the clock and commit() stay where they belong; each breach would be noticed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shape import fences
from tests.shape.source import ROOT, assert_none, write_tree

Rule = Callable[[Path], list[str]]
RULES: list[Rule] = [
    fences.vendors_outside_the_adapters,
    fences.outsiders_in_the_package,
    fences.flask_below_the_doors,
    fences.rules_that_know_the_world,
    fences.kernel_imports_from_outside,
    fences.commits,
    fences.database_calls_in_doors,
    fences.clocks,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_fence_holds(rule: Rule) -> None:
    assert_none(rule(ROOT))


def test_commit_is_spelled_once() -> None:
    assert fences.spellings_of_commit(ROOT) == 1


BREACHES = [
    (fences.vendors_outside_the_adapters, "campaigns/payments/flows.py", "import stripe"),
    (fences.vendors_outside_the_adapters, "campaigns/outbox/jobs.py", "import smtplib"),
    (fences.vendors_outside_the_adapters, "campaigns/deliveries/jobs.py", "def f():\n    from weasyprint import HTML"),
    (fences.vendors_outside_the_adapters, "campaigns/deliveries/views.py", "import pikepdf.models"),
    (fences.vendors_outside_the_adapters, "campaigns/factory.py", "from obstore.store import LocalStore"),
    (fences.vendors_outside_the_adapters, "app.py", "import stripe"),
    (fences.outsiders_in_the_package, "campaigns/cli/demo.py", "from sandbox import mail"),
    (fences.outsiders_in_the_package, "campaigns/web/shell.py", "from tests.make import World"),
    (fences.flask_below_the_doors, "campaigns/signatures/operations.py", "from flask import request"),
    (fences.flask_below_the_doors, "campaigns/signatures/jobs.py", "from flask import current_app"),
    (fences.flask_below_the_doors, "campaigns/signatures/rules.py", "from wtforms import StringField"),
    (fences.flask_below_the_doors, "campaigns/signatures/emails.py", "from campaigns.web import context"),
    (fences.flask_below_the_doors, "campaigns/db/engine.py", "import flask"),
    (fences.flask_below_the_doors, "campaigns/adapters/smtp.py", "import werkzeug"),
    (fences.flask_below_the_doors, "campaigns/ledger/models.py", "from flask_security.models import sqla"),
    (fences.rules_that_know_the_world, "campaigns/ledger/rules.py", "from sqlalchemy import select"),
    (fences.rules_that_know_the_world, "campaigns/ledger/rules.py", "import os"),
    (fences.rules_that_know_the_world, "campaigns/ledger/rules.py", "from campaigns.settings import Settings"),
    (fences.kernel_imports_from_outside, "campaigns/kernel/money.py", "import babel"),
    (fences.kernel_imports_from_outside, "campaigns/kernel/money.py", "from campaigns.settings import Settings"),
    (fences.commits, "campaigns/signatures/operations.py", "def f(session):\n    session.commit()"),
    (fences.commits, "campaigns/db/engine.py", "def f(make):\n    make().connection.commit()"),
    (fences.database_calls_in_doors, "campaigns/pages/views.py", "def f(session):\n    session.execute(1)"),
    (fences.database_calls_in_doors, "campaigns/pages/desk.py", "def f(work):\n    work().scalar(1)"),
    (fences.database_calls_in_doors, "campaigns/pages/forms.py", "def f(db):\n    db.session.add(1)"),
    (fences.database_calls_in_doors, "campaigns/pages/commands.py", "def f(s):\n    return select(s)"),
    (fences.database_calls_in_doors, "campaigns/pages/views.py", "from sqlalchemy.orm import scoped_session"),
    (fences.clocks, "campaigns/signatures/operations.py", "from datetime import datetime\ndatetime.now()"),
    (fences.clocks, "campaigns/signatures/operations.py", "import datetime\ndatetime.datetime.now(datetime.UTC)"),
    (fences.clocks, "campaigns/signatures/models.py", "from sqlalchemy import func\nfunc.now()"),
    (fences.clocks, "campaigns/web/caching.py", "import time\ntime.time()"),
    (fences.clocks, "campaigns/signatures/jobs.py", "from campaigns.kernel.clock import utc_now"),
    (fences.clocks, "campaigns/signatures/jobs.py", "from campaigns.kernel import clock\nclock.utc_now()"),
]


@pytest.mark.parametrize(("rule", "file", "text"), BREACHES)
def test_a_breach_is_noticed(tmp_path: Path, rule: Rule, file: str, text: str) -> None:
    assert rule(write_tree(tmp_path, {file: text})) != []


ALLOWED = {
    "campaigns/adapters/stripe_checkout.py": "import stripe",
    "campaigns/adapters/smtp.py": "import smtplib",
    "campaigns/accounts/models.py": "from flask_security.models import sqla",
    "campaigns/accounts/security.py": "from flask_security import Security\nfrom sqlalchemy.orm import scoped_session",
    "campaigns/accounts/operations.py": "import flask_security\ndef f(datastore):\n    datastore.commit()",
    "campaigns/db/work.py": "def f(session):\n    session.commit()",
    "campaigns/kernel/clock.py": "from datetime import UTC, datetime\ndef utc_now():\n    return datetime.now(UTC)",
    "campaigns/factory.py": "from campaigns.kernel.clock import utc_now",
    "campaigns/signatures/views.py": "import flask\ndef f(seen, form):\n    seen.add(1)\n    return form.get('x')",
    "campaigns/signatures/operations.py": "from sqlalchemy import select\ndef f(x):\n    x.scalar(select(1))",
    "campaigns/signatures/desk.py": "from sqlalchemy.orm import Session",
    "campaigns/web/shell.py": "import flask",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_what_is_allowed_is_not_complained_of(tmp_path: Path, rule: Rule) -> None:
    assert rule(write_tree(tmp_path, ALLOWED)) == []
