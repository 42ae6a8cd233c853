"""As ``pairs.mjs``, for docx-mailmerge2: it runs where that is installed, and the project is not."""

import json
import sys
import time

from mailmerge import MailMerge

_, model, data, out = sys.argv[1:]
with open(data, encoding="utf-8") as file:  # noqa: PTH123 - as its users write it
    values = json.load(file)
tables = {name: rows for name, rows in values.items() if isinstance(rows, list)}
for _ in sys.stdin:
    start = time.perf_counter()
    with MailMerge(model) as document:
        document.merge(**{name: value for name, value in values.items() if name not in tables})
        for name, rows in tables.items():
            named = [{f"{name}_{key}": value for key, value in row.items()} for row in rows]
            document.merge_rows(next(iter(named[0])), named)
        document.write(out)
    print(time.perf_counter() - start, flush=True)
