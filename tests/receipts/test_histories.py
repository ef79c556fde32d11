"""After any history of bookings, in any order and told any number of times, the receipts fit the money."""

from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from campaigns.outbox.models import OutboxItem
from campaigns.receipts import checks, operations, queries
from campaigns.receipts.models import Receipt
from tests.make import World, a_world
from tests.receipts.make import KIND, content, usd
from tests.receipts.test_operations import MAILS

SUBJECTS = 3
IDS = [UUID(int=number + 1) for number in range(SUBJECTS)]
# A booking: whose money, what is refunded and disputed of 3000 from then on, how often it is told, does it break off.
BOOKINGS = st.lists(
    st.tuples(
        st.integers(0, SUBJECTS - 1),
        st.sampled_from([0, 1, 1000, 1500, 2999, 3000]),
        st.sampled_from([0, 1, 1500, 3000, 3100]),
        st.integers(1, 3),
        st.booleans(),
    ),
    max_size=25,
)


class BrokenOff(Exception):
    """The unit of work failed after all."""


def book(world: World, subject: int, booking: tuple[int, int, int, int, bool]) -> None:
    _, refunded, disputed, times, breaks_off = booking
    kept = 3000 - refunded - disputed
    for _ in range(times):
        try:
            with world.work() as session:
                said = content(kept, disputed=disputed)
                change = operations.keep_in_step(session, KIND, IDS[subject], usd(kept), said, world.clock())
                operations.queue_mail(session, change, said, MAILS, {}, happened_at=world.clock(), now=world.clock())
                if breaks_off:
                    raise BrokenOff
        except BrokenOff:
            continue


@pytest.mark.parametrize("examples", [20, pytest.param(500, marks=pytest.mark.prove)])
def test_any_history_leaves_the_receipts_in_step(tmp_path: Path, sqlite_template: Path, examples: int) -> None:
    """Numbers are 1 … n; the valid receipt states what is kept or there is none; each receipt has one mail."""
    run = count()

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(BOOKINGS)
    def history(bookings: list[tuple[int, int, int, int, bool]]) -> None:
        folder = tmp_path / str(next(run))
        folder.mkdir()
        with a_world(sqlite_template, folder) as world:
            kept = dict.fromkeys(range(SUBJECTS), 0)
            for booking in bookings:
                book(world, booking[0], booking)
                if not booking[4]:
                    kept[booking[0]] = 3000 - booking[1] - booking[2]
            _assert_in_step(world, kept)

    history()


def _assert_in_step(world: World, kept: dict[int, int]) -> None:
    with world.reading() as session:
        assert checks.verify(session) == []
        for subject, minor in kept.items():
            valid = queries.valid_of(session, KIND, IDS[subject])
            assert (valid.amount.minor if valid else 0) == max(minor, 0)
        issued = session.scalars(select(Receipt.number).order_by(Receipt.number)).all()
        assert list(issued) == list(range(1, len(issued) + 1))
        told = [row.kind for row in session.scalars(select(OutboxItem)) if row.kind in (MAILS.first, MAILS.corrected)]
        assert len(told) == len(issued)
