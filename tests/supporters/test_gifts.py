"""A giver's overview over any days, as page, file and table; and each receipt, for nobody else."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from campaigns.supporters import overviews
from tests.make import World, appeal
from tests.membership.make import LEE, Union, make_tier

MARIA, OTHER = "maria@example.org", "jo@example.org"


@pytest.fixture
def giver(world: World) -> World:
    """Maria gave 30 dollars in 2025 and 50 in 2026, of which 20 went back in 2026; Jo gave 10."""
    world.publish(appeal())
    world.clock.now = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    world.pay(world.give())
    world.clock.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    fifty = world.give(preset="50")
    world.pay(fifty)
    world.pay(world.give(preset="10", email=OTHER))
    world.clock.now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    world.checkout.refund(fifty, 2000)
    world.ring("evt_refund", "checkout.session", fifty)
    world.run_worker()
    return world


def own(world: World, email: str = MARIA) -> str:
    return world.mailer.link(email, "/my/")


def test_the_newest_year_is_shown_first_with_what_went_back(giver: World) -> None:
    page = giver.client.get(f"{own(giver)}/gifts").text
    for words in ("January 1, 2026", "$50.00", "-$20.00", "$30.00", "Jo Hill and the hub", "2026-00001"):
        assert words in page, words
    assert "2025-00001" not in page
    assert "$10.00" not in page


@pytest.mark.parametrize(
    ("first", "last", "shown", "missing"),
    [
        ("2025-01-01", "2025-12-31", ["$30.00", "2025-00001"], ["$50.00"]),
        ("2025-12-31", "2026-03-01", ["$80.00"], ["$20.00"]),
        ("2026-03-02", "2026-03-31", ["Nothing was given"], ["$50.00"]),
        ("2026-03-31", "2025-01-01", ["$80.00"], []),
    ],
)
def test_any_days_may_be_asked_for(giver: World, first: str, last: str, shown: list[str], missing: list[str]) -> None:
    page = giver.client.get(f"{own(giver)}/gifts?from={first}&to={last}").text
    assert all(words in page for words in shown)
    assert not any(words in page for words in missing)


@pytest.mark.parametrize("typed", ["?from=yesterday&to=2026-01-01", "?from=0001-01-01&to=2026-01-01", "?from=x"])
def test_days_that_are_none_are_asked_for_again_with_what_was_typed(giver: World, typed: str) -> None:
    answer = giver.client.get(f"{own(giver)}/gifts{typed}")
    assert answer.status_code == 200
    assert "Enter two days" in answer.text


def test_days_are_those_of_the_books(giver: World) -> None:
    extension = giver.app.extensions["undersigned.own gifts"]
    issuer = type(extension.issuer)("Hub Workers e. V.", "hub@example.org", "Asia/Tokyo")
    object.__setattr__(extension, "issuer", issuer)
    assert "$80.00" in giver.client.get(f"{own(giver)}/gifts?from=2026-01-01&to=2026-12-31").text


def test_the_table_has_every_movement_and_no_cell_that_runs(giver: World) -> None:
    answer = giver.client.get(f"{own(giver)}/gifts.csv?from=2025-01-01&to=2026-12-31")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row[0], row[1], row[3]) for row in rows[1:]] == [
        ("2025-12-31", "given", "30.00"), ("2026-03-01", "given", "50.00"), ("2026-04-01", "given back", "'-20.00"),
    ]  # fmt: skip


def test_money_that_comes_home_is_not_called_given_back(giver: World) -> None:
    forty = giver.give(preset="other", amount="40")
    giver.pay(forty)
    giver.checkout.fail_refund(forty, giver.checkout.refund(forty, 1000))
    giver.checkout.win(forty, giver.checkout.dispute(forty))
    giver.ring("evt_home", "checkout.session", forty)
    giver.run_worker()
    days = "from=2026-04-01&to=2026-04-30"
    rows = list(csv.reader(io.StringIO(giver.client.get(f"{own(giver)}/gifts.csv?{days}").text)))
    said = {(row[1], row[3].lstrip("'")) for row in rows[1:]}
    assert said >= {("given back", "-10.00"), ("not given back after all", "10.00")}
    assert said >= {("taken back by the bank", "-40.00"), ("returned by the bank", "40.00")}
    page = giver.client.get(f"{own(giver)}/gifts?{days}").text
    assert all(words in page for words in ("not given back after all", "returned by the bank"))


def test_the_overview_can_be_printed(giver: World) -> None:
    answer = giver.client.get(f"{own(giver)}/gifts.pdf?from=2025-01-01&to=2026-12-31")
    assert answer.mimetype == "application/pdf"
    assert 'filename="gifts-2025-01-01-2026-12-31.pdf"' in answer.headers["Content-Disposition"]
    for words in ("$60.00", "$80.00 given", "$20.00 went back", MARIA, "2025-00001", "2026-00003"):
        assert words in answer.text, words


def test_each_receipt_is_handed_out_and_a_void_one_says_so(giver: World) -> None:
    valid, void = (giver.client.get(f"{own(giver)}/receipts/{number}.pdf") for number in ("2026-00003", "2026-00001"))
    assert (valid.mimetype, void.mimetype) == ("application/pdf", "application/pdf")
    assert "replaced by no. 2026-00003" in void.text
    assert "no longer holds" not in valid.text
    assert valid.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("number", ["2026-00002", "2026-00009", "2026-1", "x", "2026-00003%00"])
def test_a_receipt_of_somebody_else_or_of_nobody_is_not_there(giver: World, number: str) -> None:
    assert giver.client.get(f"{own(giver)}/receipts/{number}.pdf").status_code == 404


@pytest.mark.parametrize("path", ["gifts", "gifts.csv", "gifts.pdf", "receipts/2026-00001.pdf"])
def test_a_link_that_is_too_old_opens_nothing(giver: World, path: str) -> None:
    link = own(giver)
    giver.clock.move(days=8)
    assert giver.client.get(f"{link}/{path}").status_code == 404


def test_the_download_of_all_that_is_kept_knows_the_receipts(giver: World) -> None:
    data = json.loads(giver.client.get(f"{own(giver)}/data.json").text)
    newest = data["gifts"][0]["receipts"]
    assert [(each["number"], each["replaced_by"]) for each in newest] == [
        ("2026-00001", "2026-00003"),
        ("2026-00003", None),
    ]
    assert newest[0]["made_out_to"] == {"email": MARIA, "name": ""}


def test_erasing_keeps_what_the_receipts_say_and_the_page_said_so(giver: World) -> None:
    assert "receipt was made out to" in giver.client.get(own(giver)).text
    giver.client.post(f"{own(giver)}/erase")
    with giver.engine.connect() as connection:
        contents = connection.exec_driver_sql("SELECT content FROM receipt").scalars().all()
    assert all(contents)


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2026-01-01", "2026-12-31", True), ("2026-13-01", "2026-12-31", False), ("", "", False),
        ("1999-12-31", "2026-01-01", False), ("2026-01-01", "3000-01-01", False),
    ],
)  # fmt: skip
def test_days_are_read_strictly(first: str, last: str, found: bool) -> None:
    assert (overviews.read_days(first, last) is not None) == found


@pytest.fixture
def member(giver: World) -> World:
    """Maria also joined in May 2026 for 15 dollars a month, and got 5 of the first month back in June."""
    union = Union(giver, rung=100)
    giver.clock.now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    month = union.month(union.join(make_tier(giver), email=MARIA, name="Maria Ortiz"))
    union.renew(union.vendor.invoices[month].subscription_id or "")
    refund = union.vendor.refund(month, 500)
    giver.clock.move(seconds=1)
    union.tell("refund", refund)
    union.prove()
    return giver


def test_dues_stand_among_the_gifts_and_are_told_from_them(member: World) -> None:
    page = member.client.get(f"{own(member)}/gifts").text
    for words in (
        "Your gifts and dues", "Receipts of these gifts and dues", "$55.00", "May 4, 2026</time>, dues",
        "General fund</bdi>, membership dues", "$30.00 paid, $5.00 went back", "$25.00", "2026-00006",
    ):  # fmt: skip
        assert words in page, words
    assert "dues" not in member.client.get(f"{own(member)}/gifts?from=2025-01-01&to=2026-04-30").text


@pytest.mark.parametrize(
    ("first", "last", "shown", "missing"),
    [
        ("2026-05-04", "2026-05-04", ["$15.00", "2026-00004", "2026-00006"], ["$50.00", "2026-00005"]),
        ("2026-06-01", "2026-06-30", ["-$5.00", "2026-00005"], ["$50.00"]),
        ("2026-05-05", "2026-05-31", ["Nothing was given, paid"], ["$15.00"]),
    ],
)
def test_any_days_of_dues_may_be_asked_for(
    member: World, first: str, last: str, shown: list[str], missing: list[str]
) -> None:
    page = member.client.get(f"{own(member)}/gifts?from={first}&to={last}").text
    assert all(words in page for words in shown)
    assert not any(words in page for words in missing)


def test_table_and_print_tell_dues_from_gifts(member: World) -> None:
    days = "?from=2026-05-01&to=2026-12-31"
    answer = member.client.get(f"{own(member)}/gifts.csv{days}")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row[0], row[1], row[2], row[3], row[6]) for row in rows[1:]] == [
        ("2026-05-04", "dues", "General fund", "15.00", "2026-00006"),
        ("2026-06-03", "dues", "General fund", "15.00", "2026-00005"),
        ("2026-06-03", "given back", "General fund", "'-5.00", "2026-00006"),
    ]
    printed = member.client.get(f"{own(member)}/gifts.pdf{days}").text
    for words in ("Overview of gifts and dues", "$30.00 given and paid", "(membership dues)", "2026-00006"):
        assert words in printed, words


def test_each_receipt_of_dues_is_handed_out_and_a_void_one_says_so(member: World) -> None:
    valid, void = (member.client.get(f"{own(member)}/receipts/2026-0000{number}.pdf") for number in (6, 4))
    assert (valid.mimetype, void.mimetype) == ("application/pdf", "application/pdf")
    for words in ("Membership dues for one month: ", "Standard", "$15.00 were paid", "$5.00 were given back"):
        assert words in valid.text, words
    assert "gift" not in valid.text.partition("<body")[2]
    assert "replaced by no. 2026-00006" in void.text
    assert member.client.get(f"{own(member, OTHER)}/receipts/2026-00006.pdf").status_code == 404


def test_the_download_holds_the_receipts_of_each_month(member: World) -> None:
    (membership,) = json.loads(member.client.get(f"{own(member)}/data.json").text)["memberships"]
    assert [[each["number"] for each in month["receipts"]] for month in membership["paid"]] == [
        ["2026-00005"], ["2026-00004", "2026-00006"],
    ]  # fmt: skip
    assert membership["paid"][0]["receipts"][0]["made_out_to"] == {"email": MARIA, "name": "Maria Ortiz"}


def test_who_never_gave_finds_the_receipts_of_dues_all_the_same(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    union = Union(sqlite_world)
    union.join(make_tier(sqlite_world))
    page = sqlite_world.client.get(own(sqlite_world, LEE)).text
    assert "Overview and receipts" in page
    assert "the receipts were made out to" in page
    assert "$15.00" in sqlite_world.client.get(f"{own(sqlite_world, LEE)}/gifts").text
