"""What givers let everybody read: words, a name, or both, read by an organizer before they stand on the page."""
