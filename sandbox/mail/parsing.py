"""Taking a message apart: subject, text part, HTML part, attachments."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart


@dataclass(frozen=True, slots=True)
class Parts:
    """What a person reads; a part that is not there is empty."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message."""

    name: str
    type: str
    data: bytes


def take_apart(raw: bytes) -> Parts:
    """Return the readable parts of a message; what cannot be decoded is replaced, never refused."""
    message = _message(raw)
    return Parts(_subject(message), _body(message, "plain"), _body(message, "html"))


def attachments(raw: bytes) -> list[Attachment]:
    """Return the files that came with a message."""
    return [
        Attachment(part.get_filename() or "file", part.get_content_type(), _bytes(part))
        for part in _message(raw).iter_attachments()
    ]


def _message(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def _subject(message: EmailMessage) -> str:
    try:
        return str(message["subject"] or "")
    except (ValueError, IndexError, AttributeError):  # what email.headerregistry raises for broken headers
        return ""


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    charset = part.get_content_charset("utf-8")
    data = _bytes(part)
    try:
        text = data.decode(charset, "replace")
    except LookupError:
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def _bytes(part: MIMEPart) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else part.as_bytes()
