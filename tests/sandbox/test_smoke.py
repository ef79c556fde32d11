"""The script for a real test key, run against the stand-in."""

import pytest

from tests.sandbox import smoke
from tests.sandbox.rig import Rig


def test_the_smoke_script_finds_nothing_wrong_with_the_stand_in(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.paid()
    assert smoke.main({"STRIPE_SMOKE_KEY": "sk_test_demo"}, rig.stripe_url) == 0
    assert "14 requests, 0 differences" in capsys.readouterr().out


@pytest.mark.parametrize("key", [None, "", "sk_live_x", "rk_live_x", "whsec_x"])
def test_the_smoke_script_takes_no_key_but_a_test_key(key: str | None) -> None:
    assert smoke.main({} if key is None else {"STRIPE_SMOKE_KEY": key}) == 2
