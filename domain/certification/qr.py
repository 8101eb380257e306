"""QR codes of addresses, as SVG that can stand in a page."""

import segno

# Light modules that must surround the symbol (ISO/IEC 18004).
QUIET = 4


def svg(text: str, title: str) -> str:
    """The symbol of a text, with error correction M, as an SVG element that is read out as `title`."""
    symbol = segno.make_qr(text, error="m", boost_error=False)
    drawn = symbol.svg_inline(
        border=QUIET, dark="#000", light="#fff", omitsize=True, title=title, svgclass=None, lineclass=None
    )
    return drawn.replace("<svg ", '<svg role="img" ', 1)
