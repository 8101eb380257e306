"""Small drawings for the demo content, made anew wherever they are needed."""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

SIZE = (960, 640)
Colours = tuple[str, str, str]


def draw(motif: str, colours: Colours) -> bytes:
    """A PNG of one of the motifs, in a background, a middle and a foreground colour."""
    image = Image.new("RGB", SIZE, colours[0])
    MOTIFS[motif](ImageDraw.Draw(image), colours)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False, compress_level=6)
    return out.getvalue()


def _person(pen: ImageDraw.ImageDraw, x: int, y: int, colour: str) -> None:
    pen.ellipse([x - 48, y - 210, x + 48, y - 114], fill=colour)
    pen.rounded_rectangle([x - 78, y - 100, x + 78, y + 90], radius=60, fill=colour)


def bench(pen: ImageDraw.ImageDraw, colours: Colours) -> None:
    pen.ellipse([700, 50, 850, 200], fill=colours[1])
    pen.rectangle([0, 500, 960, 640], fill=colours[1])
    _person(pen, 390, 400, colours[2])
    _person(pen, 590, 400, colours[2])
    pen.rounded_rectangle([230, 440, 750, 480], radius=14, fill=colours[2])
    for x in (280, 680):
        pen.rectangle([x, 480, x + 24, 560], fill=colours[2])


def path(pen: ImageDraw.ImageDraw, colours: Colours) -> None:
    pen.polygon([(380, 640), (580, 640), (510, 260), (470, 260)], fill=colours[1])
    for y in range(300, 640, 60):
        half = 4 + (y - 260) // 16
        pen.rectangle([490 - half, y, 490 + half, y + 18], fill=colours[0])
    pen.ellipse([410, 90, 570, 250], fill=colours[2])
    pen.line([(640, 300), (760, 600)], fill=colours[2], width=14)
    pen.ellipse([748, 588, 776, 616], fill=colours[1])


def cups(pen: ImageDraw.ImageDraw, colours: Colours) -> None:
    pen.rectangle([0, 470, 960, 640], fill=colours[1])
    for x in (280, 560):
        pen.rounded_rectangle([x, 320, x + 150, 480], radius=26, fill=colours[2])
        pen.ellipse([x + 125, 350, x + 205, 430], outline=colours[2], width=18)
        for shift in (30, 75, 120):
            pen.arc([x + shift - 20, 210, x + shift + 20, 300], 90, 270, fill=colours[2], width=8)


MOTIFS: dict[str, Callable[[ImageDraw.ImageDraw, Colours], None]] = {
    "bench": bench,
    "path": path,
    "cups": cups,
}
