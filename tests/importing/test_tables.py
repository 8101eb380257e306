"""Whatever program made a file, it is read as its author meant it; whatever is hidden in it stays out."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from cms.admin.importing import tables
from cms.admin.importing.escaping import escape, unescape
from cms.admin.importing.output import write_csv, write_table, write_xlsx
from cms.admin.importing.tables import FileRefusedError, read_table

# What a person can have typed: no control characters, which no program shows, and no lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\t"), max_size=60)


def cells(data: bytes) -> list[list[str]]:
    table = read_table(data)
    return [table.headers, *[row.cells for row in table.rows]]


def workbook(*rows, **parts: bytes) -> bytes:
    """An XLSX of these rows, with more parts in its archive if given."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    if parts:
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
    return out.getvalue()


class TestCsv:
    EXPECTED = [["Spørsmål", "Svar"], ["Hva er ÆØÅ?", "Bokstaver"]]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize("delimiter", [";", ",", "\t"])
    @pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
    def test_is_read_in_every_encoding_with_every_delimiter(self, encoding, delimiter, newline):
        text = newline.join(delimiter.join(row) for row in self.EXPECTED)
        assert cells(text.encode(encoding)) == self.EXPECTED

    def test_commas_in_sentences_are_not_taken_for_the_delimiter(self):
        data = "Spørsmål;Svar\nJa, nei, eller?;Ja, kanskje, nei\nHva, da?;Vel, vel\n".encode()
        assert cells(data)[1] == ["Ja, nei, eller?", "Ja, kanskje, nei"]

    def test_the_delimiter_that_excel_names_in_the_first_line_counts(self):
        table = read_table(b"sep=,\r\na;b,c\r\n1;2,3\r\n")
        assert table.headers == ["a;b", "c"]
        assert table.rows[0].number == 3

    def test_line_breaks_and_quotation_marks_inside_a_cell_belong_to_it(self):
        data = b'q;a\r\n"Hva\r\nda?";"Han sa ""ja"""\r\n'
        assert cells(data)[1] == ["Hva\nda?", 'Han sa "ja"']

    def test_blank_rows_are_passed_over_and_numbers_are_those_of_the_spreadsheet(self):
        table = read_table(b"q;a\n\n;\n1;2\n")
        assert [(row.number, row.cells) for row in table.rows] == [(4, ["1", "2"])]

    def test_short_rows_are_filled_up_and_long_ones_kept_as_they_are(self):
        table = read_table(b"q;a;b\n1\n1;2;3;4\n")
        assert [row.cells for row in table.rows] == [["1", "", ""], ["1", "2", "3", "4"]]

    def test_a_single_column_is_a_table_too(self):
        assert cells("Spørsmål\nHva?\nHvem?\n".encode()) == [["Spørsmål"], ["Hva?"], ["Hvem?"]]

    def test_a_missing_quotation_mark_is_said_with_its_row(self):
        with pytest.raises(FileRefusedError, match="Row 3"):
            read_table(b'q;a\n1;2\n"3;4\n5;6\n')

    def test_duplicate_headings_are_kept_apart(self):
        assert read_table(b"svar;svar\n1;2\n").headers == ["svar", "svar"]


class TestXlsx:
    def test_numbers_dates_and_truth_become_the_text_one_sees(self):
        import datetime

        data = workbook(["a", "b", "c", "d", "e"], [7, 7.0, 7.5, True, datetime.date(2026, 5, 17)])
        assert cells(data)[1] == ["7", "7", "7.5", "true", "2026-05-17T00:00:00"]

    def test_a_formula_is_its_text_and_never_its_result(self):
        assert cells(workbook(["a"], ["=1+1"]))[1] == ["=1+1"]

    def test_only_the_first_sheet_is_read(self):
        book = Workbook()
        book.active.append(["a"])
        book.active.append(["1"])
        book.create_sheet("Annet").append(["b"])
        out = io.BytesIO()
        book.save(out)
        assert cells(out.getvalue()) == [["a"], ["1"]]


class TestRefused:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "empty"),
            (b"\n \n", "empty"),
            (b"\xef\xbb\xbf", "empty"),
            (b"a;b\n", "nothing below"),
            (b"%PDF-1.7\n\x00\x01\x02\x03" * 50, "neither"),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 20, "neither"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, "password"),
            (b"PK\x03\x04 not really", "damaged"),
            (b"\xff\xfea", "neither"),
        ],
    )
    def test_what_is_no_table_says_what_it_is(self, data, message):
        with pytest.raises(FileRefusedError, match=message):
            read_table(data)

    def test_a_zip_of_another_kind(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("word/document.xml", "<x/>")
        with pytest.raises(FileRefusedError, match="neither"):
            read_table(out.getvalue())

    def test_macros(self):
        with pytest.raises(FileRefusedError, match="macros"):
            read_table(workbook(["a"], ["1"], **{"xl/vbaProject.bin": b"x"}))

    def test_a_bomb_is_not_unpacked(self):
        bomb = workbook(["a"], ["1"], **{"xl/media/bomb.xml": b"\x00" * (60 * 1024 * 1024)})
        assert len(bomb) < 100_000
        with pytest.raises(FileRefusedError, match="unpacks"):
            read_table(bomb)

    def test_a_part_that_lies_about_its_size_is_read_no_further(self):
        data = bytearray(workbook(["a"], ["1"], **{"xl/x.xml": b"<x>" + b" " * 30_000_000}))
        # The uncompressed size in the central directory, which is what is believed.
        at = data.rindex(b"PK\x01\x02")
        data[at + 24 : at + 28] = (10).to_bytes(4, "little")
        with pytest.raises(FileRefusedError):
            read_table(bytes(data))

    def test_entities_in_a_part(self):
        with pytest.raises(FileRefusedError, match="damaged"):
            read_table(workbook(["a"], ["1"], **{"xl/x.xml": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'}))

    def test_a_workbook_in_name_only(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("xl/workbook.xml", "<nonsense")
            archive.writestr("[Content_Types].xml", "<nonsense")
        with pytest.raises(FileRefusedError, match="damaged"):
            read_table(out.getvalue())

    def test_more_rows_than_can_be_looked_through(self):
        with pytest.raises(FileRefusedError, match="more than 20000 rows"):
            read_table(b"a;b\n" + b"1;2\n" * 100_000)

    def test_more_rows_in_a_workbook(self):
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for number in range(20_002):
            sheet.append([number])
        out = io.BytesIO()
        book.save(out)
        with pytest.raises(FileRefusedError, match="more than 20000 rows"):
            read_table(out.getvalue())

    def test_a_cell_in_the_last_row_a_sheet_can_have(self):
        book = Workbook()
        book.active["A1"], book.active["A1048576"] = "a", "1"
        out = io.BytesIO()
        book.save(out)
        with pytest.raises(FileRefusedError, match=r"empty rows|nothing below"):
            read_table(out.getvalue())

    def test_too_many_columns(self):
        with pytest.raises(FileRefusedError, match="columns"):
            read_table(b"a;b\n" + b";".join([b"1"] * 100))

    def test_a_cell_longer_than_any_program_writes(self):
        with pytest.raises(FileRefusedError, match="characters"):
            read_table(b"a;b\n1;" + b"x" * 40_000)

    def test_a_file_larger_than_the_limit(self):
        with pytest.raises(FileRefusedError, match="larger"):
            read_table(b"a" * (tables.MAX_BYTES + 1))


class TestWhatWeGiveBack:
    @pytest.mark.parametrize("format", ["csv", "xlsx"])
    @pytest.mark.parametrize("text", ["=1+1", "+47 22 33 44", "-5", "@sum", "\tx", "\nx", "＝1"])
    def test_no_cell_runs_as_a_formula(self, format, text):
        from openpyxl import load_workbook

        data = write_table(format, ["a"], [[text]])
        if format == "csv":
            assert data.decode("utf-8-sig").splitlines()[1].strip('"').startswith("'")
        else:
            cell = load_workbook(io.BytesIO(data)).active["A2"]
            assert cell.data_type == "s"
            assert cell.value.startswith("'")

    @given(st.text(max_size=20))
    def test_undoing_the_escape_gives_back_what_was_written(self, text):
        assert unescape(escape(text)) == text

    @given(st.text(alphabet="'=+-@x", max_size=6))
    def test_whatever_apostrophes_a_text_begins_with(self, text):
        assert unescape(escape(text)) == text

    @given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5), st.sampled_from([";", ",", "\t"]))
    def test_any_text_survives_a_csv(self, rows, delimiter):
        rows = [("x" + a, b + "x") for a, b in rows]
        back = read_table(write_csv(["Spørsmål", "Svar"], rows, delimiter=delimiter))
        assert [tuple(row.cells) for row in back.rows] == rows

    @given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
    def test_any_text_survives_a_workbook(self, rows):
        rows = [("x" + a, b + "x") for a, b in rows]
        back = read_table(write_xlsx(["Spørsmål", "Svar"], rows))
        assert [tuple(row.cells) for row in back.rows] == rows
