"""Reading a spreadsheet that someone uploaded, whatever program made it, and trusting nothing in it."""

import csv
import datetime
import io
import re
import zipfile
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from .escaping import unescape

MAX_BYTES = 5 * 1024 * 1024
# Each row is a revision, log entry, audit event and search entry, some 50 ms in all: so many are done within
# one request, more than that in the background.
MAX_ROWS_AT_ONCE = 500
MAX_ROWS = 20_000
MAX_COLUMNS = 60
# A cell of Excel holds 32,767 characters; a CSV could hold more, an answer never does.
MAX_CELL = 32_767
# Of an XLSX, which is a ZIP: what it may unpack to, and how often smaller than that it may be.
MAX_UNPACKED = 40 * 1024 * 1024
MAX_RATIO = 200
MAX_PARTS = 300
# Blank rows are skipped, but not without end: a sheet can claim a million of them.
MAX_BLANK_ROWS = 5_000

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DELIMITERS = (";", ",", "\t")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


class FileRefusedError(Exception):
    """The file can't be read; the message says why and what to do, to the person who chose it."""


@dataclass
class Row:
    """One row of the file; `number` is the one a spreadsheet program shows beside it."""

    number: int
    cells: list[str]


@dataclass
class Table:
    """A file's first sheet as text. `format` is "csv" or "xlsx", `delimiter` that of the CSV."""

    headers: list[str]
    rows: list[Row] = field(default_factory=list)
    format: str = "csv"
    delimiter: str = ";"

    def as_json(self) -> dict:
        return {
            "headers": self.headers,
            "rows": [[row.number, *row.cells] for row in self.rows],
            "format": self.format,
            "delimiter": self.delimiter,
        }

    @classmethod
    def from_json(cls, data: dict) -> "Table":
        rows = [Row(number, list(cells)) for number, *cells in data["rows"]]
        return cls(data["headers"], rows, data["format"], data["delimiter"])


def read_table(data: bytes) -> Table:
    """The rows of a CSV or XLSX file. Raises FileRefusedError for anything else, or too much of it.

    Cells come out as text with line breaks as "\\n", without control characters, and without the apostrophe
    that keeps our own files from being run as formulas.
    """
    if len(data) > MAX_BYTES:
        raise FileRefusedError(
            _("The file is larger than %(size)d MB. Split it into several.") % {"size": MAX_BYTES >> 20}
        )
    if not data.strip():
        raise FileRefusedError(_("The file is empty."))
    if data.startswith(_OLD_OFFICE):
        raise FileRefusedError(
            _(
                "This is an old or a password-protected Excel file. "
                "Save it as .xlsx without a password, or as CSV."
            )
        )
    if data.startswith(_ZIP):
        numbered, table = _read_xlsx(data), Table([], format="xlsx")
    else:
        text = _decode(data)
        delimiter, text, first = _delimiter(text)
        numbered, table = _read_csv(text, delimiter, first), Table([], delimiter=delimiter)
    _fill(table, numbered)
    return table


def _fill(table: Table, numbered) -> None:
    blank = 0
    for number, cells in numbered:
        cells = [_clean(cell, number) for cell in cells]
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            blank += 1
            if blank > MAX_BLANK_ROWS:
                raise FileRefusedError(_("The file has thousands of empty rows. Remove them and try again."))
            continue
        if len(cells) > MAX_COLUMNS:
            raise FileRefusedError(
                _("Row %(row)d has more than %(limit)d columns.") % {"row": number, "limit": MAX_COLUMNS}
            )
        if not table.headers:
            table.headers = [cell.strip() for cell in cells]
            continue
        if len(table.rows) == MAX_ROWS:
            raise FileRefusedError(
                _("The file has more than %(limit)d rows. Split it into several.") % {"limit": MAX_ROWS}
            )
        cells += [""] * (len(table.headers) - len(cells))
        table.rows.append(Row(number, cells))
    if not table.headers:
        raise FileRefusedError(_("The file is empty."))
    if not table.rows:
        raise FileRefusedError(_("The file has a heading row and nothing below it."))


def _clean(cell: str, number: int) -> str:
    if len(cell) > MAX_CELL:
        raise FileRefusedError(
            _("A cell in row %(row)d has more than %(limit)d characters.")
            % {"row": number, "limit": MAX_CELL}
        )
    return unescape(_CONTROL.sub("", cell.replace("\r\n", "\n").replace("\r", "\n")))


# --- CSV ---------------------------------------------------------------------------------------------------


def _decode(data: bytes) -> str:
    """The text of a CSV: by its byte order mark, else UTF-8, else what Excel writes in western Europe."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    elif data.startswith(b"\xef\xbb\xbf"):
        candidates = ["utf-8-sig"]
    elif data[:200].count(b"\x00") >= len(data[:200]) // 4:
        # Every other byte is zero: UTF-16 whose mark was lost. Which byte tells the order.
        candidates = ["utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"]
    else:
        candidates = ["utf-8", "cp1252"]
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text or len(_CONTROL.findall(text[:2000])) > 20:
            break
        return text
    raise FileRefusedError(_("This is neither a CSV nor an Excel file (.xlsx)."))


def _delimiter(text: str) -> tuple[str, str, int]:
    """The delimiter, the text without Excel's `sep=` line, and the number of its first row."""
    first_line, _newline, rest = text.partition("\n")
    named = re.fullmatch(r'"?sep=(.)"?\r?', first_line)
    if named and named[1] in _DELIMITERS:
        return named[1], rest, 2
    return max(_DELIMITERS, key=lambda candidate: _fit(text, candidate)), text, 1


def _fit(text: str, delimiter: str) -> tuple[int, int]:
    """How well a delimiter explains the first rows: the share that agrees with the first, and its width."""
    widths = []
    try:
        for row in csv.reader(io.StringIO(text[:65_536], newline=""), delimiter=delimiter):
            if any(row):
                widths.append(len(row))
            if len(widths) == 20:
                break
    except csv.Error:
        return (0, 0)
    if not widths or widths[0] == 1:
        return (0, 0)
    return (sum(width == widths[0] for width in widths) * 20 // len(widths), widths[0])


def _read_csv(text: str, delimiter: str, first: int):
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = first - 1
    try:
        for number, cells in enumerate(reader, start=first):
            yield number, cells
    except csv.Error as error:
        raise FileRefusedError(
            _("Row %(row)d can't be read: a quotation mark is missing or one too many (%(error)s).")
            % {"row": number + 1, "error": error}
        ) from None


# --- XLSX --------------------------------------------------------------------------------------------------


def _read_xlsx(data: bytes):
    _check_archive(data)
    try:
        # Formulas come as their text, not as what some program last made of them.
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = next(iter(workbook.worksheets), None)
        if sheet is None:
            raise FileRefusedError(_("The Excel file has no sheet."))
        # The size a sheet claims to have needn't be true.
        sheet.reset_dimensions()
        limit = MAX_ROWS + MAX_BLANK_ROWS + 2
        for number, values in enumerate(
            sheet.iter_rows(max_row=limit, max_col=MAX_COLUMNS + 1, values_only=True), start=1
        ):
            yield number, [_text(value) for value in values]
        workbook.close()
    except FileRefusedError:
        raise
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        ParseError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        EOFError,
        zipfile.zlib.error,  # type: ignore[attr-defined]
    ):
        # openpyxl raises any of these for a workbook that isn't one.
        raise FileRefusedError(
            _("The Excel file is damaged. Open and save it again, or save it as CSV.")
        ) from None


def _check_archive(data: bytes) -> None:
    """Refuse before anything is unpacked: bombs, macros, entity tricks, ZIP files of another kind."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            names = {part.filename.lower() for part in parts}
            unpacked = sum(part.file_size for part in parts)
            if any("vbaproject" in name or name.endswith(".bin.macro") for name in names):
                raise FileRefusedError(_("The Excel file contains macros. Save it as .xlsx without them."))
            if "xl/workbook.xml" not in names:
                raise FileRefusedError(_("This is neither a CSV nor an Excel file (.xlsx)."))
            if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * len(data):
                raise FileRefusedError(
                    _("The Excel file unpacks to far more than it should, and is not opened.")
                )
            for part in parts:
                # Python reads no more of a part than its declared size, so the sum above holds.
                if part.filename.lower().endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(part):
                    raise FileRefusedError(
                        _("The Excel file is damaged. Open and save it again, or save it as CSV.")
                    )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zipfile.zlib.error):  # type: ignore[attr-defined]
        raise FileRefusedError(
            _("The Excel file is damaged or password-protected. Open and save it again, or save it as CSV.")
        ) from None


def _text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(getattr(value, "text", value))
