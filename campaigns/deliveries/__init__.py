"""Deliveries: frozen, numbered signature lists and their PDFs."""
