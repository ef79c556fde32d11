"""Mails about receipts."""

from babel import Locale

from campaigns.kernel.money import Money
from campaigns.kernel.ports import Attachment, Message, Payload
from campaigns.links import Links
from campaigns.mailboxes.rules import LINK_LIFETIME
from campaigns.receipts.queries import ReceiptFacts
from campaigns.receipts.rules import Content
from campaigns.rendering import formats
from campaigns.rendering.mails import render_mail

PDF = "application/pdf"


def receipt_mail(
    template: str, payload: Payload, receipt: ReceiptFacts, content: Content, links: Links, pdf: bytes | None = None
) -> Message:
    """Return the mail `template` (such as receipts/first) about a receipt, with its PDF where there is one."""
    locale = Locale.parse(content.language, sep="-")

    def money(amount: Money) -> str:
        return formats.money(amount, locale)

    values = {
        "number": receipt.shown,
        "amount": money(receipt.amount),
        "given": money(content.given),
        "went_back": money(content.given - receipt.amount) if receipt.amount != content.given else "",
        "date": formats.long_date(content.given_on, locale),
        "lines": [(line, money(line.amount)) for line in content.lines],
        "reason": receipt.void_reason.value if receipt.void_reason else "",
        "link": links.donation(content.reference),
        "own_page": links.own_page(payload["own_page"]),
        "days": LINK_LIFETIME.days,
        "issuer": content.issuer,
        "tier": content.tier,
        "reference": content.reference,
        "has_file": pdf is not None,
        "dedication": payload.get("dedication", ""),
        "manage": links.monthly_manage(payload["manage"]) if payload.get("manage") else "",
        "is_first_month": payload.get("is_first_month", False),
    }
    message = render_mail(template, payload["to"], values)
    if pdf is None:
        return message
    file = Attachment(f"receipt-{receipt.shown}.pdf", PDF, pdf)
    return Message(message.to, message.subject, message.text, attachments=(file,))
