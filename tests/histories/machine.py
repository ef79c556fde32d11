"""Random histories of givers, Stripe and deliveries; after each step the books must agree with what Stripe knows.

What the books hold is compared with the provider's own objects after every step; that they hold all of it, whenever
everything that no event told has been swept up, which each history does at its end and some do on the way.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sandbox.stripe import refunds
from sandbox.stripe.store import Json
from tests.histories.laws import broken_laws, missing
from tests.histories.site import Site
from tests.shape.source import assert_none

UNEXPLAINED_AFTER = 2 * 24 * 3600  # by then nothing may wait any more to be explained
PICK = st.integers(0, 10**6)
HOUR = 3600
LONG = 40 * 24  # hours: no event is kept so long, and no sweep asks for what it knows so far back
AMOUNT = st.integers(100, 50_000)
FREQUENCY = st.sampled_from(["once", "once", "monthly"])
# What the stand-in's cards do, `debit` for a bank account: most pay.
CARDS = "4242 4242 4242 0002 0259 1976 5423 7726 5126 0077 0341 debit debit-fails".split()


class Histories(RuleBasedStateMachine):
    """Each rule is something that somebody does, on either side of the wire."""

    make_site: ClassVar[Callable[[], Site]]
    steps: ClassVar[Counter[str]] = Counter()

    @initialize()
    def open_the_site(self) -> None:
        self.site = type(self).make_site()
        self.provider = self.site.provider

    def _some(self, kind: str, pick: int, fits: Callable[[Json], bool] = lambda _: True) -> Json | None:
        found = [thing for thing in self.provider.all(kind) if fits(thing)]
        return found[pick % len(found)] if found else None

    def _has(self, kind: str) -> bool:
        return hasattr(self, "provider") and bool(self.provider.store.find(kind, limit=1))

    def _press(self, kind: str, pick: int, word: str, **fields: str) -> None:
        """Press a button of the control page. What cannot be done to that object is refused there, and nothing lost."""
        if thing := self._some(kind, pick):
            assert self.provider.press(f"/control/{thing['id']}/{word}", **fields) in (303, 400)

    def _did(self, word: str) -> None:
        self.steps[word] += 1

    # Givers

    def _give(self, cents: int, frequency: str) -> str | None:
        """Send the form; return the id of the page it leads to, None while the provider is away."""
        answer = self.site.give(amount=f"{cents // 100}.{cents % 100:02}", frequency=frequency)
        assert answer.status_code in ((503,) if self.provider.is_away else (303,)), answer.text
        return None if self.provider.is_away else answer.headers["Location"].rpartition("/")[2]

    @rule(cents=AMOUNT, frequency=FREQUENCY)
    def give(self, cents: int, frequency: str) -> None:
        self._did("give")
        self._give(cents, frequency)

    @rule(cents=AMOUNT, frequency=FREQUENCY, card=st.sampled_from(CARDS))
    def give_and_pay(self, cents: int, frequency: str, card: str) -> None:
        self._did("give and pay")
        if page := self._give(cents, frequency):
            self.provider.press(f"/pay/{page}", do="pay", card=card)

    @precondition(lambda self: self._has("checkout.session"))
    @rule(pick=PICK, card=st.sampled_from(CARDS))
    def pay(self, pick: int, card: str) -> None:
        self._did("pay")
        if page := self._some("checkout.session", pick, lambda each: each["status"] == "open"):
            self.provider.press(f"/pay/{page['id']}", do="pay", card=card)

    @precondition(lambda self: self._has("checkout.session"))
    @rule(pick=PICK)
    def look_at_the_gift(self, pick: int) -> None:
        """The redirect, or somebody who looks again."""
        self._did("look")
        if page := self._some("checkout.session", pick):
            path = page["success_url"].removeprefix("http://localhost")
            assert self.site.app.test_client().get(path).status_code == 200

    # Stripe

    @precondition(lambda self: self._has("charge"))
    @rule(pick=PICK, share=st.integers(1, 100), waits=st.booleans())
    def refund(self, pick: int, share: int, waits: bool) -> None:
        self._did("refund")
        if charge := self._some("charge", pick, lambda each: each["status"] == "succeeded"):
            left = charge["amount"] - charge["amount_refunded"]
            amount = f"{max(1, left * share // 100) / 100:.2f}"
            refunds.hold(self.provider.account, "processing" if waits else None)
            self.provider.press(f"/control/charges/{charge['id']}/refund", amount=amount)

    @precondition(lambda self: self._has("refund"))
    @rule(pick=PICK, end=st.sampled_from(["finish-refund", "fail-refund"]))
    def end_a_refund(self, pick: int, end: str) -> None:
        self._did(end)
        self._press("refund", pick, end)

    @precondition(lambda self: self._has("charge"))
    @rule(pick=PICK, how=st.sampled_from(["now", "later", "inquiry"]))
    def dispute(self, pick: int, how: str) -> None:
        self._did("dispute")
        self._press("charge", pick, "dispute", how=how)

    @precondition(lambda self: self._has("dispute"))
    @rule(pick=PICK, word=st.sampled_from(["withdraw", "escalate", "answer", "win", "lose", "close-inquiry"]))
    def a_dispute_goes_on(self, pick: int, word: str) -> None:
        self._did(word)
        self._press("dispute", pick, word)

    @precondition(lambda self: self._has("charge"))
    @rule(pick=PICK, word=st.sampled_from(["warn-of-fraud", "bank-pays", "bank-refuses"]))
    def a_bank_says(self, pick: int, word: str) -> None:
        self._did(word)
        self._press("charge", pick, word)

    @precondition(lambda self: self._has("charge"))
    @rule(how=st.sampled_from(["now", "daily", "never"]))
    def pay_out(self, how: str) -> None:
        self._did("pay out")
        self.provider.press("/control/payouts", do=how)

    @precondition(lambda self: self._has("payout"))
    @rule(pick=PICK, word=st.sampled_from(["payout-arrives", "payout-fails"]))
    def a_payout_ends(self, pick: int, word: str) -> None:
        self._did(word)
        self._press("payout", pick, word)

    @precondition(lambda self: self._has("subscription"))
    @rule(pick=PICK, word=st.sampled_from(["renew", "renew", "card-declines", "cancel"]))
    def a_subscription_goes_on(self, pick: int, word: str) -> None:
        self._did(word)
        self._press("subscription", pick, word)

    @rule(seconds=st.sampled_from([0, 0, 30, 4 * HOUR]))
    def book_charges_later(self, seconds: int) -> None:
        self._did("settlement")
        self.provider.press("/control/settlement", settlement="delayed" if seconds else "", seconds=str(seconds))

    @rule(hours=st.integers(1, 100) | st.just(LONG))
    def let_time_pass(self, hours: int) -> None:
        self._did("time")
        self.provider.account.move_clock(hours * HOUR)

    # Deliveries

    def _event(self, pick: int, *, waiting: bool) -> Json | None:
        return self._some("event", pick, lambda each: bool(each["pending_webhooks"]) is waiting)

    @rule(pick=PICK, waiting=st.booleans())
    def deliver_one(self, pick: int, waiting: bool) -> None:
        """In any order, and what has arrived before once more."""
        self._did("deliver")
        if event := self._event(pick, waiting=waiting):
            assert self.site.ring(event) == 200

    @rule(picks=st.lists(PICK, min_size=2, max_size=4))
    def deliver_several_at_once(self, picks: list[int]) -> None:
        self._did("deliver at once")
        events = [event for pick in picks if (event := self._event(pick, waiting=True))]
        if events:
            assert set(self.site.ring_at_once(events)) == {200}

    @rule()
    def deliver_all(self) -> None:
        self._did("deliver all")
        for event in self.provider.all("event"):
            if event["pending_webhooks"]:
                assert self.site.ring(event) == 200

    # The site

    @rule()
    def work(self) -> None:
        self._did("work")
        self.site.work()

    @precondition(lambda self: not self.provider.is_away)
    @rule()
    def sweep(self) -> None:
        self._did("sweep")
        self._settle()

    @rule(is_away=st.sampled_from([True, False, False]))
    def the_provider_goes_or_comes(self, is_away: bool) -> None:
        self._did("away")
        self.provider.is_away = is_away

    def _settle(self) -> None:
        """Sweep up what no event told, and let the worker do what follows: then nothing may be missing."""
        self.provider.account.move_clock(UNEXPLAINED_AFTER)
        self.site.sweep()
        self.site.work()
        self.site.sweep()
        assert_none(missing(self.site))

    @invariant()
    def the_books_agree_with_the_provider(self) -> None:
        if hasattr(self, "site"):
            assert_none(broken_laws(self.site))

    def teardown(self) -> None:
        if not hasattr(self, "site"):
            return
        self.provider.is_away = False
        self._settle()
        self.provider.close()


def steps_of(machine: type[Histories]) -> int:
    """How many rules were carried out."""
    return sum(machine.steps.values())


def configured(make_site: Callable[[], Site]) -> type[Histories]:
    """Return the machine for one kind of site."""
    made: Any = type("HistoriesOfASite", (Histories,), {"make_site": staticmethod(make_site), "steps": Counter()})
    return made  # type: ignore[no-any-return]
