"""Making the file of an export: what was shown, and to whom, is on the record before it leaves.

The file is made while the view answers, in one transaction with the record, and waits on disk (a file without
a name) for who fetches it: neither memory nor PostgreSQL holds anything for a slow reader, and nobody gets
half a file. What it holds is as it was at one moment.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Count, Model, QuerySet
from django.http import FileResponse

from cms.admin.importing.escaping import escape
from domain.audit.reading import Seen, sensitive, subject_columns, subjects_of
from tenants.db import connection

# As much of a file is kept in memory.
IN_MEMORY = 1024 * 1024
# Rows that Python has at a time.
AT_ONCE = 500
# All rows are read: in the order of an index where there is one (by default PostgreSQL takes that for slow,
# as on turning disks), otherwise sorted in memory, 20 MB for 100,000 activities. Days as ISO 8601 has them.
LOCALLY = "SET LOCAL random_page_cost = 1.1; SET LOCAL work_mem = '64MB'; SET LOCAL datestyle = 'ISO'"


def csv_file(view: Any, rows: QuerySet) -> FileResponse:
    """The rows of a list as a CSV file, taken by whoever the view answers.

    `view` has `export_columns(rows)`, `list_export`, `get_heading`, `get_filename` and
    `note_export(seen, number)`; and of Wagtail's export what makes the cells that PostgreSQL can't.
    """
    # Given away to the response, which closes it.
    file: Any = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    try:
        _line(file, [escape(view.get_heading(rows, name)) for name in view.list_export])
        with _at_one_moment():
            columns = view.export_columns(rows)
            if columns is None:
                seen, number = _write(view, rows, file)
            else:
                seen = _seen(rows) if sensitive(rows.model) else []
                number = _copy(rows.values_list(*columns), file)
            view.note_export(seen, number)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    name = f"{view.get_filename()}.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


@contextmanager
def _at_one_moment() -> Iterator[None]:
    """A transaction whose statements all see the rows as they were when it began."""
    begun = connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            if not begun:  # Of one that runs already it can't be said any more.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute(LOCALLY)
        yield


def _seen(rows: QuerySet) -> list[Seen]:
    """Whom the rows are about: each person, or people named together, once, with the number of rows."""
    columns = subject_columns(rows.model)
    about = rows.model._base_manager.filter(pk__in=rows.order_by().values("pk")).order_by()
    return [
        Seen(frozenset(person for person in people if person is not None), rows=number)
        for *people, number in about.values_list(*columns).annotate(exported_rows=Count("pk"))
    ]


def _copy(rows: QuerySet, file: IO[bytes]) -> int:
    """PostgreSQL writes the cells; returns the number of rows."""
    try:
        text, parameters = rows.query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    except EmptyResultSet:
        return 0  # No row can meet the conditions.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        answer = cursor.cursor
        with answer.copy(f"COPY ({text}) TO STDOUT (FORMAT csv)", parameters) as copied:
            for block in copied:
                file.write(block)
        return answer.rowcount


def _write(view: Any, rows: QuerySet, file: IO[bytes]) -> tuple[list[Seen], int]:
    """Python writes the cells, some rows at a time; returns whom they are about, and their number."""
    seen: Counter[frozenset] = Counter()
    number = 0
    for row in _rows(rows):
        cells = view.to_row_dict(row)
        _line(file, [view.preprocess_field_value(name, cells[name], view.FORMAT_CSV) for name in cells])
        number += 1
        if sensitive(row):
            seen[frozenset(subjects_of(row))] += 1
    return [Seen(people, rows=times) for people, times in seen.items()], number


def _rows(rows: QuerySet) -> Iterable[Model]:
    """All rows in their order, none twice; of all but a few only the keys are in memory."""
    all_keys = list(dict.fromkeys(rows.values_list("pk", flat=True)))
    for start in range(0, len(all_keys), AT_ONCE):
        keys = all_keys[start : start + AT_ONCE]
        found = {row.pk: row for row in rows.order_by().filter(pk__in=keys)}
        yield from (found[key] for key in keys if key in found)


def _line(file: IO[bytes], cells: Sequence[Any]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(cells)
    file.write(out.getvalue().encode())
