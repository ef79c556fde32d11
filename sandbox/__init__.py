"""What a demo needs instead of the internet: a stand-in for Stripe and a mail catcher, on loopback only.

`python -m sandbox` runs both in one process. Nothing here is imported by the site, and nothing here imports it.
"""
