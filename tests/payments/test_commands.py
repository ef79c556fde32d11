"""`payments sweep` and `payments doctor` at the terminal."""

from pathlib import Path

import pytest

from campaigns.factory import Vendors, create_app
from tests.make import World, appeal, settings


def test_a_sweep_tells_how_many_it_looked_at(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.checkout.pay(sqlite_world.give())
    result = sqlite_world.app.test_cli_runner().invoke(args=["payments", "sweep"])
    assert (result.exit_code, result.output) == (0, "1 payments looked at.\n")
    assert sqlite_world.app.test_cli_runner().invoke(args=["payments", "sweep"]).output == "0 payments looked at.\n"


def test_without_a_payment_key_a_sweep_finds_nothing_to_read_and_the_doctor_says_so(
    sqlite_world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = sqlite_world.engine.url.render_as_string(hide_password=False)
    app = create_app(settings(url, tmp_path), Vendors(engine=sqlite_world.engine, clock=sqlite_world.clock))
    sweep, doctor = (app.test_cli_runner().invoke(args=["payments", word]) for word in ("sweep", "doctor"))
    assert (sweep.exit_code, sweep.output) == (0, "0 payments looked at.\n")
    assert (doctor.exit_code, "No payment key is set" in doctor.output) == (1, True)
    app.extensions["undersigned.worker"]("without a key").run_once()
    assert "failed" not in caplog.text
