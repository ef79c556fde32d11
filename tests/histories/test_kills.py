"""kill -9 of the web server or a worker at every commit of giving, the doorbell and the sweep, one after the other.

The boundaries are counted, not sampled: each act is begun with death at commit 1, 2, 3 … until it ends alive. Then
the act is done again, as people press again, Stripe delivers again and the service starts again, and the books must
equal Stripe's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread

import pytest
from werkzeug.serving import make_server

from tests.histories.dying import ACTS, Life, lived_through
from tests.histories.laws import broken_laws, missing
from tests.histories.site import Site
from tests.served import Quiet
from tests.shape.source import assert_none

pytestmark = pytest.mark.prove
FORM = {"amount": "30", "email": "maria@example.org", "attempt": "one form"}
AFTER_THE_LEASE = 3600


@contextmanager
def reached(site: Site) -> Iterator[str]:
    """Let other processes ask the provider; yield its address."""
    server = make_server("127.0.0.1", 0, site.provider.web, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Story:
    """A gift from the form to its end, with one act in which a process dies."""

    def __init__(self, site: Site, provider: str, victim: str, moment: str, number: int) -> None:
        self.site, self.victim, self.died = site, victim, False
        self.life = Life(site.url, site.instance, provider, site.provider.now(), "", {}, moment, number)

    def act(self, name: str, act: str, given: Callable[[], dict[str, object]] = dict) -> None:
        """Do an act; where it is the one in which somebody dies, in a process of its own, and again after the death."""
        if name == self.victim:
            if lived_through(self._life(act, given)):
                return
            self.died = True
        if act != "give":  # people press again at once, workers when a lease has ended
            self.site.provider.account.move_clock(AFTER_THE_LEASE)
        ACTS[act](self.site, given())

    def _life(self, act: str, given: Callable[[], dict[str, object]]) -> Life:
        """A process that starts when the leases of those before it have ended."""
        self.site.provider.account.move_clock(AFTER_THE_LEASE)
        return replace(self.life, now=self.site.provider.now(), act=act, given=given())

    def letters(self) -> dict[str, object]:
        """Everything that Stripe tells, signed with the time of this delivery."""
        return {"letters": [self.site.provider.letter(event) for event in self.site.provider.all("event")]}

    def tell(self) -> bool:
        """Return whether anybody died."""
        provider = self.site.provider
        self.act("give", "give", FORM.copy)
        (page,) = provider.all("checkout.session")
        provider.press(f"/pay/{page['id']}", do="pay")
        self.act("doorbell", "ring", self.letters)
        self.act("worker", "work")
        (charge,) = provider.all("charge")
        provider.press(f"/control/charges/{charge['id']}/refund", amount="7.10")
        self.act("sweep", "sweep")
        assert_none(broken_laws(self.site) + missing(self.site))
        assert len(provider.all("charge")) == 1
        return self.died


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(("victim", "least"), [("give", 2), ("doorbell", 2), ("worker", 4), ("sweep", 2)])
def test_death_at_any_commit_of_a_gift_leaves_the_books_equal_to_the_providers(
    make_site: Callable[[], Site], victim: str, least: int, moment: str
) -> None:
    number = 1
    while True:
        site = make_site()
        with reached(site) as provider:
            if not Story(site, provider, victim, moment, number).tell():
                break
        number += 1
    assert number > least, f"{victim} has at least so many boundaries"
