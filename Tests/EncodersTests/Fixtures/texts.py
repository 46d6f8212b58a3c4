"""The texts of every fixture: short technical sentences of our own, from word lists and templates.

One fact is a program and one of its aspects. A fact has one passage (a statement of one to three
sentences) and three questions. The same call always gives the same texts; nothing here is random.

`python texts.py` prints how many there are and a few of them.
"""

PROGRAMS = [
    ("parser", "configuration files", "tokens"),
    ("job scheduler", "nightly batches", "queues"),
    ("file indexer", "source trees", "paths"),
    ("mail filter", "incoming messages", "headers"),
    ("font renderer", "outline fonts", "glyphs"),
    ("backup daemon", "home directories", "blocks"),
    ("network monitor", "idle connections", "packets"),
    ("spell checker", "long manuscripts", "words"),
    ("image viewer", "raw photographs", "pixels"),
    ("package builder", "patched archives", "scripts"),
    ("log reader", "rotated journals", "lines"),
    ("audio mixer", "sampled instruments", "channels"),
    ("disk cleaner", "stale caches", "folders"),
    ("terminal emulator", "remote sessions", "escape codes"),
    ("chess engine", "opening positions", "moves"),
    ("map server", "city districts", "tiles"),
    ("proxy cache", "repeated downloads", "requests"),
    ("database driver", "prepared statements", "rows"),
    ("test runner", "flaky suites", "cases"),
    ("video encoder", "interlaced film", "frames"),
    ("café finder", "menus from Zürich", "addresses"),
    ("naïve Bayes filter", "résumé collections", "features"),
    ("한글 입력기", "두벌식 자판", "음절"),
    ("번역 도구", "긴 문장", "낱말"),
]

# Each aspect: three questions, then the passage. {p} program, {o} what it works on, {u} its unit,
# {n} a number, {w} a way, {e} a closing sentence or nothing.
ASPECTS = [
    (
        "How much memory does the {p} need?",
        "memory limit for {o}",
        "Can the {p} run on a machine with {n} megabytes?",
        "The {p} keeps {o} {w} and needs about {n} megabytes of memory.{e}",
    ),
    (
        "Is the {p} fast enough for {o}?",
        "time to process many {u}",
        "How many {u} per second can one core handle?",
        "On one core the {p} handles {n} thousand {u} per second, because it reads {o} {w}.{e}",
    ),
    (
        "What does the {p} do after a crash?",
        "recover {o} when the power fails",
        "Are any {u} lost if the {p} is killed?",
        "After a crash the {p} replays its journal; at most {n} {u} are lost, and {o} stay "
        "readable.{e}",
    ),
    (
        "Which formats does the {p} understand?",
        "convert {o} to another format",
        "Does the {p} export its {u} as plain text?",
        "The {p} imports and exports {o} in {n} formats, among them plain text with one of the "
        "{u} per line.{e}",
    ),
    (
        "How do I configure the {p}?",
        "options to limit the {u}",
        "Where is the setting for {o} stored?",
        "Every option of the {p} has a default: set `max-{n}` to bound the {u}, or list {o} "
        "{w}.{e}",
    ),
]

WAYS = [
    "in small chunks",
    "as a sorted table",
    "without copying",
    "behind a single lock",
    "in the order of arrival",
]

ENDINGS = [
    "",
    " It needs no server.",
    " The manual warns against network drives, slow clocks and shared folders.",
    "",
    " Older versions (before 2.4) were slower: they walked the whole list twice, once to count and "
    "once to copy, and kept both results until the process had ended.",
    " See also: the façade in the example directory.",
]

# What the sentences above never say: for the tokenizer's edges.
UGLY_TEXTS = [
    "",
    "   \t ",
    "UPPER lower MiXeD, naïve café — résumé!",
    "한국어 문장은 자모로 나뉜다: 값, 닭, 뷁.",
    "漢字 and kana かな are split; 日本 too",
    "unseen ☃ snowman 🙂 and emoji 👩‍💻",
    "a [MASK] here, [SEP] there, [PAD] nowhere",
    "tabs\tand\nnewlines\r\nand\u00a0no-break\u3000spaces, zero\u200bwidth, bell\u0007",
    "e\u0301 composed é; ﬁ ligature; ½; ①; ß; İstanbul",
    "x" * 120 + " after a word that is too long",
    "don't! (really?) 3.14-15 == {a: b}; #!/bin/sh && ~user@host",
]


def facts():
    """Every fact: its `passage`, its three `questions`, its `program` and `aspect` by index."""
    result = []
    for p, (program, objects, units) in enumerate(PROGRAMS):
        for a, (*questions, passage) in enumerate(ASPECTS):
            number = 2 + (p * 37 + a * 59) % 97
            slots = {
                "p": program,
                "o": objects,
                "u": units,
                "n": number,
                "w": WAYS[(p + 2 * a) % len(WAYS)],
                "e": ENDINGS[(p * 5 + a) % len(ENDINGS)],
            }
            result.append(
                {
                    "program": p,
                    "aspect": a,
                    "passage": passage.format(**slots),
                    "questions": [question.format(**slots) for question in questions],
                }
            )
    return result


def sentences():
    """All distinct passages and questions, in order: what the tokenizer is trained on."""
    texts = [text for fact in facts() for text in [fact["passage"], *fact["questions"]]]
    return list(dict.fromkeys(texts))


def triplets():
    """Training rows `{"anchor", "positive", "negative"}`: two questions of each fact.

    The negative is another passage of the same program for the first question and the same aspect
    of another program for the second, so most passages occur in four rows and a sampler that
    avoids duplicates has something to avoid.
    """
    all_facts = facts()
    width = len(ASPECTS)
    rows = []
    for index, fact in enumerate(all_facts):
        same_program = all_facts[index - fact["aspect"] + (fact["aspect"] + 1) % width]
        same_aspect = all_facts[(index + 7 * width) % len(all_facts)]
        for question, negative in zip(fact["questions"], [same_program, same_aspect]):
            rows.append(
                {
                    "anchor": question,
                    "positive": fact["passage"],
                    "negative": negative["passage"],
                }
            )
    return rows


def retrieval():
    """A small retrieval task: `(corpus, queries, relevant)`, the last from query id to passage ids.

    The queries are the questions that `triplets` leaves out, each with the passage of its fact.
    """
    passages = [fact["passage"] for fact in facts()]
    questions = [fact["questions"][2] for fact in facts()]
    corpus = {f"p{index}": text for index, text in enumerate(passages)}
    queries = {f"q{index}": text for index, text in enumerate(questions)}
    return corpus, queries, {f"q{index}": [f"p{index}"] for index in range(len(questions))}


if __name__ == "__main__":
    rows = triplets()
    print(len(facts()), "facts,", len(sentences()), "sentences,", len(rows), "triplets")
    for row in rows[::37]:
        print(row)
