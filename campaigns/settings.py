"""Settings from the environment, checked once at start with a clear refusal.

The table in docs/operate.md lists each one; a test holds the two together.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from email.utils import getaddresses
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from campaigns.kernel.fees import CardFee
from campaigns.kernel.money import InvalidAmount, parse_amount

SMTP_SCHEMES = ("smtp", "smtps", "smtp+starttls")
# What Stripe's public price lists add to the percentage, by currency. Yen have no fixed part.
_FIXED_FEES = "0.30 USD, 0.30 CAD, 0.30 AUD, 0.25 EUR, 0.20 GBP, 0.30 CHF, 1.80 SEK, 1.80 DKK, 2.00 NOK, 3.00 MXN"
LIVE_KEY_PREFIXES = ("sk_live_", "rk_live_")


class SettingsRefused(Exception):
    """A setting is missing or wrong; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the site is told from outside. Secrets are kept out of its repr."""

    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    encryption_key: bytes = field(repr=False)
    site_url: str
    site_name: str
    legal_name: str
    contact_email: str
    books_zone: str
    mail_from: str
    smtp_url: str = field(repr=False)
    files_url: str
    stripe_secret_key: str = field(repr=False)
    stripe_webhook_secrets: tuple[str, ...] = field(repr=False)
    stripe_api_base: str
    trusted_proxies: int
    metrics_token: str = field(repr=False)
    instance: Path
    demo: bool
    card_fee: CardFee

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], root: Path | None = None) -> Self:
        """Read the settings out of `environment`; `root` is where instance/ stands (default: here).

        Raises SettingsRefused.
        """
        read = _Reader(environment)
        instance = Path(read.text("INSTANCE_PATH", str((root or Path.cwd()) / "instance")))
        site_url = read.site_url()
        settings = cls(
            database_url=read.database_url(instance),
            secret_key=read.secret("SECRET_KEY"),
            encryption_key=read.encryption_key(),
            site_url=site_url,
            site_name=read.text("SITE_NAME", "Undersigned"),
            legal_name=read.text("LEGAL_NAME", ""),
            contact_email=read.text("CONTACT_EMAIL", ""),
            books_zone=read.zone("BOOKS_ZONE", "UTC"),
            mail_from=read.sender(f"no-reply@{urlsplit(site_url).hostname}"),
            smtp_url=read.smtp_url(),
            files_url=read.files_url(instance),
            stripe_secret_key=read.text("STRIPE_SECRET_KEY", ""),
            stripe_webhook_secrets=read.webhook_secrets(),
            stripe_api_base=read.text("STRIPE_API_BASE", "").rstrip("/"),
            trusted_proxies=read.whole_number("TRUSTED_PROXIES", 0),
            metrics_token=read.text("METRICS_TOKEN", ""),
            instance=instance,
            demo=read.text("DEMO", "") == "1",
            card_fee=read.card_fee(),
        )
        settings._check_payments()
        return settings

    def _check_payments(self) -> None:
        if self.stripe_secret_key and not self.stripe_webhook_secrets:
            raise SettingsRefused("Set STRIPE_WEBHOOK_SECRET: without it no payment could be believed.")
        if not self.stripe_api_base:
            return
        if self.livemode:
            raise SettingsRefused(
                "STRIPE_API_BASE names a stand-in and must not be set beside a live STRIPE_SECRET_KEY."
            )
        parts = _parts(self.stripe_api_base)
        if parts is None or not (_is_origin(parts) and _is_loopback(parts.hostname)):
            raise SettingsRefused("STRIPE_API_BASE may only name a loopback address, such as http://127.0.0.1:4242.")

    @property
    def livemode(self) -> bool:
        """True where real cards are charged."""
        return self.stripe_secret_key.startswith(LIVE_KEY_PREFIXES)

    @property
    def stand_in(self) -> bool:
        """True where a stand-in takes Stripe's place."""
        return bool(self.stripe_api_base)

    @property
    def https(self) -> bool:
        """True where visitors reach the site over HTTPS."""
        return self.site_url.startswith("https://")


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str) -> str:
        return self._environment.get(name, "").strip() or default

    def secret(self, name: str) -> str:
        value = self.text(name, "")
        if len(value) < 32:
            raise SettingsRefused(
                f"Set {name} to at least 32 random characters: "
                "python -c 'import secrets; print(secrets.token_urlsafe(32))'"
            )
        return value

    def encryption_key(self) -> bytes:
        try:
            key = base64.urlsafe_b64decode(self.text("ENCRYPTION_KEY", ""))
        except (ValueError, binascii.Error):
            key = b""
        if len(key) != 32:
            raise SettingsRefused(
                "Set ENCRYPTION_KEY to 32 random bytes in URL-safe base64: "
                "python -c 'import base64, secrets; print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())'"
            )
        return key

    def site_url(self) -> str:
        url = self.text("SITE_URL", "http://localhost:8000").rstrip("/")
        parts = _parts(url)
        if parts is None or not _is_origin(parts):
            raise SettingsRefused("SITE_URL is the address of the site without a path, such as https://example.org.")
        if parts.scheme == "http" and not _is_loopback(parts.hostname):
            raise SettingsRefused("SITE_URL must begin with https://: names and addresses travel over it.")
        return url

    def database_url(self, instance: Path) -> str:
        url = self.text("DATABASE_URL", "")
        if not url:
            return f"sqlite:///{instance / 'undersigned.sqlite3'}"
        if not url.startswith(("sqlite://", "postgresql://", "postgresql+psycopg://")):
            raise SettingsRefused("DATABASE_URL must begin with sqlite:// or postgresql://.")
        return url

    def zone(self, name: str, default: str) -> str:
        zone = self.text(name, default)
        try:
            return ZoneInfo(zone).key
        except (ValueError, OSError) as unknown:
            raise SettingsRefused(f"{name} must be a time zone such as America/New_York or Europe/Rome.") from unknown

    def smtp_url(self) -> str:
        url = self.text("SMTP_URL", "")
        parts = _parts(url)
        if url and (parts is None or parts.scheme not in SMTP_SCHEMES or not parts.hostname):
            raise SettingsRefused(
                "SMTP_URL must look like smtp+starttls://user:password@mail.example.org:587 (or smtp://, smtps://)."
            )
        return url

    def sender(self, default: str) -> str:
        text = self.text("MAIL_FROM", "")
        found = getaddresses([text])
        if text and not (text.isprintable() and len(found) == 1 and "@" in found[0][1]):
            raise SettingsRefused("MAIL_FROM must be one address, such as Hub Workers <no-reply@example.org>.")
        return text or default

    def files_url(self, instance: Path) -> str:
        url = self.text("FILES_URL", str(instance / "files"))
        if "://" in url and not url.startswith(("s3://", "file://")):
            raise SettingsRefused("FILES_URL is a folder, or begins with s3://.")
        return url

    def webhook_secrets(self) -> tuple[str, ...]:
        names = ("STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET_PREVIOUS")
        return tuple(secret for name in names if (secret := self.text(name, "")))

    def card_fee(self) -> CardFee:
        percent = self.text("CARD_FEE_PERCENT", "2.9")
        if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,3})?", percent):
            raise SettingsRefused("CARD_FEE_PERCENT is what cards cost in per cent, such as 2.9.")
        fixed = {}
        for text in self.text("CARD_FEE_FIXED", _FIXED_FEES).split(","):
            amount, _, currency = text.strip().rpartition(" ")
            try:
                fixed[currency] = parse_amount(amount, currency)
            except (ValueError, InvalidAmount):
                raise SettingsRefused("CARD_FEE_FIXED names amounts like 0.30 USD, 0.25 EUR.") from None
        return CardFee(Decimal(percent), fixed)

    def whole_number(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit()):
            raise SettingsRefused(f"{name} must be a whole number.")
        return int(value)


def _parts(url: str) -> SplitResult | None:
    """Return the parts of an address; None where it cannot be one."""
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None


def _is_origin(parts: SplitResult) -> bool:
    rest = (parts.path, parts.query, parts.fragment, parts.username, parts.password)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(rest)


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
