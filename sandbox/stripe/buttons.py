"""What the control page's buttons do to one object, each told by the resource it belongs to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.stripe.account import Account
from sandbox.stripe.store import Json


@dataclass(frozen=True, slots=True)
class Button:
    """Acts on an object of `kind`, with the fields of the form; then the page is shown at `anchor`.

    `press` may raise ApiError, whose words the page shows.
    """

    kind: str
    press: Callable[[Account, Json, Mapping[str, str]], object]
    anchor: str
