"""SMTP behind the Mailer port."""

import smtplib
import ssl
from contextlib import suppress
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
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
            server = self._connected()
            try:
                self._introduce(server)
                _hand_over(server, mail)
            finally:
                _leave(server)
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            raise MailNotAccepted("recipient refused", final=code in PERMANENT) from refused
        except smtplib.SMTPDataError as refused:
            raise MailNotAccepted("content refused", final=refused.smtp_code in PERMANENT) from refused
        except (smtplib.SMTPException, OSError) as error:
            raise MailNotAccepted(type(error).__name__, final=False) from error

    def _connected(self) -> smtplib.SMTP:
        host = self._url.hostname or "localhost"
        if self._url.scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, self._url.port or 465, timeout=TIMEOUT_SECONDS, context=context)
        return smtplib.SMTP(host, self._url.port or (587 if self._url.username else 25), timeout=TIMEOUT_SECONDS)

    def _introduce(self, server: smtplib.SMTP) -> None:
        if self._url.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())  # smtplib's own would believe any certificate
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))


def _hand_over(server: smtplib.SMTP, mail: EmailMessage) -> None:
    """Send `mail` as it is: smtplib's own send_message would write ">From" where a line begins with "From"."""
    sender, recipient = (mail[name].addresses[0].addr_spec for name in ("From", "To"))
    is_ascii = f"{sender}{recipient}".isascii()
    server.ehlo_or_helo_if_needed()
    if not is_ascii and not server.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError("SMTPUTF8")
    options = [] if is_ascii else ["SMTPUTF8", "BODY=8BITMIME"]
    server.sendmail(sender, [recipient], mail.as_bytes(policy=POLICY.clone(utf8=not is_ascii)), options)


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye. Whatever is answered, the mail is taken or not taken by now."""
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


class NoMail:
    """Stands in where no SMTP_URL is set: everything stays in the outbox until there is one."""

    def send(self, message: Message) -> None:
        """Raise MailNotAccepted: the mail is tried again later."""
        raise MailNotAccepted("no mail server is set", final=False)


def _composed(message: Message, sender: str) -> EmailMessage:
    """Return the mail. Raises MailNotAccepted where a header would smuggle in a line, or a second recipient."""
    mail = EmailMessage(policy=POLICY)
    try:
        _write(mail, message, sender)
    except ValueError as error:
        raise MailNotAccepted("malformed", final=True) from error
    if [address.addr_spec for address in mail["To"].addresses] != [message.to]:
        raise MailNotAccepted("not one address", final=True)
    return mail


class _Unfolded(UnstructuredHeader, BaseHeader):
    """A header that stays on one line: a long address folded into encoded words is none to a mail program."""

    def fold(self, *, policy: Policy) -> str:
        """Return the header's line."""
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> "EmailPolicy[EmailMessage]":
    headers = HeaderRegistry()
    headers.map_to_type("list-unsubscribe", _Unfolded)
    return SMTP.clone(header_factory=headers)


POLICY = _policy()


def _write(mail: EmailMessage, message: Message, sender: str) -> None:
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
    for each in message.attachments:
        kind, _, subtype = each.type.partition("/")
        mail.add_attachment(each.data, maintype=kind, subtype=subtype, filename=each.name)
