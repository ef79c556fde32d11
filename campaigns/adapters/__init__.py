"""Vendors, each behind a port of the kernel's."""
