"""What Stripe's document (2026-05-27.dahlia) calls wrong and is right at the version that we speak (2026-10-28.endive).

Each entry is a problem in the document's words, with the reason why it is none. The SDK's types, which are generated
from the later version, must accept what stands here, and a test asks for every entry whether it is still needed.
"""

_LATER = "the SDK 16.1.0 has it and 15.2.1, which speaks the document's version, has not: "

KNOWN: dict[str, str] = {
    "checkout.session.allowed_payment_method_types: unknown": _LATER + "says what the parameter of that name chose",
    "payment_intent.allowed_payment_method_types: unknown": _LATER + "says what the parameter of that name chose",
    "payment_intent.payment_record: unknown": _LATER + "a link to the record of the payment",
    "payment_intent.source: unknown": "the SDK has it at both versions: what paid, with ways to pay that are older",
    "refund.customer: unknown": _LATER + "whose money goes back",
    "refund.customer_account: unknown": _LATER + "whose money goes back",
    "refund.payment_method: unknown": _LATER + "where the money goes back to",
    "POST /v1/checkout/sessions.locale: 'hi-IN' is not one of its words": _LATER + "the payment page speaks Hindi",
    "checkout.session.locale: 'hi-IN' is not one of its words": _LATER + "the payment page speaks Hindi",
    "product.type: unknown": "the SDK has it at both versions: what the product is to the older parts of Stripe",
    "dispute.payment_method_details.card.network: unknown": _LATER + "whose network the card belongs to",
    "dispute.evidence_details.submission_method: unknown": _LATER + "how the evidence was sent",
    # No matter of versions:
    "charge.refunds: missing": "a list that is there only when `expand` names it; the document calls it nullable",
}

# The same of what the site does not ask for yet (tests/sandbox/wide_story.py).
WIDE: dict[str, str] = {
    "subscription_item.plan: unknown": "the SDK has it at both versions: what a price is to the older parts of Stripe",
}


def unknown(problems: list[str]) -> list[str]:
    """Return the problems that are not known differences."""
    return [problem for problem in problems if problem not in KNOWN and problem not in WIDE]
