"""Identifiers in Stripe's manner: a prefix that names the kind, then letters and figures nobody can guess."""

import secrets
import string

_SIGNS = string.ascii_letters + string.digits
_LENGTHS = {"cs_test": 58, "req": 14, "cus": 14, "prod": 14}


def new(prefix: str) -> str:
    """Return a fresh id such as `pi_…` for the prefix `pi`."""
    return f"{prefix}_{secret(_LENGTHS.get(prefix, 24))}"


def secret(length: int) -> str:
    """Return `length` random letters and figures."""
    return "".join(secrets.choice(_SIGNS) for _ in range(length))
