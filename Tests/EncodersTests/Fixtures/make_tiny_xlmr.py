"""Makes tiny-xlmr/ and tiny-bert-xlmrtok/: the two kinds of model with XLM-RoBERTa's tokenizer.

    python make_tiny_xlmr.py

- tiny-xlmr, like bge-m3: XLMRobertaModel (2 layers, width 32, 130 positions of which 128 can be
  used, one token type, eps 1e-5), CLS pooling, Normalize.
- tiny-bert-xlmrtok, like multilingual-e5-small: BertModel with the same tokenizer, mean pooling,
  Normalize. config.json says padding 0, which the tokenizer calls `<s>`; it pads with 1.
- tiny-xlmr-legacy, tiny-bert-xlmrtok-legacy: the files that sentence-transformers 2.2 with
  transformers 4 wrote for them; 2_Normalize/ goes.

The tokenizer is unigram/tokenizer.json of the tokenizers' tests with pieces counted in our texts.
Weights as for tiny-bert. `<model>.golden.json` has ids, last hidden states and embeddings; among
the texts are some that spell out special tokens.
"""

import collections
import json
import math
import shutil
import tempfile
import unicodedata
from pathlib import Path

from reference import FIXTURES, TESTS

from layouts import (
    PLAIN,
    legacy_modules,
    legacy_pooling,
    make_golden,
    make_weights,
    write_compact,
    write_indented,
)
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

from texts import UGLY_TEXTS, facts, sentences

SEED = 4
PIECES = 900
MAX_SEQ_LENGTH = 64
SHAPE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 130,
}
SPECIAL_TEXTS = [
    "a <pad> in the middle",
    "<pad>",
    "<pad><pad> two of them, then </s> and <s>",
    "query: a <mask> here and  <mask> there",
    "passage: 두벌식 <pad> 자판 <unk> 음절",
]


def make_tokenizer():
    """unigram/tokenizer.json with the most frequent pieces of up to six characters."""
    file = json.loads((TESTS / "TokenizersTests/Fixtures/unigram/tokenizer.json").read_text())
    counts = collections.Counter()
    for text in ["query: passage: ", *sentences()]:
        for word in unicodedata.normalize("NFKC", text).split():
            word = "▁" + word
            for start in range(len(word)):
                for end in range(start + 1, min(start + 6, len(word)) + 1):
                    if start == 0 or "▁" not in word[start:end]:
                        counts[word[start:end]] += 1
    kept = sorted(counts, key=lambda piece: (len(piece) > 1, -counts[piece] * len(piece), piece))
    kept = sorted(kept[:PIECES], key=lambda piece: (-counts[piece], piece))
    total = sum(counts[piece] for piece in kept)
    # Steps of 1/1024 are the same number however they are read.
    scored = [[piece, round(1024 * math.log(counts[piece] / total)) / 1024] for piece in kept]
    special = [[token, 0.0] for token in ("<s>", "<pad>", "</s>", "<unk>")]
    file["model"]["vocab"] = [*special, *scored, ["<mask>", 0.0]]
    file["added_tokens"][-1]["id"] = len(file["model"]["vocab"]) - 1
    return file


TOKENIZER_CONFIG = {
    "add_prefix_space": True,
    "backend": "tokenizers",
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "mask_token": "<mask>",
    "model_max_length": MAX_SEQ_LENGTH,
    "pad_token": "<pad>",
    "sep_token": "</s>",
    "tokenizer_class": "XLMRobertaTokenizer",
    "unk_token": "<unk>",
}


def make_native(name, transformer, pooling):
    """A directory written by `SentenceTransformer.save_pretrained`."""
    make_weights(transformer, SEED)
    with tempfile.TemporaryDirectory() as plain:
        transformer.save_pretrained(plain)
        write_compact(Path(plain) / "tokenizer.json", make_tokenizer())
        write_indented(Path(plain) / "tokenizer_config.json", TOKENIZER_CONFIG)
        first = modules.Transformer(plain)
    parts = [first, modules.Pooling(SHAPE["hidden_size"], pooling_mode=pooling)]
    model = SentenceTransformer(modules=[*parts, modules.Normalize()], device="cpu")
    folder = FIXTURES / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(str(folder), create_model_card=False)
    write_compact(
        folder / "tokenizer.json", json.loads((folder / "tokenizer.json").read_text("utf-8"))
    )


def make_legacy(name, pooling):
    """The files in which sentence-transformers 2.2's directory of the same model differs."""
    folder = FIXTURES / f"{name}-legacy"
    shutil.rmtree(folder, ignore_errors=True)
    write_indented(folder / "modules.json", legacy_modules("Transformer", "Pooling", "Normalize"))
    write_indented(folder / "1_Pooling/config.json", legacy_pooling(pooling))
    write_indented(
        folder / "sentence_bert_config.json",
        {"max_seq_length": MAX_SEQ_LENGTH, "do_lower_case": False},
    )
    made_by = {"sentence_transformers": "2.2.2", "transformers": "4.33.0", "pytorch": "2.0.1"}
    write_indented(folder / "config_sentence_transformers.json", {"__version__": made_by})
    mask = {
        "__type": "AddedToken",
        "content": "<mask>",
        "lstrip": True,
        "normalized": True,
        "rstrip": False,
        "single_word": False,
    }
    old = {key: value for key, value in TOKENIZER_CONFIG.items() if key != "backend"}
    old |= {"clean_up_tokenization_spaces": True, "mask_token": mask, "model_max_length": 512}
    del old["add_prefix_space"]
    write_indented(folder / "tokenizer_config.json", old)


def golden_texts():
    passages = [fact["passage"] for fact in facts()]
    korean = [text for text in passages if "한글" in text][:1]
    # The first two are those whose hidden states are kept.
    return [SPECIAL_TEXTS[0], *korean, *SPECIAL_TEXTS[1:], *UGLY_TEXTS, " ".join(passages[:6])]


def main():
    vocabulary = len(make_tokenizer()["model"]["vocab"])
    xlmr = XLMRobertaConfig(**SHAPE, vocab_size=vocabulary, type_vocab_size=1, layer_norm_eps=1e-5)
    bert = BertConfig(**SHAPE, vocab_size=vocabulary, type_vocab_size=2, layer_norm_eps=1e-12)
    assert (xlmr.pad_token_id, bert.pad_token_id) == (1, 0)
    for name, transformer, mode in [
        ("tiny-xlmr", XLMRobertaModel(xlmr), "cls"),
        ("tiny-bert-xlmrtok", BertModel(bert), "mean"),
    ]:
        make_native(name, transformer, mode)
        make_legacy(name, f"{mode}_token" if mode == "cls" else f"{mode}_tokens")
        variants = {
            "native": {"folder": None, "remove": []},
            "legacy": {"folder": f"{name}-legacy", "remove": ["2_Normalize"]},
            "plain": PLAIN,
        }
        make_golden(name, variants, golden_texts(), SEED, MAX_SEQ_LENGTH)


if __name__ == "__main__":
    main()
