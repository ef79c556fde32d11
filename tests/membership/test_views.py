"""The page on which people join, and the desk's pages of members and tiers."""

import pytest

from campaigns.gate.rules import OF_NETWORK
from campaigns.membership.rules import LONGEST_TIER
from tests.make import appeal, csrf_token, fund
from tests.membership.make import LEE, Union, make_tier

NETWORK = "203.0.113.7"
TIER = {"name": "Standard", "words": "In work", "amount": "15", "fund": "", "currency": "usd", "is_open": "y"}


def test_without_a_tier_nobody_can_join(short_union: Union) -> None:
    answer = short_union.world.client.get("/join")
    assert answer.status_code == 404
    assert "Nobody can join here at the moment." in answer.text
    assert short_union.world.client.post("/join", data={}).status_code == 404


def test_the_page_says_what_it_costs_and_who_has_the_money(short_union: Union) -> None:
    make_tier(short_union.world)
    make_tier(short_union.world, name="Old", is_open=False)
    page = short_union.world.client.get("/join").text
    for words in ("Standard", "$15 a month", "For everybody in work", "Costs that no other fund bears"):
        assert words in page
    assert "Old" not in page


REFUSED = [
    ({"tier": "x"}, "tier"), ({"tier": ""}, "tier"), ({"name": ""}, "name"), ({"name": "1"}, "name"),
    ({"name": "lee@example.org"}, "name"), ({"name": "x" * 101}, "name"), ({"email": ""}, "email"),
    ({"email": "lee"}, "email"), ({"email": "x" * 250 + "@a.org"}, "email"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "field"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(
    short_union: Union, changes: dict[str, str], field: str
) -> None:
    answer = short_union.ask(make_tier(short_union.world), **changes)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert short_union.rows("SELECT id FROM member") == []


def test_while_the_provider_is_away_what_was_typed_stays(short_union: Union) -> None:
    tier = make_tier(short_union.world)
    short_union.vendor.is_away = True
    answer = short_union.ask(tier)
    assert answer.status_code == 503
    assert "No money has moved" in answer.text
    assert LEE in answer.text


def test_a_treasurer_sets_and_changes_a_tier(short_union: Union) -> None:
    desk = short_union.world.desk("treasurer")
    token = {"csrf_token": csrf_token(desk, "/desk/members/tiers")}
    assert desk.post("/desk/members/tiers", data=TIER | token).status_code == 303
    (row,) = short_union.rows("SELECT id, name, amount_minor, currency FROM membership_tier")
    assert (row["name"], row["amount_minor"], row["currency"]) == ("Standard", 1500, "USD")
    page = desk.get("/desk/members/tiers").text
    path = page.partition("/desk/members/tiers/")[2].partition('"')[0]
    assert 'value="15.00"' in desk.get(f"/desk/members/tiers/{path}").text
    changed = TIER | token | {"amount": "18", "name": "Standard 2026"}
    assert desk.post(f"/desk/members/tiers/{path}", data=changed).status_code == 303
    (row,) = short_union.rows("SELECT name, amount_minor FROM membership_tier")
    assert (row["name"], row["amount_minor"]) == ("Standard 2026", 1800)


@pytest.mark.parametrize(
    "changes",
    [{"name": ""}, {"name": "x" * (LONGEST_TIER + 1)}, {"amount": "much"}, {"amount": ""}, {"currency": "dollars"},
     {"fund": "x"}, {"amount": "1.125", "currency": "KWD"}, {"amount": "0"}, {"amount": "0.00"}],
)  # fmt: skip
def test_a_tier_that_cannot_be_is_refused(short_union: Union, changes: dict[str, str]) -> None:
    desk = short_union.world.desk("treasurer")
    token = {"csrf_token": csrf_token(desk, "/desk/members/tiers")}
    assert desk.post("/desk/members/tiers", data=TIER | token | changes).status_code == 422
    assert short_union.rows("SELECT id FROM membership_tier") == []


@pytest.mark.parametrize("is_named", [True, False], ids=["of another fund", "of the general fund"])
def test_a_tier_that_has_members_keeps_its_currency(short_union: Union, is_named: bool) -> None:
    tier, desk = make_tier(short_union.world), short_union.world.desk("treasurer")
    token = {"csrf_token": csrf_token(desk, "/desk/members/tiers")}
    short_union.world.publish(appeal(slug="forints", fund=fund(currency="HUF")))
    other = short_union.world.ask("forints").fund.id
    wanted = {"amount": "2000", "fund": str(other)} if is_named else {"amount": "2000", "currency": "HUF"}
    assert desk.post(f"/desk/members/tiers/{tier}", data=TIER | token | wanted).status_code == 303, "nobody joined yet"
    assert desk.post(f"/desk/members/tiers/{tier}", data=TIER | token).status_code == 303
    short_union.join(tier)
    answer = desk.post(f"/desk/members/tiers/{tier}", data=TIER | token | wanted)
    assert answer.status_code == 422
    assert f'id="{"fund" if is_named else "currency"}-error"' in answer.text
    assert "Members pay in the currency of this tier" in answer.text
    assert 'value="2000"' in answer.text, "what was typed stays"
    (row,) = short_union.rows("SELECT amount_minor, currency FROM membership_tier")
    assert (row["amount_minor"], row["currency"]) == (1500, "USD")


def test_a_tier_that_costs_nothing_is_refused_beside_the_amount(short_union: Union) -> None:
    desk = short_union.world.desk("treasurer")
    token = {"csrf_token": csrf_token(desk, "/desk/members/tiers")}
    answer = desk.post("/desk/members/tiers", data=TIER | token | {"amount": "0", "currency": "HUF"})
    assert 'id="amount-error"' in answer.text
    assert "Dues are more than nothing" in answer.text
    assert short_union.rows("SELECT id FROM fund WHERE currency = 'HUF'") == [], "no fund is made for it"


def test_the_list_is_filtered_by_state_and_taken_out_as_a_safe_file(short_union: Union) -> None:
    tier = make_tier(short_union.world)
    short_union.join(tier, name="=HYPERLINK(1) Lee")
    short_union.join(tier, name="Ana Ruiz", email="ana@example.org")
    desk = short_union.world.desk()
    page = desk.get("/desk/members").text
    assert "Ana Ruiz" in page
    assert "Nobody stands here yet" in desk.get("/desk/members?state=ended").text
    answer = desk.post("/desk/members/file", data={"csrf_token": csrf_token(desk, "/desk/members")})
    assert answer.mimetype == "text/csv"
    assert "'=HYPERLINK(1) Lee" in answer.text
    assert "ana@example.org,Standard,15.00,USD,active" in answer.text
    assert short_union.rows("SELECT act FROM audit_record WHERE act = 'membership.list_taken_out'")
    assert "ana@example.org" not in str(short_union.rows("SELECT facts FROM audit_record"))


def test_names_and_addresses_are_sealed(short_union: Union) -> None:
    short_union.join(make_tier(short_union.world))
    (row,) = short_union.rows("SELECT name, email FROM member")
    assert b"Lee" not in bytes(row["name"])
    assert b"lee" not in bytes(row["email"])


def test_the_treasurer_s_pages_of_a_fund_show_dues_like_gifts(short_union: Union) -> None:
    short_union.join(make_tier(short_union.world, fund_id=short_union.world.ask().fund.id))
    page = short_union.world.desk("treasurer").get(f"/desk/money/{short_union.world.ask().fund.id}")
    assert page.status_code == 200
    assert "$15" in page.text


def test_joining_passes_the_same_gate_as_giving(short_union: Union) -> None:
    tier = make_tier(short_union.world)
    form, client = {"tier": str(tier), "name": "Lee Park"}, short_union.world.client
    answers = [
        client.post("/join", data={**form, "email": f"lee{number}@example.org"}, environ_base={"REMOTE_ADDR": NETWORK})
        for number in range(OF_NETWORK.lately + 1)
    ]
    assert [answer.status_code for answer in answers] == [303] * OF_NETWORK.lately + [429]
    assert f'value="lee{OF_NETWORK.lately}@example.org"' in answers[-1].text
    assert len(short_union.rows("SELECT id FROM member")) == OF_NETWORK.lately
