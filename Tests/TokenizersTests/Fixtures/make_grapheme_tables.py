"""Writes Sources/Tokenizers/Unicode/GraphemeTables.swift from what the reference library does.

The library takes a cluster of less than 6 bytes to its character map as a whole. Under a map that
makes a dot of every character, the number of dots therefore tells where clusters end.

    python make_grapheme_tables.py > ../../../Sources/Tokenizers/Unicode/GraphemeTables.swift
"""

import tokenizers
from tokenizers import normalizers

from charsmap import build

# Elsewhere there are ideographs, and what is private or not assigned: none of them joins.
CODE_POINTS = [c for c in [*range(1, 0x20000), *range(0xE0000, 0xE1000)] if not 0xD800 <= c < 0xE000]
dots_of = normalizers.Precompiled(build({chr(c): "." for c in CODE_POINTS})).normalize_str


def dots(text):
    result = dots_of(text)
    assert set(result) == {"."}
    return len(result)


ACUTE, ZWJ, COPYRIGHT, KA, VIRAMA = "\u0301", "\u200d", "\u00a9", "\u0915", "\u094d"


def hangul(c):
    """L, V, T, LV or LVT by what it joins: with an acute after, a cluster of its own is one dot."""
    joins = lambda a, b: dots(a + b + ACUTE) == 3
    if len(c.encode()) == 4:  # with the acute it is too long, and never one dot
        return {(1, 1): "v", (1, 0): "t", (0, 0): None}[joins(c, "\u11a8"), joins(c, "\u1161")]
    key = (joins("\u1100", c), joins(c, "\u11a8"), joins(c, "\u1161"), joins("\u1161", c))
    return {(1, 0, 1, 0): "l", (1, 1, 1, 1): "v", (0, 1, 0, 1): "t", (1, 1, 1, 0): "lv",
            (1, 1, 0, 0): "lvt", (0, 0, 0, 0): None}[tuple(map(int, key))]


def classify(c):
    if dots("A" + c) == 1:  # it goes on with the cluster
        if c == ZWJ:
            return "joiner"
        if dots(KA + c + KA + ACUTE) == 4:
            return "linker"
        if dots(KA + VIRAMA + c + KA + ACUTE) == 5:
            return "conjunctExtend"
        if dots(COPYRIGHT + c + ZWJ + COPYRIGHT + ACUTE) == 5:
            return "extend"
        return "spacingMark"
    if dots(c + "A") == 1:
        return "prepend"
    if dots(c + ACUTE + ACUTE) == 2:
        return "control"
    size = len(c.encode())
    if dots(COPYRIGHT + ZWJ + c + ACUTE) == 4:
        return "pictograph"
    if size == 3 and dots(KA + VIRAMA + c + ACUTE) == 4:
        return "consonant"
    return hangul(c) if size > 2 else None


NAMES = ["control", "extend", "conjunctExtend", "linker", "joiner", "spacingMark", "prepend",
         "pictograph", "consonant", "l", "v", "t"]
runs = []
for code_point in CODE_POINTS:
    name = classify(chr(code_point))
    if 0xAC00 <= code_point <= 0xD7A3:
        assert name == ("lv" if (code_point - 0xAC00) % 28 == 0 else "lvt")
        continue
    if name is None:
        continue
    assert name in NAMES, (hex(code_point), name)
    if runs and runs[-1][1] == code_point - 1 and runs[-1][2] == name:
        runs[-1][1] = code_point
    else:
        runs.append([code_point, code_point, name])

print(f"""// swift-format-ignore-file
// Made by Tests/TokenizersTests/Fixtures/make_grapheme_tables.py from tokenizers {tokenizers.__version__}.

/// How characters join in grapheme clusters, as far as the reference library's results show it.
enum GraphemeTables {{
  /// First and last code point, and the raw value of their `GraphemeClass`.
  static let runs: [UInt32] = [""")
line = "   "
for first, last, name in runs:
    text = f" 0x{first:X}, 0x{last:X}, {NAMES.index(name) + 1},"
    if len(line) + len(text) > 100:
        print(line)
        line = "   "
    line += text
print(line)
print("  ]\n}")
