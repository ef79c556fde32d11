"""What a phone reads off a printed page: its QR codes."""

import io
import shutil
import subprocess

import pytest
import zxingcpp
from PIL import Image

DOTS = 150  # an inch: less than a phone sees


def codes_in(picture: bytes) -> list[str]:
    """Return what each QR code in a picture says."""
    with Image.open(io.BytesIO(picture)) as image:
        found = zxingcpp.read_barcodes(image.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
    return [code.text for code in found]


def codes_on(pdf: bytes, page: int = 1) -> list[str]:
    """Return what each QR code on a page of a PDF says, read off the page's picture."""
    if not shutil.which("pdftoppm"):
        pytest.skip("no pdftoppm on this machine (poppler-utils)")
    only = ("-f", str(page), "-l", str(page))
    command = ["pdftoppm", "-png", "-r", str(DOTS), *only]
    return codes_in(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout)


def codes_drawn(svg: str) -> list[str]:
    """Return what each QR code in a drawing of a page says, once it is printed."""
    import weasyprint

    style = "<style>@page { size: 80mm 80mm; margin: 5mm } svg { width: 60mm; height: 60mm }</style>"
    return codes_on(weasyprint.HTML(string=style + svg).write_pdf())
