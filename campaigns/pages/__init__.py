"""Whole pages, composed of features."""
