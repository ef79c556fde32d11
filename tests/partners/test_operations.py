"""Partners at the desk: made, changed, switched, and let at their numbers."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from campaigns.audit.models import AuditRecord
from campaigns.db.base import Base
from campaigns.partners import operations, queries
from campaigns.partners.models import Partner, PartnerWording
from campaigns.partners.operations import CodeTaken, NoSuchPartner
from tests.coalition.make import CODE, WORDS, add_partner, change_partner, make_link, offered, switch_partner
from tests.make import World, at_once, days, petition


def wordings(world: World) -> list[tuple[int, str]]:
    with world.reading() as session:
        rows = session.execute(select(PartnerWording.number, PartnerWording.words).order_by(PartnerWording.number))
        return [(row.number, row.words) for row in rows]


def opens(world: World, path: str) -> bool:
    with world.reading() as session:
        return queries.by_link(session, path.rpartition("/")[2], world.clock()) is not None


def test_other_words_are_a_new_version_and_the_same_words_are_none(world: World) -> None:
    world.publish()
    partner = add_partner(world)
    change_partner(world, partner, line="Another line", contact="other@example.org")
    assert wordings(world) == [(1, WORDS)]
    change_partner(world, partner, words="I want news.")
    assert wordings(world) == [(1, WORDS), (2, "I want news.")]
    assert offered(world).words == "I want news."


def test_another_name_is_another_version_because_the_name_stands_among_the_words(world: World) -> None:
    world.publish()
    partner = add_partner(world)
    change_partner(world, partner, name="Day Shift Committee")
    assert len(wordings(world)) == 2
    assert "to Day Shift Committee" in offered(world).disclosure


def test_a_code_belongs_to_one_partner_of_a_campaign(world: World) -> None:
    world.publish()
    world.publish(petition(slug="other"))
    add_partner(world)
    with pytest.raises(CodeTaken):
        add_partner(world, name="Somebody else")
    add_partner(world, slug="other")


def test_two_desks_that_add_one_code_at_once_make_one_partner(world: World) -> None:
    world.publish()

    def added() -> bool:
        try:
            add_partner(world)
        except CodeTaken:
            return False
        return True

    assert sorted(at_once([added] * 8)) == [False] * 7 + [True]
    assert wordings(world) == [(1, WORDS)]


def test_a_partner_of_another_campaign_is_none_of_this(world: World) -> None:
    world.publish()
    world.publish(petition(slug="other"))
    theirs = add_partner(world, slug="other")
    for partner in (theirs, uuid4()):
        with pytest.raises(NoSuchPartner):
            change_partner(world, partner)
        with pytest.raises(NoSuchPartner):
            switch_partner(world, partner, on=False)
        with pytest.raises(NoSuchPartner):
            make_link(world, partner)
    with world.reading() as session:
        assert queries.offer(session, world.campaign().id, "Hub Workers", CODE) is None
        assert queries.find(session, world.campaign().id, theirs) is None


def test_a_link_opens_until_it_is_too_old_revoked_or_made_anew(world: World) -> None:
    world.publish()
    partner = add_partner(world)
    first = make_link(world, partner)
    assert opens(world, first)
    second = make_link(world, partner)
    assert not opens(world, first)
    assert opens(world, second)
    _revoke(world, partner)
    assert not opens(world, second)
    third = make_link(world, partner)
    world.clock.move(days=179)
    assert opens(world, third)
    world.clock.move(days=1)
    assert not opens(world, third)


def _revoke(world: World, partner: UUID) -> None:
    for _ in range(2):
        with world.work() as session:
            operations.revoke_link(session, world.campaign().id, partner, actor="test", now=world.clock())


def test_of_a_link_only_a_hash_is_kept_and_not_longer_than_it_opens(world: World) -> None:
    world.publish()
    path = make_link(world, add_partner(world))
    secret = path.rpartition("/")[2]
    with world.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            assert secret not in repr(connection.exec_driver_sql(f'SELECT * FROM "{table.name}"').all())
    world.clock.move(days=181)
    world.run_worker()
    with world.reading() as session:
        assert session.execute(select(Partner.link_digest, Partner.link_expires_at)).one() == (None, None)


def test_a_link_of_another_purpose_opens_nothing_here(sqlite_world: World) -> None:
    sqlite_world.publish()
    make_link(sqlite_world, add_partner(sqlite_world))
    sqlite_world.sign()
    sqlite_world.run_worker()
    token = sqlite_world.mailer.link("maria@example.org", "/confirm/").rpartition("/")[2]
    assert not opens(sqlite_world, f"/partners/{token}")


def test_each_act_is_written_down(sqlite_world: World) -> None:
    sqlite_world.publish()
    partner = add_partner(sqlite_world)
    change_partner(sqlite_world, partner, line="x")
    switch_partner(sqlite_world, partner, on=False)
    switch_partner(sqlite_world, partner, on=True)
    make_link(sqlite_world, partner)
    with sqlite_world.reading() as session:
        acts = session.scalars(select(AuditRecord.act).where(AuditRecord.subject == str(partner))).all()
    assert sorted(acts) == sorted(
        ["partner.added", "partner.changed", "partner.switched_off", "partner.switched_on", "partner.link_made"]
    )
    assert days(180) == operations.LINK_LIFETIME
