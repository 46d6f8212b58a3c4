"""Makes the files of rows/ and rows.json: the same rows as Python's csv, json and gzip write them.

    python make_rows.py        (any Python 3.9 or later; nothing random)
"""

import csv
import gzip
import io
import json
import pathlib
import platform

here = pathlib.Path(__file__).parent

ROWS = [
    ("plain", "two words", "third"),
    ("comma, tab\tand \"quotes\"", "\"", "\"\""),
    ("line one\nline two", "Windows\r\nMac\rend", "\n"),
    ("", " spaces ", ""),
    ("\ud55c\uad6d\uc5b4", "caf\u00e9 cafe\u0301 \U0001f600", "a\u2028b"),
    ("'", "[1, 2]", "{\"a\": 1}"),
    ("long", "word " * 70_000, "end"),  # longer than a reader's first buffer
    ("last", "row", "here"),
]
NAMES = ["anchor", "the \"positive\", it's", "negative"]


def table(rows, delimiter, end, quoting=csv.QUOTE_MINIMAL):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([NAMES, *rows])
    return file.getvalue().encode()


def packed(data):
    """A gzip member that does not depend on the day it is made."""
    return gzip.compress(data, mtime=0)


def main():
    folder = here / "rows"
    folder.mkdir(exist_ok=True)
    few = [row for row in ROWS if row[0] != "long"]  # the long row is left to packed files
    objects = [dict(zip(NAMES, row)) for row in ROWS]
    short = [dict(zip(NAMES, row)) for row in few]
    files = {
        "unix.csv": table(few, ",", "\n"),
        "windows.csv": b"\xef\xbb\xbf" + table(few, ",", "\r\n", csv.QUOTE_ALL),
        "mac.csv": table(few, ",", "\r", csv.QUOTE_ALL).rstrip(b"\r"),
        "blank-lines.CSV.gz": packed(b"\r\n\n" + table(ROWS, ",", "\n\n\n")),
        "tabs.tsv": table(few, "\t", "\n"),
        "tabs.tab.gz": packed(table(ROWS, "\t", "\r\n", csv.QUOTE_ALL)),
        "pretty.json": json.dumps(short, indent=2).encode(),
        "dense.json.gz": packed(json.dumps(objects, ensure_ascii=False,
                                           separators=(",", ":")).encode()),
        "spaced.jsonl": b"\xef\xbb\xbf \n\t[ " + b" ,\n ".join(
            json.dumps(row).encode() for row in short) + b" \n ]\r\n",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    rows = [list(row) for row in ROWS]
    rows[6][1] = {"repeat": "word ", "times": 70_000}
    (here / "rows.json").write_text(json.dumps(
        {"made_by": f"make_rows.py, Python {platform.python_version()}", "files": sorted(files),
         "names": NAMES, "rows": rows}, indent=1) + "\n")


main()
