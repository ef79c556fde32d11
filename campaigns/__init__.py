"""Undersigned: petitions that are signed, funds that are accounted for, lists that are handed over."""
