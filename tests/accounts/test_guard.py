"""Every door is openly public or guarded by roles; nobody gets further than their role."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from campaigns.accounts.guard import GUARDED
from campaigns.accounts.rules import ADMIN, APPROVER, ORGANIZER, TREASURER
from campaigns.campaign import queries as campaign_queries
from campaigns.deliveries import operations as deliveries
from campaigns.review import operations as review
from campaigns.review.rules import Decision, Rule
from tests.coalition.make import make_partner
from tests.doors import Places, endpoints
from tests.make import World, a_world, appeal, csrf_token
from tests.membership.make import make_tier
from tests.paper.make import walked_paper

# What anybody may open. A door that is neither here nor guarded fails below.
PUBLIC = {
    "pages.home", "pages.campaign", "signatures.sign_page", "signatures.sign", "signatures.count",
    "signatures.challenge", "pages.poster", "pages.timeline",
    "subscriptions.news_page", "subscriptions.subscribe", "subscriptions.confirm_page", "subscriptions.confirm",
    "astray.resend_page", "astray.resend", "astray.not_me_page", "astray.not_me",
    "signatures.confirm_page", "signatures.confirm", "donations.donate_page", "donations.donate", "donations.show",
    "gate.challenge",
    "deliveries.verify_index", "deliveries.verify", "payments.stripe_webhook", "health.alive", "health.ready",
    "membership.join_page", "membership.join", "recurring.show",
    "static_files.file", "versions.page", "supporters.ask_page", "supporters.ask", "supporters.ask_by_confirmation",
}  # fmt: skip
# Watched over by something else than a role.
OTHERWISE = {
    "supporters.page": "opens with a mailed link alone",
    "supporters.data": "opens with a mailed link alone",
    "own_gifts.page": "opens with a mailed link alone",
    "own_gifts.csv": "opens with a mailed link alone",
    "own_gifts.printed": "opens with a mailed link alone",
    "own_gifts.receipt": "opens with a mailed link alone",
    "supporters.change": "opens with a mailed link alone",
    "supporters.withdraw": "opens with a mailed link alone",
    "supporters.stop_mails": "opens with a mailed link alone",
    "supporters.erase": "opens with a mailed link alone",
    "supporters.stop_news": "opens with a mailed link alone",
    "supporters.stop_partner": "opens with a mailed link alone",
    "supporters.open_monthly": "opens with a mailed link alone",
    **{
        f"recurring.{door}": "opens with a mailed link alone"
        for door in "manage_page change_amount pause resume cancel card".split()
    },
    "subscriptions.stop_page": "opens with a mailed link alone",
    "subscriptions.stop": "opens with a mailed link alone",
    "coalition.numbers": "opens with a link that the organizer made",
    "metrics.metrics": "answers on this machine or to a token alone",
    "security.login": "the door to the desk itself",
    "security.static": "the sign-in library's own scripts",
    "security.logout": "the sign-in library asks for a session",
    "security.change_password": "the sign-in library asks for a session",
    "security.verify": "the sign-in library asks for a session",
}
ROLES = {
    "desk.home": {ORGANIZER, TREASURER, APPROVER, ADMIN},
    "desk.preview": {ORGANIZER},
    "desk.money": {TREASURER, APPROVER},
    "desk.look_at": {TREASURER},
    "desk.fund": {TREASURER, APPROVER},
    "fund_desk.index": {TREASURER, APPROVER},
    "fund_desk.new": {TREASURER},
    "fund_desk.edit": {TREASURER},
    "fund_desk.switch": {TREASURER},
    "campaign_desk.index": {ORGANIZER, TREASURER, APPROVER},
    "campaign_desk.new": {ORGANIZER},
    "campaign_desk.show": {ORGANIZER, TREASURER, APPROVER},
    "campaign_desk.edit": {ORGANIZER},
    "campaign_desk.publish": {ORGANIZER},
    "signature_desk.index": {ORGANIZER},
    "signature_desk.sources": {ORGANIZER},
    "partner_desk.index": {ORGANIZER},
    "partner_desk.add": {ORGANIZER},
    "partner_desk.show": {ORGANIZER},
    "partner_desk.change": {ORGANIZER},
    "partner_desk.switch": {ORGANIZER},
    "partner_desk.make_link": {ORGANIZER},
    "partner_desk.revoke_link": {ORGANIZER},
    "partner_desk.people": {ORGANIZER},
    "partner_desk.take_out": {ORGANIZER},
    "membership_desk.index": {ORGANIZER, TREASURER},
    "membership_desk.take_out": {ORGANIZER, TREASURER},
    **{f"membership_desk.{door}": {TREASURER} for door in "tiers add_tier tier change_tier".split()},
    "subscription_desk.index": {ORGANIZER},
    "comment_desk.index": {ORGANIZER},
    "comment_desk.review": {ORGANIZER},
    "message_desk.index": {ORGANIZER},
    "message_desk.review": {ORGANIZER},
    "review_desk.index": {ORGANIZER},
    "review_desk.ask": {ORGANIZER},
    "review_desk.decide_one": {ORGANIZER},
    "review_desk.person": {ORGANIZER},
    "review_desk.action": {ORGANIZER},
    "review_desk.take_step": {ORGANIZER},
    "review_desk.networks": {ORGANIZER},
    "review_desk.vouch": {ORGANIZER},
    "review_desk.stop_vouching": {ORGANIZER},
    "switches_desk.index": {ORGANIZER},
    "switches_desk.turn": {ORGANIZER},
    "version_desk.index": {ORGANIZER},
    "version_desk.tell": {ORGANIZER},
    **{
        f"ending_desk.{act}": {ORGANIZER}
        for act in "index close reopen answer win not_won write handed_over hide keep".split()
    },
    "paper_desk.index": {ORGANIZER},
    "paper_desk.print_sheets": {ORGANIZER},
    "paper_desk.show_print": {ORGANIZER},
    "paper_desk.download": {ORGANIZER},
    "paper_desk.sheet": {ORGANIZER},
    "paper_desk.work_on_sheet": {ORGANIZER},
    "paper_desk.photo": {ORGANIZER},
    "paper_desk.undo_sheet": {ORGANIZER},
    "paper_desk.erase_row": {ORGANIZER},
    "paper_imports.take_in": {ORGANIZER},
    "paper_imports.show": {ORGANIZER},
    "paper_imports.set_columns": {ORGANIZER},
    "paper_imports.take_step": {ORGANIZER},
    "paper_imports.erase_row": {ORGANIZER},
    "delivery_desk.index": {ORGANIZER},
    "delivery_desk.announce": {ORGANIZER},
    "delivery_desk.request_list": {ORGANIZER},
    "delivery_desk.show": {ORGANIZER},
    "delivery_desk.download": {ORGANIZER},
}
PEOPLE = (ORGANIZER, TREASURER, APPROVER, ADMIN)


class House:
    """A site with a campaign and a list, and a browser for each role."""

    def __init__(self, world: World) -> None:
        self.world = world
        campaign = world.publish(appeal())
        world.sign_and_confirm()
        with world.work() as session:
            fund = campaign_queries.funds_of(session, campaign.id)[0]
            delivery = deliveries.request(
                session, campaign, paper="letter", answer_expected=None, actor="test", now=world.clock()
            )
            action = review.ask(session, campaign, Decision.RELEASE, Rule(), actor="test", now=world.clock())
            partner = make_partner(session, campaign, world.clock())
        world.run_worker()
        self.places = Places(
            delivery=delivery,
            fund=str(fund.id),
            action=str(action),
            partner=partner,
            tier=str(make_tier(world)),
            **walked_paper(world),
        )
        self.desks = {role: world.desk(role) for role in PEOPLE}

    def address(self, endpoint: str) -> str:
        rule = next(rule for rule in self.world.app.url_map.iter_rules() if rule.endpoint == endpoint)
        values = {
            "slug": "rescind", "public_id": self.places.delivery, "fund_id": self.places.fund,
            "action_id": self.places.action, "step": "cancel", "network_id": self.places.fund,
            "entry_id": self.places.fund, "name": "banner",
            "partner_id": self.places.partner, "tier_id": self.places.tier,
            "print_id": self.places.pile, "number": self.places.sheet, "row": 99, "import_id": self.places.table,
        }  # fmt: skip
        wanted = {name: values[name] for name in rule.arguments}
        return self.world.app.url_map.bind("localhost").build(endpoint, wanted)


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with a_world(sqlite_template, tmp_path_factory.mktemp("house")) as world:
        yield House(world)


def test_every_door_is_openly_public_or_guarded_by_roles(house: House) -> None:
    app = house.world.app
    guarded = {name: set(view.__dict__[GUARDED]) for name, view in app.view_functions.items() if hasattr(view, GUARDED)}
    doors = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert guarded == ROLES
    assert doors - set(guarded) == PUBLIC | set(OTHERWISE)


def test_everything_under_the_desk_is_guarded(house: House) -> None:
    for rule in house.world.app.url_map.iter_rules():
        if rule.rule.startswith("/desk"):
            assert rule.endpoint in ROLES.keys() | OTHERWISE.keys(), rule
        else:
            assert rule.endpoint in PUBLIC | OTHERWISE.keys(), rule


@pytest.mark.parametrize("endpoint", sorted(ROLES))
def test_who_may_open_which_page(house: House, endpoint: str) -> None:
    address = house.address(endpoint)
    if endpoint in endpoints(house.world.app):
        stranger = house.world.client.get(address)
        assert stranger.status_code == 302
        assert stranger.headers["Location"].startswith("/desk/account/login?next=")
        expected = {role: 200 if role in ROLES[endpoint] | {ADMIN} else 403 for role in PEOPLE}
        assert {role: desk.get(address).status_code for role, desk in house.desks.items()} == expected


@pytest.mark.parametrize("endpoint", sorted(ROLES))
def test_who_may_send_which_form(house: House, endpoint: str) -> None:
    if endpoint not in endpoints(house.world.app, "POST"):
        return
    address = house.address(endpoint)
    assert house.world.client.post(address).status_code in (302, 400)
    for role in PEOPLE:
        if role not in ROLES[endpoint] | {ADMIN}:
            assert _post(house.desks[role], address).status_code == 403, role


def _post(desk: FlaskClient, address: str) -> TestResponse:
    return desk.post(address, data={"csrf_token": csrf_token(desk, "/desk/")})


@pytest.mark.parametrize("endpoint", sorted(name for name in ROLES if name != "desk.home"))
def test_a_desk_form_without_its_token_does_nothing(house: House, endpoint: str) -> None:
    """Another site's page can send the form and the cookie, never the token."""
    if endpoint not in endpoints(house.world.app, "POST"):
        return
    for data in ({}, {"csrf_token": "made up"}, {"csrf_token": csrf_token(house.world.client)}):
        answer = house.desks["admin"].post(house.address(endpoint), data=data)
        assert answer.status_code == 400


def test_who_may_not_open_a_page_reads_why(house: House) -> None:
    page = house.desks["treasurer"].get("/desk/campaigns/new").text
    assert "Ask an admin for the role it needs." in page
