"""A right form with something wrong in it: either exactly what was typed is stored, or nothing, and it is kept."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from campaigns.donations.models import Donation
from campaigns.outbox.models import DONE, OutboxItem
from campaigns.payments.models import Payment
from campaigns.rendering.typed import one_line, paragraphs
from campaigns.signatures.models import Signature
from tests.fuzz.fuzzed import FuzzedSite
from tests.fuzz.laws import Markup
from tests.fuzz.profile import PROVE
from tests.fuzz.sending import FORM, Answer, Request
from tests.fuzz.strategies import PERSONAL, as_form, as_parts, mutated

pytestmark = pytest.mark.prove

SIGN = {
    "name": f"Maria {PERSONAL}",
    "email": f"{PERSONAL.lower()}@example.org",
    "town": f"New {PERSONAL}",
    "postcode": "41048",
    "country": "US",
    "visibility": "public",
    "comment": f"For {PERSONAL}",
    "updates": "y",
}
GIVE = {
    "preset": "other",
    "amount": "12.50",
    "email": f"{PERSONAL.lower()}@example.org",
    "show_name": "y",
    "name": f"Maria {PERSONAL}",
    "message": f"For {PERSONAL}",
}
TEXTS = ("name", "email", "town", "postcode", "amount")
AREAS = ("comment", "message")
MULTIPART = "multipart/form-data; boundary=a-boundary-that-nobody-types"


def encoded(valid: dict[str, str]) -> st.SearchStrategy[tuple[Request, dict[str, str]]]:
    """A request to fill in, with what is typed into each field as the site has to read it: the first of two counts."""
    sent = mutated({name: value.encode() for name, value in valid.items()})
    return st.tuples(sent, st.booleans()).map(lambda drawn: _encoded(*drawn))


def _encoded(sent: Sequence[tuple[str, bytes]], in_parts: bool) -> tuple[Request, dict[str, str]]:
    body = as_parts(sent, MULTIPART.rpartition("=")[2]) if in_parts else as_form(sent)
    typed: dict[str, str] = {}
    for name, value in sent:
        typed.setdefault(name, value.decode("utf-8", "replace") if in_parts else _readable(value))
    return Request("POST", b"", body=body, content_type=MULTIPART if in_parts else FORM), typed


def _readable(value: bytes) -> str:
    """Bytes that are no UTF-8 stay percent-encoded in an encoded form (WHATWG leaves it open; Werkzeug does this)."""
    return value.decode("utf-8", "werkzeug.url_quote")


def sent_to(path: str, drawn: Request) -> Request:
    return Request("POST", path.encode(), body=drawn.body, content_type=drawn.content_type)


def assert_kept(answer: Answer, typed: dict[str, str], valid: dict[str, str]) -> None:
    """What was typed stands in its own field, escaped; what was chosen is still chosen."""
    page = Markup(answer.text)
    for name, fitting in valid.items():
        text = typed.get(name, "")
        if name in TEXTS:
            assert page.fields[name] in (one_line(text), normal_spelling(one_line(text))), name
        elif name in AREAS:
            assert page.fields[name] == paragraphs(text), name
        elif text == fitting and name not in ("country", "preset"):
            assert page.fields.get(name) == text, name


def normal_spelling(address: str) -> str:
    """An address that was right comes back in its usual spelling."""
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        return address


def signatures(fuzzed: FuzzedSite) -> list[Signature]:
    with fuzzed.world.reading() as session:
        rows = session.scalars(select(Signature).order_by(Signature.id))
        return [row for row in rows if row.id not in fuzzed.kept["signature"]]


def mails(fuzzed: FuzzedSite) -> list[OutboxItem]:
    with fuzzed.world.reading() as session:
        return [item for item in session.scalars(select(OutboxItem)) if item.id not in fuzzed.kept["outbox_item"]]


def test_a_form_that_was_signed_is_stored_as_typed_or_not_at_all(fuzzed: FuzzedSite) -> None:
    seen: Counter[int] = Counter()

    @settings(PROVE, max_examples=300)
    @given(encoded(SIGN))
    def sign(drawn: tuple[Request, dict[str, str]]) -> None:
        fuzzed.restore()
        request, typed = drawn
        answer, broken = fuzzed.ask(sent_to("/campaigns/rescind/sign", request))
        assert broken == []
        seen[answer.status] += 1
        if answer.status == 200:
            (row,) = signatures(fuzzed)
            assert_stored(row, typed)
            confirm(fuzzed, row)
        else:
            assert answer.status == 422
            assert signatures(fuzzed) == [] == mails(fuzzed)
            assert_kept(answer, typed, SIGN)
        assert fuzzed.broken() == []

    sign()
    assert min(seen[200], seen[422]) > 20, seen


def assert_stored(row: Signature, typed: dict[str, str]) -> None:
    for name in ("name", "town", "postcode", "visibility"):
        assert getattr(row, name) == one_line(typed.get(name)), name
    assert row.country == one_line(typed.get("country", "US"))  # the campaign's own, where none is sent
    assert row.email == normal_spelling(one_line(typed["email"]))
    assert (row.comment or "") == paragraphs(typed.get("comment"))
    assert row.wants_updates is (typed.get("updates", "") not in ("", "false", "False"))


def confirm(fuzzed: FuzzedSite, row: Signature) -> None:
    """The mail goes out to what was typed, and its button thanks by the very name."""
    fuzzed.world.run_worker()
    assert [(item.state, item.problem) for item in mails(fuzzed)] == [(DONE, None)]
    mail = fuzzed.world.mailer.sent[-1]
    assert (mail.to, f"Hello {row.name}," in mail.text) == (row.email, True)
    assert not set("\r\n") & set(mail.subject + mail.to)
    token = fuzzed.world.mailer.link(row.email, "/confirm/").rpartition("/")[2]
    fuzzed.posted.add(token)
    for method in ("GET", "POST", "GET"):
        answer, broken = fuzzed.ask(Request(method, f"/confirm/{token}".encode()))
        assert (answer.status, broken) == (200, [])
        assert row.name in "".join(Markup(answer.text).elsewhere)
    fuzzed.overheard.lines.clear()


def test_a_gift_is_promised_as_typed_or_not_at_all(fuzzed: FuzzedSite) -> None:
    seen: Counter[int] = Counter()

    @settings(PROVE, max_examples=300)
    @given(encoded(GIVE), st.integers(0, 4))
    def give(drawn: tuple[Request, dict[str, str]], lot: int) -> None:
        fuzzed.restore()
        request, typed = drawn
        answer, broken = fuzzed.ask(sent_to("/campaigns/rescind/donate", request))
        assert broken == []
        seen[answer.status] += 1
        if answer.status == 303:
            payment = assert_promised(fuzzed, typed)
            assert answer.headers["Location"] == f"https://pay.example/{payment.session_id}"
            if lot == 0:
                pay(fuzzed, payment)
        else:
            assert answer.status == 422
            assert gifts(fuzzed) == []
            assert_kept(answer, typed, GIVE)
        assert fuzzed.broken() == []

    give()
    assert min(seen[303], seen[422]) > 20, seen


def gifts(fuzzed: FuzzedSite) -> list[Donation]:
    with fuzzed.world.reading() as session:
        return [row for row in session.scalars(select(Donation)) if row.id not in fuzzed.kept["donation"]]


def assert_promised(fuzzed: FuzzedSite, typed: dict[str, str]) -> Payment:
    (gift,) = gifts(fuzzed)
    with fuzzed.world.reading() as session:
        payment = session.scalars(select(Payment).where(Payment.subject_id == gift.id)).one()
    asked = fuzzed.world.checkout.requests[-1]
    preset = one_line(typed.get("preset"))
    chosen = preset if preset in ("10", "30", "50") else one_line(typed["amount"])
    assert gift.amount_minor == asked.lines[0].amount.minor == plain_cents(chosen)
    assert 100 <= gift.amount_minor <= 2_500_000
    assert gift.email == asked.email == normal_spelling(one_line(typed["email"]))
    assert (gift.name or "", gift.message or "") == (one_line(typed.get("name")), paragraphs(typed.get("message")))
    assert gift.show_name is (typed.get("show_name", "") not in ("", "false", "False"))
    return payment


def plain_cents(typed: str) -> Decimal:
    """Read an amount as a person does, digit by digit, in whichever script."""
    ascii_digits = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else "." for sign in typed)
    return Decimal(ascii_digits) * 100


def pay(fuzzed: FuzzedSite, payment: Payment) -> None:
    """What is booked can never be taken out again, so the site keeps it."""
    assert payment.session_id
    fuzzed.world.pay(payment.session_id)
    assert {(item.state, item.problem) for item in mails(fuzzed)} == {(DONE, None)}
    fuzzed.keep()
    fuzzed.overheard.lines.clear()
