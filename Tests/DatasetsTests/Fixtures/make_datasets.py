"""Makes the files of this folder and expected.json: what Python's gzip, json and str make of them.

    python make_datasets.py        (any Python 3.9 or later; nothing random)
"""

import gzip
import json
import pathlib
import platform

here = pathlib.Path(__file__).parent

ROWS = [
    ("what is a kernel", "The core of an operating system.", ["A seed.", "A matrix."]),
    ("caf\u00e9", "cafe\u0301", ["coffee", "what is a kernel"]),  # one word, two spellings
    ("", "empty anchor", ["", "x"]),
    ("tabs\tand \"quotes\" \\ and \u2028 and \u0000", "line one\nline two\r\n", ["a", "a"]),
    ("\ud55c\uae00 \U0001f469\u200d\U0001f4bb", "what is a kernel", ["caf\u00e9", "cafe\u0301"]),
    ("long", "word " * 60_000, ["n1", "n2"]),
]


def line(row, ascii_only):
    anchor, positive, negative = row
    return json.dumps(
        {"anchor": anchor, "positive": positive, "negative": negative}, ensure_ascii=ascii_only)


def member(text):
    """A gzip member that does not depend on the day it is made."""
    return gzip.compress(text.encode(), mtime=0)


def main():
    lines = [line(row, index % 2 == 0) for index, row in enumerate(ROWS)]
    # A byte order mark, CR LF, blank lines, white space around an object, no newline at the end.
    windows = "\ufeff" + "\r\n".join([lines[0], "", "  \t", "  " + lines[1] + " ", *lines[2:5]])
    (here / "windows.jsonl").write_bytes(windows.encode())

    # Two members and a third without content, cut within a line, and zeros behind them. The name
    # does not say that it is compressed.
    whole = "\n".join(lines) + "\n"
    cut = len(whole) // 3
    members = member(whole[:cut]) + member("") + member(whole[cut:])
    (here / "members.jsonl.gz").write_bytes(members + bytes(512))
    (here / "members-without-suffix.jsonl").write_bytes(members)

    one = member(whole)
    (here / "truncated.jsonl.gz").write_bytes(one[:-60])
    (here / "without-trailer.jsonl.gz").write_bytes(one[:-4])
    damaged = bytearray(one)
    damaged[-6] ^= 1  # the checksum
    (here / "checksum.jsonl.gz").write_bytes(bytes(damaged))
    (here / "garbage.jsonl.gz").write_bytes(one + b"garbage")

    beir = here / "beir"
    (beir / "qrels").mkdir(parents=True, exist_ok=True)
    documents = [
        {"_id": "d1", "title": "Kernels", "text": "The core of an operating system."},
        {"_id": "d2", "title": "", "text": "No title."},
        {"_id": "d10", "text": "No title at all.", "metadata": {"year": 2024}},
        {"_id": "caf\u00e9", "title": "One", "text": "composed"},
        {"_id": "cafe\u0301", "title": "Two", "text": "decomposed"},
        {"_id": "10", "title": None, "text": ""},
    ]
    queries = [
        {"_id": "q1", "text": "what is a kernel", "metadata": {}},
        {"_id": "q2", "text": "nothing is relevant to this"},
        {"_id": "caf\u00e9", "text": "how is it spelt"},
    ]
    judgements = [
        ("q1", "d1", 1), ("q1", "d2", 0), ("q1", "d10", 2), ("q1", "d1", 1), ("q1", "gone", 1),
        ("q2", "d2", 0), ("caf\u00e9", "cafe\u0301", 1), ("cafe\u0301", "d1", 1), ("q9", "d1", 1),
    ]
    corpus = "".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents)
    (beir / "corpus.jsonl.gz").write_bytes(member(corpus))
    (beir / "queries.jsonl").write_text("".join(json.dumps(q) + "\n" for q in queries))
    table = [("query-id", "corpus-id", "score"), *judgements]
    lines = "".join(f"{query}\t{document}\t{score}\r\n" for query, document, score in table)
    (beir / "qrels" / "test.tsv").write_bytes(lines.encode())

    relevant = {}
    for query, document, score in judgements:
        if score > 0:
            relevant.setdefault(query, {})[document] = None
    known_documents = {document["_id"] for document in documents}
    known_queries = {query["_id"] for query in queries}

    columns = [
        [row[0] for row in ROWS], [row[1] for row in ROWS],
        [row[2][0] for row in ROWS], [row[2][1] for row in ROWS],
    ]
    numbers = {}
    ids = [[numbers.setdefault(text, len(numbers)) for text in column] for column in columns]
    expected = {
        "made_by": f"make_datasets.py, Python {platform.python_version()}",
        "columns": columns,
        "ids": ids,
        "beir": {
            "corpus_ids": [d["_id"] for d in documents],
            "corpus": [
                f"{d['title']} {d['text']}" if d.get("title") else d["text"] for d in documents
            ],
            "query_ids": [q["_id"] for q in queries],
            "queries": [q["text"] for q in queries],
            "relevant": [
                {"query": q["_id"], "documents": list(relevant[q["_id"]])}
                for q in queries if q["_id"] in relevant
            ],
            "unknown_documents": sum(
                d not in known_documents for q in known_queries for d in relevant.get(q, {})),
            "unknown_queries": len({q for q, _, _ in judgements} - known_queries),
        },
    }
    # The one long text is left to a rule, so that the file stays small.
    expected["columns"][1][5] = {"repeat": "word ", "times": 60_000}
    (here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
