"""Ask for a list, freeze its rows."""

import hashlib
import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Uuid, func, select, text, update
from sqlalchemy.exc import IntegrityError

from campaigns.campaign import operations as campaign_operations
from campaigns.db.sealing import open_sealed
from campaigns.deliveries import operations, queries
from campaigns.deliveries.models import Delivery, DeliveryRow
from campaigns.deliveries.operations import NothingToDeliver
from campaigns.deliveries.queries import DeliveryFacts
from campaigns.deliveries.rules import State
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Review
from campaigns.signatures.rules import State as SignatureState
from tests.make import World, at_once, petition

PEOPLE = [
    ("Ana Public", "public"),
    ("Ben Delivered", "delivered"),
    ("Cleo Counted", "counted"),
    ("Dag Public", "public"),
    ("Eva Counted", "counted"),
]


def signed_by(world: World, people: list[tuple[str, str]] = PEOPLE) -> None:
    for name, visibility in people:
        email = f"{name.split()[0].lower()}@example.org"
        world.sign_and_confirm(name=name, email=email, visibility=visibility, town="Hebron")


def request(world: World, paper: str = "letter", answer_expected: date | None = None, slug: str = "rescind") -> str:
    with world.work() as session:
        return operations.request(
            session, world.campaign(slug), paper=paper, answer_expected=answer_expected, actor="test", now=world.clock()
        )


def freeze(world: World, public_id: str) -> DeliveryFacts:
    delivery = found(world, public_id)
    with world.work() as session:
        operations.freeze(session, delivery.id, world.campaign(), now=world.clock())
    return found(world, public_id)


def found(world: World, public_id: str) -> DeliveryFacts:
    with world.reading() as session:
        delivery = queries.find(session, public_id)
    assert delivery is not None
    return delivery


def frozen_rows(world: World, delivery: DeliveryFacts) -> list[DeliveryRow]:
    with world.reading() as session:
        wanted = select(DeliveryRow).where(DeliveryRow.delivery_id == delivery.id).order_by(DeliveryRow.position)
        return list(session.scalars(wanted))


# Asking


def test_a_list_needs_somebody_on_it(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    with pytest.raises(NothingToDeliver, match="at least one confirmed signature"):
        request(sqlite_world)
    with sqlite_world.reading() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_lists_of_a_campaign_are_numbered_from_one(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.publish(petition(slug="other"))
    sqlite_world.sign_and_confirm()
    sqlite_world.sign_and_confirm("other")
    numbers = []
    for slug in ("rescind", "rescind", "other"):
        numbers.append(found(sqlite_world, request(sqlite_world, slug=slug)).number)
        sqlite_world.run_worker()
    assert numbers == [1, 2, 1]


def test_a_double_click_makes_one_list(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    assert len(set(at_once([lambda: request(world)] * 4))) == 1


def test_two_organizers_ask_in_the_same_moment_and_get_two_numbers(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    wanted = at_once([lambda: request(world, "letter"), lambda: request(world, "a4")])
    assert sorted(found(world, public_id).number for public_id in wanted) == [1, 2]


# Freezing


def test_a_list_numbers_the_named_in_the_order_of_confirmation(world: World) -> None:
    world.publish()
    signed_by(world)
    delivery = freeze(world, request(world))
    rows = frozen_rows(world, delivery)
    assert [(row.number, row.name) for row in rows] == [
        (1, "Ana Public"),
        (2, "Ben Delivered"),
        (None, None),
        (3, "Dag Public"),
        (None, None),
    ]
    assert [row.position for row in rows] == [1, 2, 3, 4, 5]
    assert {row.place for row in rows if row.number} == {"Hebron, US"}
    assert (delivery.named, delivery.withheld, delivery.total, delivery.state) == (3, 2, 5, State.FROZEN)


def test_who_confirmed_first_stands_first_whoever_signed_first(sqlite_world: World) -> None:
    sqlite_world.publish()
    for name in ("First To Sign", "Second To Sign"):
        sqlite_world.sign(name=name, email=f"{name[:5].strip()}@example.org")
    sqlite_world.confirm("Secon@example.org")
    sqlite_world.confirm("First@example.org")
    rows = frozen_rows(sqlite_world, freeze(sqlite_world, request(sqlite_world)))
    assert [row.name for row in rows] == ["Second To Sign", "First To Sign"]


@pytest.mark.parametrize(
    "values",
    [
        {"state": SignatureState.PENDING.value},
        {"state": SignatureState.WITHDRAWN.value},
        {"review": Review.HELD.value},
        {"review": Review.REJECTED.value},
    ],
)
def test_who_does_not_count_is_on_no_list(sqlite_world: World, values: dict[str, str]) -> None:
    sqlite_world.publish()
    signed_by(sqlite_world, PEOPLE[:2])
    with sqlite_world.work() as session:
        ben = select(Signature.id).order_by(Signature.created_at.desc()).limit(1).scalar_subquery()
        session.execute(update(Signature).where(Signature.id == ben).values(**values))
    delivery = freeze(sqlite_world, request(sqlite_world))
    assert [row.name for row in frozen_rows(sqlite_world, delivery)] == ["Ana Public"]


def test_a_frozen_list_stays_as_it_is(world: World) -> None:
    world.publish()
    signed_by(world, PEOPLE[:3])
    before = freeze(world, request(world))
    kept = [(row.number, row.name, row.withheld_hash) for row in frozen_rows(world, before)]
    signed_by(world, PEOPLE[3:])
    with world.work() as session:
        changes = petition(headline="Another headline", organisation="Another organisation")
        campaign_operations.change(session, "rescind", changes, actor="test", now=world.clock())
    after = freeze(world, before.public_id)
    assert [(row.number, row.name, row.withheld_hash) for row in frozen_rows(world, after)] == kept
    assert (after.digest, after.letter, after.frozen_at) == (before.digest, before.letter, before.frozen_at)


def test_two_workers_that_freeze_at_once_make_one_list(world: World) -> None:
    world.publish()
    signed_by(world)
    public_id = request(world)
    digests = {delivery.digest for delivery in at_once([lambda: freeze(world, public_id)] * 3)}
    assert len(digests) == 1
    assert len(frozen_rows(world, found(world, public_id))) == 5


def test_a_list_of_many_is_frozen_in_portions(world: World) -> None:
    """More than one batch, so that the reading goes on while rows are written on the same connection."""
    campaign = world.publish()
    signed_by(world, PEOPLE[:1])
    total = 2 * operations.BATCH + 3
    _copy_signatures(world, total - 1)
    with world.work() as session:
        assert operations.signatures.recount(session, campaign.id).total == total
    delivery = freeze(world, request(world))
    assert delivery.named == total
    assert [row.number for row in frozen_rows(world, delivery)] == list(range(1, total + 1))
    assert delivery.digest == _recomputed(world, delivery)


def _copy_signatures(world: World, number: int) -> None:
    from campaigns.kernel.ids import row_id

    with world.work() as session:
        row = session.execute(select(Signature.__table__)).mappings().one()
        copies = []
        for n in range(number):
            copy = dict(row) | {"id": row_id(world.clock()), "email_hash": b"%d" % n, "token_digest": b"%d" % n}
            copies.append(copy)
        session.execute(Signature.__table__.insert(), copies)


# The digest


def test_anybody_with_the_rows_can_work_out_the_digest(world: World) -> None:
    world.publish(petition(target_address="1 Air Hub Way\nErlanger", headline="Löscht sie – سریعاً"))
    signed_by(world, [*PEOPLE, ("محمد الأمين", "public"), ("王伟", "delivered"), ("Zoë O’Neil", "counted")])
    delivery = freeze(world, request(world, answer_expected=date(2026, 6, 1)))
    assert delivery.digest == _recomputed(world, delivery)


def _recomputed(world: World, delivery: DeliveryFacts) -> str:
    """The recipe of the docs, over what stands in the database, without the project's own code for it."""
    with world.engine.connect() as connection:
        letter = connection.execute(select(Delivery.letter).where(Delivery.id == delivery.id)).scalar_one()
        columns = "number, name, place, salt, withheld_hash, details, version"
        query = text(f"SELECT {columns} FROM delivery_row WHERE delivery_id = :id ORDER BY position")
        stored = connection.execute(query.bindparams(_uuid(delivery))).all()
    rows = [row.withheld_hash or _named_hash(row) for row in stored]
    whole = json.dumps({"letter": letter, "rows": rows}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()


def _named_hash(row: Any) -> str:
    salt, name, place = (open_sealed(bytes(value)) for value in (row.salt, row.name, row.place))
    details = [open_sealed(bytes(row.details))] if row.details else []
    told = ["undersigned list 3", salt, row.number, name, place, row.version, *details]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _uuid(delivery: DeliveryFacts) -> Any:
    from sqlalchemy import bindparam

    return bindparam("id", delivery.id, Uuid())


def test_the_letter_freezes_what_page_one_says(sqlite_world: World) -> None:
    campaign = sqlite_world.publish(petition(target_address="1 Air Hub Way"))
    signed_by(sqlite_world, PEOPLE[:1])
    delivery = freeze(sqlite_world, request(sqlite_world, answer_expected=date(2026, 6, 1)))
    assert delivery.letter == {
        "format": "undersigned list 3",
        "list": 1,
        "id": delivery.public_id,
        "campaign": "rescind",
        "headline": campaign.headline,
        "demands": [[demand.title, demand.detail] for demand in campaign.demands],
        "petition_version": 1,
        "earlier": [],
        "target": "Hub Management",
        "target_address": "1 Air Hub Way",
        "organisation": "Hub Workers",
        "contact": "hub@example.org",
        "frozen_at": sqlite_world.clock().isoformat(timespec="seconds"),
        "answer_expected": "2026-06-01",
    }


# What is withheld


def test_a_withheld_row_can_be_proven_by_its_salt_and_told_by_nothing_else(world: World) -> None:
    world.publish()
    signed_by(world, [("Cleo Counted", "counted"), ("Cleo Counted", "counted")][:1])
    delivery = freeze(world, request(world))
    (row,) = frozen_rows(world, delivery)
    told = ["undersigned list 3", row.salt, str(row.signature_id), "Cleo Counted", "Hebron, US", 1]
    proof = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    assert row.withheld_hash == hashlib.sha256(proof.encode()).hexdigest()
    assert len(row.salt or "") == 32
    with world.engine.connect() as connection:
        raw = repr(connection.exec_driver_sql("SELECT * FROM delivery_row").all())
    assert "Cleo" not in raw
    assert (row.salt or "-") not in raw


def test_the_same_person_has_another_hash_on_each_list(sqlite_world: World) -> None:
    sqlite_world.publish()
    signed_by(sqlite_world, [("Cleo Counted", "counted")])
    hashes = set()
    for _ in range(2):
        delivery = freeze(sqlite_world, request(sqlite_world))
        hashes |= {row.withheld_hash for row in frozen_rows(sqlite_world, delivery)}
    assert len(hashes) == 2


def test_the_database_itself_keeps_two_lists_from_one_number(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    first = request(world)
    freeze(world, first)
    second = request(world)
    with pytest.raises(IntegrityError), world.work() as session:
        session.execute(update(Delivery).where(Delivery.public_id == second).values(number=1))
