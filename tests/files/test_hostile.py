"""Each hostile file is refused with a clear reason, or what is left of it is harmless."""

import io
import json
import subprocess
import sys
import time
import zipfile
from dataclasses import asdict

import pytest
from django.utils import translation
from PIL import Image

from domain.core import picture_worker
from domain.core.pictures import MEGABYTE, PicturePolicy, UnusablePicture, _pillow_folder, clean_picture
from domain.files.content import _PHOTOS, clean_content
from domain.files.names import clean_name
from domain.files.refusals import REASONS, FileRefused

from .hostile import EICAR, GPS_MARK, HIDDEN, MAKERS, NAMES, flood, heic, photo

KINDS = ("photo", "document")
# Of metadata, whatever its place: none of it is in what is stored.
TRACES = (
    GPS_MARK,
    HIDDEN,
    EICAR,
    b"<script",
    b"xpacket",
    b"eXIf",
    b"iCCP",
    b"ICC_PROFILE",
    b"PK\x05\x06",
    b"%PDF-",
)


def test_there_are_at_least_sixty():
    assert len(MAKERS) + len(NAMES) >= 60


@pytest.mark.parametrize("label", MAKERS)
def test_a_hostile_file_is_refused_or_made_harmless(label):
    hostile = MAKERS[label]()
    before = time.process_time()
    if hostile.refused:
        with pytest.raises(FileRefused) as refusal:
            clean_content(hostile.data, KINDS)
        assert refusal.value.code == hostile.refused
    else:
        clean = clean_content(hostile.data, KINDS)
        for data in (clean.data, *clean.renditions.values()):
            harmless(clean.suffix, data)
    assert time.process_time() - before < 2


def harmless(suffix: str, data: bytes) -> None:
    if suffix == ".pdf":
        assert GPS_MARK not in data
        assert data.startswith(b"%PDF-")
    elif suffix == ".docx":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                assert not any(trace in archive.read(name) for trace in (GPS_MARK, b"Exif\0\0", HIDDEN))
        assert HIDDEN not in data
    else:
        assert [trace for trace in TRACES if trace in data] == []
        assert b"Exif\0\0" not in data
        with Image.open(io.BytesIO(data)) as picture:
            assert not picture.getexif()
            assert getattr(picture, "n_frames", 1) == 1
            assert picture.mode in ("L", "RGB", "RGBA")
            assert not {"icc_profile", "comment", "xmp", "XML:com.adobe.xmp"} & set(picture.info)


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_says_what_the_file_is_and_does_nothing(name):
    assert clean_name(name, ".jpg") == NAMES[name]


def test_a_photo_is_no_document_and_the_other_way_round():
    for data, kind in ((photo(), "document"), (MAKERS["gps in xmp in pdf"]().data, "photo")):
        with pytest.raises(FileRefused) as refusal:
            clean_content(data, (kind,))
        assert refusal.value.code == "kind"


def test_a_turned_picture_is_stored_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    clean = clean_content(photo(size=(60, 40), exif=exif.tobytes()), KINDS)
    assert (clean.width, clean.height) == (40, 60)


def test_grey_of_sixteen_bits_keeps_its_lightness():
    clean = clean_content(MAKERS["sixteen bits of grey"]().data, KINDS)
    assert Image.open(io.BytesIO(clean.data)).getpixel((0, 0)) == 40000 // 256


def test_the_same_picture_in_another_format_and_size_has_nearly_the_same_hash():
    one = clean_content(photo(size=(800, 600)), KINDS).perceptual_hash
    other = clean_content(photo("PNG", size=(400, 300)), KINDS).perceptual_hash
    assert (int(one, 16) ^ int(other, 16)).bit_count() <= 6


@pytest.mark.parametrize("label", ["photo of 12 megapixels", "photo of 48 megapixels", "heic", "flood"])
def test_a_picture_takes_less_than_two_hundred_megabytes(label):
    data = {
        "photo of 12 megapixels": lambda: photo(size=(4032, 3024)),
        "photo of 48 megapixels": lambda: photo(size=(8064, 6048)),
        "heic": heic,
        "flood": lambda: flood("png"),
    }[label]()
    program = (
        "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__'); "
        "print(next(x for x in open('/proc/self/status') if 'VmHWM' in x), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, picture_worker.__file__, _pillow_folder()],
        input=json.dumps(asdict(_PHOTOS)).encode() + b"\n" + data,
        capture_output=True,
        check=True,
    )
    assert int(done.stderr.split()[1]) < 200 * 1024


@pytest.mark.parametrize(
    "limits",
    [{"memory": 60 * MEGABYTE}, {"formats": ("NONE",)}],
    ids=["memory", "kind"],
)
def test_a_decoder_that_goes_beyond_its_limits_is_stopped_and_the_picture_refused(limits):
    with pytest.raises(UnusablePicture):
        clean_picture(photo(size=(4000, 3000)), PicturePolicy(**limits))


def test_every_reason_is_said_in_every_language():
    said = {}
    for language in ("en", "nb", "nn"):
        with translation.override(language):
            said[language] = [str(reason) for reason in REASONS.values()]
    assert all(len(reason) > 10 for reasons in said.values() for reason in reasons)
    for norwegian in ("nb", "nn"):
        assert not set(said["en"]) & set(said[norwegian])
