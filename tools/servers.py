"""nginx and Caddy for the proofs, unpacked into a folder of the project and never installed.

Debian starts a web server as soon as it is installed, and again whenever the machine starts: a test has no business
with that. Unpacking needs no rights either. Standard library only, and nothing newer than Python 3.7 (see prepare.py).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools.system import Machine, Need, Stop, apt_get, leave_out, line_to_type, missing, say, see_to_tests

SERVERS = {"nginx": "-v", "caddy": "version"}  # and how to ask each whether it can run
SYSTEMD = Need(
    "systemd", "systemd", "", lambda machine: bool(machine.which("systemd-analyze")), "the check of the systemd units"
)


def server(name: str, folder: Path, machine: Machine) -> str | None:
    """Return the path of a server that runs here: the system's own, else the one unpacked into `folder`; or None."""
    unpacked = [folder / inside / name for inside in ("usr/sbin", "usr/bin")]
    found = [machine.which(name), *(str(path) for path in unpacked if path.exists())]
    return next((path for path in found if path and machine.run([path, SERVERS[name]]).code == 0), None)


def see_to_servers(folder: Path, machine: Machine) -> None:
    """Get what only the long proofs need, or say what will be left out. Raises Stop on CI, where nothing may be."""
    see_to_tests(machine, [SYSTEMD])
    needs = [_need(name, folder) for name in SERVERS]
    if machine.system() == "debian":
        for need in missing(needs, machine):
            _unpack(need.debian, folder, machine)
    for need in missing(needs, machine):
        line = line_to_type([need], machine.system())
        leave_out(need, Stop(f"{need.debian} is missing. Type this line, then try again:\n{line}"), machine)


def _need(name: str, folder: Path) -> Need:
    return Need(name, name, name, lambda machine: bool(server(name, folder, machine)), f"the {name} example as it runs")


def _unpack(name: str, folder: Path, machine: Machine) -> None:
    """Fetch a package and unpack it into `folder`; it is for the caller to look whether that went well."""
    say(f"{name}, unpacked into {folder.parent.name}/{folder.name}")
    with tempfile.TemporaryDirectory() as inbox:
        download = ["env", "-C", inbox, "apt-get", "-q", "download", name]
        apt = apt_get(machine)
        if machine.run(download).code and apt:  # no package lists yet, or lists that name versions that are gone
            machine.run([*apt, "update"])
            machine.run(download)
        for package in sorted(Path(inbox).glob("*.deb")):
            machine.run(["dpkg-deb", "-x", str(package), str(folder)])
