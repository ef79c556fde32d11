"""Uploaded pictures are written anew: upright, smaller, and with nothing of what the camera wrote beside them."""

import io

import pytest
from PIL import Image

from campaigns.rendering.pictures import MOST_PIXELS, NotAPicture, upright_jpeg


def picture(size: tuple[int, int], kind: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "white").save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB")]
)
def test_each_kind_becomes_a_plain_jpeg(kind: str, mode: str) -> None:
    found = opened(upright_jpeg(picture((30, 20), kind, mode)))
    assert (found.format, found.mode, found.size) == ("JPEG", "RGB", (30, 20))


def test_the_place_and_the_device_are_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Telltale Cameras"
    exif.get_ifd(0x8825)[2] = (39.0, 3.0, 0.0)
    data = picture((30, 20), exif=exif, comment=b"taken at the plant")
    assert b"Telltale" in data
    made = upright_jpeg(data)
    assert b"Telltale" not in made
    assert b"plant" not in made
    assert not opened(made).getexif()
    assert "comment" not in opened(made).info


def test_a_picture_that_lies_on_its_side_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(upright_jpeg(picture((40, 20), exif=exif))).size == (20, 40)


def test_a_large_picture_is_made_smaller() -> None:
    assert opened(upright_jpeg(picture((800, 400)), 100)).size == (100, 50)


@pytest.mark.parametrize(
    "data", [b"", b"not a picture", b"GIF89a" + bytes(50), picture((30, 20))[:200], b"\xff\xd8\xff"]
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        upright_jpeg(data)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    side = int(MOST_PIXELS**0.5) + 1
    bomb = picture((side, side), "PNG", "1")
    assert len(bomb) < 40_000
    with pytest.raises(NotAPicture):
        upright_jpeg(bomb)
