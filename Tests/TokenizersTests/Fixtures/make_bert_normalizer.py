"""Makes bert_normalizer.json: what the reference library's BertNormalizer makes of random texts, for
what lies in the order of marks: which of them change places, and what keeps them from it.

    python make_bert_normalizer.py
"""

import json
import os
import random

import tokenizers
from tokenizers import normalizers

SEED = 19
# Starters; accents; marks that are no accents to the library, of six combining classes; starters
# that are accents; characters that decompose; what is cleaned away or padded.
POOL = [0x61, 0x41, 0xE9, 0x130, 0x1EBF, 0xAC01, 0x301, 0x334, 0x344, 0x11446, 0x1B44, 0x1BAA, 0x1D165, 0x302E,
        0x1D16D, 0x1E000, 0x8D4, 0x93E, 0xC46, 0xC48, 0xCCB, 0x1D15E, 0x1D160, 0x4E00, 0xF900, 0xAD, 0x20, 0x3000,
        0xFFFD, 0x0, 0x378]


def main():
    generator = random.Random(SEED)
    texts = ["".join(chr(generator.choice(POOL)) for _ in range(generator.randint(1, 8)))
             for _ in range(200)]
    cases = []
    for options in ({}, {"lowercase": False, "strip_accents": True, "clean_text": False},
                    {"strip_accents": False, "handle_chinese_chars": False}):
        options = {"clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
                   "lowercase": True, **options}
        normalize = normalizers.BertNormalizer(**options).normalize_str
        cases.append({"normalizer": {"type": "BertNormalizer", **options},
                      "normalized": [normalize(text) for text in texts]})
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "bert_normalizer.json"), "w") as out:
        json.dump({"made_by": "make_bert_normalizer.py", "seed": SEED,
                   "tokenizers": tokenizers.__version__, "texts": texts, "cases": cases}, out,
                  separators=(",", ":"))


main()
