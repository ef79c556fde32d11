"""The desk's form for one switch."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField

from campaigns.rendering.typed import one_line


class SwitchForm(FlaskForm):
    """What everybody reads while it is on."""

    words = StringField(lazy_gettext("What everybody reads"), filters=[one_line])
