"""nginx and Caddy as docs/deploy/ sets them up, on free ports of this machine, and a client that talks to them."""

import datetime
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.deploy.install import EXAMPLES
from tests.journeys.stack import ROOT
from tests.waiting import free_port, wait_for
from tools.servers import server
from tools.system import Machine

HOST = "example.org"
SITE = "127.0.0.1:8000"
SERVERS_FOLDER = ROOT / ".venv" / "servers"
# What the example stands in: where Debian's nginx.conf has system folders and a system user.
NGINX_AROUND = """{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/proxy.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{example}
}}
"""
CADDY_AROUND = """{{
	admin off
	storage file_system {folder}/storage
	default_bind 127.0.0.1
	http_port {plain}
	https_port {tls}
	log {{
		output file {folder}/proxy.log
		level WARN
	}}
}}

{example}"""


@dataclass(frozen=True)
class Certificate:
    """A certificate for example.org that its own key signed."""

    chain: Path
    key: Path


def make_certificate(folder: Path) -> Certificate:
    """Write a fresh certificate for a day into `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate = Certificate(folder / "fullchain.pem", folder / "privkey.pem")
    certificate.chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    certificate.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Proxy:
    """A running proxy: where it answers, and what it complained of."""

    plain: int
    tls: int
    certificate: Certificate
    log: Path

    def ask(
        self, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None, method: str = ""
    ) -> Answer:
        """Ask over TLS, the certificate checked against the name; POST where there is a body."""
        trust = ssl.create_default_context(cafile=str(self.certificate.chain))
        return self._ask(self.tls, trust, path, {"Host": HOST} | dict(headers or {}), body, method)

    def ask_plainly(self, path: str) -> Answer:
        """Ask without TLS."""
        return self._ask(self.plain, None, path, {"Host": HOST}, None, "")

    def _ask(
        self, port: int, trust: ssl.SSLContext | None, path: str, headers: dict[str, str], body: bytes | None,
        method: str,
    ) -> Answer:  # fmt: skip
        connection = http.client.HTTPConnection(HOST, timeout=60)
        plain = socket.create_connection(("127.0.0.1", port), timeout=60)
        connection.sock = trust.wrap_socket(plain, server_hostname=HOST) if trust else plain
        try:
            connection.request(method or ("GET" if body is None else "POST"), path, body, headers)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()


@contextmanager
def running_proxy(name: str, folder: Path, certificate: Certificate, sites: list[int]) -> Iterator[Proxy]:
    """Yield nginx or caddy as the example says it, in front of the sites on these ports; stop it afterwards."""
    binary = server(name, SERVERS_FOLDER, Machine(os.environ))
    assert binary, name
    proxy = Proxy(free_port(), free_port(), certificate, folder / "proxy.log")
    command = {"nginx": _nginx, "caddy": _caddy}[name](binary, folder, proxy, sites)
    with (folder / "said.log").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder)}, stdout=output, stderr=output
        )
    try:
        wait_for(lambda: process.poll() is not None or _listens(proxy.tls), f"{name} listens")
        assert process.poll() is None, (folder / "said.log").read_text()
        yield proxy
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """Return `text` with each first part of `pairs` replaced; every one has to be there."""
    for old, new in pairs:
        assert old in text, f"the example no longer says {old!r}"
        text = text.replace(old, new)
    return text


def nginx_example(folder: Path, proxy: Proxy, sites: list[int]) -> str:
    """Return docs/deploy/nginx.conf for these ports, folders and certificates."""
    live = f"/etc/letsencrypt/live/{HOST}"
    pairs = [
        ("/var/cache/nginx/undersigned", f"{folder}/cache"),
        ("listen 80;", f"listen 127.0.0.1:{proxy.plain};"),
        ("listen 443 ssl", f"listen 127.0.0.1:{proxy.tls} ssl"),
        (f"{live}/fullchain.pem", str(proxy.certificate.chain)),
        (f"{live}/privkey.pem", str(proxy.certificate.key)),
        (SITE, f"127.0.0.1:{sites[0]}"),
    ]
    pairs += [("# server 127.0.0.1:8001;", f"server 127.0.0.1:{port}; #") for port in sites[1:]]
    return replaced((EXAMPLES / "nginx.conf").read_text(), *pairs)


def _nginx(binary: str, folder: Path, proxy: Proxy, sites: list[int]) -> list[str]:
    setup = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # else root's workers become a user who may not enter our folder
    setup.write_text(NGINX_AROUND.format(user=user, folder=folder, example=nginx_example(folder, proxy, sites)))
    return [binary, "-p", str(folder), "-e", str(proxy.log), "-c", str(setup)]


def caddy_example(proxy: Proxy, sites: list[int]) -> str:
    """Return docs/deploy/Caddyfile for these ports and certificates."""
    pairs = [
        (f"{HOST} {{", f"{HOST} {{\n\ttls {proxy.certificate.chain} {proxy.certificate.key}"),
        (SITE, " ".join(f"127.0.0.1:{port}" for port in sites)),
    ]
    return replaced((EXAMPLES / "Caddyfile").read_text(), *pairs)


def _caddy(binary: str, folder: Path, proxy: Proxy, sites: list[int]) -> list[str]:
    setup = folder / "Caddyfile"
    example = caddy_example(proxy, sites)
    setup.write_text(CADDY_AROUND.format(folder=folder, plain=proxy.plain, tls=proxy.tls, example=example))
    return [binary, "run", "--config", str(setup), "--adapter", "caddyfile"]
