"""A refusal's docstring is what the visitor reads."""

from http import HTTPStatus

import pytest

from campaigns.kernel.addresses import InvalidAddress
from campaigns.kernel.errors import InvalidValue, NotFound, Refusal
from campaigns.kernel.money import InvalidAmount, UnchargeableAmount


class TwoLines(Refusal):
    """The deadline has passed,
    so nobody can sign any more.
    """


class Wordless(Refusal):
    __doc__ = None


def test_the_sentence_is_the_docstring_on_one_line() -> None:
    assert TwoLines.sentence() == str(TwoLines()) == "The deadline has passed, so nobody can sign any more."


def test_a_sentence_of_its_own_goes_before() -> None:
    assert str(TwoLines("Come back tomorrow.")) == "Come back tomorrow."


def test_without_words_nothing_is_said() -> None:
    assert str(Wordless()) == ""


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Refusal, HTTPStatus.CONFLICT),
        (NotFound, HTTPStatus.NOT_FOUND),
        (InvalidValue, HTTPStatus.UNPROCESSABLE_ENTITY),
        (InvalidAddress, HTTPStatus.UNPROCESSABLE_ENTITY),
        (InvalidAmount, HTTPStatus.UNPROCESSABLE_ENTITY),
        (UnchargeableAmount, HTTPStatus.UNPROCESSABLE_ENTITY),
    ],
)
def test_each_refusal_has_its_status_and_its_sentence(refusal: type[Refusal], status: HTTPStatus) -> None:
    assert refusal.status == status
    assert refusal.sentence().endswith(".")
