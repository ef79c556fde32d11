"""The real vendors, as the settings name them. Each is imported where it is made: some take most of a second."""

from campaigns.adapters.no_payments import NoPayments
from campaigns.adapters.no_subscriptions import NoSubscriptions
from campaigns.adapters.smtp import NoMail, SmtpMailer
from campaigns.db import sealing
from campaigns.kernel.ports import Books, Checkout, Mailer, Printer
from campaigns.kernel.subscription_ports import Subscriptions
from campaigns.settings import Settings


def checkout(settings: Settings) -> Checkout:
    """Return the hosted pages and the doorbell, or what refuses without a key."""
    if not settings.stripe_secret_key:
        return NoPayments()
    from campaigns.adapters.stripe_checkout import StripeCheckout
    from campaigns.adapters.stripe_client import connect

    return StripeCheckout(
        connect(settings.stripe_secret_key, settings.stripe_api_base), settings.stripe_webhook_secrets
    )


def books(settings: Settings) -> Books | None:
    """Return the provider's own books, None without a key."""
    if not settings.stripe_secret_key:
        return None
    from campaigns.adapters.stripe_books import StripeBooks
    from campaigns.adapters.stripe_client import connect

    return StripeBooks(connect(settings.stripe_secret_key, settings.stripe_api_base))


def printer(settings: Settings) -> Printer:
    """Return who makes PDFs; only what prints needs it."""
    from campaigns.adapters.printing import WeasyPrinter  # only workers and the list command need it

    key = sealing.derived(settings.encryption_key, b"print cache")
    return WeasyPrinter(settings.instance / "print-cache", cache_key=key)


def subscriptions(settings: Settings) -> Subscriptions:
    """Return what is paid each month, or what refuses without a key."""
    if not settings.stripe_secret_key:
        return NoSubscriptions()
    from campaigns.adapters.stripe_client import connect
    from campaigns.adapters.stripe_subscriptions import StripeSubscriptions

    return StripeSubscriptions(connect(settings.stripe_secret_key, settings.stripe_api_base))


def mailer(settings: Settings) -> Mailer:
    """Return who hands mails over, or who says that nobody does."""
    return SmtpMailer(settings.smtp_url, settings.mail_from) if settings.smtp_url else NoMail()
