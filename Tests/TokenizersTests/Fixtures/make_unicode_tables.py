"""Writes Sources/Tokenizers/Unicode/UnicodeTables.swift from what the reference library does.

The Hugging Face tokenizers library carries several versions of Unicode's tables at once (its
general categories are years older than its letter cases), so neither a version of the Unicode
database nor the Swift standard library gives its answers. This script asks the library itself,
one code point at a time, and writes the answers down.

    python make_unicode_tables.py > ../../../Sources/Tokenizers/Unicode/UnicodeTables.swift
"""

import tokenizers
from tokenizers import normalizers, pre_tokenizers

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def bert(**on):
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False,
           "lowercase": False}
    return normalizers.BertNormalizer(**{**off, **on}).normalize_str


clean = bert(clean_text=True)
strip = bert(strip_accents=True)
pad = bert(handle_chinese_chars=True)
lower = normalizers.Lowercase().normalize_str
nfd = normalizers.NFD().normalize_str
words = pre_tokenizers.BertPreTokenizer().pre_tokenize_str


def ranges(code_points):
    found = []
    for c in code_points:
        if found and found[-1][1] == c - 1:
            found[-1][1] = c
        else:
            found.append([c, c])
    return [c for pair in found for c in pair]


def case_runs(mapping):
    """Runs of code points at an even stride that lie equally far from their lower case."""
    runs = []
    for c, target in sorted(mapping.items()):
        delta = target - c
        if runs:
            first, last, stride, run_delta = runs[-1]
            if run_delta == delta and (c - last == stride or (first == last and c - last <= 2)):
                runs[-1] = [first, c, c - last, delta]
                continue
        runs.append([c, c, 1, delta])
    return [c for run in runs for c in run]


def show(name, doc, values, kind="UInt32"):
    print(f"  /// {doc}")
    print(f"  static let {name}: [{kind}] = [")
    line = "   "
    for value in values:
        text = f" {value}," if kind == "Int32" else f" 0x{value:X},"
        if len(line) + len(text) > 100:
            print(line)
            line = "   "
        line += text
    print(line)
    print("  ]\n")


def is_starter(c):
    """Whether c keeps U+1B44 (class 9) from moving in front of U+302E (class 224)."""
    return nfd("\u302e" + chr(c) + "\u1b44").endswith("\u1b44")


removed = [c for c in CODE_POINTS if clean(chr(c)) == ""]
space = [c for c in CODE_POINTS if len(words(f"a{chr(c)}b")) == 2]
punctuation = [c for c in CODE_POINTS if len(words(f"a{chr(c)}b")) == 3]
accents = [c for c in CODE_POINTS if nfd(chr(c)) == chr(c) and strip(chr(c)) == ""]
cjk = [c for c in CODE_POINTS if pad(chr(c)) != chr(c)]
cleaned_to_space = [c for c in CODE_POINTS if clean(chr(c)) == " "]
assert set(cleaned_to_space) == set(space) - set(removed)

decomposed = {c: nfd(chr(c)) for c in CODE_POINTS if nfd(chr(c)) != chr(c)}
hangul = [c for c in decomposed if 0xAC00 <= c <= 0xD7A3]
assert len(hangul) == 11172
stripped = {}
for c, parts in decomposed.items():
    if c in hangul:
        continue
    rest = strip(chr(c))
    assert is_starter(ord(parts[0])) or rest == "", hex(c)  # its start stays in front
    kept = [part in rest for part in parts]
    assert all(is_starter(ord(part)) for k, part in enumerate(parts) if kept[k]
               and any(not kept[j] and is_starter(ord(parts[j])) for j in range(k))), hex(c)
    stripped[c] = [ord(part) for part in rest] + [0]

nonstarters = [c for c in CODE_POINTS if not is_starter(ord(nfd(chr(c))[0]))]
# What is not stripped as an accent can still change places with its neighbours.
movable = [c for c in nonstarters if strip(chr(c)) != ""]
assert all(c not in decomposed for c in movable)
# One character of each combining class, found by sorting: a goes before b if its class is lower.
classes = {}
before = lambda a, b: nfd("a" + chr(b) + chr(a)) == "a" + chr(a) + chr(b)
ordered = []
for c in movable:
    for position, other in enumerate(ordered):
        if before(c, other[0]):
            ordered.insert(position, [c])
            break
        if not before(other[0], c):
            other.append(c)
            break
    else:
        ordered.append([c])
rank = {c: position + 1 for position, group in enumerate(ordered) for c in group}

cases = {c: lower(chr(c)) for c in CODE_POINTS if lower(chr(c)) != chr(c)}
assert {c for c, text in cases.items() if len(text) > 1} == {0x130}
assert cases[0x130] == "i\u0307"
single = {c: ord(text) for c, text in cases.items() if len(text) == 1}

print(f"""// swift-format-ignore-file
// Made by Tests/TokenizersTests/Fixtures/make_unicode_tables.py from tokenizers {tokenizers.__version__}.

/// What the reference library knows of each code point: ranges are pairs of first and last.
enum UnicodeTables {{""")
show("whitespace", "White space, at which words end.", ranges(space))
show("removed", "Controls, formats, private use and U+FFFD, which cleaning removes.", ranges(removed))
show("punctuation", "Punctuation, each of which is a word.", ranges(punctuation))
show("accents", "Nonspacing marks, which stripping accents removes.", ranges(accents))
show("ideographs", "Ideographs, each of which is a word.", ranges(cjk))
show("nonstarters", "Characters whose canonical combining class is not 0.", ranges(nonstarters))
show("movable", "Code point and rank of combining class, for nonstarters that are no accents.",
     [x for c in movable for x in (c, rank[c])])
show("stripped", "Code point, its canonical decomposition without accents, and 0 as the end.",
     [x for c, rest in sorted(stripped.items()) for x in (c, *rest)])
show("lowercase", "First, last and stride of code points, and the distance to their lower case.",
     case_runs(single), kind="Int32")
print("}")
