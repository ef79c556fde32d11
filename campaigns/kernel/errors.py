"""Expected refusals. The class docstring is the sentence the visitor reads."""

from http import HTTPStatus
from typing import ClassVar


class Refusal(Exception):
    """This cannot be done."""

    status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or type(self).sentence())

    @classmethod
    def sentence(cls) -> str:
        """Return the class's own sentence, on one line."""
        return " ".join((cls.__doc__ or "").split())


class NotFound(Refusal):
    """There is nothing at this address."""

    status = HTTPStatus.NOT_FOUND


class InvalidValue(Refusal):
    """This value is not valid."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
