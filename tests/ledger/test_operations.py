"""Posting: once for each source, one after the other, whoever asks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import registry

from campaigns.db import unit_of_work
from campaigns.ledger import checks, operations, queries, rules
from campaigns.ledger.models import LedgerCheckpoint, LedgerEntry
from campaigns.ledger.operations import EntryConflict
from campaigns.ledger.rules import Bearer, Draft
from tests.ledger.make import DONATION_LINE, NOW, Books, everything, gift, line, movement, usd


class DonationLine:
    """A donation's line as its own feature would map it."""

    def __init__(self, line_id: UUID) -> None:
        self.id = line_id


registry().map_imperatively(DonationLine, DONATION_LINE)


def test_entries_are_numbered_without_a_gap_and_each_holds_the_hash_before_it(books: Books) -> None:
    posted = books.post(*everything(books.fund(), books.fund(), books.donation_line()))
    with books.reading() as session:
        rows = session.execute(select(LedgerEntry.prev_hash, LedgerEntry.hash).order_by(LedgerEntry.sequence)).all()
        head = queries.head(session)
    assert [entry.sequence for entry in posted] == list(range(1, len(posted) + 1))
    assert [row.prev_hash for row in rows] == [rules.GENESIS, *(row.hash for row in rows[:-1])]
    assert (head.sequence, head.hash) == (posted[-1].sequence, posted[-1].hash)


def test_an_empty_journal_stands_at_the_genesis_hash(books: Books) -> None:
    with books.reading() as session:
        assert queries.head(session) == queries.Head(0, rules.GENESIS)
        assert checks.verify(session) == []


def test_what_is_read_back_is_what_was_posted(books: Books) -> None:
    drafts = everything(books.fund(), books.fund(), books.donation_line())
    posted = books.post(*drafts)
    with books.reading() as session:
        for draft, entry in zip(drafts, posted, strict=True):
            found = queries.record(session, draft.source_key)
            assert found is not None
            record, its_hash = found
            assert record.says_the_same_as(draft)
            assert its_hash == entry.hash == rules.chain_hash(record)


def test_the_same_draft_twice_is_one_entry(books: Books) -> None:
    draft = gift(line(books.fund(), 3000))
    first, again = books.post(draft), books.post(draft)
    assert (first[0].is_new, again[0].is_new) == (True, False)
    assert again[0].sequence == first[0].sequence
    assert books.post(gift(line(books.fund(), 1)))[0].sequence == 2


def test_a_reason_that_is_worded_anew_is_no_conflict(books: Books) -> None:
    draft = rules.deposited(uuid4(), usd(100), NOW, "Statement of May")
    books.post(draft)
    assert not books.post(replace(draft, description="May statement"))[0].is_new


def _other_amount(draft: Draft) -> Draft:
    return replace(draft, postings=tuple(replace(posting, amount=posting.amount * 2) for posting in draft.postings))


def _other_fund(draft: Draft) -> Draft:
    cash, credit = draft.postings
    return replace(draft, postings=(cash, replace(credit, fund_id=uuid4())))


def _other_order(draft: Draft) -> Draft:
    return replace(draft, postings=draft.postings[::-1])


@pytest.mark.parametrize(
    "change",
    [
        _other_amount,
        _other_fund,
        _other_order,
        lambda draft: replace(draft, kind=rules.Kind.RECEIVED),
        lambda draft: replace(draft, occurred_at=NOW + timedelta(seconds=1)),
    ],
)
def test_other_money_under_a_known_source_raises_an_alarm_and_books_nothing(
    books: Books, change: Callable[[Draft], Draft]
) -> None:
    draft = gift(line(books.fund(), 3000))
    books.post(draft)
    with pytest.raises(EntryConflict) as caught:
        books.post(change(draft))
    assert (caught.value.source_key, caught.value.sequence) == (draft.source_key, 1)
    with books.reading() as session:
        assert queries.head(session).sequence == 1


@pytest.mark.parametrize("line_id", [None, uuid4()])
def test_a_fund_or_a_donation_line_that_does_not_exist_cannot_be_posted_to(books: Books, line_id: UUID | None) -> None:
    fund_id = books.fund() if line_id else uuid4()
    with pytest.raises(IntegrityError):
        books.post(rules.recognised("ch_1", [rules.EarmarkLine(fund_id, line_id, usd(100))], NOW))


def test_a_unit_of_work_that_fails_leaves_no_gap(books: Books) -> None:
    fund_id = books.fund()
    draft = gift(line(fund_id, 100))
    with pytest.raises(EntryConflict):
        books.post(draft, _other_amount(draft))
    assert books.post(gift(line(fund_id, 200)))[0].sequence == 1
    with books.reading() as session:
        assert checks.verify(session) == []


def test_a_donation_line_of_the_same_unit_of_work_is_there_to_be_pointed_to(books: Books) -> None:
    fund_id, line_id = books.fund(), uuid4()
    with unit_of_work(books.engine) as session:
        session.add(DonationLine(line_id))  # no statement was sent yet
        with session.no_autoflush:
            assert operations.post(session, gift(line(fund_id, 100, line_id)), NOW).is_new


def test_many_who_post_at_once_make_one_chain(books: Books) -> None:
    fund_id = books.fund()
    bearer = [Bearer(fund_id, 1)]
    drafts = [
        draft
        for number in range(20)
        for draft in (
            gift(line(fund_id, 100 + number)),
            rules.settled(movement(100 + number, 9), bearer),
        )
    ]
    with ThreadPoolExecutor(6) as pool:  # each entry is raced for
        jobs = [pool.submit(books_post, books, draft) for draft in drafts for _ in range(3)]
        posted = [job.result() for job in jobs]
    assert sum(entry.is_new for entry in posted) == len(drafts)
    with books.reading() as session:
        assert session.scalar(select(func.count()).select_from(LedgerEntry)) == len(drafts)
        assert checks.verify(session) == []
        assert queries.figures_of(session, fund_id, "USD").given == usd(sum(100 + number for number in range(20)))


def books_post(books: Books, draft: Draft) -> operations.Posted:
    with unit_of_work(books.engine) as session:
        return operations.post(session, draft, NOW)


def test_a_session_for_reading_cannot_post(books: Books) -> None:
    draft = gift(line(books.fund(), 100))
    with books.reading() as session, pytest.raises(DBAPIError):
        operations.post(session, draft, NOW)


# Checkpoints


def test_a_checkpoint_waits_for_enough_entries(books: Books) -> None:
    fund_id = books.fund()
    assert books.checkpoint(at_least=0) is None
    books.post(gift(line(fund_id, 100)), gift(line(fund_id, 200)))
    assert books.checkpoint(at_least=3) is None
    assert books.checkpoint(at_least=2) == 2
    assert books.checkpoint(at_least=0) is None
    books.post(gift(line(fund_id, 300)))
    assert books.checkpoint() == 3


def test_a_checkpoint_holds_what_every_account_moved(books: Books) -> None:
    fund_id = books.fund()
    books.post(gift(line(fund_id, 1000)), rules.settled(movement(1000, 59), [Bearer(fund_id, 1)]))
    books.checkpoint()
    table = LedgerCheckpoint
    with books.reading() as session:
        rows = session.execute(select(table.account, table.meaning, table.debit, table.credit)).all()
    assert set(rows) == {
        ("stripe:uncollected", None, 1000, 1000),
        ("stripe:balance", None, 941, 0),
        ("fund", "given", 0, 1000),
        ("fund", "fee", 59, 0),
    }
