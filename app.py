"""The WSGI application, for any server: app:app."""

import os

from flask import Flask

from campaigns.factory import create_app
from campaigns.settings import Settings, SettingsRefused


def _start() -> Flask:
    """Return the application, or end the process with one sentence that says what is to be set."""
    try:
        return create_app(Settings.from_environment(os.environ))
    except SettingsRefused as refused:
        raise SystemExit(str(refused)) from None
    except OSError as failure:  # a folder that cannot be made
        raise SystemExit(f"{failure.filename} cannot be used: {failure.strerror}.") from None


app = _start()
