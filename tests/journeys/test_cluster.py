"""Several web processes and several workers on one PostgreSQL, one of them killed in the middle."""

import signal
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from campaigns.outbox.rules import LEASE
from tests.databases import drop_database, fresh_database
from tests.journeys.stack import Stack, answers, running_site
from tests.make import SIGN
from tests.waiting import free_port, wait_for

SLUG = "five-days-in-bessemer"
PEOPLE = 60
AFTER_A_LEASE = LEASE.total_seconds() + 60  # the killed worker may hold one

pytestmark = [pytest.mark.postgresql, pytest.mark.prove]  # two minutes, where the killed worker held a lease


@pytest.fixture
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    server = request.getfixturevalue("postgres")
    url = fresh_database(server)
    with running_site(tmp_path, url) as stack:
        stack.start_worker("second worker")
        port = str(free_port())
        stack.start("second web", "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port,
                    "--workers", "2", "--blocking-threads", "4", "app:app")  # fmt: skip
        wait_for(lambda: answers(f"http://localhost:{port}/healthz"), "the second web server answers")
        stack.environment["SECOND"] = f"http://localhost:{port}"
        yield stack
    drop_database(server, url)


def post(url: str, fields: dict[str, str]) -> int:
    data = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=60) as response:
        return int(response.status)


def sign_and_confirm(stack: Stack, number: int) -> str:
    """Sign at one web server and confirm at the other."""
    here, there = (stack.url, stack.environment["SECOND"]) if number % 2 else (stack.environment["SECOND"], stack.url)
    email = f"worker{number}@example.org"
    assert post(f"{here}/campaigns/{SLUG}/sign", SIGN | {"email": email, "name": f"Worker {number} Person"}) == 200
    mail = wait_for(lambda: stack.mails(email), f"the mail to {email}", AFTER_A_LEASE)[0]
    link = next(word for word in mail["text"].split() if "/confirm/" in word)
    assert post(there + urllib.parse.urlsplit(link).path, {}) == 200
    return email


def test_many_processes_share_one_database_and_lose_nothing(cluster: Stack) -> None:
    with ThreadPoolExecutor(8) as people:
        signing = [people.submit(sign_and_confirm, cluster, number) for number in range(PEOPLE)]
        wait_for(lambda: len(cluster.mails("worker")) > PEOPLE // 3, "the first mails")
        cluster.stop("worker", signal.SIGKILL)
        emails = [future.result() for future in signing]
    wait_for(lambda: f'"total":{PEOPLE}' in page(cluster, "count.json"), "everybody counts", 30)
    mailed = Counter(mail["to"] for mail in cluster.mails("worker"))
    assert set(mailed) == set(emails)
    assert max(mailed.values()) <= 2, "only a crash in the middle of handing over may repeat a mail"
    assert "Every law holds" in cluster.flask("ledger", "verify")


def page(stack: Stack, name: str) -> str:
    with urllib.request.urlopen(f"{stack.url}/campaigns/{SLUG}/{name}", timeout=10) as response:
        return str(response.read().decode()).replace(" ", "")
