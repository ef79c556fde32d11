"""What Stripe charges in which currency: the integer it expects, the least and the most, and this stand-in's fee.

Sources: https://docs.stripe.com/currencies (special cases, minimum amounts), read in 2026. Amounts are integers as they
stand on the wire.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from sandbox.stripe.errors import ApiError

SUPPORTED = frozenset(
    """
    usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf
    chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf
    idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop
    mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd
    scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg
    xof xpf yer zar zmw
    """.split()
)


@dataclass(frozen=True, slots=True)
class Kind:
    """`places`: decimals on the wire. `fixed`: the fee's fixed part. `step`: every amount is a multiple of it."""

    places: int
    fixed: int
    step: int


# The fee is 2.9 % of the amount, rounded half up to a multiple of `step`, plus `fixed`; never more than the amount.
RATE = Decimal("0.029")
TWO_DECIMALS = Kind(places=2, fixed=30, step=1)
NO_DECIMALS = Kind(places=0, fixed=30, step=1)
THREE_DECIMALS = Kind(places=3, fixed=300, step=10)
ALWAYS_WHOLE = Kind(places=2, fixed=3000, step=100)

_KINDS = {
    **dict.fromkeys("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(), NO_DECIMALS),
    **dict.fromkeys("bhd jod kwd omr tnd".split(), THREE_DECIMALS),
    **dict.fromkeys("isk ugx".split(), ALWAYS_WHOLE),
}
LEAST_OTHERWISE = 50
_LEAST = {
    "aed": 200, "bgn": 100, "czk": 1500, "dkk": 250, "gbp": 30, "hkd": 400, "huf": 17500, "mxn": 1000, "myr": 200,
    "nok": 300, "pln": 200, "ron": 200, "sek": 300, "thb": 1000,
}  # fmt: skip
MOST = 99_999_999


def kind(currency: str) -> Kind:
    """Return how Stripe counts `currency` (lower case)."""
    return _KINDS.get(currency, TWO_DECIMALS)


def fee(amount: int, currency: str) -> int:
    """Return the fee this stand-in takes from a payment of `amount`."""
    counted = kind(currency)
    steps = (amount * RATE / counted.step).to_integral_value(ROUND_HALF_UP)
    return min(int(steps) * counted.step + counted.fixed, amount)


def dispute_fee(currency: str) -> int:
    """Return the fee this stand-in takes for a dispute: 15.00, or 1,500 where there are no decimals."""
    return kind(currency).fixed * 50


def check_whole(amount: int, currency: str, param: str) -> None:
    """Raise ApiError where `amount` has decimals that `currency` cannot hold."""
    step = kind(currency).step
    if amount % step:
        text = f"Invalid amount: an amount in {currency} must be a multiple of {step}."
        raise ApiError(text, param=param, code="parameter_invalid_integer")


def check_total(amount: int, currency: str) -> None:
    """Raise ApiError where the total of a Checkout Session is below the least or above the most."""
    least = _LEAST.get(currency, LEAST_OTHERWISE)
    start = "The Checkout Session's total amount due must add up to"
    if amount < least:
        text = f"{start} at least {written(least, currency)}"
        raise ApiError(text, param="line_items", code="amount_too_small")
    if amount > MOST:
        raise ApiError(f"{start} no more than {written(MOST, currency)}", param="line_items", code="amount_too_large")


def day(seconds: int) -> str:
    """Return the day (UTC) of a time in seconds since 1970, for a person."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def written(amount: int, currency: str) -> str:
    """Return `amount` for a person: "1,250.00 USD"."""
    places = kind(currency).places
    return f"{Decimal(amount).scaleb(-places):,.{places}f} {currency.upper()}"
