"""What partners brought: their numbers, for the desk and for themselves, and who agreed to hear from them."""
