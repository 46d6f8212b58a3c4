"""Makes tiny-bert/: a sentence-transformers 6.2 directory of our own, and what it computes.

    python make_tiny_bert.py

A BertModel (2 layers, width 32) with seeded random weights, a WordPiece tokenizer trained on our
texts, mean pooling and Normalize, saved by sentence-transformers itself. Beside it, directories
that hold only the files in which another layout differs; `tiny-bert.golden.json` says how each is
assembled:

- tiny-bert-legacy: the files that sentence-transformers 2.x to 4.x wrote; 2_Normalize/ goes. Its
  tokenizer.json keeps a truncation and a padding to 32, its tokenizer_config.json says 128.
- tiny-bert-cls: CLS pooling without Normalize.
- tiny-bert-float16: the same weights stored as float16.

That file has ids, last hidden states and embeddings as well.
"""

import json
import shutil
import tempfile
from pathlib import Path

from reference import FIXTURES, TINY_BERT

from layouts import (
    PLAIN,
    legacy_modules,
    legacy_pooling,
    make_golden,
    make_weights,
    write_compact,
    write_indented,
)
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers.models import WordPiece
from transformers import BertConfig, BertModel, BertTokenizerFast

from texts import UGLY_TEXTS, facts, sentences

SEED = 1
VOCABULARY = 640
MAX_SEQ_LENGTH = 64  # below max_position_embeddings, so that it is seen which one truncates
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def make_tokenizer():
    normalizer, pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    # The trainer numbers the pieces of one character in the order of a hash table, and breaks ties
    # between merges by number. Giving it those pieces first, sorted, makes the result repeatable.
    words = [
        word
        for text in sentences()
        for word, _ in pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(text))
    ]
    letters = sorted({word[0] for word in words})
    letters += sorted({"##" + letter for word in words for letter in word[1:]})
    trained = Tokenizer(WordPiece(unk_token="[UNK]"))
    trained.normalizer, trained.pre_tokenizer = normalizer, pre_tokenizer
    trainer = trainers.WordPieceTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIAL + letters, show_progress=False
    )
    trained.train_from_iterator(sentences(), trainer)

    vocabulary = trained.get_vocab()
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre_tokenizer
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def make_native():
    """tiny-bert/, written by `SentenceTransformer.save_pretrained`."""
    with tempfile.TemporaryDirectory() as plain:
        tokenizer = BertTokenizerFast(
            tokenizer_object=make_tokenizer(), model_max_length=MAX_SEQ_LENGTH
        )
        config = BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=128,
            type_vocab_size=2,
            layer_norm_eps=1e-12,
        )
        bert = BertModel(config)
        make_weights(bert, SEED)
        bert.save_pretrained(plain)
        tokenizer.save_pretrained(plain)
        transformer = modules.Transformer(plain)
    pooling = modules.Pooling(config.hidden_size, pooling_mode="mean")
    model = SentenceTransformer(modules=[transformer, pooling, modules.Normalize()], device="cpu")
    shutil.rmtree(TINY_BERT, ignore_errors=True)
    model.save_pretrained(str(TINY_BERT), create_model_card=False)
    write_compact(
        TINY_BERT / "tokenizer.json", json.loads((TINY_BERT / "tokenizer.json").read_text())
    )


def make_legacy():
    """The files that sentence-transformers 2.2 with transformers 4 wrote for the same model."""
    folder = FIXTURES / "tiny-bert-legacy"
    shutil.rmtree(folder, ignore_errors=True)
    write_indented(folder / "modules.json", legacy_modules("Transformer", "Pooling", "Normalize"))
    write_indented(folder / "1_Pooling/config.json", legacy_pooling("mean_tokens"))
    write_indented(
        folder / "sentence_bert_config.json",
        {"max_seq_length": MAX_SEQ_LENGTH, "do_lower_case": False},
    )
    made_by = {"sentence_transformers": "2.2.2", "transformers": "4.33.0", "pytorch": "2.0.1"}
    write_indented(folder / "config_sentence_transformers.json", {"__version__": made_by})
    special = {"unk": "[UNK]", "sep": "[SEP]", "pad": "[PAD]", "cls": "[CLS]", "mask": "[MASK]"}
    special = {f"{name}_token": token for name, token in special.items()}
    write_indented(folder / "special_tokens_map.json", special)
    write_indented(
        folder / "tokenizer_config.json",
        {
            "clean_up_tokenization_spaces": True,
            "do_lower_case": True,
            "model_max_length": 128,
            "strip_accents": None,
            "tokenize_chinese_chars": True,
            "tokenizer_class": "BertTokenizer",
            **special,
        },
    )
    config = json.loads((TINY_BERT / "config.json").read_text())
    config["torch_dtype"] = config.pop("dtype")
    for name in ["add_cross_attention", "bos_token_id", "eos_token_id", "is_decoder"]:
        del config[name]
    del config["tie_word_embeddings"]
    config |= {
        "_name_or_path": "tiny-bert",
        "gradient_checkpointing": False,
        "position_embedding_type": "absolute",
        "transformers_version": "4.33.0",
        "use_cache": True,
    }
    write_indented(folder / "config.json", dict(sorted(config.items())))
    # Many directories keep the truncation and padding that the tokenizer was last used with;
    # sentence-transformers goes by max_seq_length all the same.
    tokenizer = json.loads((TINY_BERT / "tokenizer.json").read_text())
    tokenizer["truncation"] = {
        "direction": "Right",
        "max_length": 32,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    tokenizer["padding"] = {
        "strategy": {"Fixed": 32},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "[PAD]",
    }
    write_compact(folder / "tokenizer.json", tokenizer)
    vocabulary = tokenizer["model"]["vocab"]
    lines = sorted(vocabulary, key=vocabulary.get)
    (folder / "vocab.txt").write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def make_cls():
    folder = FIXTURES / "tiny-bert-cls"
    shutil.rmtree(folder, ignore_errors=True)
    native = json.loads((TINY_BERT / "modules.json").read_text())
    write_indented(folder / "modules.json", native[:2])
    pooling = json.loads((TINY_BERT / "1_Pooling/config.json").read_text())
    write_indented(folder / "1_Pooling/config.json", {**pooling, "pooling_mode": "cls"})


def make_float16():
    folder = FIXTURES / "tiny-bert-float16"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    weights = load_file(TINY_BERT / "model.safetensors")
    halves = {name: tensor.half() for name, tensor in weights.items()}
    save_file(halves, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((TINY_BERT / "config.json").read_text())
    write_indented(folder / "config.json", {**config, "dtype": "float16"})


VARIANTS = {
    "native": {"folder": None, "remove": []},
    "legacy": {"folder": "tiny-bert-legacy", "remove": ["2_Normalize"]},
    "cls": {"folder": "tiny-bert-cls", "remove": ["2_Normalize"]},
    "float16": {"folder": "tiny-bert-float16", "remove": []},
    "plain": PLAIN,
}


def golden_texts():
    passages = [fact["passage"] for fact in facts()]
    long = " ".join(passages[:4])
    return [passages[0], facts()[1]["questions"][0], passages[112], *UGLY_TEXTS, long]


if __name__ == "__main__":
    make_native()
    make_legacy()
    make_cls()
    make_float16()
    make_golden("tiny-bert", VARIANTS, golden_texts(), SEED, MAX_SEQ_LENGTH)
