"""Gifts: the ask, the form and what became of each."""
