"""Mailboxes: what belongs to an e-mail address as a whole, whatever was signed or given under it."""
