"""The desk's form: what the target owns, and what signatories are asked."""

from typing import Any

import pytest

from campaigns.campaign.questions import Kind, Question, ReadBy
from tests.campaign.test_desk import EDIT, send
from tests.make import World, appeal, petition

OWNED = {"target_domains": "AirHub.com\n@exämple.org", "target_networks": "198.51.100.7/24 2001:db8::/32"}
ROW = {"key": "", "kind": "text", "label": "Years at the hub", "help": "", "choices": "", "read_by": "delivered"}


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {f"questions-{number}-{name}": value for name, value in (ROW | changes).items()}


def test_what_the_target_owns_is_stored_as_the_rules_read_it(world: World) -> None:
    assert send(world.desk(), **OWNED).status_code == 303
    campaign = world.campaign()
    assert campaign.target_domains == ("airhub.com", "exämple.org")
    assert campaign.target_networks == ("198.51.100.0/24", "2001:db8::/32")
    assert campaign.employer.owns_mail("rosa@mail.airhub.com")
    page = world.desk().get(EDIT).text
    assert "airhub.com\nexämple.org" in page


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("target_domains", "localhost", "Enter mail domains like company.com, one on a line."),
        ("target_domains", "-x.com", "Enter mail domains like company.com, one on a line."),
        ("target_networks", "10.0.0.0/99", "Enter networks like 198.51.100.0/24 or 2001:db8::/32, one on a line."),
        ("target_networks", "0.0.0.0/0", "A network is too wide"),
    ],
)
def test_what_the_target_cannot_own_is_refused_beside_the_field(
    sqlite_world: World, field: str, text: str, sentence: str
) -> None:
    answer = send(sqlite_world.desk(), **{field: text})
    assert answer.status_code == 422
    assert sentence in answer.text.partition(f'id="{field}-error"')[2]


def test_nobody_but_the_desk_reads_what_the_target_owns(sqlite_world: World) -> None:
    sqlite_world.publish(petition(target_domains=("airhub.com",), target_networks=("198.51.100.0/24",)))
    for path in ("/", "/campaigns/rescind", "/campaigns/rescind/sign"):
        page = sqlite_world.see(path).text
        assert "airhub" not in page
        assert "198.51" not in page


def test_questions_are_added_kept_and_removed_without_a_line_of_code(world: World) -> None:
    desk = world.desk()
    first = row(0) | row(1, kind="choice", label="Shift", choices="Day\n\n Night \nDay", read_by="private")
    assert send(desk, **first | {"questions-1-is_required": "y"}).status_code == 303
    assert world.campaign().asked == (
        Question("q1", Kind.TEXT, "Years at the hub", read_by=ReadBy.DELIVERED),
        Question("q2", Kind.CHOICE, "Shift", choices=("Day", "Night"), is_required=True),
    )
    page = desk.get(EDIT).text
    assert 'name="questions-1-key" value="q2"' in page
    assert "questions-3-kind" in page  # two rows more than are filled
    assert "questions-4-kind" not in page
    second = row(0, key="q1", kind="") | row(1, key="q2", kind="choice", label="Shift", choices="Day\nNight")
    assert send(desk, EDIT, **second | row(2, kind="phone", label="", read_by="private")).status_code == 303
    asked = [(question.key, question.kind) for question in world.campaign().asked]
    assert asked == [("q3", Kind.CHOICE), ("q4", Kind.PHONE)]  # a wider circle of readers is another question


def test_a_fact_that_every_campaign_words_alike_needs_no_words_and_keeps_its_help(world: World) -> None:
    desk = world.desk()
    job = row(0, kind="job", label="", help="As on  your badge.")
    union = row(1, kind="union", label="Which local?", help="Empty if none.", read_by="private")
    assert send(desk, **job | union).status_code == 303
    assert world.campaign().asked == (
        Question("q1", Kind.JOB, help="As on your badge.", read_by=ReadBy.DELIVERED),
        Question("q2", Kind.UNION, "Which local?", "Empty if none."),
    )
    page = desk.get(EDIT).text
    assert '<option value="job" selected>Job</option>' in page
    assert '<option value="union" selected>Union</option>' in page
    assert 'value="As on your badge."' in page


def test_saving_again_what_is_stored_makes_no_new_question(sqlite_world: World) -> None:
    desk = sqlite_world.desk()
    send(desk, **row(0))
    send(desk, EDIT, **row(0, key="q1"))
    assert sqlite_world.campaign().questions == (
        Question("q1", Kind.TEXT, "Years at the hub", read_by=ReadBy.DELIVERED),
    )


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"label": ""}, "label", "Write the question."),
        ({"kind": "tick", "label": ""}, "label", "Write the question."),
        ({"kind": "choice", "choices": "Only one"}, "choices", "Write between two and 20 answers."),
        ({"kind": "choice", "choices": "x\n" + "y" * 81}, "choices", "Shorten each answer to 80 characters."),
        ({"kind": "phone", "label": ""}, "read_by", "Phone numbers are never handed over."),
        ({"label": "a\x00"}, "label", "Type this again"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_beside_its_field(
    sqlite_world: World, changes: dict[str, str], field: str, sentence: str
) -> None:
    answer = send(sqlite_world.desk(), **row(1, **changes))
    assert answer.status_code == 422
    assert sentence in answer.text.partition(f'id="questions-1-{field}-error"')[2].partition("</p>")[0]
    assert f'href="#questions-1-{field}"' in answer.text


@pytest.mark.parametrize("changes", [{"kind": "essay"}, {"read_by": "everybody"}])
def test_what_the_form_does_not_offer_is_refused(sqlite_world: World, changes: dict[str, str]) -> None:
    assert send(sqlite_world.desk(), **row(0, **changes)).status_code == 422


@pytest.mark.parametrize("key", ["x" * 3000, "q99", "\x00"])
def test_a_key_is_never_taken_from_outside(sqlite_world: World, key: str) -> None:
    assert send(sqlite_world.desk(), **row(0, key=key)).status_code == 303
    assert [question.key for question in sqlite_world.campaign().questions] == ["q1"]


def test_new_questions_make_a_new_consent_wording(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    before = sqlite_world.campaign().consent
    send(sqlite_world.desk(), EDIT, **row(0))
    after = sqlite_world.campaign().consent
    assert "and what else you fill in" in after
    assert "What is marked for the list stands beside your name there" in after
    assert "what else" not in before
