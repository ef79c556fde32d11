"""Settings are read once, and what is wrong is said in one sentence for the operator."""

import base64
from decimal import Decimal
from pathlib import Path

import pytest

from campaigns.kernel.money import Money
from campaigns.settings import Settings, SettingsRefused
from tests.make import ENVIRONMENT

KEYS = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
LIVE = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}


def read(**changes: str) -> Settings:
    return Settings.from_environment(ENVIRONMENT | changes)


def refusal(**changes: str) -> str:
    with pytest.raises(SettingsRefused) as caught:
        read(**changes)
    return str(caught.value)


def test_little_has_to_be_set(tmp_path: Path) -> None:
    needed = {name: ENVIRONMENT[name] for name in ("SECRET_KEY", "ENCRYPTION_KEY")}
    settings = Settings.from_environment(needed, tmp_path)
    assert settings.site_url == "http://localhost:8000"
    assert settings.database_url == f"sqlite:///{tmp_path}/instance/undersigned.sqlite3"
    assert settings.files_url == f"{tmp_path}/instance/files"
    assert settings.mail_from == "no-reply@localhost"
    assert (settings.smtp_url, settings.trusted_proxies, settings.demo) == ("", 0, False)
    assert (settings.livemode, settings.stand_in, settings.https) == (False, False, False)


def test_the_card_fee_is_a_percentage_and_a_fixed_part_by_currency() -> None:
    fee = read(CARD_FEE_PERCENT="1.5", CARD_FEE_FIXED="0.25 EUR, 50 JPY").card_fee
    fixed = [fee.fixed_in(currency) for currency in ("EUR", "JPY")]
    assert (fee.percent, fixed) == (Decimal("1.5"), [Money(25, "EUR"), Money(50, "JPY")])
    assert fee.fixed_in("USD") == Money(0, "USD")
    assert read().card_fee.cover(Money(3000, "USD")) == Money(121, "USD")


@pytest.mark.parametrize("percent", ["-1", "100", "2,9", "three", "NaN", "1e1", "2.9999"])
def test_a_percentage_that_is_none_is_refused(percent: str) -> None:
    assert "CARD_FEE_PERCENT" in refusal(CARD_FEE_PERCENT=percent)


@pytest.mark.parametrize("fixed", ["0.30", "USD", "0.30 usd", "0.305 USD", "USD 0.30", "0.30 USD; 0.25 EUR", "0.5 JPY"])
def test_fixed_parts_that_are_none_are_refused(fixed: str) -> None:
    assert "CARD_FEE_FIXED" in refusal(CARD_FEE_FIXED=fixed)


def test_an_empty_setting_is_one_that_is_not_set() -> None:
    assert read(SITE_NAME="  ").site_name == "Undersigned"
    assert read(TRUSTED_PROXIES="").trusted_proxies == 0


@pytest.mark.parametrize("key", ["", "short", " " * 40, "x" * 31])
def test_a_secret_key_that_can_be_guessed_is_refused(key: str) -> None:
    assert "SECRET_KEY" in refusal(SECRET_KEY=key)


@pytest.mark.parametrize(
    "key", ["", "secret", "ä" * 43, base64.urlsafe_b64encode(bytes(31)).decode(), base64.b64encode(bytes(33)).decode()]
)
def test_an_encryption_key_that_is_none_is_refused(key: str) -> None:
    assert "ENCRYPTION_KEY" in refusal(ENCRYPTION_KEY=key)


@pytest.mark.parametrize(
    "url", ["https://example.org", "https://example.org:8443", "http://localhost", "http://[::1]:80"]
)
def test_a_site_has_an_address(url: str) -> None:
    assert read(SITE_URL=url).site_url == url


def test_a_slash_at_the_end_of_the_sites_address_is_no_matter() -> None:
    assert read(SITE_URL="https://example.org/").site_url == "https://example.org"


@pytest.mark.parametrize(
    "url",
    [
        "example.org",
        "ftp://example.org",
        "https://",
        "https://example.org/site",
        "https://example.org?x=1",
        "https://example.org#x",
        "https://me:secret@example.org",
        "https://example.org:port",
        "https://example.org:99999",
        "https://[::1",
        "http://example.org",
        "http://127.0.0.1.example.org",
    ],
)
def test_an_address_that_is_no_sites_is_refused(url: str) -> None:
    assert "SITE_URL" in refusal(SITE_URL=url)


@pytest.mark.parametrize(
    "url", ["sqlite:///site.db", "postgresql://localhost/site", "postgresql+psycopg://localhost/site"]
)
def test_either_database_will_do(url: str) -> None:
    assert read(DATABASE_URL=url).database_url == url


@pytest.mark.parametrize(
    "url", ["mysql://localhost/site", "site.db", "postgres://localhost/site", "sqlite:", "postgresql"]
)
def test_another_database_is_refused(url: str) -> None:
    assert "DATABASE_URL" in refusal(DATABASE_URL=url)


@pytest.mark.parametrize(
    "url", ["smtp://mail.example.org", "smtps://u:p@mail.example.org:465", "smtp+starttls://mail:587"]
)
def test_mail_goes_to_an_address(url: str) -> None:
    assert read(SMTP_URL=url).smtp_url == url


@pytest.mark.parametrize(
    "url", ["mail.example.org", "mail.example.org:25", "http://mail.example.org", "smtp://", "smtp://x:y"]
)
def test_a_mail_server_without_an_address_is_refused(url: str) -> None:
    assert "SMTP_URL" in refusal(SMTP_URL=url)


@pytest.mark.parametrize("sender", ["no-reply@example.org", "Hub Workers <no-reply@example.org>"])
def test_mail_comes_from_somebody(sender: str) -> None:
    assert read(MAIL_FROM=sender).mail_from == sender


@pytest.mark.parametrize("sender", ["nobody", "Hub Workers", "a@example.org, b@example.org", "a@example.org\nBcc: b@x"])
def test_a_sender_that_is_no_address_is_refused(sender: str) -> None:
    assert "MAIL_FROM" in refusal(MAIL_FROM=sender)


@pytest.mark.parametrize("url", ["files", "/var/lib/files", "file:///var/lib/files", "s3://bucket/prefix"])
def test_files_go_to_a_folder_or_a_bucket(url: str) -> None:
    assert read(FILES_URL=url).files_url == url


def test_files_go_nowhere_else() -> None:
    assert "FILES_URL" in refusal(FILES_URL="ftp://example.org/files")


@pytest.mark.parametrize("number", ["-1", "one", "1.5", "١", "²"])
def test_a_number_of_proxies_is_a_whole_number(number: str) -> None:
    assert "TRUSTED_PROXIES" in refusal(TRUSTED_PROXIES=number)


# Payments


def test_without_a_key_there_are_no_payments_to_believe() -> None:
    settings = read()
    assert (settings.stripe_secret_key, settings.stripe_webhook_secrets) == ("", ())


@pytest.mark.parametrize("secret", ["", "   "])
def test_a_key_without_a_webhook_secret_is_refused(secret: str) -> None:
    assert "STRIPE_WEBHOOK_SECRET" in refusal(**KEYS | {"STRIPE_WEBHOOK_SECRET": secret})


def test_a_previous_webhook_secret_is_believed_beside_the_current_one() -> None:
    assert read(**KEYS, STRIPE_WEBHOOK_SECRET_PREVIOUS="whsec_0").stripe_webhook_secrets == ("whsec_1", "whsec_0")


@pytest.mark.parametrize(
    ("key", "live"), [("sk_test_1", False), ("rk_test_1", False), ("sk_live_1", True), ("rk_live_1", True)]
)
def test_the_key_says_whether_cards_are_charged(key: str, live: bool) -> None:
    assert read(**KEYS | {"STRIPE_SECRET_KEY": key}).livemode is live


@pytest.mark.parametrize("base", ["http://127.0.0.1:4242", "http://localhost:4242", "http://[::1]:4242"])
def test_a_stand_in_is_on_this_machine(base: str) -> None:
    assert read(**KEYS, STRIPE_API_BASE=base).stand_in
    assert read(**KEYS, STRIPE_API_BASE=f"{base}/").stripe_api_base == base


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1"])
def test_a_stand_in_beside_a_live_key_is_refused(key: str) -> None:
    environment = LIVE | {"STRIPE_SECRET_KEY": key, "STRIPE_API_BASE": "http://127.0.0.1:4242"}
    assert "live" in refusal(**environment)


@pytest.mark.parametrize(
    "base",
    [
        "https://api.example.org",
        "http://localhost.example.org",
        "http://127.0.0.1@example.org",
        "http://192.168.0.1:4242",
        "http://0.0.0.0:4242",
        "127.0.0.1:4242",
        "http://localhost:4242/v1",
        "http://localhost:port",
        "http://[::1",
        "ftp://localhost",
    ],
)
def test_a_stand_in_elsewhere_is_refused(base: str) -> None:
    assert "STRIPE_API_BASE" in refusal(**KEYS, STRIPE_API_BASE=base)


# Secrets

SECRETS = {
    "SECRET_KEY": "a secret that nobody may read, ever",
    "ENCRYPTION_KEY": base64.urlsafe_b64encode(b"K" * 32).decode(),
    "DATABASE_URL": "postgresql://hub:pass-of-the-database@localhost/site",
    "SMTP_URL": "smtp://hub:pass-of-the-mail@localhost",
    "STRIPE_SECRET_KEY": "sk_test_pass_of_stripe",
    "STRIPE_WEBHOOK_SECRET": "whsec_pass_of_the_webhook",
    "STRIPE_WEBHOOK_SECRET_PREVIOUS": "whsec_pass_of_yesterday",
}


def test_no_secret_is_shown_when_the_settings_are() -> None:
    shown = repr(read(**SECRETS))
    for word in ("nobody may read", "KKKK", "pass-of-the", "pass_of"):
        assert word not in shown


@pytest.mark.parametrize("name", SECRETS)
def test_no_refusal_repeats_what_was_set(name: str) -> None:
    wrong = {
        "SECRET_KEY": "hush",
        "ENCRYPTION_KEY": "hush",
        "DATABASE_URL": "mysql://hub:hush@x",
        "SMTP_URL": "hub:hush",
    }
    changes = SECRETS | {name: wrong.get(name, ""), "STRIPE_API_BASE": "http://hub:hush@example.org"}
    assert "hush" not in refusal(**changes)
