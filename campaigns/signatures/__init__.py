"""Signatures: sign, confirm, count."""
