"""Values and words that every room uses. Imports the standard library only."""
