"""A gift is made again only from a mark of this site that names what exists here."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from campaigns.kernel.money import Money
from campaigns.outbox import operations as outbox
from campaigns.payments.rules import State
from sandbox.stripe import app as stripe_app
from sandbox.stripe import balance
from tests.backups import keep
from tests.donations.make import MARIA, Story
from tests.donations.real import RealStory
from tests.membership.make import LEE, make_tier
from tests.sandbox.driving import visit


def lost(story: Story, **metadata: str) -> str:
    """A paid session of whose payment we know nothing, with `metadata` in place of what was written."""
    checkout, session_id = story.world.checkout, story.world.give()
    reference = str(uuid4())
    marks = {**checkout.sessions[session_id].metadata, "payment": reference, "donation": "lost_and_found", **metadata}
    checkout.sessions["cs_lost"] = replace(
        checkout.sessions[session_id], id="cs_lost", reference=reference, metadata=marks
    )
    checkout.pay("cs_lost")
    return "cs_lost"


def sync(story: Story, session_id: str) -> Any:
    return story.world.app.extensions["undersigned.payments"].sync(session_id)


def note_restore(story: Story) -> None:
    """What the restore command leaves behind: whatever moved before this moment may have been told already."""
    with story.world.work() as session:
        outbox.note_restore(session, story.world.clock.move(minutes=1))


def test_a_lost_gift_is_found_once_however_often_it_is_looked_at(story: Story) -> None:
    session_id = lost(story)
    note_restore(story)
    assert [sync(story, session_id) for _ in range(3)] == [State.PAID] * 3
    assert story.entries() == ["recognised", "settled"]
    (gift,) = story.rows("SELECT amount_minor, show_name FROM donation WHERE public_id = 'lost_and_found'")
    assert (gift["amount_minor"], bool(gift["show_name"])) == (3000, False)
    assert (story.told(), story.receipts()) == (["restored"], 0)


def test_a_gift_that_was_promised_before_a_restore_and_paid_after_it_gets_its_receipt(story: Story) -> None:
    put_back = keep(story.world.engine)
    session_id = story.world.give()
    put_back()
    note_restore(story)
    story.world.clock.move(minutes=5)
    story.world.pay(session_id)
    story.worker("behind it")
    (mail,) = story.world.mailer.to(MARIA)
    assert "receipt" in mail.subject
    assert (story.entries(), story.told()) == (["recognised", "settled"], ["restored"])


def _line(fund: object, purpose: object, minor: int = 3000) -> str:
    return f"{fund} {purpose} {minor} gift"


STRANGE = {
    "another site": {"site": "elsewhere.example"},
    "another payment": {"payment": str(uuid4())},
    "an unknown campaign": {"campaign": str(uuid4())},
    "an unknown fund": {"line_1": _line(uuid4(), uuid4())},
    "half a line": {"line_1": str(uuid4())},
    "a hole among the lines": {"line_3": _line(uuid4(), uuid4())},
}


@pytest.mark.parametrize("metadata", STRANGE.values(), ids=STRANGE)
def test_a_mark_that_is_not_ours_makes_no_gift(short_story: Story, metadata: dict[str, str]) -> None:
    session_id = lost(short_story, **metadata)
    assert sync(short_story, session_id) is None
    assert short_story.entries() == []
    short_story.sweep()
    assert (short_story.entries(), short_story.told()) == (["unknown"], ["suspense"])


def test_a_mark_that_promises_another_amount_is_parked(short_story: Story) -> None:
    fund = short_story.world.ask().fund
    session_id = lost(short_story, line_1=_line(fund.id, fund.purpose_id, 2999))
    assert sync(short_story, session_id) is State.PARKED
    assert short_story.entries() == []
    assert sorted(short_story.told()) == ["mismatch", "restored"]


def test_a_mark_of_the_other_mode_makes_no_gift(short_story: Story) -> None:
    session_id = lost(short_story)
    sessions = short_story.world.checkout.sessions
    sessions[session_id] = replace(sessions[session_id], livemode=True)
    assert sync(short_story, session_id) is None


def test_a_gift_of_several_lines_gets_each_of_them_again(story: Story) -> None:
    fund = story.world.ask().fund
    lines = {f"line_{number}": _line(fund.id, fund.purpose_id, 1000) for number in (1, 2, 3)}
    assert sync(story, lost(story, **lines)) is State.PAID
    assert story.figures().given == Money(3000, "USD")
    assert len(story.rows("SELECT id FROM donation_line WHERE amount_minor = 1000")) == 3


DAY = 24 * 3600


def test_what_is_paid_monthly_and_lost_is_rebuilt_to_the_provider_s_totals(real_story: RealStory) -> None:
    """38, with the real adapters: a monthly gift and a member of after the backup, each with three months."""
    tier = make_tier(real_story.world)
    real_story.sweep()
    put_back = keep(real_story.world.engine)
    _begin_both(real_story, str(tier))
    for _ in range(2):
        _a_month_passes(real_story)
    before = _books(real_story)
    assert len(before["keys"]) == 2 * 2 * 3
    mails = _mails(real_story)
    put_back()
    with real_story.world.work() as session:
        outbox.note_restore(session, real_story.world.clock())
    real_story.sweep()
    assert _books(real_story) == before
    assert (_mails(real_story), real_story.in_suspense()) == (mails, 0)
    _a_month_passes(real_story)
    assert _mails(real_story) == (mails[0] + 1, mails[1] + 1), "what is paid after the restore has its receipt"
    assert real_story.balance() == _provider_s_balance(real_story)


def _begin_both(story: RealStory, tier: str) -> None:
    gift = story.world.give(frequency="monthly")
    joined = story.world.client.post("/join", data={"tier": tier, "name": "Lee Park", "email": LEE})
    for page in (gift, str(joined.headers["Location"]).rpartition("/")[2]):
        assert visit(f"{story.rig.stripe_url}/pay/{page}", {"do": "pay"}).status == 303
        assert story.world.app.extensions["undersigned.recurring"].sync_signup(page)
    story.worker("at the door")


def _a_month_passes(story: RealStory) -> None:
    stripe_app.move_clock(story.account, 32 * DAY)
    story.sweep(minutes=32 * DAY / 60)


def _books(story: RealStory) -> dict[str, object]:
    """Every key of the journal, the links that were mailed, and what lies where."""
    assert story.balance() == _provider_s_balance(story)
    return {
        "keys": {row["source_key"] for row in story.rows("SELECT source_key FROM ledger_entry")},
        "gifts": {row["public_id"] for row in story.rows("SELECT public_id FROM donation")},
        "dues": {row["public_id"] for row in story.rows("SELECT public_id FROM dues")},
        "monthly": {row["public_id"] for row in story.rows("SELECT public_id FROM payment_subscription")},
        "fund": story.figures(), "fees": story.general_fees(),
    }  # fmt: skip


def _mails(story: RealStory) -> tuple[int, int]:
    return len(story.world.mailer.to(MARIA)), len(story.world.mailer.to(LEE))


def _provider_s_balance(story: RealStory) -> int:
    parts = balance.of(story.account)
    return sum(money["amount"] for name in ("available", "pending") for money in parts[name])
