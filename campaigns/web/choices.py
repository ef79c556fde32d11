"""What a list to choose from is made of. The library's types are a version behind; here alone that is passed over."""

from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # types-WTForms is a version behind

__all__ = ["SelectChoice"]
