"""What may be named only in one place: vendors, Flask, the database, the clock, commit()."""

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.shape.orders import FLOOR_OF, HOUSE
from tests.shape.source import Module, dotted, modules

VENDORS = {"stripe", "weasyprint", "pikepdf", "pyhanko", "smtplib", "obstore", "boto3", "aiosmtpd"}
WEB = {"flask", "flask_wtf", "flask_security", "flask_login", "wtforms", "werkzeug", "granian"}
OUTSIDERS = {"sandbox", "tools", "tests", "bench", "app"}
SHELL = {"web", "factory", "cli"}
DOOR_FLOOR = 7
CLOCK_READINGS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "datetime.datetime.now", "datetime.datetime.utcnow",
    "datetime.datetime.today", "date.today", "datetime.date.today", "time.time", "time.time_ns", "func.now",
    "func.current_timestamp",
}  # fmt: skip
CLOCK_KEEPERS = {"factory", "cli", "web"}
STATEMENTS = {"select", "insert", "update", "delete", "text"}
SESSION_CALLS = {"execute", "scalar", "scalars", "add", "add_all", "query", "delete", "merge", "flush", "get", "commit"}

Complaint = Callable[[Module], Iterator[str]]


def _all(root: Path, complain: Complaint, *places: str) -> list[str]:
    return [complaint for module in modules(root, *places) for complaint in complain(module)]


def _named(module: Module, names: set[str], why: str) -> Iterator[str]:
    for imported in module.imports():
        if imported.top in names:
            yield f"{module.at(imported.line)} {imported.name}: {why}"


def vendors_outside_the_adapters(root: Path) -> list[str]:
    """Return each import of a vendor's library anywhere but in campaigns/adapters."""

    def complain(module: Module) -> Iterator[str]:
        if module.folder != "adapters":
            yield from _named(module, VENDORS, "vendors are strangers, known to adapters only")

    return _all(root, complain, "campaigns", "app.py")


def outsiders_in_the_package(root: Path) -> list[str]:
    """Return each import of the sandbox, the tools or the tests by the site."""
    return _all(root, lambda module: _named(module, OUTSIDERS, "the site does not know it"), "campaigns")


def flask_below_the_doors(root: Path) -> list[str]:
    """Return each import of the web's libraries, or of our own shell, below floor 7 and below the shell.

    Accounts are built on Flask-Security, whose tables and passwords come with it.
    """

    def complain(module: Module) -> Iterator[str]:
        if module.folder in SHELL or _floor(module) == DOOR_FLOOR:
            return
        yield from _named(module, WEB - _granted(module), "the web is known to the doors and the shell only")
        if module.folder not in HOUSE:
            yield from (
                f"{module.at(imported.line)} {imported.name}: the web is known to the doors only"
                for imported in module.imports()
                if imported.name.startswith(("campaigns.web", "campaigns.adapters"))
            )

    return _all(root, complain, "campaigns")


def _floor(module: Module) -> int:
    in_feature = len(module.parts) > 2 and module.folder not in HOUSE
    return FLOOR_OF.get(module.stem, 0) if in_feature else 0


def _granted(module: Module) -> set[str]:
    return {"flask_security"} if module.folder == "accounts" else set()


def rules_that_know_the_world(root: Path) -> list[str]:
    """Return each import of the database, the settings or the environment by a feature's rules."""

    def complain(module: Module) -> Iterator[str]:
        if _floor(module) != 1:
            return
        yield from _named(module, {"sqlalchemy", "os", "alembic", "psycopg"}, "rules are pure")
        for imported in module.imports():
            if imported.name.startswith(("campaigns.db", "campaigns.settings", "campaigns.rendering")):
                yield f"{module.at(imported.line)} {imported.name}: rules are pure"

    return _all(root, complain, "campaigns")


def kernel_imports_from_outside(root: Path) -> list[str]:
    """Return what the kernel imports besides the standard library and itself."""

    def complain(module: Module) -> Iterator[str]:
        for imported in module.imports():
            if imported.top not in sys.stdlib_module_names and not imported.name.startswith("campaigns.kernel"):
                yield f"{module.at(imported.line)} {imported.name}: the kernel stands on the standard library alone"

    return _all(root, complain, "campaigns/kernel")


def commits(root: Path) -> list[str]:
    """Return each commit() but the one in db/work.py; Flask-Security's own session is fenced into accounts."""

    def complain(module: Module) -> Iterator[str]:
        if module.parts[1:] == ("db", "work") or module.folder == "accounts":
            return
        for call in module.calls():
            if dotted(call.func).rpartition(".")[2] == "commit":
                yield f"{module.at(call.lineno)} commit() is spelled in db/work.py only"

    return _all(root, complain, "campaigns", "app.py")


def spellings_of_commit(root: Path) -> int:
    """Return how often db/work.py spells commit()."""
    calls = [call for module in modules(root, "campaigns/db/work.py") for call in module.calls()]
    return sum(dotted(call.func).endswith(".commit") for call in calls)


def database_calls_in_doors(root: Path) -> list[str]:
    """Return each statement or session call in a door, and each import of SQLAlchemy but the type it hands on."""

    def complain(module: Module) -> Iterator[str]:
        if _floor(module) != DOOR_FLOOR or module.stem == "security":
            return
        for imported in module.imports():
            if imported.top == "sqlalchemy" and imported.item != "Session":
                yield f"{module.at(imported.line)} {imported.name}: a door knows the web and never the database"
        for call in module.calls():
            if _is_database_call(call):
                yield f"{module.at(call.lineno)} {dotted(call.func)}: a door knows the web and never the database"

    return _all(root, complain, "campaigns")


def _is_database_call(call: ast.Call) -> bool:
    name = dotted(call.func)
    owner, _, verb = name.rpartition(".")
    if not owner:
        return verb in STATEMENTS
    of_session = "session" in owner.lower() and owner not in ("session", "flask.session")
    return verb in {"execute", "scalar", "scalars"} or ((of_session or owner == "session") and verb in SESSION_CALLS)


def clocks(root: Path) -> list[str]:
    """Return each reading of the clock outside kernel/clock.py, and each hold on it below the doors."""

    def complain(module: Module) -> Iterator[str]:
        if module.parts[1:] == ("kernel", "clock"):
            return
        for call in module.calls():
            if dotted(call.func) in CLOCK_READINGS:
                yield f"{module.at(call.lineno)} {dotted(call.func)}(): now is passed in"
        if module.folder not in CLOCK_KEEPERS:
            yield from _takes_utc_now(module)

    return _all(root, complain, "campaigns")


def _takes_utc_now(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        imported = isinstance(node, ast.ImportFrom) and any(alias.name == "utc_now" for alias in node.names)
        named = isinstance(node, ast.Attribute) and node.attr == "utc_now"
        if isinstance(node, ast.ImportFrom | ast.Attribute) and (imported or named):
            yield f"{module.at(node.lineno)} utc_now: only the factory, the shell and commands hold the clock"
