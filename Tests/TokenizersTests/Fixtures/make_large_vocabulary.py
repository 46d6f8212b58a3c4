"""Makes a tokenizer.json of XLM-RoBERTa's size, 250,002 tokens of made-up words, to measure loading.

    python make_large_vocabulary.py DIRECTORY
"""

import json
import os
import random
import sys

SEED = 11
COUNT = 250_002
SYLLABLES = [
    [a + b for a in "bcdfghjklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er", "is")],
    [a + b for a in "бвгдзклмнпрст" for b in "аеиоуыя"],
    [chr(c) for c in range(0xAC00, 0xD7A4, 7)],
    [chr(c) for c in range(0x4E00, 0x9000, 5)],
    [chr(c) + v for c in range(0x915, 0x939) for v in ("", "ा", "ि", "ी", "े", "ो")],
    [a + b for a in "ابتجدرسعفقكلمنهوي" for b in ("", "ا", "ي", "و")],
]
WEIGHTS = [50, 12, 12, 12, 7, 7]


def main(directory):
    generator = random.Random(SEED)
    tokens = {"<s>": 0.0, "<pad>": 0.0, "</s>": 0.0, "<unk>": 0.0}
    while len(tokens) < COUNT - 1:
        script = generator.choices(SYLLABLES, WEIGHTS)[0]
        token = "".join(generator.choices(script, k=generator.randint(1, 5)))
        if generator.random() < 0.6:
            token = "▁" + token
        tokens.setdefault(token, -7.0 - 7.0 * len(tokens) / COUNT - generator.random())
    tokens["<mask>"] = 0.0
    special = [{"id": i, "content": content, "single_word": False, "lstrip": content == "<mask>",
                "rstrip": False, "normalized": False, "special": True}
               for i, content in [*enumerate(["<s>", "<pad>", "</s>", "<unk>"]),
                                  (COUNT - 1, "<mask>")]]
    around = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
              {"SpecialToken": {"id": "</s>", "type_id": 0}}]
    file = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"},
            {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}]},
        "post_processor": {
            "type": "TemplateProcessing", "single": around, "pair": around,
            "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
                               "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
        "decoder": None,
        "model": {"type": "Unigram", "unk_id": 3, "vocab": [list(item) for item in tokens.items()],
                  "byte_fallback": False},
    }
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "tokenizer.json"), "w") as out:
        json.dump(file, out, ensure_ascii=False, indent=2)


main(sys.argv[1])
