"""The canonical form of an entry and the chain of hashes: nothing in it can change unnoticed."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.ledger import rules
from campaigns.ledger.rules import Posting, Record
from tests.ledger.make import NOW

KITCHEN, FIRST_LINE = UUID(int=1), UUID(int=11)

RECORD = Record(
    7,
    "charge:ch_1",
    "recognised",
    "USD",
    NOW,
    NOW + timedelta(seconds=1),
    "Gabe – 30 ☭",
    "ab" * 32,
    ((0, Posting("stripe:uncollected", 3000, "USD")), (1, Posting("fund", -3000, "USD", KITCHEN, "given", FIRST_LINE))),
)


def test_the_canonical_form_never_changes() -> None:
    """Whoever checks an old export depends on it; a change of form would break every chain."""
    assert rules.canonical(RECORD).decode() == (
        '{"currency":"USD","description":"Gabe – 30 ☭","kind":"recognised",'
        '"occurred_at":"2026-05-01T09:30:15.123456+00:00","postings":['
        '{"account":"stripe:uncollected","amount":3000,"currency":"USD","donation_line":null,"fund":null,'
        '"meaning":null,"position":0},'
        '{"account":"fund","amount":-3000,"currency":"USD",'
        '"donation_line":"00000000-0000-0000-0000-00000000000b","fund":"00000000-0000-0000-0000-000000000001",'
        '"meaning":"given","position":1}],'
        f'"prev_hash":"{"ab" * 32}","recorded_at":"2026-05-01T09:30:16.123456+00:00",'
        '"sequence":7,"source_key":"charge:ch_1"}'
    )
    assert rules.chain_hash(RECORD) == "14a719776c75911888956021851352abfa0fabe5334b2314964ce41cff14606f"


def test_the_zone_a_time_is_told_in_makes_no_difference() -> None:
    in_rome = RECORD.occurred_at.astimezone(timezone(timedelta(hours=2)))
    assert rules.chain_hash(replace(RECORD, occurred_at=in_rome)) == rules.chain_hash(RECORD)


_uuids = st.uuids() | st.none()
_times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (Hypothesis adds the zone)
_postings = st.builds(
    Posting,
    st.text(),
    st.integers(-(2**63), 2**63),
    st.text(max_size=3),
    _uuids,
    st.text() | st.none(),
    _uuids,
)
_text = st.text(st.characters(exclude_categories=["Cs"]))
_records = st.builds(
    Record,
    st.integers(0, 2**63),
    _text,
    _text,
    _text,
    _times,
    _times,
    _text,
    _text,
    st.lists(st.tuples(st.integers(0, 9), _postings), max_size=4).map(tuple),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), _records, _records)
def test_any_field_that_changes_changes_the_hash(data: st.DataObject, record: Record, other: Record) -> None:
    name = data.draw(st.sampled_from([field.name for field in fields(Record)]))
    changed = replace(record, **{name: getattr(other, name)})
    assert (rules.chain_hash(changed) == rules.chain_hash(record)) == (changed == record)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), _postings, _postings)
def test_any_field_of_a_posting_that_changes_changes_the_hash(
    data: st.DataObject, one: Posting, other: Posting
) -> None:
    name = data.draw(st.sampled_from([field.name for field in fields(Posting)]))
    changed = replace(one, **{name: getattr(other, name)})
    hashes = {rules.chain_hash(replace(RECORD, postings=((0, each),))) for each in (one, changed)}
    assert (len(hashes) == 1) == (changed == one)
