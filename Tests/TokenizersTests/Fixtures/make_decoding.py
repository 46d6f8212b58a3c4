"""Makes decoding.json: the texts that transformers makes of ids, for the two small tokenizers.

    HF_HUB_OFFLINE=1 python make_decoding.py

Each case is a directory of wordpiece/ or unigram/tokenizer.json, with a tokenizer_config.json or
none and another decoder where one is given; its texts go to ids and back, with special tokens
skipped and not, as `batch_decode` does it.
"""

import json
import os
import tempfile

import tokenizers
import transformers

from make_unigram import SOME_TEXTS
from make_wordpiece import UGLY

HERE = os.path.dirname(os.path.abspath(__file__))
ENGLISH = ["The dog, who won't go!", "it 's  a  d'être . ' n't 've", "do not , I 'm ?", "a\u3000b."]
TEXTS = [text for text in [*ENGLISH, *SOME_TEXTS, *UGLY] if len(text) < 200]
PLAIN = {"tokenizer_class": "PreTrainedTokenizerFast"}


def cases():
    """Tokenizer, tokenizer_config.json or None, what to change of tokenizer.json."""
    yield "wordpiece", None, {}
    yield "wordpiece", {"tokenizer_class": "BertTokenizer", "clean_up_tokenization_spaces": True}, {}
    yield "wordpiece", PLAIN, {"decoder": {"type": "WordPiece", "prefix": "##", "cleanup": False}}
    yield "wordpiece", PLAIN, {"decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True}}
    yield "wordpiece", {**PLAIN, "clean_up_tokenization_spaces": True}, {"decoder": None}
    xlmr = {"tokenizer_class": "XLMRobertaTokenizer"}
    yield "unigram", xlmr, {}
    yield "unigram", {**xlmr, "clean_up_tokenization_spaces": True}, {}
    yield "unigram", {**xlmr, "add_prefix_space": False}, {}
    for scheme in ("always", "never", "first"):
        metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": True}
        yield "unigram", PLAIN, {"decoder": metaspace}
    yield "unigram", PLAIN, {"decoder": None}


def main():
    golden = {
        "made_by": "make_decoding.py",
        "tokenizers": tokenizers.__version__,
        "transformers": transformers.__version__,
        "cases": [],
    }
    for name, config, change in cases():
        with open(os.path.join(HERE, name, "tokenizer.json"), encoding="utf-8") as file:
            content = {**json.load(file), **change}
        with tempfile.TemporaryDirectory() as folder:
            kind = "bert" if name == "wordpiece" else "xlm-roberta"
            files = {"config.json": {"model_type": kind}, "tokenizer.json": content}
            if config is not None:
                files["tokenizer_config.json"] = config
            for path, value in files.items():
                with open(os.path.join(folder, path), "w", encoding="utf-8") as out:
                    json.dump(value, out)
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        ids = [tokenizer(text)["input_ids"] for text in TEXTS]
        golden["cases"].append(
            {
                "tokenizer": name,
                "config": config,
                "change": change,
                "ids": ids,
                "skipped": tokenizer.batch_decode(ids, skip_special_tokens=True),
                "whole": tokenizer.batch_decode(ids[:12], skip_special_tokens=False),
            }
        )
    with open(os.path.join(HERE, "decoding.json"), "w", encoding="utf-8") as out:
        json.dump(golden, out, ensure_ascii=True, separators=(",", ":"))
        out.write("\n")


if __name__ == "__main__":
    main()
