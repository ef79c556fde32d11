"""What asking for news does, whatever stands there."""

import pytest

from campaigns.subscriptions.rules import Asking, State, on_asking


@pytest.mark.parametrize(
    ("existing", "has_enough", "asking"),
    [
        (None, False, Asking.ADD),
        (None, True, Asking.ADD),
        (State.PENDING, False, Asking.REPLACE),
        (State.PENDING, True, Asking.ENOUGH),
        (State.CONFIRMED, False, Asking.TELL_BY_MAIL),
        (State.CONFIRMED, True, Asking.TELL_BY_MAIL),
    ],
)
def test_asking_again(existing: State | None, has_enough: bool, asking: Asking) -> None:
    assert on_asking(existing, has_enough_mails=has_enough) is asking
