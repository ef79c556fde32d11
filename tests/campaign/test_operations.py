"""Make, change and publish a campaign."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from campaigns.audit.models import AuditRecord
from campaigns.campaign import operations, queries
from campaigns.campaign.models import Campaign, ConsentWording, Fund, FundPurpose, PetitionVersion
from campaigns.campaign.operations import (
    AddressTaken,
    CampaignFields,
    CurrencyFixed,
    NoSuchCampaign,
    NotComplete,
    PetitionStays,
    TargetFixed,
)
from campaigns.campaign.queries import CampaignFacts, FundFacts
from campaigns.campaign.rules import Demand
from campaigns.signatures.models import Signature
from campaigns.timeline import queries as timelines
from campaigns.timeline.rules import Kind
from tests.make import SIGN, World, appeal, at_once, fund, petition

OTHER_DEMANDS = (Demand("Rescind all eleven write-ups", ""), Demand("Pay the lost days", ""))


def create(world: World, fields: CampaignFields | None = None) -> str:
    with world.work() as session:
        return operations.create(session, fields or petition(), actor="test", now=world.clock())


def change(world: World, fields: CampaignFields, slug: str = "rescind") -> CampaignFacts:
    with world.work() as session:
        operations.change(session, slug, fields, actor="test", now=world.clock())
    return world.campaign(slug)


def publish(world: World, slug: str = "rescind") -> CampaignFacts:
    with world.work() as session:
        operations.publish(session, slug, actor="test", now=world.clock())
    return world.campaign(slug)


def count(world: World, table: type[Any]) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def fund_of(world: World, slug: str = "rescind") -> FundFacts:
    with world.reading() as session:
        return queries.funds_of(session, world.campaign(slug).id)[0]


# Addresses


def test_a_chosen_address_is_taken_once(sqlite_world: World) -> None:
    create(sqlite_world)
    with pytest.raises(AddressTaken, match="already has this address"):
        create(sqlite_world, petition(headline="Something else"))
    assert count(sqlite_world, Campaign) == 1


def test_a_made_address_gets_a_number_where_another_has_it(world: World) -> None:
    fields = petition(slug="", headline="Pay the 100% now")
    assert [create(world, fields) for _ in range(3)] == ["pay-the-100-now", "pay-the-100-now-2", "pay-the-100-now-3"]
    create(world, petition(slug="pay"))
    assert create(world, petition(slug="", headline="Pay")) == "pay-2"


def test_two_drafts_made_in_the_same_moment_get_two_addresses(world: World) -> None:
    fields = petition(slug="")
    slugs = at_once([lambda: create(world, fields)] * 4)
    assert len(set(slugs)) == 4


def test_an_unknown_address_is_no_campaign(sqlite_world: World) -> None:
    for act in (publish, lambda world: change(world, petition())):
        with pytest.raises(NoSuchCampaign):
            act(sqlite_world)


# Publishing


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        (petition(demands=()), ["Write at least one demand."]),
        (petition(has_petition=False), ["Choose a petition, an appeal, or both."]),
        (petition(has_appeal=True), ["Say what the fund's money is for."]),
        (appeal(fund=fund(purpose=" "), target_name=""), ["Say who is asked.", "Say what the fund's money is for."]),
        (petition(headline=" "), ["Write a headline."]),
    ],
)
def test_an_incomplete_draft_stays_a_draft(sqlite_world: World, fields: CampaignFields, missing: list[str]) -> None:
    create(sqlite_world, fields)
    with pytest.raises(NotComplete) as refused:
        publish(sqlite_world)
    assert refused.value.missing == missing
    assert not sqlite_world.campaign().published


@pytest.mark.parametrize("has_petition", [True, False])
def test_a_petition_begins_before_it_closes(sqlite_world: World, has_petition: bool) -> None:
    """An appeal's money is needed after the deadline too."""
    create(sqlite_world, appeal(has_petition=has_petition, deadline=sqlite_world.clock() + timedelta(hours=1)))
    sqlite_world.clock.move(hours=1)
    if not has_petition:
        assert publish(sqlite_world).appeal_open
        return
    with pytest.raises(NotComplete, match="The deadline has passed"):
        publish(sqlite_world)
    assert not sqlite_world.campaign().published


def test_publishing_again_after_the_deadline_is_harmless(sqlite_world: World) -> None:
    create(sqlite_world, petition(deadline=sqlite_world.clock() + timedelta(hours=1)))
    publish(sqlite_world)
    sqlite_world.clock.move(days=1)
    assert publish(sqlite_world).published


def test_a_draft_is_nothing_to_the_public(sqlite_world: World) -> None:
    create(sqlite_world, appeal())
    for path in ("", "/sign", "/count.json", "/donate"):
        assert sqlite_world.client.get(f"/campaigns/rescind{path}").status_code == 404, path
    assert sqlite_world.sign().status_code == 404
    assert "Rescind the write-ups" not in sqlite_world.client.get("/").text


def test_publishing_twice_opens_it_once(world: World) -> None:
    create(world, appeal())
    first = publish(world)
    world.clock.move(hours=1)
    second = publish(world)
    assert first.published
    assert first.petition_open
    assert second.consent_id == first.consent_id
    with world.reading() as session:
        assert session.scalar(select(Campaign.published_at)) == first.as_of
        acts = session.scalars(select(AuditRecord.act).order_by(AuditRecord.at)).all()
    assert acts == ["campaign.created", "campaign.published"]


def test_publishing_at_once_from_two_windows_is_harmless(world: World) -> None:
    create(world)
    create(world, petition(slug="same-words"))
    at_once([lambda: publish(world), lambda: publish(world), lambda: publish(world, "same-words")])
    assert count(world, ConsentWording) == 1
    assert world.campaign().published


def test_a_published_campaign_stays_complete(sqlite_world: World) -> None:
    sqlite_world.publish()
    with pytest.raises(NotComplete):
        change(sqlite_world, petition(demands=()))
    assert len(sqlite_world.campaign().demands) == 2


# The text that is signed


def test_a_text_nobody_signed_is_rewritten_in_its_place(world: World) -> None:
    before = world.publish()
    after = change(world, petition(demands=OTHER_DEMANDS, headline="Rescind them all"))
    assert (after.version_id, after.version_number) == (before.version_id, 1)
    assert after.demands == OTHER_DEMANDS
    assert after.headline == "Rescind them all"


def test_a_signed_text_keeps_its_words_and_a_change_makes_the_next_version(world: World) -> None:
    before = world.publish()
    world.sign()
    assert world.campaign().version_frozen
    after = change(world, petition(demands=OTHER_DEMANDS))
    assert after.version_number == 2
    assert not after.version_frozen
    with world.reading() as session:
        kept = session.get_one(PetitionVersion, before.version_id)
        assert kept.demands == [[demand.title, demand.detail] for demand in before.demands]


def test_saving_the_same_words_makes_no_version(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    assert change(sqlite_world, petition(summary="Other words around it.")).version_number == 1


def test_a_new_organisation_or_target_makes_a_new_consent_wording(sqlite_world: World) -> None:
    before = sqlite_world.publish()
    after = change(sqlite_world, petition(target_name="Regional Management"))
    assert "Regional Management" in after.consent
    assert after.consent_id != before.consent_id
    back = change(sqlite_world, petition())
    assert back.consent_id == before.consent_id


def test_who_is_asked_stays_once_somebody_has_signed(world: World) -> None:
    """What people have agreed to says to whom they are handed."""
    world.publish()
    change(world, petition(target_name="Regional Management"))
    world.sign()
    with pytest.raises(TargetFixed):
        change(world, petition(summary="Other words."))
    campaign = world.campaign()
    assert (campaign.target_name, campaign.summary) == ("Regional Management", petition().summary)
    corrected = petition(target_name="Regional Management", summary="Other words.", demands=OTHER_DEMANDS)
    assert change(world, corrected).summary == "Other words."
    with pytest.raises(TargetFixed):
        change(world, replace(corrected, target_name="Another Company"))  # though nobody has signed the newest text


def test_capitals_spaces_and_stops_of_a_signed_name_are_put_right_and_who_signed_keeps_their_consent(
    world: World,
) -> None:
    world.publish(petition(target_name="hub  management, inc"))
    world.sign()
    after = change(world, petition(target_name="Hub Management, Inc."))
    assert "Hub Management, Inc." in after.consent
    with world.reading() as session:
        agreed = select(ConsentWording.text).join(Signature, Signature.consent_id == ConsentWording.id)
        assert "hub  management, inc" in session.scalars(agreed).one()
    with pytest.raises(TargetFixed):
        change(world, petition(target_name="Hub Managements, Inc."))


def test_whoever_signs_first_while_the_target_is_changed_agrees_to_the_one_that_stands(world: World) -> None:
    world.publish()
    client, other = world.client, petition(target_name="Regional Management")
    client.get("/campaigns/rescind/sign")
    with suppress(TargetFixed):
        at_once([lambda: client.post("/campaigns/rescind/sign", data=SIGN).status_code, lambda: change(world, other)])
    with world.reading() as session:
        agreed = select(ConsentWording.text).join(Signature, Signature.consent_id == ConsentWording.id)
        assert all(world.campaign().target_name in text for text in session.scalars(agreed))


def test_a_petition_that_people_have_signed_is_not_unticked(world: World) -> None:
    """Their links would lead nowhere, and nothing would say that it ended."""
    world.publish(appeal())
    change(world, appeal(has_petition=False))
    change(world, appeal())
    world.sign()
    with pytest.raises(PetitionStays):
        change(world, appeal(has_petition=False, summary="Other words."))
    assert world.campaign().summary == appeal().summary
    assert world.confirm().status_code == 200


# The deadline


def told(world: World) -> list[tuple[Kind, str | None]]:
    """What the timeline tells in order, with the day until which people can sign."""
    with world.reading() as session:
        found = timelines.every(session, world.campaign().id).entries
    return [(entry.kind, entry.facts.get("deadline")) for entry in reversed(found)]


def move_deadline(world: World, days: int | None, **changes: Any) -> None:
    world.clock.move(minutes=1)
    until = world.clock() + timedelta(days=days) if days else None
    change(world, petition(deadline=until, **changes))


def test_a_deadline_that_is_moved_while_people_sign_is_told(sqlite_world: World) -> None:
    create(sqlite_world)
    move_deadline(sqlite_world, 5)
    publish(sqlite_world)
    for days in (20, None, None, 5):
        move_deadline(sqlite_world, days)
    moved = [(Kind.DEADLINE, day) for day in ("2026-05-24", "", "2026-05-09")]
    assert told(sqlite_world) == [(Kind.PUBLISHED, None), *moved]
    page = sqlite_world.see("/campaigns/rescind").text
    assert "The petition can be signed until May 24, 2026 from now on." in page
    assert "The petition has no deadline any more." in page


def test_the_deadline_of_what_nobody_can_sign_is_not_told(sqlite_world: World) -> None:
    sqlite_world.publish(appeal(has_petition=False))
    move_deadline(sqlite_world, 5, has_petition=False, has_appeal=True, fund=fund())
    assert told(sqlite_world) == [(Kind.PUBLISHED, None)]


# Funds


def test_the_currency_of_a_draft_may_change(sqlite_world: World) -> None:
    create(sqlite_world, appeal())
    change(sqlite_world, appeal(fund=fund(currency="EUR")))
    assert fund_of(sqlite_world).currency == "EUR"


def test_the_currency_of_a_published_fund_is_fixed_and_nothing_else_changes_with_it(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    with pytest.raises(CurrencyFixed):
        change(sqlite_world, appeal(summary="Other words.", fund=fund(currency="EUR", purpose="Other things.")))
    assert (fund_of(sqlite_world).currency, fund_of(sqlite_world).purpose) == ("USD", fund().purpose)
    assert sqlite_world.campaign().summary == petition().summary


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ({}, [1]),
        ({"name": "Another name"}, [1]),
        ({"fees_borne_by": "fund"}, [1]),
        ({"purpose": "Other things."}, [1, 2]),
        ({"beyond": "Elsewhere."}, [1, 2]),
        ({"recipient": "Somebody else"}, [1, 2]),
    ],
)
def test_only_other_words_make_another_purpose(
    sqlite_world: World, changes: dict[str, str], numbers: list[int]
) -> None:
    sqlite_world.publish(appeal())
    first = fund_of(sqlite_world)
    change(sqlite_world, appeal(fund=fund(**changes)))
    with sqlite_world.reading() as session:
        rows = session.scalars(
            select(FundPurpose).where(FundPurpose.fund_id == first.id).order_by(FundPurpose.number)
        ).all()
    assert [row.number for row in rows] == numbers
    assert (rows[0].id, rows[0].sentence, rows[0].beyond) == (first.purpose_id, first.purpose, first.beyond)


def test_the_general_fund_of_a_currency_is_made_once(world: World) -> None:
    for slug, currency in (("one", "USD"), ("two", "USD"), ("three", "JPY")):
        create(world, appeal(slug=slug, fund=fund(currency=currency)))
    with world.reading() as session:
        general = session.scalars(select(Fund.currency).where(Fund.campaign_id.is_(None))).all()
    assert sorted(general) == ["JPY", "USD"]


def test_first_appeals_made_at_once_share_one_general_fund(world: World) -> None:
    at_once([_creating(world, f"appeal-{number}") for number in range(4)])
    with world.reading() as session:
        assert len(session.scalars(select(Fund).where(Fund.campaign_id.is_(None))).all()) == 1
        assert queries.general_fund(session, "USD") is not None


def _creating(world: World, slug: str) -> Callable[[], str]:
    return lambda: create(world, appeal(slug=slug))


def test_an_appeal_that_is_dropped_asks_for_nothing_and_keeps_its_fund(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    after = change(sqlite_world, petition())
    assert not after.appeal_open
    with sqlite_world.reading() as session:
        assert queries.ask_of(session, after) is None
    assert fund_of(sqlite_world).purpose == fund().purpose


def test_a_closed_fund_is_not_asked_for(sqlite_world: World) -> None:
    campaign = sqlite_world.publish(appeal(fund=replace(fund(), is_open=False)))
    with sqlite_world.reading() as session:
        assert queries.ask_of(session, campaign) is None
