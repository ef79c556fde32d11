"""What is refused for its length is taken in all the same, up to a limit, so that the answer can be read."""

import io

import pytest

from campaigns.web.bodies import TAKEN_IN_BYTES
from tests.make import World, appeal

LIMIT = 256 * 1024
FORM = "application/x-www-form-urlencoded"


class Upload(io.BytesIO):
    """A body whose sender hangs up before the end."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= LIMIT:
            raise ConnectionResetError
        return super().read(size)


@pytest.mark.parametrize("path", ["/campaigns/rescind/sign", "/nothing", "/webhooks/stripe"])
@pytest.mark.parametrize(
    ("length", "taken_in"),
    [(LIMIT + 1, LIMIT + 1), (3_000_000, 3_000_000), (TAKEN_IN_BYTES + 500_000, TAKEN_IN_BYTES)],
)
def test_a_body_that_is_refused_is_read_first(sqlite_world: World, path: str, length: int, taken_in: int) -> None:
    sqlite_world.publish(appeal())
    body = io.BytesIO(b"x" * length)
    response = sqlite_world.client.post(path, input_stream=body, content_type="text/plain")
    assert response.status_code >= 400
    assert body.tell() == taken_in


def test_a_sender_who_hangs_up_breaks_nothing(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    body = Upload(b"x" * 3_000_000)
    response = sqlite_world.client.post("/campaigns/rescind/sign", input_stream=body, content_type=FORM)
    assert response.status_code == 413
    assert body.tell() == LIMIT
