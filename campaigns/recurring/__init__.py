"""Recurring payments: what is paid each month, whatever for. A feature above names what each month pays."""
