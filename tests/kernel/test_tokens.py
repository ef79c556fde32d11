"""Tokens in links: one purpose each, a stated end, and only a hash at rest."""

from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from campaigns.kernel import tokens

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def test_a_token_ends_when_it_was_said_to() -> None:
    assert tokens.issue("confirm", NOW, timedelta(days=7)).expires_at == NOW + timedelta(days=7)


def test_what_is_stored_is_found_by_the_secret_and_does_not_hold_it() -> None:
    token = tokens.issue("confirm", NOW, timedelta(days=7))
    assert token.digest == tokens.digest("confirm", token.secret)
    assert token.secret.encode() not in token.digest
    assert len(token.digest) == 32


def test_secrets_fit_a_link_and_never_repeat() -> None:
    secrets = {tokens.issue("confirm", NOW, timedelta(1)).secret for _ in range(1000)}
    assert len(secrets) == 1000
    assert {len(secret) for secret in secrets} == {32}
    assert all(secret.replace("-", "").replace("_", "").isalnum() and secret.isascii() for secret in secrets)


purposes = st.sampled_from(["confirm", "my", "invite"])


@given(purposes, purposes, st.text(), st.text())
def test_another_purpose_or_another_secret_opens_nothing(one: str, other: str, secret: str, guess: str) -> None:
    assume((one, secret) != (other, guess))
    assert tokens.digest(one, secret) != tokens.digest(other, guess)


@given(st.text(st.characters()))
def test_whatever_stands_in_a_link_can_be_looked_up(rubbish: str) -> None:
    assert len(tokens.digest("confirm", rubbish + "\ud800")) == 32
