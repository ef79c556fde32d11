"""Funds as treasurers keep them: what is offered, what is allowed, what a card statement says."""
