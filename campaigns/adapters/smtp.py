"""SMTP behind the Mailer port."""

import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from campaigns.kernel.ports import MailNotAccepted, Message

TIMEOUT_SECONDS = 20
PERMANENT = range(500, 600)


class SmtpMailer:
    """Hands each message to the server at `url` (smtp://user:password@host:port, smtps:// or smtp+starttls://)."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender

    def send(self, message: Message) -> None:
        """See the Mailer port."""
        mail = _composed(message, self._sender)
        try:
            with self._connect() as server:
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            raise MailNotAccepted("recipient refused", final=code in PERMANENT) from refused
        except (smtplib.SMTPException, OSError) as error:
            raise MailNotAccepted(type(error).__name__, final=False) from error

    def _connect(self) -> smtplib.SMTP:
        kind = smtplib.SMTP_SSL if self._url.scheme == "smtps" else smtplib.SMTP
        default_port = 465 if self._url.scheme == "smtps" else 587 if self._url.username else 25
        server = kind(self._url.hostname or "localhost", self._url.port or default_port, timeout=TIMEOUT_SECONDS)
        if self._url.scheme == "smtp+starttls":
            server.starttls()
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return server


class NoMail:
    """Stands in where no SMTP_URL is set: everything stays in the outbox until there is one."""

    def send(self, message: Message) -> None:
        """Raise MailNotAccepted: the mail is tried again later."""
        raise MailNotAccepted("no mail server is set", final=False)


def _composed(message: Message, sender: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = message.to
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    for name, value in message.headers.items():
        mail[name] = value
    mail.set_content(message.text, cte="quoted-printable")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail
