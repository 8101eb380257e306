"""Writing spreadsheets that people get back: exports, templates, the rows that failed."""

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from .escaping import escape

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def safe_cell(text: str) -> str:
    """The text as it is written into a cell: no formula, line breaks as "\\n", nothing unprintable."""
    return escape(ILLEGAL_CHARACTERS_RE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[str]], *, delimiter: str = ";") -> bytes:
    """CSV with a byte order mark, without which Excel takes UTF-8 for something else."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([safe_cell(header) for header in headers])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook of one sheet in which every cell is text."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Import")
    for row in ([*headers], *rows):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, safe_cell(text))
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def write_table(
    format: str, headers: Sequence[str], rows: Iterable[Sequence[str]], *, delimiter: str = ";"
) -> bytes:
    """A file of the format "csv" or "xlsx"."""
    if format == "xlsx":
        return write_xlsx(headers, rows)
    return write_csv(headers, rows, delimiter=delimiter)
