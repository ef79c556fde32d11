"""Campaigns: who is asked, what is demanded, what money is for."""
