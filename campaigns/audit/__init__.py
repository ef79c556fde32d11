"""Who did what at the desk."""
