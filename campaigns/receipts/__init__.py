"""Receipts: numbered without a gap, frozen when they are issued, void but never gone. Knows no gift and no member."""
