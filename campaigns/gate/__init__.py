"""The gate before the payment page: limits, proof of work and a brake against card testing. Knows no gift."""
