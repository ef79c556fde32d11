"""Mails about news: asking whether it is wanted, and telling who has it already."""

from dataclasses import replace
from typing import Any

from campaigns.kernel.ports import Message, Payload
from campaigns.links import Links
from campaigns.rendering.mails import render_mail
from campaigns.subscriptions.rules import PENDING_KEPT


def confirm_mail(payload: Payload, links: Links) -> Message:
    """Return the mail with the one link that confirms."""
    values = {"link": links.confirm_news(payload["secret"]), "days": PENDING_KEPT.days}
    return _with_stop("subscriptions/confirm", payload, links, values)


def already_mail(payload: Payload, links: Links) -> Message:
    """Return the mail that tells a subscriber what the web page must not tell anybody."""
    return _with_stop("subscriptions/already", payload, links, {})


def stop_headers(links: Links, stop_secret: str) -> dict[str, str]:
    """Return the headers by which a mail program stops news with one click (RFC 2369, RFC 8058).

    They belong into every mail with news, made for its recipient (operations.stop_secret).
    """
    return {
        "List-Unsubscribe": f"<{links.stop_news(stop_secret)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _with_stop(name: str, payload: Payload, links: Links, values: dict[str, Any]) -> Message:
    stop = {"campaign": payload["campaign"], "stop": links.stop_news(payload["stop"])}
    message = render_mail(name, payload["to"], values | stop)
    return replace(message, headers=stop_headers(links, payload["stop"]))
