"""Print HTML to PDF: WeasyPrint lays out, pikepdf reads its pages, and the parts are written into one tagged file."""

from campaigns.adapters.printing.printer import WeasyPrinter

__all__ = ["WeasyPrinter"]
