"""The control page and its buttons."""

import pytest

from sandbox.stripe import charges
from tests.sandbox.driving import visit
from tests.sandbox.rig import Rig


def test_the_page_shows_what_has_happened(rig: Rig) -> None:
    assert "None yet." in visit(rig.stripe_url).text
    charge = rig.paid().payment_intent.latest_charge
    rig.press(rig.new_session(), "decline")
    rig.quiet()
    text = visit(rig.stripe_url).text
    for shown in (charge.id, "30.00 USD", "1.17 USD", "Your card was declined.", "charge.updated", "HTTP 200", "ana@"):
        assert shown in text
    assert rig.site.url in text


@pytest.mark.parametrize(("typed", "refunded"), [("12.50", 1250), ("30", 3000), ("30.00", 3000)])
def test_the_refund_button_refunds_what_is_written(rig: Rig, typed: str, refunded: int) -> None:
    charge = rig.paid().payment_intent.latest_charge
    assert visit(f"{rig.stripe_url}/control/charges/{charge.id}/refund", {"amount": typed}).status == 303
    assert rig.api.charges.retrieve(charge.id).amount_refunded == refunded


@pytest.mark.parametrize("typed", ["", "0", "-1", "1.005", "12,50", "NaN", "Infinity", "1e9", "30.01"])
def test_an_amount_that_cannot_be_refunded_is_explained(rig: Rig, typed: str) -> None:
    charge = rig.paid().payment_intent.latest_charge
    page = visit(f"{rig.stripe_url}/control/charges/{charge.id}/refund", {"amount": typed})
    assert (page.status, 'role="alert"' in page.text) == (400, True)
    assert rig.api.charges.retrieve(charge.id).amount_refunded == 0


def test_settlement_can_be_delayed_and_done_by_hand(rig: Rig) -> None:
    settlement = f"{rig.stripe_url}/control/settlement"
    assert visit(settlement, {"settlement": "delayed", "seconds": "3600"}).status == 303
    charge = rig.paid().payment_intent.latest_charge
    assert charge.balance_transaction is None
    assert visit(f"{rig.stripe_url}/control/charges/{charge.id}/settle", {}).status == 303
    assert rig.api.charges.retrieve(charge.id).balance_transaction
    assert visit(settlement, {"settlement": "immediate", "seconds": "60"}).status == 303
    assert rig.paid().payment_intent.latest_charge.balance_transaction


@pytest.mark.parametrize("seconds", ["", "0", "soon", "²", "99999999"])
def test_a_delay_that_makes_no_sense_is_explained(rig: Rig, seconds: str) -> None:
    page = visit(f"{rig.stripe_url}/control/settlement", {"settlement": "delayed", "seconds": seconds})
    assert (page.status, 'role="alert"' in page.text) == (400, True)
    assert charges.delay(rig.account) == 0


@pytest.mark.parametrize("path", ["charges/ch_1/refund", "charges/ch_1/settle", "events/evt_1/deliver"])
def test_a_button_for_something_unknown_is_not_found(rig: Rig, path: str) -> None:
    assert visit(f"{rig.stripe_url}/control/{path}", {}).status == 404


def test_a_foreign_page_cannot_press_the_buttons(rig: Rig) -> None:
    session = rig.new_session()
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert visit(session.url, {"do": "pay"}, headers).status == 403
    assert rig.api.checkout.sessions.retrieve(session.id).status == "open"


def test_names_are_shown_as_text(rig: Rig) -> None:
    session = rig.new_session(client_reference_id="<script>alert(1)</script>")
    assert "<script>" not in visit(rig.stripe_url).text
    assert visit(session.url).status == 200
