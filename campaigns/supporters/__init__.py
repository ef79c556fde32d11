"""Supporters: one page for all that stands under an address. Composed of signatures, donations and deliveries."""
