"""Decodes one picture and writes it anew: a program of its own, with little memory, time and nothing to open.

`domain.core.pictures` runs it: decoders are where hostile pictures strike, so they do their work in a process
that may hold a few hundred megabytes, write no file, and is stopped after some seconds. It knows nothing of
Django. It reads from standard input a line of JSON (`Order`) and the picture, and writes a line of JSON (the
facts, or `{"error": …}`) and the new pictures one after the other.
"""

import io
import json
import resource
import sys
import warnings
from typing import Any, BinaryIO

# Bytes of a colour profile; those of cameras have some kilobytes.
MAX_PROFILE = 1024 * 1024
# Pictures of a JPEG beyond these many pixels are decoded at half, a quarter or an eighth of their size.
WHOLE_PIXELS = 13_000_000
ORIENTATION = 0x0112
# Which part of the EXIF orientation to undo.
TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}


class Unusable(Exception):
    """The picture can't be used; the message is the reason's code."""


def limit_process(memory: int, seconds: int) -> None:
    """From here on: so many bytes of address space, seconds of processor time, and no file written."""
    for what, value in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory),
    ):
        try:
            resource.setrlimit(what, (value, value))
        except (ValueError, OSError):
            continue  # A system that doesn't know this limit; the caller's timeout still holds.


def clean(data: bytes, order: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """The facts about the new picture, and the bytes of it and of each smaller rendition.

    Raises Unusable.
    """
    from PIL import Image

    formats = [name for name in order["formats"] if name != "HEIF"]
    if "HEIF" in order["formats"] and data[4:8] == b"ftyp":
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.register_heif_opener()
        formats = ["HEIF"]
    warnings.simplefilter("ignore")
    # Our own limit comes first, and says why.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(data), formats=formats) as image:
        kind = str(image.format)
        frames = 1
        if order["animation"] and kind in ("GIF", "WEBP", "PNG"):
            frames = getattr(image, "n_frames", 1)
        pixels = image.width * image.height
        most = order["max_pixels"] if kind in ("JPEG", "MPO") else order["max_decoded_pixels"]
        longest = order["longest"] or max(image.size)
        if frames > order["max_frames"] or pixels * frames > most or max(image.size) > longest:
            raise Unusable("too-many-pixels")
        target = order["output"] or {"MPO": "JPEG", "HEIF": "JPEG"}.get(kind, kind)
        if frames > 1:
            return _facts(image, target), [_animation(image, target, order)]
        picture, profile = _pixels(image, pixels, order)
    out = io.BytesIO()
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if target in ("JPEG", "WEBP"):
        options["quality"] = 90
    if target == "PNG":
        options["compress_level"] = order["compress_level"]
    if target == "JPEG":
        if order["compress_level"] > 5:
            options |= {"optimize": True, "progressive": True}
        if picture.mode == "RGBA":
            picture = picture.convert("RGB")
    picture.save(out, target, **options)
    facts = _facts(picture, target)
    facts["perceptual_hash"] = perceptual_hash(picture)
    made, facts["renditions"] = [out.getvalue()], []
    for size in sorted(order["renditions"], reverse=True):
        if max(picture.size) > size:
            picture.thumbnail((size, size), Image.Resampling.LANCZOS)
            small = io.BytesIO()
            picture.save(small, "WEBP", quality=80)
            made.append(small.getvalue())
            facts["renditions"].append(size)
    return facts, made


def _pixels(image: Any, pixels: int, order: dict[str, Any]) -> tuple[Any, bytes | None]:
    """The picture upright, small enough, in a plain colour model, with nothing but its pixels."""
    from PIL import Image

    box = order["box"]
    if box and pixels > WHOLE_PIXELS and image.format in ("JPEG", "MPO"):
        part = 2
        while pixels / part**2 > WHOLE_PIXELS:
            part *= 2
        image.draft(None, (image.width // part, image.height // part))
    turn = TURNS.get(image.getexif().get(ORIENTATION, 1)) if image.format != "HEIF" else None
    profile = image.info.get("icc_profile")
    see_through = image.mode in ("RGBA", "LA", "PA", "RGBa") or "transparency" in image.info
    image.load()
    picture, profile = _plain(image, see_through, profile, order["keep_profile"])
    if box:
        picture.thumbnail(tuple(box), Image.Resampling.LANCZOS)
    if turn is not None:
        picture = picture.transpose(Image.Transpose(turn))
    # A new image of the same pixels: encoders look for comments, EXIF and XMP in the old one.
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare, profile


def _plain(image: Any, see_through: bool, profile: Any, keep: bool) -> tuple[Any, bytes | None]:
    """Grey, RGB or RGBA of eight bits; the colours as the profile meant them, or with the profile itself."""
    from PIL import ImageCms

    usable = profile if isinstance(profile, bytes) and len(profile) <= MAX_PROFILE else None
    if image.mode == "I;16" or image.mode.startswith(("I;", "I")):
        # Sixteen bits of grey: convert() would cut them off at 255 instead of scaling them.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
        usable = None
    if usable and (image.mode == "CMYK" or not keep) and image.mode in ("RGB", "RGBA", "CMYK"):
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        try:
            image = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(usable)),
                ImageCms.createProfile("sRGB"),
                outputMode=mode,
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            image = image.convert(mode)
        usable = None
    elif not keep or image.mode == "CMYK":
        usable = None
    mode = "RGBA" if see_through else "L" if image.mode in ("1", "L", "F") else "RGB"
    return (image.convert(mode) if image.mode != mode else image), usable


def _animation(image: Any, target: str, order: dict[str, Any]) -> bytes:
    from PIL import ImageSequence

    pictures, durations = [], []
    for frame in ImageSequence.Iterator(image):
        durations.append(frame.info.get("duration", 100))
        bare = frame.convert("RGBA")
        bare.info = {}
        pictures.append(bare)
    profile = image.info.get("icc_profile")
    options: dict[str, Any] = {}
    if order["keep_profile"] and isinstance(profile, bytes) and len(profile) <= MAX_PROFILE:
        options["icc_profile"] = profile
    if target == "GIF" or target == "PNG":
        options["disposal"] = 2 if target == "GIF" else 1
    out = io.BytesIO()
    pictures[0].save(
        out,
        target,
        save_all=True,
        append_images=pictures[1:],
        duration=durations,
        loop=image.info.get("loop", 0),
        **options,
    )
    return out.getvalue()


def perceptual_hash(picture: Any) -> str:
    """64 bits in hex, alike for pictures that look alike: which of 8 × 8 spots are lighter than the next."""
    grey = picture.convert("L").resize((9, 8))
    values = list(grey.tobytes())
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (values[row * 9 + column] > values[row * 9 + column + 1])
    return f"{bits:016x}"


def _facts(picture: Any, target: str) -> dict[str, Any]:
    return {
        "suffix": SUFFIXES[target],
        "width": picture.width,
        "height": picture.height,
        "perceptual_hash": "",
        "renditions": [],
    }


def work(source: BinaryIO, sink: BinaryIO) -> None:
    order = json.loads(source.readline())
    data = source.read()
    limit_process(order["memory"], order["seconds"])
    try:
        facts, made = clean(data, order)
    except Unusable as error:
        facts, made = {"error": str(error)}, []
    except MemoryError:
        facts, made = {"error": "too-many-pixels"}, []
    except Exception as error:
        # Whatever a decoder says of a file it can't read: there are as many kinds of errors as decoders.
        facts, made = {"error": "not-an-image", "detail": f"{type(error).__name__}: {error}"[:200]}, []
    facts["lengths"] = [len(part) for part in made]
    sink.write(json.dumps(facts).encode() + b"\n")
    for part in made:
        sink.write(part)
    sink.flush()


if __name__ == "__main__":
    # The folder Pillow is in: the interpreter was started without any of its own.
    sys.path.append(sys.argv[1])
    work(sys.stdin.buffer, sys.stdout.buffer)
