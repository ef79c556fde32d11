"""Pictures that people upload: decoded, turned upright, made smaller, written anew without anything but the picture.

What a camera writes beside a picture (place, time, device) can cost a job; nothing of it survives.
"""

import io
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS: Final = 80_000_000  # a phone's largest; more is a bomb
LONGEST_SIDE: Final = 2400
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_QUALITY: Final = 80


class NotAPicture(ValueError):
    """The bytes are no JPEG, PNG or WebP that can be read, or too many pixels."""


def upright_jpeg(data: bytes, longest: int = LONGEST_SIDE) -> bytes:
    """Return a picture as a JPEG whose longer side has at most `longest` pixels. Raises NotAPicture."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NotAPicture
            picture.draft("RGB", (longest, longest))  # lets the JPEG decoder skip what would be thrown away
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((longest, longest))
            return _written(upright)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise NotAPicture from error


def _written(picture: Image.Image) -> bytes:
    """On white where it is transparent. A fresh picture has no EXIF, no colour profile and no comment."""
    plain = Image.new("RGB", picture.size, "white")
    if "A" in picture.getbands() or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        plain.paste(clear, mask=clear.getchannel("A"))
    else:
        plain.paste(picture.convert("RGB"))
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
