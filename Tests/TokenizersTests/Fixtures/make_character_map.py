"""Makes character_map.json: small character maps, and what the reference library makes of random
texts under them, for what lies in the choice of grapheme clusters.

    python make_character_map.py
"""

import json
import os
import random

import tokenizers
from tokenizers import normalizers

import charsmap

SEED = 17
# Characters of all grapheme classes, and of all lengths in UTF-8.
POOL = [0x0, 0x9, 0xA, 0xD, 0x20, 0x41, 0x61, 0xA9, 0xAA, 0xAD, 0x300, 0x301, 0x344, 0x600, 0x903, 0x915, 0x93C,
        0x94D, 0x958, 0xD4E, 0x1039, 0x1100, 0x1161, 0x11A8, 0x1B05, 0x1B44, 0x200B, 0x200C, 0x200D, 0x20D0,
        0x2122, 0x24C2, 0x263A, 0x304B, 0x3099, 0xA960, 0xAC00, 0xAC01, 0xD7B0, 0xD7CB, 0xFB01, 0xFE0F, 0xFF76,
        0xFF9E, 0x110BD, 0x1133F, 0x11F02, 0x1D165, 0x1F170, 0x1F1E6, 0x1F1F7, 0x1F3FD, 0x1F468, 0xE0001, 0xE0100]


def main():
    generator = random.Random(SEED)
    maps = {
        "dots": {chr(c): "." for c in POOL if c},
        "some": {chr(c): f"<{c:X}>" for c in POOL if c and generator.random() < 0.5},
        "nothing": {"\u2603": "?"},
        "longer": {"a\u0301": "á", "A\u0301": "", "\r\n": "|", "a\u0301\u0301": "2", "\uac00\u11a8": "\uac01",
                   "\u0915\u094d": "k", "a": "b", "aa": "never", "\u1100\u1161": "\uac00", "\u0300": "\u0301",
                   "\U0001f468\u200d": "m"},
    }
    texts = ["", "a", "\r\n", "\r", "\n", "\r\r\n\n", "x\r\n", "\u0301\r\n\u0301", "aa", "\0a\u0301\0"]
    texts += ["".join(chr(generator.choice(POOL)) for _ in range(generator.randint(1, 9)))
              for _ in range(150)]
    result = {"made_by": "make_character_map.py", "seed": SEED, "tokenizers": tokenizers.__version__,
              "texts": texts, "maps": {}}
    for name, mapping in maps.items():
        data = charsmap.build(mapping)
        normalize = normalizers.Precompiled(data).normalize_str
        result["maps"][name] = {"precompiled_charsmap": charsmap.base64_of(data),
                                "normalized": [normalize(text) for text in texts]}
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "character_map.json"), "w") as out:
        json.dump(result, out, separators=(",", ":"))


main()
