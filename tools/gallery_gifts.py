"""What the gallery's donation pages are told: forms fresh and refused, funds to choose from, gifts that went back."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from campaigns.donations.forms import DonateForm, with_shares
from campaigns.kernel.fees import CardFee
from campaigns.kernel.money import Money
from tools import gallery_samples as samples


def donate_form(**typed: str) -> DonateForm:
    """Return a fresh form with the suggested amount chosen, or a refused one where something was typed."""
    if not typed:
        return DonateForm(formdata=None, presets=samples.FUND.presets, chosen=samples.FUND.suggested)
    form = DonateForm(formdata=MultiDict(typed), presets=samples.FUND.presets)
    form.validate()
    return form


def share_form(**typed: str) -> DonateForm:
    """Return a form for two funds at once, fresh or refused."""
    funds = tuple((fund.ask.fund.id, fund.name, "USD") for fund in (samples.FUND, samples.KITCHEN))
    form = with_shares(funds)(MultiDict(typed) if typed else None, presets=samples.FUND.presets)
    form.fund.data = "USD"
    if typed:
        form.validate()
    return form


def giving_to(*funds: samples.Fund) -> dict[str, Any]:
    """Return what the donation page is told, with the given funds chosen among three."""
    return {
        "campaign": samples.OPEN,
        "fund": next(iter(funds), None),
        "funds": funds,
        "choices": (samples.FUND, samples.KITCHEN, samples.PIACENZA) if len(funds) > 1 else funds,
        "shared_currencies": ["USD"],
        "fee": CardFee(Decimal("2.9"), {"USD": Money(30, "USD")}),
        "example": samples.FUND.example,
    }


def gifts_gone_back() -> dict[str, samples.Donation]:
    """Return gifts of which everything, a part or nothing is left."""
    nothing = replace(samples.Donation(state="refunded"), refunded=Money(3000, "USD"))
    return {
        "shared": samples.SHARED,
        "refunded": nothing,
        "partly_refunded": replace(samples.SHARED, state="partly_refunded", refunded=Money(1000, "USD")),
        "disputed": replace(samples.Donation(state="disputed"), disputed=Money(3000, "USD")),
    }
