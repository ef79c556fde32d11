"""Why people sign: read by an organizer first, and shown only where the name may stand."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from campaigns.audit.models import AuditRecord
from campaigns.comments import operations, queries
from campaigns.comments.rules import Reading, parse_reading, reading_of, stands_on_page
from campaigns.signatures import changes
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Answer, CommentState, Review, Visibility
from tests.make import World, csrf_token

DESK = "/desk/campaigns/rescind/comments"


def written(world: World, text: str = "For Jo, who trained me.", visibility: str = "public") -> Signature:
    email = f"{visibility}-{len(text)}@example.org"
    world.sign_and_confirm(email=email, visibility=visibility, comment=text)
    with world.reading() as session:
        rows = session.scalars(select(Signature).where(Signature.visibility == visibility)).all()
    return next(row for row in rows if row.comment == text)


def state_of(world: World, signature: Signature) -> str | None:
    with world.reading() as session:
        return session.scalars(select(Signature.comment_state).where(Signature.id == signature.id)).one()


def press(world: World, act: str, *readings: Reading | str) -> TestResponse:
    desk = world.desk()
    token = csrf_token(desk, "/desk/campaigns/new")
    return desk.post(DESK, data={"comment": [str(each) for each in readings], "act": act, "csrf_token": token})


def show(world: World, signature: Signature) -> None:
    press(world, "show", reading_of(signature.id, signature.comment or ""))


def test_a_comment_waits_until_an_organizer_shows_it(world: World) -> None:
    world.publish()
    signature = written(world)
    assert "who trained me" not in world.see("/campaigns/rescind").text
    assert "For Jo, who trained me." in world.desk().get(DESK).text
    assert press(world, "show", reading_of(signature.id, "For Jo, who trained me.")).status_code == 303
    page = world.see("/campaigns/rescind").text.partition("Why they signed")[2]
    assert '<blockquote dir="auto">For Jo, who trained me.</blockquote>' in page
    assert "Maria Ortiz" in page.partition("</li>")[0]
    press(world, "hide", reading_of(signature.id, "For Jo, who trained me."))
    assert "Why they signed" not in world.see("/campaigns/rescind").text
    assert state_of(world, signature) == "hidden"


@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_comment_stands_where_its_authors_name_may_stand(sqlite_world: World, visibility: Visibility) -> None:
    sqlite_world.publish()
    show(sqlite_world, written(sqlite_world, visibility=visibility.value))
    stands = "who trained me" in sqlite_world.see("/campaigns/rescind").text
    assert stands is stands_on_page(visibility) is (visibility is Visibility.PUBLIC)


def test_an_organizer_reads_the_words_of_the_counted_without_their_name(sqlite_world: World) -> None:
    sqlite_world.publish()
    written(sqlite_world, visibility="counted")
    page = sqlite_world.desk().get(DESK).text
    assert "who trained me" in page
    assert "name withheld" in page
    assert "Maria Ortiz" not in page
    assert 'name="comment"' not in page  # there is nothing to show


def test_a_shown_comment_goes_when_its_author_hides_the_name(sqlite_world: World) -> None:
    sqlite_world.publish()
    signature = written(sqlite_world)
    show(sqlite_world, signature)
    with sqlite_world.work() as session:
        session.execute(update(Signature).values(visibility="delivered"))
    assert "who trained me" not in sqlite_world.see("/campaigns/rescind").text


@pytest.mark.parametrize("changes", [{"review": Review.HELD.value}, {"state": "withdrawn"}, {"state": "pending"}])
def test_what_does_not_count_says_nothing(sqlite_world: World, changes: dict[str, str]) -> None:
    sqlite_world.publish()
    show(sqlite_world, written(sqlite_world))
    with sqlite_world.work() as session:
        session.execute(update(Signature).values(**changes))
    assert "who trained me" not in sqlite_world.see("/campaigns/rescind").text
    assert "who trained me" not in sqlite_world.desk().get(f"{DESK}?state=shown").text


def test_an_edited_comment_waits_again(world: World) -> None:
    world.publish()
    signature = written(world)
    show(world, signature)
    with world.work() as session:
        changes.change_comment(session, signature.id, "For all of us.")
    assert state_of(world, signature) == "waiting"
    assert "For all of us." not in world.see("/campaigns/rescind").text
    assert "For all of us." in world.desk().get(DESK).text


def test_the_same_words_once_more_change_nothing_and_no_words_take_the_comment_away(sqlite_world: World) -> None:
    sqlite_world.publish()
    signature = written(sqlite_world)
    show(sqlite_world, signature)
    for text, state in (("For Jo, who trained me.", "shown"), ("", None)):
        with sqlite_world.work() as session:
            changes.change_comment(session, signature.id, text)
        assert state_of(sqlite_world, signature) == state
    with sqlite_world.work() as session:
        assert changes.change_comment(session, uuid4(), "Anything") is Answer.REFUSED


def test_words_that_were_written_after_the_page_was_read_are_not_shown_unread(world: World) -> None:
    world.publish()
    signature = written(world)
    with world.work() as session:
        changes.change_comment(session, signature.id, "The boss is a crook.")
    show(world, signature)  # the page still had the first words
    assert state_of(world, signature) == "waiting"


def test_many_are_shown_at_once_and_the_audit_trail_counts_them_without_a_word(sqlite_world: World) -> None:
    campaign = sqlite_world.publish()
    rows = [written(sqlite_world, "For Jo." + "!" * count) for count in range(3)]
    answer = press(sqlite_world, "show", *(reading_of(row.id, row.comment or "") for row in rows))
    assert answer.status_code == 303
    with sqlite_world.reading() as session:
        record = session.scalars(select(AuditRecord).where(AuditRecord.act == "comments.shown")).one()
        assert queries.tallies(session, campaign.id) == {CommentState.SHOWN: 3}
    assert (record.subject, record.facts) == (str(campaign.id), {"number": 3})


def test_another_campaigns_comment_is_out_of_reach(sqlite_world: World) -> None:
    sqlite_world.publish()
    signature = written(sqlite_world)
    with sqlite_world.work() as session:
        reading = reading_of(signature.id, signature.comment or "")
        shown = operations.review(
            session, uuid4(), [reading], CommentState.SHOWN, actor="test", now=sqlite_world.clock()
        )
    assert shown == 0
    assert state_of(sqlite_world, signature) == "waiting"


@pytest.mark.parametrize("sent", ["", "x", "x.y", str(UUID(int=7)), f"{UUID(int=7)}.abc", "\x00"])
def test_made_up_rows_change_nothing(sqlite_world: World, sent: str) -> None:
    sqlite_world.publish()
    signature = written(sqlite_world)
    assert press(sqlite_world, "show", sent).status_code == 303
    assert state_of(sqlite_world, signature) == "waiting"


def test_what_the_form_carries_is_read_back() -> None:
    reading = reading_of(uuid4(), "For Jo.")
    assert parse_reading(str(reading)) == reading


def test_words_are_escaped_and_keep_their_lines(sqlite_world: World) -> None:
    sqlite_world.publish()
    text = "<b>One</b>\nأمل"
    show(sqlite_world, written(sqlite_world, text))
    assert (
        '<blockquote dir="auto">&lt;b&gt;One&lt;/b&gt;\nأمل</blockquote>' in sqlite_world.see("/campaigns/rescind").text
    )


def test_an_empty_desk_says_what_will_stand_there(sqlite_world: World) -> None:
    sqlite_world.publish()
    for state, sentence in (("", "No comment waits for you."), ("shown", "No comment is shown."), ("x", "waits")):
        assert sentence in sqlite_world.desk().get(f"{DESK}?state={state}&page=2").text


@pytest.mark.parametrize("role", [None, "treasurer", "approver"])
def test_only_organizers_read_and_show_comments(sqlite_world: World, role: str | None) -> None:
    sqlite_world.publish()
    browser = sqlite_world.desk(role) if role else sqlite_world.client
    assert browser.get(DESK).status_code in (302, 403)
    assert browser.post(DESK, data={"act": "show"}).status_code in (302, 400, 403)
