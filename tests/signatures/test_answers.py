"""The campaign's own questions: asked, checked, sealed, and read by whom it was said."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from campaigns.campaign import operations as campaigns
from campaigns.campaign.questions import Kind, Question, ReadBy
from campaigns.deliveries import operations as deliveries
from campaigns.deliveries.models import DeliveryRow
from campaigns.signatures.models import Signature
from tests.make import SIGN, World, petition

QUESTIONS = (
    Question("", Kind.WORKPLACE, is_required=True, read_by=ReadBy.DELIVERED),
    Question("", Kind.PHONE, help="Before the vote we call everybody."),
    Question("", Kind.CHOICE, "Shift", choices=("Day", "Night")),
    Question("", Kind.TICK, "I have read the demands", is_required=True),
    Question("", Kind.TEXT, "Years at the hub", read_by=ReadBy.DELIVERED),
)
ANSWERS = {
    "answer_q1": "Depot Seventeen",
    "answer_q2": "+1 (859) 555-0100",
    "answer_q3": "Night",
    "answer_q4": "y",
    "answer_q5": "12",
}


def asking(world: World, *questions: Question) -> World:
    world.publish(petition(questions=questions or QUESTIONS))
    return world


def stored(world: World) -> Signature:
    with world.reading() as session:
        return session.scalars(select(Signature)).one()


def test_the_form_asks_and_says_who_reads_the_answer(sqlite_world: World) -> None:
    page = asking(sqlite_world).see("/campaigns/rescind").text
    workplace = page.partition('<label for="answer_q1"')[2].partition("</div>")[0]
    assert "Where do you work?" in workplace
    assert "Stands beside your name on the list handed to <bdi>Hub Management</bdi>" in workplace
    assert " required" in workplace
    phone = page.partition('<label for="answer_q2"')[2].partition("</div>")[0]
    assert "Only the organizers read this." in phone
    assert 'type="tel"' in phone
    assert "<option>Night</option>" in page
    assert "What is marked for the list stands beside your name there" in page


# What every campaign words alike, unless it has words of its own, and what a browser may fill in.
WORK = (
    Question("", Kind.WORKPLACE, help="The building & the gate."),
    Question("", Kind.JOB, help="As on your badge.", read_by=ReadBy.DELIVERED),
    Question("", Kind.UNION),
    Question("", Kind.UNION, "Which local are you in?", help="Leave it empty if you are in none.", is_required=True),
)
WORKING = {"answer_q1": "Depot", "answer_q2": "Ramp agent", "answer_q3": "Teamsters", "answer_q4": "Local 100"}


PRIVATE = "Only the organizers read this."
LISTED = "Stands beside your name on the list handed to Hub Management. Nowhere, if you choose “Nobody” below."


@pytest.mark.parametrize(
    ("name", "label", "hint", "filled"),
    [
        ("answer_q1", "Where do you work? (optional)", f"The building & the gate. {PRIVATE}", "organization"),
        ("answer_q2", "What is your job? (optional)", f"As on your badge. {LISTED}", "organization-title"),
        ("answer_q3", "Which union are you in? (optional)", PRIVATE, "off"),
        ("answer_q4", "Which local are you in?", f"Leave it empty if you are in none. {PRIVATE}", "off"),
    ],
)
def test_each_question_stands_with_its_words_its_help_and_what_a_browser_may_fill_in(
    sqlite_world: World, name: str, label: str, hint: str, filled: str
) -> None:
    page = asking(sqlite_world, *WORK).see("/campaigns/rescind").text
    field = page.partition(f'<label for="{name}"')[2].partition("</div>")[0]
    assert plain(f"<label{field.partition('</label>')[0]}") == label
    assert plain(field.partition(f'id="{name}-hint">')[2].partition("</p>")[0]) == hint
    assert f' autocomplete="{filled}" ' in field
    assert (" required" in field) is ("(optional)" not in label)
    assert f' aria-describedby="{name}-hint">' in field


def plain(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", "", html)).split())


def test_job_and_union_reach_those_of_whom_it_was_said(world: World) -> None:
    asking(world, *WORK).sign_and_confirm(**WORKING)
    assert stored(world).answers == '{"q1": "Depot", "q2": "Ramp agent", "q3": "Teamsters", "q4": "Local 100"}'
    desk = plain(world.desk().get("/desk/campaigns/rescind/signatures/").text)
    for asked, answer in (("What is your job?", "Ramp agent"), ("Which union are you in?", "Teamsters")):
        assert f"{asked} {answer}" in desk
    world.client.post("/my", data={"email": SIGN["email"]})
    world.run_worker()
    own = world.client.get(world.mailer.link(SIGN["email"], "/my/")).text
    assert "What is your job? Ramp agent" in plain(own)
    listed(world)
    assert [line.partition(", US · ")[2] for line in world.printer.lines] == ["Ramp agent"]
    public = world.see("/campaigns/rescind").text
    for answer in WORKING.values():
        assert f"<bdi>{answer}</bdi>" in own
        assert answer not in public


def test_answers_are_stored_sealed_under_their_keys(world: World) -> None:
    assert asking(world).sign(**ANSWERS).status_code == 200
    expected = '{"q1": "Depot Seventeen", "q2": "+1 (859) 555-0100", "q3": "Night", "q4": "yes", "q5": "12"}'
    assert stored(world).answers == expected
    with world.engine.connect() as connection:
        raw = repr(connection.exec_driver_sql("SELECT * FROM signature").all())
    assert "Depot" not in raw
    assert "555-0100" not in raw


def test_what_is_not_needed_may_be_left_out(sqlite_world: World) -> None:
    asking(sqlite_world).sign(answer_q1="Depot", answer_q4="y")
    assert stored(sqlite_world).answers == '{"q1": "Depot", "q4": "yes"}'


def test_a_campaign_that_asks_nothing_stores_no_answers(sqlite_world: World) -> None:
    sqlite_world.publish()
    assert sqlite_world.sign(**ANSWERS).status_code == 200
    assert stored(sqlite_world).answers is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"answer_q1": ""}, "Answer this to sign."),
        ({"answer_q1": "x" * 201}, "Shorten this to 200 characters."),
        ({"answer_q1": "a\x00b"}, "Type this again: it holds characters that cannot be shown."),
        ({"answer_q2": "call me"}, "Enter a phone number in figures, like +1 859 555 0100."),
        ({"answer_q2": "12"}, "Enter a phone number in figures, like +1 859 555 0100."),
        ({"answer_q3": "Evening"}, "Choose one of the answers."),
        ({"answer_q4": ""}, "Tick this to sign."),
    ],
)
def test_a_wrong_answer_is_refused_beside_its_field_and_keeps_the_others(
    sqlite_world: World, changes: dict[str, str], sentence: str
) -> None:
    answer = asking(sqlite_world).sign(**ANSWERS | changes)
    (name,) = changes
    assert answer.status_code == 422
    assert f'<p class="error" id="{name}-error">{sentence}</p>' in answer.text
    assert f'href="#{name}"' in answer.text
    assert 'value="Depot Seventeen"' in answer.text or name == "answer_q1"
    assert "<option selected>Night</option>" in answer.text or name == "answer_q3"


def people_with_answers(world: World) -> None:
    asking(world)
    for visibility in ("public", "delivered", "counted"):
        email = f"{visibility}@example.org"
        workplace = f"Depot of the {visibility}"
        world.sign_and_confirm(**ANSWERS | {"email": email, "visibility": visibility, "answer_q1": workplace})


def listed(world: World) -> None:
    with world.work() as session:
        deliveries.request(session, world.campaign(), paper="a4", answer_expected=None, actor="test", now=world.clock())
    world.run_worker()


def test_the_list_holds_the_delivered_answers_of_those_it_names_and_nothing_else(world: World) -> None:
    people_with_answers(world)
    listed(world)
    with world.reading() as session:
        details = session.scalars(select(DeliveryRow.details).order_by(DeliveryRow.position)).all()
    expected = [f"Depot of the {visibility} · Years at the hub: 12" for visibility in ("public", "delivered")]
    assert details == [*expected, None]
    assert [line.partition(", US · ")[2] for line in world.printer.lines] == expected
    assert "555-0100" not in repr(world.printer.lines)
    assert "Night" not in repr(world.printer.lines)


def test_no_public_page_shows_an_answer(sqlite_world: World) -> None:
    people_with_answers(sqlite_world)
    for path in ("/campaigns/rescind", "/campaigns/rescind/sign", "/"):
        page = sqlite_world.see(path).text
        assert "Depot" not in page
        assert "555-0100" not in page


def test_organizers_read_the_answers_of_those_whose_names_they_may_read(sqlite_world: World) -> None:
    people_with_answers(sqlite_world)
    page = sqlite_world.desk().get("/desk/campaigns/rescind/signatures/").text
    assert "Depot of the public" in page
    assert "Depot of the delivered" in page
    assert page.count("555-0100") == 2
    assert "Depot of the counted" not in page


def test_a_question_no_longer_asked_leaves_the_form_the_desk_and_the_next_list_and_stays_stored(
    sqlite_world: World,
) -> None:
    people_with_answers(sqlite_world)
    asked = sqlite_world.campaign().asked
    with sqlite_world.work() as session:
        fields = petition(questions=asked[1:])
        campaigns.change(session, "rescind", fields, actor="test", now=sqlite_world.clock())
    assert "answer_q1" not in sqlite_world.see("/campaigns/rescind").text
    assert "Depot" not in sqlite_world.desk().get("/desk/campaigns/rescind/signatures/").text
    with sqlite_world.reading() as session:
        assert all("Depot of" in (kept or "") for kept in session.scalars(select(Signature.answers)))


def test_a_form_from_before_a_question_was_added_is_asked_again(sqlite_world: World) -> None:
    asking(sqlite_world)
    answer = sqlite_world.client.post("/campaigns/rescind/sign", data=SIGN)
    assert answer.status_code == 422
    assert "Answer this to sign." in answer.text
