"""Membership: monthly dues to the organisation, in tiers."""
