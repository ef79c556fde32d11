"""The versions of a petition text: who signed which, and telling people of a correction."""
