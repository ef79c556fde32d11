"""Words, numbers and text as a reader sees them: no web, no database."""
