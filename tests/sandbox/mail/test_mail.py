"""Mail goes in by SMTP and is read on a page."""

import smtplib
from email.message import EmailMessage

import pytest
import requests

from sandbox.mail.parsing import take_apart
from tests.sandbox.driving import visit
from tests.sandbox.rig import Rig


def _message(to: str = "ana@example.org", subject: str = "Bestätige deine Unterschrift ✊") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "site@example.org", to, subject
    message.set_content("Hallo Ana,\n\nöffne (https://localhost:8000/confirm/a-b_c?x=1&y=2).\n\nقائمة التوقيعات")
    return message


def _send(rig: Rig, message: EmailMessage, to: list[str] | None = None) -> None:
    assert rig.sandbox.smtp_port
    with smtplib.SMTP("localhost", rig.sandbox.smtp_port, timeout=10) as server:
        server.send_message(message, to_addrs=to)


def test_a_message_in_many_scripts_is_kept_and_read_back(rig: Rig) -> None:
    message = _message()
    message.add_alternative("<h1>Größe</h1><a href='https://localhost:8000/confirm/a'>ja</a>", subtype="html")
    _send(rig, message)
    (read,) = requests.get(f"{rig.mail_url}/messages.json", timeout=5).json()
    assert (read["to"], read["subject"]) == ("ana@example.org", "Bestätige deine Unterschrift ✊")
    assert "قائمة التوقيعات" in read["text"]
    assert "<h1>Größe</h1>" in read["html"]
    assert read["received_at"].endswith("+00:00")
    page = visit(f"{rig.mail_url}/messages/{read['id']}").text
    assert 'href="https://localhost:8000/confirm/a-b_c?x=1&amp;y=2"' in page
    assert "<iframe" in page
    assert "sandbox=" in page


def test_the_newest_message_stands_first(rig: Rig) -> None:
    for number in range(3):
        _send(rig, _message(subject=f"Message {number}"))
    text = visit(rig.mail_url).text
    assert text.index("Message 2") < text.index("Message 1") < text.index("Message 0")
    subjects = [mail["subject"] for mail in requests.get(f"{rig.mail_url}/messages.json", timeout=5).json()]
    assert subjects == ["Message 2", "Message 1", "Message 0"]


SEARCHES = [
    ("ana@example.org", ["ana@example.org"]),
    ("ANA@Example.org", ["ana@example.org"]),
    ("example.org", ["Joana@example.org", "ana@example.org"]),
    ("@example.org", ["Joana@example.org", "ana@example.org"]),
    ("joana", ["Joana@example.org"]),
    ("nobody", []),
    ("%", []),
    ("", ["Joana@example.org", "ana@example.org", "x@else.example"]),
]


@pytest.mark.parametrize(("to", "found"), SEARCHES)
def test_mail_is_searched_by_recipient(rig: Rig, to: str, found: list[str]) -> None:
    for address in ("x@else.example", "ana@example.org", "Joana@example.org"):
        _send(rig, _message(to=address))
    answer = requests.get(f"{rig.mail_url}/messages.json", params={"to": to}, timeout=5).json()
    assert [mail["to"] for mail in answer] == found
    page = requests.get(rig.mail_url, params={"to": to}, timeout=5).text
    assert page.count('class="subject"') == len(found)


def test_a_hidden_recipient_is_found_too(rig: Rig) -> None:
    _send(rig, _message(), ["ana@example.org", "hidden@example.org"])
    (mail,) = requests.get(f"{rig.mail_url}/messages.json?to=hidden@example.org", timeout=5).json()
    assert (mail["to"], mail["recipients"]) == ("ana@example.org, hidden@example.org", mail["recipients"])


def test_the_source_and_the_files_of_a_message_can_be_had(rig: Rig) -> None:
    message = _message()
    message.add_attachment(b"%PDF-1.7 \x00", maintype="application", subtype="pdf", filename="receipt.pdf")
    _send(rig, message)
    assert "receipt.pdf" in visit(f"{rig.mail_url}/messages/1").text
    file = requests.get(f"{rig.mail_url}/messages/1/files/0", timeout=5)
    assert (file.content, file.headers["Content-Type"]) == (b"%PDF-1.7 \x00", "application/pdf")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "MIME-Version" in visit(f"{rig.mail_url}/messages/1/source").text
    assert b"MIME-Version" in requests.get(f"{rig.mail_url}/messages/1.eml", timeout=5).content
    assert visit(f"{rig.mail_url}/messages/1/files/1").status == 404


def test_the_html_of_a_message_runs_nothing_and_loads_nothing(rig: Rig) -> None:
    message = _message()
    message.add_alternative("<script>alert(1)</script><img src='https://tracker.example/x.gif'>", subtype="html")
    _send(rig, message)
    policy = requests.get(f"{rig.mail_url}/messages/1/html", timeout=5).headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


def test_text_is_shown_as_text(rig: Rig) -> None:
    message = _message(subject="<b>bold</b>")
    message.set_content("<script>alert(1)</script>")
    _send(rig, message)
    for path in ("/", "/messages/1", "/messages/1/source"):
        text = visit(rig.mail_url + path).text
        assert "<script>" not in text
        assert "<b>" not in text


def test_delete_all_empties_the_box(rig: Rig) -> None:
    _send(rig, _message())
    assert visit(f"{rig.mail_url}/delete-all", {}).status == 303
    assert requests.get(f"{rig.mail_url}/messages.json", timeout=5).json() == []
    assert "No mail yet." in visit(rig.mail_url).text


@pytest.mark.parametrize("path", ["/messages/9", "/messages/9/source", "/messages/9.eml", "/messages/9/html"])
def test_an_unknown_message_is_not_found(rig: Rig, path: str) -> None:
    assert visit(rig.mail_url + path).status == 404


BROKEN = [
    (b"", ("", "", "")),
    (b"no headers at all", ("", "no headers at all", "")),
    (b"Subject: x\nContent-Type: text/plain; charset=klingon\n\nhi", ("x", "hi", "")),
    (b"Subject: =?utf-8?q?caf=C3=A9?=\nContent-Type: text/html\n\n<p>hi", ("café", "", "<p>hi")),
    (b"Subject: x\nContent-Type: text/plain; charset=utf-8\n\n\xff", ("x", "\ufffd", "")),
    (b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\nnothing", ("x", "", "")),
]


@pytest.mark.parametrize(("raw", "parts"), BROKEN)
def test_a_broken_message_is_kept_as_well_as_can_be(raw: bytes, parts: tuple[str, str, str]) -> None:
    taken = take_apart(raw)
    assert (taken.subject, taken.text, taken.html) == parts
