"""The composition root: the only one who knows everyone."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from campaigns import assembly
from campaigns import vendors as real
from campaigns.accounts import commands as account_commands
from campaigns.accounts import emails as account_emails
from campaigns.accounts import security
from campaigns.adapters.files import FileStore
from campaigns.assembly import Months
from campaigns.campaign import desk as campaign_desk
from campaigns.cli import backup, database, demo, ledger, monitoring, worker
from campaigns.cli import signatures as signature_commands
from campaigns.cli.schedules import at_now, dropped, in_batches, in_work, unless_read_only
from campaigns.coalition import desk as partner_desk
from campaigns.coalition import views as partner_views
from campaigns.comments import desk as comment_desk
from campaigns.db import make_engine, sealing
from campaigns.deliveries import announcing, anonymising
from campaigns.deliveries import desk as delivery_desk
from campaigns.deliveries import emails as delivery_emails
from campaigns.deliveries import erasing as delivery_erasing
from campaigns.deliveries import operations as delivery_operations
from campaigns.deliveries import queries as delivery_queries
from campaigns.deliveries import views as delivery_views
from campaigns.deliveries.jobs import Announcing, Printing
from campaigns.donations import booking as donation_booking
from campaigns.donations import emails as donation_emails
from campaigns.donations import erasing as donation_erasing
from campaigns.donations import rules as donation_rules
from campaigns.donations import views as donation_views
from campaigns.donations import watching
from campaigns.donations.flows import Giving
from campaigns.endings import desk as ending_desk
from campaigns.endings import jobs as ending_jobs
from campaigns.funds import desk as fund_desk
from campaigns.gate import emails as gate_emails
from campaigns.gate import operations as gate_operations
from campaigns.gate import views as gate_views
from campaigns.kernel.clock import Clock, utc_now
from campaigns.kernel.ports import Books, Checkout, Files, Mailer, Printer
from campaigns.kernel.subscription_ports import Subscriptions
from campaigns.ledger import operations as ledger_operations
from campaigns.links import Links
from campaigns.mailboxes import operations as mailboxes
from campaigns.messages import desk as message_desk
from campaigns.outbox import erasing as outbox_erasing
from campaigns.outbox.jobs import Duty, MailBuilder, Recurring, Registry, Worker
from campaigns.pages import desk
from campaigns.pages import views as page_views
from campaigns.paper import desk as paper_desk
from campaigns.paper import erasing as paper_erasing
from campaigns.paper import importing as paper_importing
from campaigns.paper import imports as paper_imports
from campaigns.paper import jobs as paper_jobs
from campaigns.paper import operations as paper_operations
from campaigns.paper.jobs import Importing, SheetPrinting
from campaigns.partners import operations as partner_operations
from campaigns.payments import alarms, flows, sweeping
from campaigns.payments import commands as payment_commands
from campaigns.payments import emails as payment_emails
from campaigns.payments import erasing as payment_erasing
from campaigns.payments import operations as payment_operations
from campaigns.payments import views as payment_views
from campaigns.payments.flows import Payments
from campaigns.receipts.flows import Receipts
from campaigns.receipts.rules import Issuer
from campaigns.recurring import jobs as recurring_jobs
from campaigns.recurring import operations as recurring_operations
from campaigns.review import desk as review_desk
from campaigns.review import emails as review_emails
from campaigns.review import erasing as review_erasing
from campaigns.review import jobs as review_jobs
from campaigns.review import operations as review_operations
from campaigns.review.jobs import Reviewing
from campaigns.settings import Settings
from campaigns.signatures import astray, confirming
from campaigns.signatures import checks as signature_checks
from campaigns.signatures import desk as signature_desk
from campaigns.signatures import emails as signature_emails
from campaigns.signatures import jobs as signature_jobs
from campaigns.signatures import operations as signature_operations
from campaigns.signatures import views as signature_views
from campaigns.subscriptions import desk as subscription_desk
from campaigns.subscriptions import emails as subscription_emails
from campaigns.subscriptions import jobs as subscription_jobs
from campaigns.subscriptions import operations as subscription_operations
from campaigns.subscriptions import views as subscription_views
from campaigns.supporters import emails as supporter_emails
from campaigns.supporters import gifts as gift_views
from campaigns.supporters import operations as supporter_operations
from campaigns.supporters import views as supporter_views
from campaigns.supporters.gifts import OwnGifts
from campaigns.switches import commands as switch_commands
from campaigns.switches import desk as switches_desk
from campaigns.switches import guard as switches_guard
from campaigns.switches import queries as switches
from campaigns.versions import desk as version_desk
from campaigns.versions import emails as version_emails
from campaigns.versions import telling
from campaigns.versions import views as version_views
from campaigns.versions.jobs import Telling
from campaigns.web import caching, health, languages, logs, metrics, static
from campaigns.web.context import Services
from campaigns.web.shell import make_site

HOUSEKEEPING_EVERY = timedelta(hours=6)
CHECKPOINT_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendors:
    """Who does what the ports promise. Tests hand in fakes; None takes the real one that the settings name."""

    checkout: Checkout | None = None
    subscriptions: Subscriptions | None = None
    books: Books | None = None
    mailer: Mailer | None = None
    files: Files | None = None
    printer: Callable[[], Printer] | None = None
    clock: Clock = utc_now
    engine: Engine | None = None


def create_app(settings: Settings, vendors: Vendors | None = None) -> Flask:
    """Return the whole application for `settings`."""
    vendors = vendors or Vendors()
    logs.configure()
    sealing.use_key(settings.encryption_key)
    services = _services(settings, vendors)
    site = make_site(services)
    languages.install(site)
    caching.install(site, languages.language_of)
    switches_guard.install(site)
    _give_templates(site, settings)
    static.install(site)
    security.install(site, services)
    metrics.install(site, partial(monitoring.gauges, services))
    _introduce(site, services, vendors)
    _open_doors(site)
    _add_commands(site)
    return site


def _services(settings: Settings, vendors: Vendors) -> Services:
    settings.instance.mkdir(parents=True, exist_ok=True)
    return Services(
        settings=settings,
        engine=vendors.engine or make_engine(settings.database_url),
        clock=vendors.clock,
        links=Links(settings.site_url),
        checkout=vendors.checkout or real.checkout(settings),
        files=vendors.files or FileStore(settings.files_url),
    )


def _issuer(settings: Settings) -> Issuer:
    """Who stands on receipts."""
    contact = settings.contact_email or parseaddr(settings.mail_from)[1]
    return Issuer(settings.legal_name or settings.site_name, contact, settings.books_zone)


def _give_templates(site: Flask, settings: Settings) -> None:
    site.jinja_env.globals["site"] = {
        "name": settings.site_name,
        "legal_name": settings.legal_name or settings.site_name,
        "contact_email": settings.contact_email or settings.mail_from,
        "url": settings.site_url,
        "is_demo": settings.demo,
        "stand_in": settings.stand_in,
    }


def _introduce(site: Flask, services: Services, vendors: Vendors) -> None:
    settings, clock, work = services.settings, services.clock, services.work
    issuer = _issuer(settings)
    books = vendors.books or real.books(settings)
    gifts = donation_booking.DonationPayments(services.links.site, issuer)
    paying = {donation_rules.KIND: gifts, **assembly.handlers(issuer)}
    months = assembly.months(services, vendors.subscriptions, paying)
    payments = Payments(work, services.checkout, paying, clock, settings.livemode, books, months.recurring)
    printing = Printing(
        work,
        services.reading,
        vendors.printer or partial(real.printer, settings),
        services.files,
        services.links,
        clock,
    )
    reviewing = Reviewing(partial(unless_read_only, services), services.reading, clock)
    mailer = vendors.mailer or real.mailer(settings)
    sheets = SheetPrinting(work, services.reading, printing.printer, services.files, services.links, clock)
    receipts = Receipts(work, services.reading, printing.printer, services.links, clock)
    registry = _registry(services, payments, months, printing, reviewing, sheets, receipts)
    site.extensions[gift_views.EXTENSION] = OwnGifts(receipts, issuer)
    mail_domain = urlsplit(settings.site_url).hostname or "localhost"
    site.extensions["undersigned.payments"] = payments
    site.extensions["undersigned.printing"] = printing
    site.extensions[donation_views.EXTENSION] = Giving(
        work, services.checkout, payments, services.links, clock, months.giving, settings.card_fee
    )
    months.install(site.extensions)
    site.extensions["undersigned.worker"] = lambda name: Worker(
        name, work, services.reading, clock, mailer, registry, mail_domain, _duty
    )


def _registry(
    services: Services,
    payments: Payments,
    months: Months,
    printing: Printing,
    reviewing: Reviewing,
    sheets: SheetPrinting,
    receipts: Receipts,
) -> Registry:
    steps = partial(unless_read_only, services)
    return Registry(
        mails=_mails(services) | assembly.receipt_mails(receipts),
        jobs={
            payment_operations.SYNC_JOB: payments.sync_subject,
            recurring_operations.CARRY_OUT_JOB: months.recurring.carry_out,
            sweeping.MOVEMENT_JOB: payments.sweep_movement,
            delivery_operations.PRINT_JOB: printing.run,
            delivery_erasing.REMOVE_JOB: printing.remove_file,
            announcing.ANNOUNCE_JOB: Announcing(steps, services.clock).run,
            telling.TELL_JOB: Telling(steps, services.clock).run,
            review_operations.WORK_JOB: reviewing.run,
            paper_operations.PRINT_JOB: sheets.run,
            paper_importing.WORK_JOB: Importing(steps, services.clock).run,
        },
        recurring=_schedules(services, payments, printing, reviewing) + recurring_jobs.schedules(months.recurring),
        slow=frozenset(
            {
                delivery_operations.PRINT_JOB,
                announcing.ANNOUNCE_JOB,
                telling.TELL_JOB,
                review_operations.WORK_JOB,
                paper_operations.PRINT_JOB,
                paper_importing.WORK_JOB,
            }
        ),
    )


def _mails(services: Services) -> dict[str, MailBuilder]:
    links = services.links
    return {
        signature_operations.CONFIRM_MAIL: partial(signature_emails.confirm_mail, links=links),
        confirming.REMINDER_MAIL: partial(signature_emails.reminder_mail, links=links),
        signature_operations.ALREADY_MAIL: partial(signature_emails.already_signed_mail, links=links),
        subscription_operations.CONFIRM_MAIL: partial(subscription_emails.confirm_mail, links=links),
        subscription_operations.ALREADY_MAIL: partial(subscription_emails.already_mail, links=links),
        donation_booking.FAILED_MAIL: partial(donation_emails.failed_mail, links=links),
        donation_booking.REFUND_FAILED_MAIL: partial(donation_emails.refund_failed_mail, links=links),
        alarms.ALARM_MAIL: partial(payment_emails.alarm_mail, to=_keepers_mail(services.settings), links=links),
        delivery_queries.ANNOUNCE_MAIL: partial(delivery_emails.announce_mail, links=links),
        telling.CORRECTION_MAIL: partial(version_emails.correction_mail, links=links),
        supporter_operations.OWN_PAGE_MAIL: partial(
            supporter_emails.own_page_mail, links=links, site_name=services.settings.site_name
        ),
        review_operations.ALARM_MAIL: partial(review_emails.alarm_mail, links=links),
        signature_jobs.REPAIRED_MAIL: partial(signature_emails.count_repaired_mail, links=links),
        gate_operations.ALARM_MAIL: partial(gate_emails.alarm_mail, links=links),
        security.ACCOUNT_MAIL: account_emails.account_mail,
        **assembly.mails(links, services.settings.legal_name or services.settings.site_name),
    }


def _schedules(
    services: Services, payments: Payments, printing: Printing, reviewing: Reviewing
) -> tuple[Recurring, ...]:
    return (
        Recurring("signatures.count", signature_jobs.COUNT_EVERY, in_work(services, signature_jobs.gather_counts)),
        Recurring("signatures.judge", signature_checks.JUDGE_EVERY, partial(_judge, services)),
        Recurring("signatures.forget", signature_jobs.FORGET_EVERY, partial(_forget, services)),
        Recurring(
            "signatures.remind",
            signature_jobs.REMIND_EVERY,
            in_batches(services, confirming.remind),
            is_about_mail=True,
        ),
        Recurring("signatures.anonymise", HOUSEKEEPING_EVERY, in_batches(services, _anonymise)),
        Recurring("signatures.repair", signature_jobs.REPAIR_EVERY, partial(_repair, services)),
        Recurring("paper.forget", paper_jobs.FORGET_EVERY, partial(paper_jobs.forget, services.work, services.clock)),
        Recurring("review.watch", review_jobs.WATCH_EVERY, reviewing.watch),
        Recurring("endings.notice", ending_jobs.NOTICE_EVERY, at_now(services, ending_jobs.notice)),
        Recurring("ledger.checkpoint", CHECKPOINT_EVERY, partial(_checkpoint, services)),
        *(
            Recurring(
                name, HOUSEKEEPING_EVERY, in_batches(services, partial(number, issuer=_issuer(services.settings)))
            )
            for name, number in assembly.NUMBERING.items()
        ),
        Recurring("donations.index", HOUSEKEEPING_EVERY, in_batches(services, donation_erasing.index_addresses)),
        Recurring("donations.empty", HOUSEKEEPING_EVERY, in_batches(services, donation_erasing.empty_old)),
        *(
            Recurring(f"{empty.__module__}.{empty.__name__}", HOUSEKEEPING_EVERY, in_batches(services, empty))
            for empty in assembly.EMPTYING
        ),
        Recurring("donations.watch", watching.WATCH_EVERY, at_now(services, _watching(services.settings))),
        # Each machine keeps chunks of its own.
        Recurring(f"print.forget {platform.node()}", HOUSEKEEPING_EVERY, printing.forget_chunks),
        Recurring("payments.sweep", flows.SWEEP_EVERY, lambda: dropped(payments.sweep())),
        Recurring("payments.month", flows.MONTH_EVERY, lambda: dropped(payments.sweep(back=sweeping.MONTH))),
    )


def _watching(settings: Settings) -> Callable[[Session, datetime], int]:
    return partial(watching.watch, contact=settings.contact_email or settings.mail_from)


def _duty(session: Session) -> Duty:
    """Workers obey the switches: nothing is written while the site is read-only, no mail leaves while it is paused."""
    standing = switches.standing(session)
    if standing.read_only:
        return Duty.NOTHING
    return Duty.NO_MAIL if standing.mail_paused else Duty.ALL


# Whoever else keeps something of a petition's people forgets it too.
_anonymise = partial(anonymising.anonymise_some, others=(review_erasing.forget_people, paper_erasing.forget_people))


def _checkpoint(services: Services) -> None:
    """Freeze the sums so far, so that figures stay as quick as they are young."""
    with services.work() as session:
        ledger_operations.checkpoint(session, services.clock())


def _forget(services: Services) -> None:
    with services.work() as session:
        signature_jobs.forget_unconfirmed(session, services.clock())
        signature_jobs.forget_withdrawn(session, services.clock())
        mailboxes.forget_links(session, services.clock())
        outbox_erasing.empty_failed(session, services.clock())
        payment_erasing.empty_old_events(session, services.clock())
        signature_checks.forget_networks(session, services.clock())
        subscription_jobs.forget_unconfirmed(session, services.clock())
        subscription_jobs.forget_networks(session, services.clock())
        partner_operations.forget_links(session, services.clock())
        gate_operations.forget(session, services.clock())


def _judge(services: Services) -> None:
    with services.work() as session:
        signature_checks.judge(session, services.clock())


def _repair(services: Services) -> None:
    with services.work() as session:
        signature_jobs.prove_counts(session, _keepers_mail(services.settings), services.clock())


def _keepers_mail(settings: Settings) -> str:
    """Return where whoever keeps the site reads what is wrong with it."""
    return settings.contact_email or settings.mail_from


def _open_doors(site: Flask) -> None:
    for door in (
        page_views, signature_views, astray, subscription_views, partner_views, supporter_views, gift_views,
        donation_views, gate_views,
        payment_views, delivery_views,
        desk, campaign_desk, signature_desk, partner_desk, subscription_desk, comment_desk, review_desk, delivery_desk,
        message_desk, fund_desk, switches_desk, version_views, version_desk, ending_desk, paper_desk, paper_imports,
        health, *assembly.DOORS,
    ):  # fmt: skip
        site.register_blueprint(door.blueprint)


def _add_commands(site: Flask) -> None:
    groups = (backup.group, database.group, demo.group, ledger.group, signature_commands.group, account_commands.group,
              payment_commands.group, switch_commands.group, worker.worker, worker.outbox)  # fmt: skip
    for command in groups:
        site.cli.add_command(command)
