"""The two import orders hold, and each would be noticed if it were broken."""

from pathlib import Path

import pytest

from tests.shape.orders import STOREY_OF, wrong_doors_of_the_house, wrong_floors, wrong_storeys
from tests.shape.source import ROOT, assert_none, write_tree


def test_no_folder_knows_one_above_it_or_beside_it() -> None:
    assert_none(wrong_storeys(ROOT))


def test_no_file_of_a_feature_climbs_or_uses_anothers_door() -> None:
    assert_none(wrong_floors(ROOT))


def test_the_house_opens_no_features_door() -> None:
    assert_none(wrong_doors_of_the_house(ROOT))


def test_every_storey_has_one_place() -> None:
    assert STOREY_OF["factory"] > STOREY_OF["pages"] == STOREY_OF["api"] > STOREY_OF["kernel"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("campaigns/ledger/rules.py", "from campaigns.donations import rules"),
        ("campaigns/ledger/rules.py", "from campaigns.campaign.rules import Demand"),
        ("campaigns/payments/models.py", "import campaigns.signatures.models"),
        ("campaigns/db/engine.py", "from campaigns.rendering import markdown"),
        ("campaigns/web/shell.py", "from campaigns.adapters.smtp import SmtpMailer"),
        ("campaigns/kernel/money.py", "from campaigns.settings import Settings"),
        ("campaigns/outbox/jobs.py", "def later():\n    from campaigns.accounts import operations"),
        ("campaigns/outbox/jobs.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import campaigns.audit"),
        ("campaigns/outbox/jobs.py", "from ..audit import operations"),
        ("campaigns/outbox/jobs.py", "from campaigns import audit"),
        ("campaigns/settings.py", "from campaigns.db import Base"),
        ("campaigns/drawer/things.py", ""),
    ],
)
def test_a_step_up_or_aside_is_noticed(tmp_path: Path, file: str, text: str) -> None:
    tree = write_tree(
        tmp_path, {file: text, "campaigns/audit/operations.py": "", "campaigns/accounts/operations.py": ""}
    )
    assert [complaint for complaint in wrong_storeys(tree) if complaint.startswith(file)]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("campaigns/signatures/rules.py", "from campaigns.signatures import models"),
        ("campaigns/signatures/models.py", "from campaigns.signatures.queries import find"),
        ("campaigns/signatures/queries.py", "from campaigns.campaign import operations"),
        ("campaigns/signatures/operations.py", "from campaigns.signatures import jobs"),
        ("campaigns/signatures/jobs.py", "from campaigns.signatures.views import blueprint"),
        ("campaigns/signatures/jobs.py", "from .views import blueprint"),
        ("campaigns/signatures/views.py", "from campaigns.campaign import views"),
        ("campaigns/donations/views.py", "from campaigns.signatures.forms import SignForm"),
        ("campaigns/pages/views.py", "from campaigns.signatures.desk import blueprint"),
        ("campaigns/signatures/helpers.py", ""),
        ("campaigns/signatures/__init__.py", "from campaigns.signatures.operations import sign"),
    ],
)
def test_a_climb_or_anothers_door_is_noticed(tmp_path: Path, file: str, text: str) -> None:
    beside = ("signatures/models", "signatures/jobs", "campaign/operations", "campaign/views", "signatures/views")
    tree = write_tree(tmp_path, {f"campaigns/{name}.py": "" for name in beside} | {file: text})
    assert [complaint for complaint in wrong_floors(tree) if complaint.startswith(file)]


def test_a_page_may_carry_the_forms_of_its_features(tmp_path: Path) -> None:
    tree = write_tree(tmp_path, {"campaigns/pages/views.py": "from campaigns.signatures.forms import SignForm"})
    assert wrong_floors(tree) == []


def test_a_door_used_by_the_shell_is_noticed(tmp_path: Path) -> None:
    files = {"campaigns/web/shell.py": "from campaigns.pages import views", "campaigns/pages/views.py": ""}
    assert len(wrong_doors_of_the_house(write_tree(tmp_path, files))) == 1


def test_what_is_allowed_is_not_complained_of(tmp_path: Path) -> None:
    files = {
        "campaigns/factory.py": "from campaigns.signatures import views\nfrom campaigns.adapters.smtp import X",
        "campaigns/cli/demo.py": "from campaigns.accounts import commands, operations",
        "campaigns/signatures/rules.py": "from campaigns.kernel.money import Money",
        "campaigns/signatures/operations.py": "from campaigns.campaign import queries\nfrom . import rules",
        "campaigns/signatures/views.py": "from campaigns.signatures import forms\nfrom campaigns.web import context",
        "campaigns/signatures/forms.py": "",
        "campaigns/signatures/__init__.py": '"""Signatures."""',
        "campaigns/campaign/queries.py": "",
    }
    tree = write_tree(tmp_path, files)
    assert wrong_storeys(tree) + wrong_floors(tree) + wrong_doors_of_the_house(tree) == []
