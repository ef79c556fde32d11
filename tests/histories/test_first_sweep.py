"""A site that looks for the first time after months finds what was paid all that time, whatever nobody told it."""

from collections.abc import Callable

from tests.histories.laws import missing
from tests.histories.site import Site

LONG = 2 * 24 * 3600


def _monthly(site: Site, amount: str) -> str:
    """Give monthly and pay; return the id of the subscription."""
    page = site.give(amount=amount, frequency="monthly").headers["Location"].rpartition("/")[2]
    site.provider.press(f"/pay/{page}", do="pay", card="4242")
    return str(site.provider.all("subscription")[-1]["id"])


def _newest_event_arrives(site: Site, kind: str) -> None:
    event = [each for each in site.provider.all("event") if each["type"] == kind][-1]
    assert site.ring(event) == 200
    site.work()


def test_months_that_were_paid_before_the_first_one_that_was_booked_are_found(make_site: Callable[[], Site]) -> None:
    site = make_site()
    unheard = _monthly(site, "25.00")
    for _ in range(2):
        site.provider.press(f"/control/{unheard}/renew")
    _monthly(site, "40.00")
    _newest_event_arrives(site, "invoice.paid")
    for _ in range(2):
        site.provider.account.move_clock(LONG)
        site.sweep()
        site.work()
    assert missing(site) == []
