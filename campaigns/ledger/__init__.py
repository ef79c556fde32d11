"""The ledger: an append-only, double-entry journal of every cent."""
