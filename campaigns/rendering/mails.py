"""Mails from templates: one text file each, whose first line is the subject."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from campaigns.kernel.ports import Message

FOLDER = Path(__file__).resolve().parents[2] / "templates"


@cache
def _templates() -> Environment:
    environment = Environment(  # noqa: S701  (plain text: there is nothing to escape into)
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds it
    return environment


def render_mail(name: str, to: str, values: Mapping[str, Any]) -> Message:
    """Return the mail of the template `<feature>/<name>`, found as templates/<feature>/mail/<name>.txt."""
    feature, _, kind = name.partition("/")
    text = _templates().get_template(f"{feature}/mail/{kind}.txt").render(values)
    subject, _, body = text.partition("\n")
    return Message(to=to, subject=" ".join(subject.split()), text=body.lstrip("\n"))
