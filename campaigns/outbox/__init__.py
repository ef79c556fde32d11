"""Mails and jobs as rows in the transaction that causes them."""
