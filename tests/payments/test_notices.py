"""What a treasurer has looked at goes off the list, and stays where it can be found again."""

from html import unescape

import pytest
from werkzeug.test import TestResponse

from tests.donations.make import Story
from tests.make import World, appeal, csrf_token

MONEY = "/desk/money/"


@pytest.fixture
def story(sqlite_world: World) -> Story:
    """A gift that was disputed, and whose refund failed before."""
    sqlite_world.publish(appeal())
    story = Story(sqlite_world)
    session_id = sqlite_world.give()
    sqlite_world.pay(session_id)
    sqlite_world.checkout.fail_refund(session_id, sqlite_world.checkout.refund(session_id, 1000))
    sqlite_world.checkout.dispute(session_id)
    story.completed(session_id, "evt_both")
    assert sorted(story.told()) == ["dispute", "refund_failed"]
    return story


def marks(story: Story) -> list[str]:
    return [f"{row['word']}:{row['about']}" for row in story.rows("SELECT * FROM payment_notice ORDER BY word")]


def tick(story: Story, *ticked: str, role: str = "treasurer") -> TestResponse:
    desk = story.world.desk(role)
    data = {"csrf_token": csrf_token(desk, "/desk/"), "notice": list(ticked)}
    return desk.post("/desk/money/notices", data=data)


def shown(story: Story, query: str = "", role: str = "treasurer") -> str:
    return unescape(story.world.desk(role).get(MONEY + query).text)


def audited(story: Story) -> list[str]:
    rows = story.rows("SELECT subject FROM audit_record WHERE act = 'payment_notice.looked_at'")
    return [str(row["subject"]) for row in rows]


def test_what_is_ticked_goes_off_the_list_and_can_be_found_again(story: Story) -> None:
    dispute, refund = marks(story)
    assert tick(story, dispute).status_code == 303
    about = {mark: mark.partition(":")[2] for mark in (dispute, refund)}
    assert (about[dispute] in shown(story), about[refund] in shown(story)) == (False, True)
    past = shown(story, "?notices=past")
    assert (about[dispute] in past, about[refund] in past) == (True, False)
    assert audited(story) == [dispute]


def test_no_money_moves_by_it_and_the_same_news_is_not_told_again(story: Story) -> None:
    before = story.entries()
    tick(story, *marks(story))
    story.sweep()
    assert (story.entries(), len(story.told())) == (before, 2)
    assert "There is nothing of that kind." in shown(story)


@pytest.mark.parametrize("typed", ["", "dispute", "dispute:", "nothing:dp_1", ":", "dispute:dp_of_nobody"])
def test_what_names_no_open_notice_changes_nothing(story: Story, typed: str) -> None:
    assert tick(story, typed).status_code == 303
    assert audited(story) == []
    assert story.rows("SELECT * FROM payment_notice WHERE looked_at IS NOT NULL") == []


def test_ticked_twice_is_looked_at_once(story: Story) -> None:
    first, _ = marks(story)
    tick(story, first)
    (before,) = story.rows("SELECT looked_at FROM payment_notice WHERE looked_at IS NOT NULL")
    story.world.clock.move(days=1)
    tick(story, first)
    assert story.rows("SELECT looked_at FROM payment_notice WHERE looked_at IS NOT NULL") == [before]
    assert audited(story) == [first]


def test_whoever_approves_reads_the_list_and_does_not_tick(story: Story) -> None:
    page = shown(story, role="approver")
    assert all(mark.partition(":")[2] in page for mark in marks(story))
    assert 'name="notice"' not in page
    assert tick(story, *marks(story), role="approver").status_code == 403
    assert audited(story) == []
