"""Switches for bad days: pause signing, pause mail, a banner on every page, nothing written at all."""
