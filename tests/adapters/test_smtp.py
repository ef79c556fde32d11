"""Mail over real SMTP on loopback: it arrives as written, and a refusal is final only where it is."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from campaigns.adapters.smtp import NoMail, SmtpMailer
from campaigns.kernel.ports import Attachment, MailNotAccepted, Message
from tests.fakes.smtp import SmtpServer, Taken

SENDER = "Hub Workers <no-reply@hub.example.org>"
MESSAGE = Message("maria@example.org", "Confirm", "Hello\n", message_id="<1@hub.example.org>")


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


def mailer(server: SmtpServer, scheme: str = "smtp", who: str = "", host: str = "127.0.0.1") -> SmtpMailer:
    return SmtpMailer(f"{scheme}://{who}{host}:{server.port}", SENDER)


def send(server: SmtpServer, **changes: object) -> EmailMessage:
    """Send one message; return it as it arrived."""
    mailer(server).send(replace(MESSAGE, **changes))  # type: ignore[arg-type]  # fields of a message
    return server.answers.taken[-1].mail


def refused(server: SmtpServer, **changes: object) -> MailNotAccepted:
    with pytest.raises(MailNotAccepted) as caught:
        mailer(server).send(replace(MESSAGE, **changes))  # type: ignore[arg-type]  # fields of a message
    return caught.value


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


# As written


def test_a_mail_arrives_with_its_envelope_and_headers(server: SmtpServer) -> None:
    mail = send(server)
    taken = server.answers.taken[0]
    assert (taken.sender, taken.recipients) == ("no-reply@hub.example.org", ["maria@example.org"])
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "maria@example.org", "Confirm")
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == ("<1@hub.example.org>", "auto-generated")
    assert abs(parsedate_to_datetime(mail["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert body(mail) == "Hello\n"


def test_a_file_arrives_with_the_mail_byte_for_byte(server: SmtpServer) -> None:
    data = bytes(range(256)) * 40
    mail = send(server, attachments=(Attachment("receipt-2026-00001.pdf", "application/pdf", data),))
    (part,) = mail.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("receipt-2026-00001.pdf", "application/pdf")
    assert part.get_payload(decode=True) == data
    assert body(mail) == "Hello\n"


@pytest.mark.parametrize(
    "subject",
    [
        "Bestätigen Sie Ihre Unterschrift",
        "Подтвердите подпись · تأكيد التوقيع · 署名を確認",
        "Confirm " + "your signature under our demand " * 30,
        "ä" * 300,
        "✊🏿 Reinstate Jo",
        "=?utf-8?q?not_what_it_seems?=",
    ],
    ids=["latin", "scripts", "long", "long and encoded", "emoji", "looks encoded"],
)
def test_a_subject_arrives_as_written(server: SmtpServer, subject: str) -> None:
    mail = send(server, subject=subject)
    assert mail["Subject"] == (subject.strip() if "=?" not in subject else "not what it seems")


def test_no_line_is_longer_than_smtp_carries(server: SmtpServer) -> None:
    send(server, subject="ü" * 500, text="a word " * 2000 + "\n" + "x" * 5000 + "\n")
    assert max(map(len, server.answers.taken[0].raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "text",
    [
        "Grüße, Νίκος, 山田\n",
        ".\n..\nthe end\n",
        "From here\n",
        "two\n\nparagraphs\n",
        "https://x.example/" + "a" * 300,
    ],
    ids=["scripts", "dots", "from", "paragraphs", "long link"],
)
def test_a_text_arrives_as_written(server: SmtpServer, text: str) -> None:
    assert body(send(server, text=text)).rstrip("\n") == text.rstrip("\n")


def test_a_long_stop_link_stays_one_line_that_a_mail_program_can_read(server: SmtpServer) -> None:
    """RFC 8058 reads it as it stands; Python would fold it into encoded words."""
    line = f"<https://petitions.airhubworkersunited.example.org/news/stop/{'A-_9' * 22}>"
    for subject in ("Confirm", "Grüße"):
        mailer(server).send(replace(MESSAGE, subject=subject, headers={"List-Unsubscribe": line}))
        assert f"\r\nList-Unsubscribe: {line}\r\n".encode() in server.answers.taken[-1].raw


def test_html_goes_beside_the_text_and_headers_along(server: SmtpServer) -> None:
    mail = send(server, html="<p>Grüße</p>", headers={"List-Unsubscribe": "<https://hub.example.org/my/abc>"})
    assert mail.get_content_type() == "multipart/alternative"
    html = mail.get_body(("html",))
    assert html is not None
    assert html.get_content().strip() == "<p>Grüße</p>"
    assert body(mail) == "Hello\n"
    assert mail["List-Unsubscribe"] == "<https://hub.example.org/my/abc>"


def test_a_mail_tried_twice_has_one_message_id(server: SmtpServer) -> None:
    assert send(server)["Message-ID"] == send(server)["Message-ID"]


def test_an_address_in_another_script_is_written_to(server: SmtpServer) -> None:
    send(server, to="jürgen@exämple.org")
    assert server.answers.taken[0].recipients == ["jürgen@exämple.org"]


def test_a_server_that_knows_only_ascii_is_asked_again_later_for_such_an_address() -> None:
    with SmtpServer(smtputf8=False) as server:
        assert refused(server, to="jürgen@example.org").final is False


# Injection


def test_line_breaks_in_a_subject_become_spaces(server: SmtpServer) -> None:
    mail = send(server, subject="Confirm\r\nBcc: boss@example.com\r\n\r\nYou are fired")
    assert mail["Subject"] == "Confirm Bcc: boss@example.com You are fired"
    assert mail["Bcc"] is None
    assert server.answers.taken[0].recipients == ["maria@example.org"]


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "maria@example.org\r\nBcc: boss@example.com"},
        {"to": "maria@example.org\nRCPT TO:<boss@example.com>"},
        {"headers": {"List-Unsubscribe": "<x>\r\nBcc: boss@example.com"}},
        {"message_id": "<1@x>\r\nBcc: boss@example.com"},
    ],
    ids=["to", "smtp", "header", "message id"],
)
def test_line_breaks_elsewhere_are_refused_for_good(server: SmtpServer, changes: dict[str, object]) -> None:
    assert refused(server, **changes).final is True
    assert server.answers.taken == []


@pytest.mark.parametrize(
    "to", ["maria@example.org, boss@example.com", "Boss <boss@example.com>, maria@example.org", "<boss@example.com>"]
)
def test_a_mail_goes_to_one_address_and_never_to_a_list(server: SmtpServer, to: str) -> None:
    assert refused(server, to=to).final is True
    assert server.answers.taken == []


# Refusals


@pytest.mark.parametrize(
    ("step", "answer", "final"),
    [
        ("recipient", "550 no such mailbox", True),
        ("recipient", "553 not allowed", True),
        ("recipient", "451 greylisted", False),
        ("recipient", "421 too many", False),
        ("data", "554 looks like spam", True),
        ("data", "552 mailbox full", True),
        ("data", "451 try later", False),
    ],
)
def test_a_refusal_is_final_where_the_server_says_so(server: SmtpServer, step: str, answer: str, final: bool) -> None:
    setattr(server.answers, step, answer)
    problem = refused(server)
    assert problem.final is final
    assert "maria" not in str(problem)


def test_a_mail_that_was_taken_is_not_sent_again_for_a_rude_goodbye(server: SmtpServer) -> None:
    server.answers.quit = "421 closing"
    send(server)
    assert len(server.answers.taken) == 1


def test_a_server_that_is_gone_is_tried_again_later(server: SmtpServer) -> None:
    gone = mailer(server)
    server.stop()
    with pytest.raises(MailNotAccepted) as caught:
        gone.send(MESSAGE)
    assert caught.value.final is False


def test_a_name_nobody_knows_is_tried_again_later() -> None:
    with pytest.raises(MailNotAccepted) as caught:
        SmtpMailer("smtp://mail.invalid:25", SENDER).send(MESSAGE)
    assert caught.value.final is False


def test_without_a_server_every_mail_waits() -> None:
    with pytest.raises(MailNotAccepted) as caught:
        NoMail().send(MESSAGE)
    assert caught.value.final is False


# Who is spoken to


def test_user_and_password_may_hold_any_character(server: SmtpServer) -> None:
    mailer(server, who="hub%40example.org:pass%3Aword%2F@").send(MESSAGE)
    assert server.answers.logins == [("hub@example.org", "pass:word/")]
    assert len(server.answers.taken) == 1


def test_a_wrong_password_is_the_operators_to_mend_and_no_mail_is_lost(server: SmtpServer) -> None:
    with pytest.raises(MailNotAccepted) as caught:
        mailer(server, who="hub:wrong@").send(MESSAGE)
    assert caught.value.final is False
    assert server.answers.taken == []


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    places = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(places, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(params=["smtps", "smtp+starttls"])
def secured(request: pytest.FixtureRequest, authority: Path) -> Iterator[tuple[str, SmtpServer]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    with SmtpServer(context, at_once=request.param == "smtps") as server:
        yield request.param, server


def test_a_server_whose_certificate_somebody_vouches_for_gets_the_mail(
    secured: tuple[str, SmtpServer], authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheme, server = secured
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    mailer(server, scheme, host="localhost").send(MESSAGE)
    assert len(server.answers.taken) == 1


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_mail(secured: tuple[str, SmtpServer]) -> None:
    scheme, server = secured
    with pytest.raises(MailNotAccepted) as caught:
        mailer(server, scheme, host="localhost").send(MESSAGE)
    assert caught.value.final is False
    assert server.answers.taken == []


def test_a_server_without_starttls_gets_no_mail_in_the_clear(server: SmtpServer) -> None:
    with pytest.raises(MailNotAccepted) as caught:
        mailer(server, "smtp+starttls").send(MESSAGE)
    assert caught.value.final is False
    assert server.answers.taken == []


def test_what_was_taken_can_be_read_as_a_mail() -> None:
    assert Taken("a@x", ["b@x"], b"Subject: One\r\n\r\nText").mail["Subject"] == "One"
