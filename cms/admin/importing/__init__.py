"""Import of content from CSV and XLSX: upload, map columns, look at the result, then write.

`tables` reads files, `columns` and `kinds` say what they may hold, `planning` says row by row what would
happen, `writing` makes it happen, `staging` keeps a file between the steps, `views` are the steps.
"""
