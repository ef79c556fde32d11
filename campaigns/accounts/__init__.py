"""Desk accounts: staff only. Supporters never need one."""
