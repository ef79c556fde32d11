"""What a request may carry: each kind of parameter reads the form's text into a value, or refuses as Stripe does."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

from sandbox.stripe.errors import ApiError, missing, not_here
from sandbox.stripe.form import Tree
from sandbox.stripe.store import Json, Test, Where

Sent = str | Tree


class Parameter(Protocol):
    """One kind of parameter. `name` is how the form spells it, for the error."""

    def read(self, sent: Sent, name: str) -> Any:
        """Return the value that was meant. Raises ApiError."""


def _text(sent: Sent, name: str, article: str = "a string") -> str:
    if not isinstance(sent, str):
        raise ApiError(f"Invalid {name}: must be {article}", param=name)
    if not sent:
        text = (
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{name}' cannot be unset. You should remove '{name}' from your request or send a value."
        )
        raise ApiError(text, param=name, code="parameter_invalid_empty")
    return sent


@dataclass(frozen=True, slots=True)
class Text:
    """Text of at most `longest` characters."""

    longest: int = 5000

    def read(self, sent: Sent, name: str) -> str:
        text = _text(sent, name)
        if len(text) > self.longest:
            raise ApiError(f"Invalid string: {name} must be at most {self.longest} characters", param=name)
        return text


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most`."""

    least: int | None = None
    most: int | None = None

    def read(self, sent: Sent, name: str) -> int:
        text = _text(sent, name, "an integer")
        if not text.removeprefix("-").isdecimal() or not text.isascii():
            raise ApiError(f"Invalid integer: {text}", param=name, code="parameter_invalid_integer")
        number = int(text)
        if self.least is not None and number < self.least:
            raise self._refusal(f"greater than or equal to {self.least}", name)
        if self.most is not None and number > self.most:
            raise self._refusal(f"less than or equal to {self.most}", name)
        return number

    def _refusal(self, bound: str, name: str) -> ApiError:
        text = f"Invalid {name}: this value must be {bound}."
        return ApiError(text, param=name, code="parameter_invalid_integer")


class Flag:
    """true or false."""

    def read(self, sent: Sent, name: str) -> bool:
        if sent not in ("true", "false"):
            raise ApiError(f"Invalid boolean: {sent}", param=name)
        return sent == "true"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: Sequence[str]

    def read(self, sent: Sent, name: str) -> str:
        text = _text(sent, name)
        if text not in self.words:
            raise ApiError(f"Invalid {name}: must be one of {', '.join(self.words)}", param=name)
        return text


class Address:
    """A web address with its scheme."""

    def read(self, sent: Sent, name: str) -> str:
        text = _text(sent, name)
        try:
            parts = urlsplit(text)
            valid = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
        except ValueError:
            valid = False
        if not valid:
            raise ApiError("Not a valid URL", param=name, code="url_invalid")
        return text


_ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>.]+(\.[^\s@,;<>.]+)+")


def looks_like_email(text: str) -> bool:
    """Say whether `text` could be one person's e-mail address; the check is a coarse one, as Stripe's is."""
    return bool(_ADDRESS.fullmatch(text))


class Email:
    """An e-mail address."""

    def read(self, sent: Sent, name: str) -> str:
        text = _text(sent, name)
        if not looks_like_email(text):
            raise ApiError(f"Invalid email address: {text}", param=name, code="email_invalid")
        return text


@dataclass(frozen=True, slots=True)
class Metadata:
    """At most 50 pairs: names up to 40 characters, values up to 500 (https://docs.stripe.com/metadata).

    An empty value unsets its key: it is handed on where there is something to unset.
    """

    unsets: bool = False
    MOST, NAME, VALUE = 50, 40, 500

    def read(self, sent: Sent, name: str) -> dict[str, str]:
        if isinstance(sent, str):
            if sent:
                raise ApiError(f"Invalid {name}: must be an object", param=name)
            return {}
        if len(sent) > self.MOST:
            raise ApiError(f"Metadata can have up to {self.MOST} keys. You passed {len(sent)}.", param=name)
        return {key: self._value(key, value, f"{name}[{key}]") for key, value in sent.items() if self.unsets or value}

    def _value(self, key: str, value: Sent, name: str) -> str:
        if not isinstance(value, str):
            raise ApiError(f"Invalid {name}: metadata values must be strings", param=name)
        for what, text, longest in (("keys", key, self.NAME), ("values", value, self.VALUE)):
            if len(text) > longest:
                sentence = f"Metadata {what} can have up to {longest} characters. You passed one that is {len(text)}."
                raise ApiError(sentence, param=name)
        return value


@dataclass(frozen=True, slots=True)
class Each:
    """An array of at most `most` entries."""

    entry: Parameter
    most: int = 100

    def read(self, sent: Sent, name: str) -> list[Any]:
        if isinstance(sent, str) or not all(key.isdecimal() for key in sent):
            raise ApiError(f"Invalid array: {name}", param=name)
        if len(sent) > self.most:
            raise ApiError(f"Array {name} exceeded maximum {self.most} allowed elements.", param=name)
        return [self.entry.read(sent[key], f"{name}[{key}]") for key in sorted(sent, key=int)]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object with known fields; `required` ones must be sent."""

    fields: Mapping[str, Parameter]
    required: Sequence[str] = ()

    def read(self, sent: Sent, name: str = "") -> Json:
        if isinstance(sent, str):
            raise ApiError(f"Invalid object: {name}", param=name)
        for key in sent.keys() - self.fields.keys():
            known = _below(name, key)
            raise ApiError(f"Received unknown parameter: {known}", param=known, code="parameter_unknown")
        for key in self.required:
            if key not in sent:
                raise missing(_below(name, key))
        return {key: self.fields[key].read(value, _below(name, key)) for key, value in sent.items()}


def _below(name: str, key: str) -> str:
    return f"{name}[{key}]" if name else key


class Range:
    """A time in seconds, or bounds on it: `created=5` or `created[gte]=5`."""

    TESTS: ClassVar[Mapping[str, Test]] = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

    def read(self, sent: Sent, name: str) -> list[Where]:
        if isinstance(sent, str):
            return [Where(name, "=", Whole().read(sent, name))]
        bounds = Shape(dict.fromkeys(self.TESTS, Whole())).read(sent, name)
        return [Where(name, self.TESTS[key], value) for key, value in bounds.items()]


@dataclass(frozen=True, slots=True)
class OrNothing:
    """What `inner` reads, or an empty text, which takes the value away."""

    inner: Parameter

    def read(self, sent: Sent, name: str) -> Any:
        return None if sent == "" else self.inner.read(sent, name)


@dataclass(frozen=True, slots=True)
class NotHere:
    """Something Stripe accepts and this stand-in does not do: it says so instead of ignoring it."""

    what: str = ""

    def read(self, sent: Sent, name: str) -> Any:
        raise not_here(name, self.what or f"`{name}`")


EXPAND: Mapping[str, Parameter] = {"expand": Each(Text())}
PAGING: Mapping[str, Parameter] = {
    "limit": Whole(1, 100), "starting_after": Text(), "ending_before": Text(), "created": Range(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """The parameters of one address: `expand` is always among them."""

    fields: Mapping[str, Parameter] = field(default_factory=dict)
    required: Sequence[str] = ()

    def read(self, sent: Tree) -> Json:
        """Return the checked parameters. Raises ApiError."""
        return Shape({**EXPAND, **self.fields}, self.required).read(sent)
