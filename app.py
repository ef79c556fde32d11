"""The WSGI application, for any server: app:app."""

import os

from campaigns.factory import create_app
from campaigns.settings import Settings

app = create_app(Settings.from_environment(os.environ))
