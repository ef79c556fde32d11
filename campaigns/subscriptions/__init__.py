"""News of a campaign for those who asked for it: without signing, or with their signature."""
