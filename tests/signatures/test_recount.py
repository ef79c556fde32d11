"""The daily proof: every count is what counting its rows gives, or it is repaired and somebody hears of it."""

import logging

import pytest
from sqlalchemy import func, select, update

from campaigns.audit.models import AuditRecord
from campaigns.signatures import jobs, queries
from campaigns.signatures.models import CountChange, Signature, SignatureCount
from campaigns.signatures.queries import Count
from campaigns.signatures.rules import Effect
from tests.make import SIGN, World, at_once, petition


def repair(world: World) -> list[jobs.Drift]:
    with world.work() as session:
        return jobs.repair_counts(session, world.clock())


def gather(world: World) -> int:
    with world.work() as session:
        return jobs.gather_counts(session)


def count(world: World) -> Count:
    with world.reading() as session:
        found = queries.count_of(session, world.campaign().id)
        assert found == queries.recount(session, world.campaign().id)
    return found


def tell_wrong(world: World, total: int, public: int = 0) -> None:
    with world.work() as session:
        session.execute(update(SignatureCount).values(total=total, public=public))


def test_a_right_count_is_left_alone_also_while_changes_wait(world: World) -> None:
    world.publish()
    world.publish(petition(slug="nobody-signed"))
    world.sign_and_confirm(visibility="public")
    assert repair(world) == []
    world.sign(email="second@example.org")
    world.app.extensions["undersigned.worker"]("mails").drain()
    world.client.post(world.mailer.link("second@example.org", "/confirm/"))
    with world.reading() as session:
        assert session.scalar(select(func.count()).select_from(CountChange)) == 1
    assert repair(world) == []
    gather(world)
    assert count(world) == Count(2, 1)


@pytest.mark.parametrize("told", [(5, 3), (0, 0), (-2, -1)])
def test_a_wrong_count_is_repaired(world: World, told: tuple[int, int]) -> None:
    campaign = world.publish()
    world.sign_and_confirm(visibility="public")
    tell_wrong(world, *told)
    (drift,) = repair(world)
    assert (drift.campaign_id, drift.told, drift.rows) == (campaign.id, Effect(*told), Effect(1, 1))
    gather(world)
    assert count(world) == Count(1, 1)
    assert repair(world) == []


def test_a_count_that_is_missing_is_made(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    with world.work() as session:
        session.execute(update(Signature).values(review="clear"))
        session.query(SignatureCount).delete()
    assert len(repair(world)) == 1
    gather(world)
    assert count(world).total == 1


def test_two_repairs_at_once_repair_once(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    tell_wrong(world, 7)
    found = at_once([lambda: repair(world)] * 4)
    assert sorted(map(len, found)) == [0, 0, 0, 1]
    gather(world)
    assert count(world).total == 1


def test_a_repair_is_told_by_mail_log_audit_and_metric(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.publish()
    world.sign_and_confirm()
    tell_wrong(world, 7)
    world.clock.move(days=1)
    with caplog.at_level(logging.ERROR, "campaigns.signatures.jobs"):
        world.run_worker()
    assert [record.getMessage() for record in caplog.records] == ["count repaired"]
    mail = world.mailer.sent[-1]
    assert mail.to == "hub@example.org"
    assert "told 7 signatures" in mail.text
    assert SIGN["name"] not in mail.text
    with world.reading() as session:
        assert "count.repaired" in session.scalars(select(AuditRecord.act)).all()
    assert "undersigned_count_repairs 1.0" in world.client.get("/metrics").text
    world.run_worker()
    assert count(world).total == 1


def test_people_confirm_while_it_is_proved_and_nothing_is_taken_for_wrong(world: World) -> None:
    world.publish()
    emails = [f"p{number}@example.org" for number in range(12)]
    for email in emails:
        world.sign(email=email)
    world.app.extensions["undersigned.worker"]("mails").drain()
    links = [world.mailer.link(email, "/confirm/") for email in emails]
    confirming = [lambda link=link: world.client.post(link).status_code for link in links]  # type: ignore[misc]
    found = at_once([*confirming, *[lambda: repair(world)] * 4, *[lambda: gather(world)] * 2])
    assert [drift for drift in found if isinstance(drift, list) and drift] == []
    gather(world)
    assert count(world).total == 12
