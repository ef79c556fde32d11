"""Signatures on paper: blank sheets to print, sheets typed in beside their photo, whole tables imported."""
