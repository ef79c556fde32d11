"""The two import orders: storeys between folders, floors within a feature."""

from collections.abc import Iterator
from pathlib import Path

from tests.shape.source import Import, Module, modules

# High to low. A folder may import only what stands below its line; what shares a line are strangers.
STOREYS = (
    ("factory",),
    ("assembly",),
    ("vendors",),
    ("cli",),
    ("pages", "api"),
    ("supporters", "endings"),
    ("figures",),
    ("paper", "messages"),
    ("donations", "membership", "actions", "updates", "deliveries", "comments", "review", "coalition", "versions"),
    ("subscriptions", "recurring"),
    ("payments", "signatures", "funds", "receipts", "gate"),
    ("ledger", "campaign", "partners", "switches"),
    ("accounts", "abuse", "timeline"),
    ("audit",),
    ("mailboxes",),
    ("outbox",),
    ("web", "adapters"),
    ("db", "rendering", "links"),
    ("settings",),
    ("kernel",),
)
STOREY_OF = {name: len(STOREYS) - place for place, line in enumerate(STOREYS) for name in line}

# Features have floors by file name; the others are of one piece.
HOUSE = {"factory", "assembly", "vendors", "cli", "web", "adapters", "db", "rendering", "links", "settings", "kernel"}
FLOORS = {
    1: ("rules", "employer", "questions", "tables", "machines", "reversals", "metadata"),
    2: ("models", "triggers"),
    3: ("queries", "months", "movements", "overviews"),
    4: ("emails", "breaking", "document"),
    5: (
        "operations booking changes confirming announcing erasing anonymising telling checks entering importing "
        "monthly alarms mirroring payouts restoring returning suspense receipting watching".split()
    ),
    6: ("jobs", "handlers", "exports", "flows", "beginning", "sweeping", "doctor"),
    7: ("forms", "views", "astray", "desk", "commands", "guard", "security", "answers", "imports", "gifts"),
}
FLOOR_OF = {name: floor for floor, names in FLOORS.items() for name in names}
DOORS = {"forms", "views", "astray", "desk", "commands", "imports", "gifts"}
COMPOSERS = {"pages", "api", "supporters"}  # a whole page carries the forms of the features it is made of
CALLS_EVERY_DOOR = {"factory", "assembly", "cli"}


def wrong_storeys(root: Path) -> list[str]:
    """Return each import that goes up, or to a stranger on the same line."""
    return [complaint for module in modules(root, "campaigns") for complaint in _wrong_storeys_in(module)]


def _wrong_storeys_in(module: Module) -> Iterator[str]:
    if module.parts == ("campaigns", "__init__"):
        return
    own = STOREY_OF.get(module.folder)
    if own is None:
        yield f"{module.at(1)} {module.folder} has no storey"
        return
    for imported, folder in _inner_imports(module):
        if folder != module.folder and STOREY_OF.get(folder, 0) >= own:
            yield f"{module.at(imported.line)} {module.folder} must not know {folder}"


def _inner_imports(module: Module) -> Iterator[tuple[Import, str]]:
    for imported in module.imports():
        parts = imported.name.split(".")
        if parts[0] == "campaigns":
            yield imported, parts[1] if len(parts) > 1 else ""


def wrong_floors(root: Path) -> list[str]:
    """Return each import, within features, of a higher floor or of another feature's door."""
    features = [module for module in modules(root, "campaigns") if _is_in_feature(module)]
    return [complaint for module in features for complaint in _wrong_floors_in(module)]


def _is_in_feature(module: Module) -> bool:
    return len(module.parts) > 2 and module.folder not in HOUSE


def _wrong_floors_in(module: Module) -> Iterator[str]:
    if module.stem == "__init__":
        if any(True for _ in module.imports()):
            yield f"{module.at(1)} a feature's __init__ holds its sentence and nothing else"
        return
    own = FLOOR_OF.get(module.stem)
    if own is None:
        yield f"{module.at(1)} {module.stem} has no floor"
        return
    for imported, folder in _inner_imports(module):
        if folder not in HOUSE:
            yield from _wrong_step(module, own, imported, folder)


def _wrong_step(module: Module, own: int, imported: Import, folder: str) -> Iterator[str]:
    file = imported.name.split(".")[2] if imported.name.count(".") >= 2 else ""
    if FLOOR_OF.get(file, 0) > own:
        yield f"{module.at(imported.line)} {module.stem} must not climb to {imported.name}"
    elif file in DOORS and folder != module.folder and not (file == "forms" and module.folder in COMPOSERS):
        yield f"{module.at(imported.line)} {imported.name} is another feature's door"


def wrong_doors_of_the_house(root: Path) -> list[str]:
    """Return each import of a feature's door from the house; only factory and cli may."""
    return [
        f"{module.at(imported.line)} {imported.name} is a feature's door"
        for module in modules(root, "campaigns")
        if module.folder in HOUSE - CALLS_EVERY_DOOR
        for imported, folder in _inner_imports(module)
        if folder not in HOUSE and imported.name.rpartition(".")[2] in DOORS
    ]
