"""What speaks against a visitor: networks, limits, bait, disposable mail, proof of work. Knows no signature."""
