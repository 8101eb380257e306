"""Lists as CSV files: made by PostgreSQL where it can tell what stands in each cell, by Python otherwise.

`columns` says what a cell is to PostgreSQL, `files` makes the file. What stands in a cell is the same by
either way, and the same as in the workbook that Wagtail makes of the list.
"""
