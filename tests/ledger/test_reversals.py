"""Money that comes back goes where it was taken from; nothing is lost and nothing made on the way."""

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from campaigns.ledger import reversals, rules
from campaigns.ledger.rules import Draft, EarmarkLine, Meaning, Record
from tests.ledger.make import NOW, line, movement

AMOUNTS = st.lists(st.integers(1, 10**9), min_size=1, max_size=10)


def as_record(draft: Draft) -> Record:
    return Record(
        1, draft.source_key, draft.kind, draft.currency, draft.occurred_at, NOW, "", "0" * 64,
        tuple(enumerate(draft.postings)),
    )  # fmt: skip


def lines_of(amounts: list[int]) -> list[EarmarkLine]:
    return [line(uuid4(), minor, uuid4()) for minor in amounts]


def by_line(draft: Draft) -> dict[object, int]:
    return {posting.donation_line_id: posting.amount for posting in draft.postings if posting.donation_line_id}


@given(AMOUNTS, st.integers(1, 10**10))
def test_what_failed_is_undone_line_by_line(amounts: list[int], gross: int) -> None:
    """Also where more was taken than was given, as a dispute may."""
    held = lines_of(amounts)
    for draft, meaning in ((rules.refunded, Meaning.REFUNDED), (rules.disputed, Meaning.DISPUTED)):
        out = draft(movement(-gross), held)
        back = draft(movement(gross), reversals.taken(as_record(out), meaning))
        assert by_line(back) == {line_id: -amount for line_id, amount in by_line(out).items()}


@given(AMOUNTS, st.data())
def test_refunds_in_parts_and_one_that_fails_leave_every_line_as_it_was_without_it(
    amounts: list[int], data: st.DataObject
) -> None:
    given_lines = lines_of(amounts)
    held = {each.line_id: each for each in given_lines}
    total = sum(amounts)
    first = data.draw(st.integers(1, total))
    out = rules.refunded(movement(-first), given_lines)
    for line_id, minor in by_line(out).items():
        held[line_id] = held[line_id]._replace(amount=held[line_id].amount - line(uuid4(), minor).amount)  # type: ignore[index]  # ids of lines
    assert all(each.amount.minor >= 0 for each in held.values())
    back = rules.refunded(movement(first), reversals.taken(as_record(out), Meaning.REFUNDED))
    again = {line_id: held[line_id].amount.minor - minor for line_id, minor in by_line(back).items()}  # type: ignore[index]
    assert again | {each.line_id: each.amount.minor for each in given_lines if each.line_id not in again} == {
        each.line_id: each.amount.minor for each in given_lines
    }


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=10), st.integers(1, 10**7))
def test_money_goes_back_whatever_is_held(amounts: list[int], gross: int) -> None:
    """Nothing held, or less than nothing: what was given says whose it is."""
    held = lines_of(amounts)
    given_lines = [each._replace(amount=line(uuid4(), 100).amount) for each in held]
    shares = reversals.to_share_out(held, given_lines)
    out = rules.disputed(movement(-gross), shares)
    assert sum(by_line(out).values()) == gross
    if any(minor > 0 for minor in amounts):
        assert set(by_line(out)) <= {each.line_id for each in held if each.amount.minor > 0}


def test_an_entry_of_nobody_took_nothing_from_anybody() -> None:
    assert reversals.taken(as_record(rules.unknown(movement(-500))), Meaning.REFUNDED) == []
