"""The table of answers says what the operations do: each act is done to a signature in each state, and looked at."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.campaign.rules import UNCONFIRMED_KEPT
from campaigns.outbox.models import OutboxItem
from campaigns.signatures import changes, confirming, jobs, operations, rules
from campaigns.signatures.models import Signature
from campaigns.signatures.operations import LinkGone
from campaigns.signatures.rules import REMINDED_AFTER, WITHDRAWN_KEPT, Act, Answer, State
from tests.make import World
from tests.supporters.pages import OwnPage

QUIET = {Answer.STANDS, Answer.REFUSED}


@dataclass(frozen=True)
class Case:
    """A signature that has come so far: `again` was withdrawn once, and is signed anew."""

    name: str
    state: State
    again: bool = False

    @property
    def email(self) -> str:
        return f"{self.name}@example.org"

    def expected(self, act: Act) -> Answer:
        return rules.answer(self.state, act, was_withdrawn=self.again or self.state is State.WITHDRAWN)


CASES = (
    Case("pending", State.PENDING),
    Case("again", State.PENDING, again=True),
    Case("confirmed", State.CONFIRMED),
    Case("withdrawn", State.WITHDRAWN),
)


def test_the_cases_are_all_there_is() -> None:
    assert {case.state for case in CASES} == set(State)
    assert set(DO) == set(Act)


def bring_about(world: World, case: Case) -> None:
    typed = {"email": case.email, "updates": "y"}
    world.sign(**typed)
    if case.again or case.state is State.WITHDRAWN:
        world.confirm(case.email)
        with world.work() as session:
            changes.withdraw(session, row_of(session, case).id, now=world.clock())
    if case.again:
        world.clock.move(minutes=2)
        world.sign(**typed)
    if case.state is State.CONFIRMED:
        world.confirm(case.email)
    world.run_worker()


def row_of(session: Session, case: Case) -> Signature:
    return next(row for row in session.scalars(select(Signature)) if row.email == case.email)


@dataclass(frozen=True)
class Seen:
    """What the database holds of one signature."""

    row: dict[str, Any]
    mails: frozenset[tuple[str, str]]

    def became(self, after: "Seen | None") -> set[Answer]:
        """Return what has happened in the words of the table."""
        if after is None:
            return {Answer.DELETED}
        if self.row["name"] and not after.row["name"]:
            return {Answer.EMPTIED}
        new = {kind for kind, _ in after.mails - self.mails}
        if new:
            return {Answer.TOLD if new == {operations.ALREADY_MAIL} else Answer.MAILED}
        states = (self.row["state"], after.row["state"])
        if states[0] != states[1]:
            return {Answer(states[1])}
        return {Answer.CHANGED} if self.row != after.row else QUIET


def looked_at(world: World, signature_id: UUID) -> Seen | None:
    with world.reading() as session:
        row = session.get(Signature, signature_id)
        mails = session.execute(select(OutboxItem.kind, OutboxItem.subject)).all()
        if row is None:
            return None
        values = {column.name: getattr(row, column.name) for column in Signature.__table__.columns}
    return Seen(values, frozenset((kind, about) for kind, about in mails if about.startswith(str(signature_id))))


# What each act is done by. It gets the site and the case, and does it in work of its own.


def _confirm(world: World, case: Case) -> None:
    with world.work() as session, suppress(LinkGone):
        operations.confirm(session, _secret(world, case), now=world.clock())


def _secret(world: World, case: Case) -> str:
    return world.mailer.link(case.email, "/confirm/").rpartition("/")[2]


def _resend(world: World, case: Case) -> None:
    with world.work() as session:
        confirming.resend(session, world.campaign(), case.email, now=world.clock())


def _remind(world: World, _case: Case) -> None:
    with world.work() as session:
        confirming.remind(session, world.clock() + REMINDED_AFTER, 100)


def _disown(world: World, case: Case) -> None:
    with world.work() as session:
        confirming.disown(session, _secret(world, case), now=world.clock())


def _change(world: World, case: Case) -> None:
    with world.work() as session:
        changes.correct_name(session, row_of(session, case).id, "Maria Ortiz y Ruiz")


def _withdraw(world: World, case: Case) -> None:
    with world.work() as session:
        changes.withdraw(session, row_of(session, case).id, now=world.clock())


def _stop_mails(world: World, case: Case) -> None:
    with world.work() as session:
        changes.stop_mails(session, row_of(session, case).email_hash)


def _erase(world: World, case: Case) -> None:
    assert OwnPage.asked(world, case.email).post("erase").status_code == 200


def _forget(world: World, _case: Case) -> None:
    later = world.clock() + max(UNCONFIRMED_KEPT, WITHDRAWN_KEPT) * 2
    with world.work() as session:
        jobs.forget_unconfirmed(session, later)
        jobs.forget_withdrawn(session, later)


DO: dict[Act, Callable[[World, Case], None]] = {
    Act.CONFIRM: _confirm, Act.RESEND: _resend, Act.REMIND: _remind, Act.DISOWN: _disown, Act.CHANGE: _change,
    Act.WITHDRAW: _withdraw, Act.STOP_MAILS: _stop_mails, Act.ERASE: _erase, Act.FORGET: _forget,
}  # fmt: skip


@pytest.mark.parametrize("act", Act)
def test_each_act_does_to_each_signature_what_the_table_answers(world: World, act: Act) -> None:
    world.publish()
    for case in CASES:
        bring_about(world, case)
    with world.reading() as session:
        ids = {case: row_of(session, case).id for case in CASES}
    before = {case: looked_at(world, ids[case]) for case in CASES}
    for case in CASES:
        DO[act](world, case)
    for case, stood in before.items():
        assert stood
        assert case.expected(act) in stood.became(looked_at(world, ids[case])), case.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_who_is_refused_is_told_so(sqlite_world: World, case: Case) -> None:
    """STANDS and REFUSED both change nothing; only the second says so to the one who asked."""
    sqlite_world.publish()
    bring_about(sqlite_world, case)
    own = OwnPage.asked(sqlite_world, case.email)
    told = {
        Act.CHANGE: own.change().status_code,
        Act.CONFIRM: sqlite_world.client.post(f"/confirm/{_secret(sqlite_world, case)}").status_code,
        Act.WITHDRAW: own.withdraw().status_code,
    }
    assert {act for act, status in told.items() if status >= 400} == {
        act for act in told if case.expected(act) is Answer.REFUSED
    }
