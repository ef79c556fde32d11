"""A test reaches this machine and no other."""

import socket

import pytest

DOCUMENTATION_ADDRESS = "192.0.2.1"  # RFC 5737: nobody has it


def test_a_test_cannot_reach_beyond_this_machine() -> None:
    with socket.socket() as beyond, pytest.raises(Exception, match=DOCUMENTATION_ADDRESS):
        beyond.connect((DOCUMENTATION_ADDRESS, 80))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_test_reaches_this_machine(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1])).close()
