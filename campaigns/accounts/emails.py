"""Mails about desk accounts."""

from campaigns.kernel.ports import Message, Payload


def account_mail(payload: Payload) -> Message:
    """Return the mail that the sign-in library wrote."""
    return Message(payload["to"], payload["subject"], payload["text"], payload["html"])
