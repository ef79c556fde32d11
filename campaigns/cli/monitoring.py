"""What a monitor is told of the database: composed of features, offered by the web room."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily

from campaigns.ledger import queries as ledger
from campaigns.outbox import queries as outbox
from campaigns.payments import queries as payments
from campaigns.signatures import queries as signatures
from campaigns.web.context import Services


def gauges(services: Services) -> Iterable[GaugeMetricFamily]:
    """Yield figures as they stand now; each scrape asks anew."""
    with services.reading() as session:
        backlog = outbox.backlog(session, services.clock())
        parked = payments.parked(session)
        repairs, held = signatures.repairs(session), signatures.how_many_held(session)
        entries = ledger.head(session).sequence
    due = GaugeMetricFamily("undersigned_outbox_due", "Mails and jobs that wait", labels=["kind"])
    failed = GaugeMetricFamily("undersigned_outbox_failed", "Mails and jobs that were given up", labels=["kind"])
    oldest = GaugeMetricFamily("undersigned_outbox_oldest_seconds", "Age of the oldest that waits", labels=["kind"])
    for row in backlog:
        due.add_metric([row.kind], row.due)
        failed.add_metric([row.kind], row.failed)
        oldest.add_metric([row.kind], row.oldest_seconds)
    yield from (due, failed, oldest)
    yield GaugeMetricFamily("undersigned_payments_parked", "Payments that a person must look at", value=parked)
    yield GaugeMetricFamily("undersigned_ledger_entries", "Entries in the ledger", value=entries)
    yield GaugeMetricFamily("undersigned_count_repairs", "Counts that were found wrong and repaired", value=repairs)
    yield GaugeMetricFamily("undersigned_signatures_held", "Confirmed signatures that wait for review", value=held)
