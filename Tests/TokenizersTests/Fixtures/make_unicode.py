"""Makes unicode.json: what the reference library makes of every code point.

For each step, one FNV-1a hash of 64 bits for each 4,096 code points: of the step's output for the
text that has each of them between an a and a b, or in the contexts of `clusters`. Of planes in which nothing is assigned, or all is
private, the first and the last block stand for the others.

    python make_unicode.py
"""

import json
import os

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

import charsmap

BLOCK = 4096


def bert(**options):
    return normalizers.BertNormalizer(**options).normalize_str


def words(text):
    return "\n".join(word for word, _ in pre_tokenizers.BertPreTokenizer().pre_tokenize_str(text))


def added():
    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_tokens([AddedToken("a", single_word=True, normalized=False),
                          AddedToken("b", lstrip=True, normalized=False)])
    return lambda text: " ".join(str(id) for id in tokenizer.encode(text).ids)


STEPS = {
    "uncased": bert(),
    "cased": bert(lowercase=False),
    "cased, accents off": bert(lowercase=False, strip_accents=True, handle_chinese_chars=False),
    "uncased, accents on, not cleaned": bert(clean_text=False, strip_accents=False),
    "words": words,
    "added tokens": added(),
}


# A dot for each of these, so that it shows what a character joins: see make_grapheme_tables.py.
MAP = charsmap.build({c: "." for c in "Aª©\u0301\u0915\u094d\u1100\u11a8\u200d"})
CLUSTERS = ("ª{}\u0301|{}A\u0301|{}\u0301\u0301|\u1100{}\u0301|{}\u11a8\u0301|\u0915\u094d{}\u0301|"
            "\u0915{}\u0915\u0301|\u0915\u094d{}\u0915\u0301|©{}\u200d©\u0301|©\u200d{}\u0301 ")


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


# Where characters join. What is left out are ideographs, syllables, and what is not assigned.
JOINING = [*range(0, 0x4000, BLOCK), 0xA000, 0xD000, 0xF000, 0x10000, 0x11000, 0x13000, 0x16000, 0x1B000, 0x1D000,
           0x1E000, 0x1F000, 0xE0000]


def starts():
    for start in range(0, 0x110000, BLOCK):
        if start >> 16 in (0, 1, 2, 3, 14) or start & 0xFFFF in (0, 0x10000 - BLOCK):
            yield start


def hashes(step, pattern="a{}b ", blocks=None):
    result = {}
    for start in blocks or starts():
        text = "".join(pattern.replace("{}", chr(c)) for c in range(start, start + BLOCK)
                       if not 0xD800 <= c < 0xE000)
        result[f"{start:X}"] = f"{fnv1a(step(text).encode()):x}"
    return result


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    steps = {name: hashes(step) for name, step in STEPS.items()}
    steps["clusters"] = hashes(normalizers.Precompiled(MAP).normalize_str, CLUSTERS, JOINING)
    with open(os.path.join(here, "unicode.json"), "w") as out:
        json.dump({"made_by": "make_unicode.py", "tokenizers": tokenizers.__version__, "block": BLOCK,
                   "map": charsmap.base64_of(MAP), "clusters": CLUSTERS, "steps": steps},
                  out, separators=(",", ":"))


if __name__ == "__main__":
    main()
