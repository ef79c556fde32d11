"""What a request brings to the gate."""

from flask import request

from campaigns.abuse.rules import network_of
from campaigns.gate.rules import Visit


def visit() -> Visit:
    """Return the network, and the sum or the ticket that the form carries."""
    return Visit(network_of(request.remote_addr), request.form.get("altcha", ""), request.form.get("ticket", ""))
