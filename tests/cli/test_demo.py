"""flask --app app demo load."""

import stat
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import delete, select

from campaigns.accounts.models import User
from campaigns.accounts.rules import ROLES
from campaigns.campaign import queries
from campaigns.cli.demo import SAMPLES, SIGN_INS
from campaigns.membership import queries as membership
from tests.make import World, csrf_token


def load(world: World) -> Result:
    result = world.app.test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 0, result.output
    return result


def sign_ins(folder: Path) -> dict[str, str]:
    lines = [line.split() for line in (folder / SIGN_INS).read_text(encoding="utf-8").splitlines()]
    return {email: password for _role, email, password in lines}


def test_the_demo_brings_its_campaigns_open_to_the_public(world: World) -> None:
    load(world)
    with world.reading() as session:
        campaigns = queries.published(session, world.clock())
        asks = [queries.ask_of(session, campaign) for campaign in campaigns]
    assert len(campaigns) == len(list(SAMPLES.glob("*.toml"))) == 2
    for campaign in campaigns:
        assert campaign.is_demo
        assert campaign.petition_open
        assert campaign.days_left
        assert world.see(f"/campaigns/{campaign.slug}").status_code == 200
        assert world.see(f"/campaigns/{campaign.slug}/sign").status_code == 200
    assert any(ask and str(ask.suggested) == "30.00 USD" for ask in asks)


def test_the_demo_can_be_joined(world: World) -> None:
    load(world)
    page = world.see("/join").text
    assert all(words in page for words in ("In work</bdi>, $15 a month", "Between jobs</bdi>, $3 a month"))


def test_loading_again_leaves_everything_as_it_is(world: World, tmp_path: Path) -> None:
    first = load(world)
    kept = (tmp_path / SIGN_INS).read_text(encoding="utf-8")
    world.clock.move(days=3)
    again = load(world)
    assert first.stdout.count("demo.example") == 4
    assert again.stdout == ""
    assert (tmp_path / SIGN_INS).read_text(encoding="utf-8") == kept
    with world.reading() as session:
        assert len(queries.every(session, world.clock())) == 2
        assert len(membership.tiers(session)) == 2
        assert len(session.scalars(select(User)).all()) == 4


def test_each_demo_account_signs_in_with_the_password_that_is_kept(sqlite_world: World, tmp_path: Path) -> None:
    shown = load(sqlite_world).stdout
    found = sign_ins(tmp_path)
    assert set(found) == {f"{role}@demo.example" for role in ROLES}
    for email, password in found.items():
        assert password in shown
        client = sqlite_world.client
        data = {"email": email, "password": password, "csrf_token": csrf_token(client)}
        assert client.post("/desk/account/login", data=data).status_code == 302


@pytest.mark.parametrize("stood_there", [False, True])
def test_the_passwords_are_for_their_owner_alone(sqlite_world: World, tmp_path: Path, stood_there: bool) -> None:
    path = tmp_path / SIGN_INS
    if stood_there:
        path.touch()
        path.chmod(0o644)
    load(sqlite_world)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_account_that_was_removed_comes_back_and_the_others_stay_known(sqlite_world: World, tmp_path: Path) -> None:
    load(sqlite_world)
    before = sign_ins(tmp_path)
    with sqlite_world.work() as session:
        gone = select(User.id).where(User.email == "treasurer@demo.example").scalar_subquery()
        session.execute(
            delete(User.metadata.tables["roles_users"]).where(User.metadata.tables["roles_users"].c.user_id == gone)
        )
        session.execute(delete(User).where(User.email == "treasurer@demo.example"))
    load(sqlite_world)
    after = sign_ins(tmp_path)
    assert set(after) == set(before)
    assert {email for email in before if before[email] != after[email]} == {"treasurer@demo.example"}
