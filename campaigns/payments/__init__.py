"""Payments: the hosted page, the provider's doorbell, one idempotent sync."""
