"""Why people sign: their words, read by an organizer before everybody reads them."""
