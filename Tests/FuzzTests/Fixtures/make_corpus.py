"""Writes the small good files that FuzzTests damages: no seed, the same files each time.

    python3 Tests/FuzzTests/Fixtures/make_corpus.py

Python 3.11 with tokenizers, which make_unigram.py imports, and h5py 3.16 (HDF5 2.0). What other targets have as fixtures is
read from there.
"""

import base64
import gzip
import json
import pathlib
import struct
import sys

import h5py
import numpy

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent.parent / "TokenizersTests" / "Fixtures"))
import charsmap  # noqa: E402
import make_unigram  # noqa: E402


def write(name, content):
    path = here / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def dump(name, value):
    write(name, json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def added(*tokens):
    return [
        {"id": number, "content": token, "single_word": False, "lstrip": token in ("[MASK]", "<mask>"),
         "rstrip": False, "normalized": False, "special": True}
        for number, token in tokens
    ]


def template(first, last):
    return {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": first[1], "type_id": 0}},
                   {"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": last[1], "type_id": 0}}],
        "pair": [],
        "special_tokens": {
            token: {"id": token, "ids": [number], "tokens": [token]}
            for number, token in (first, last)
        },
    }


def tokenizers():
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "t", "h", "e", "the",
             "cat", "##s", "##t", "##e", "##at", ".", "\u00e9", "sat"]
    word = {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": added(*list(enumerate(names[:5]))) + [
            {"id": 20, "content": "Cat", "single_word": True, "lstrip": False, "rstrip": True,
             "normalized": True, "special": False}],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                       "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": template((2, "[CLS]"), (3, "[SEP]")),
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100,
                  "vocab": {name: number for number, name in enumerate(names)}},
    }
    dump("tokenizer/wordpiece.json", word)
    word["post_processor"] = {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}
    word["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Lowercase"}, {"type": "Strip", "strip_left": True, "strip_right": False},
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]}
    word["pre_tokenizer"] = {"type": "WhitespaceSplit"}
    word["decoder"] = None
    dump("tokenizer/steps.json", word)
    vocabulary = [["<s>", 0], ["<pad>", 0], ["</s>", 0], ["<unk>", 0], ["\u2581", -2.5],
                  ["\u2581the", -3.25], ["a", -4], ["e", -4.2], ["t", -4.5], ["at", -5],
                  ["cat", -5.5], ["s", -6], ["fi", -7], ["<mask>", 0]]
    # Ligatures and spaces, the first units of a double array that has 512.
    precompiled = charsmap.build({"\ufb01": "fi", "\u3000": " ", "a": "A", "e\u0301": "\u00e9"})
    unigram = {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": added((0, "<s>"), (1, "<pad>"), (2, "</s>"), (3, "<unk>"), (13, "<mask>")),
        "normalizer": {"type": "Precompiled",
                       "precompiled_charsmap": base64.b64encode(precompiled).decode()},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"},
            {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always",
             "split": True}]},
        "post_processor": template((0, "<s>"), (2, "</s>")),
        "decoder": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always",
                    "split": True},
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary},
    }
    dump("tokenizer/unigram.json", unigram)
    write("sentencepiece/good.model", make_unigram.sentencepiece(vocabulary, precompiled))


def tensors():
    header = {
        "__metadata__": {"format": "pt", "step": "3"},
        "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "b.weight": {"dtype": "F16", "shape": [4], "data_offsets": [24, 32]},
        "c": {"dtype": "I64", "shape": [], "data_offsets": [32, 40]},
        "d": {"dtype": "BF16", "shape": [0, 7], "data_offsets": [40, 40]},
        "e": {"dtype": "F4", "shape": [4], "data_offsets": [40, 42]},
    }
    dump("safetensors-header/good.json", header)
    dump("safetensors-header/small.json",
         {"w": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}})
    files = {"1_Pooling/config.json": b"{}", "model.safetensors": b"weights"}
    import hashlib
    dump("manifest/good.json", {"files": {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()}})


def rows():
    pairs = "".join(
        json.dumps(row, ensure_ascii=False) + "\n" for row in [
            {"anchor": "a question", "positive": "an answer \u00e9", "negative": ["x", "y"]},
            {"anchor": "", "positive": "\u00fc\n\"", "negative": ["\U0001f600", ""]},
            {"anchor": "1", "positive": "2", "negative": ["3", "4"], },
        ])
    write("jsonl/triplets.jsonl", pairs)
    write("jsonl/pairs.jsonl", '\ufeff{"q": "\\ud83d\\ude00", "a": "b"}\r\n\r\n{"q": "", "a": " "}')
    write("jsonl/labels.jsonl", "".join(
        json.dumps({"q": "a", "d": "b", "e": "", "scores": scores}) + "\n"
        for scores in ([0.5, -1e3], [0, "1.5"])))
    write("jsonl-gzip/pairs.gz", gzip.compress(pairs.encode(), mtime=0))
    write("jsonl-gzip/members.gz", gzip.compress(pairs.encode(), mtime=0) * 2 + bytes(9))
    # As numpy.save writes it, version 1.
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }".ljust(117) + "\n"
    write("numpy/good.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode()
          + struct.pack("<12f", *range(12)))
    vectors = numpy.arange(12, dtype="<f4").reshape(3, 4)
    (here / "hdf5-vectors").mkdir(exist_ok=True)
    for name, options in [("whole", {}), ("chunks", {"chunks": (2, 4), "compression": "gzip"})]:
        with h5py.File(here / f"hdf5-vectors/{name}.h5", "w") as file:
            file.create_dataset("embeddings", data=vectors, **options)
    write("beir-corpus/good", "".join(
        json.dumps({"_id": f"d{number}", "title": title, "text": f"text {number}"}) + "\n"
        for number, title in enumerate(["One", "", "Three"])))
    write("beir-queries/good", "".join(
        json.dumps({"_id": f"q{number}", "text": f"query {number}"}) + "\n" for number in range(3)))
    write("beir-qrels/good", "query-id\tcorpus-id\tscore\nq0\td0\t1\nq0\td2\t2.5\nq1\td9\t1\n"
          "q2\td1\t0\nq7\td1\t1\n")


def states():
    digest = "0123456789abcdef" * 4
    recipe = json.loads((here.parent.parent / "TrainingTests" / "Fixtures"
                         / "recipe_example.json").read_text())
    dump("training_state/good.json", {
        "format": 2, "global_step": 8, "epoch": 0.75,
        "batch_plan": {"epoch": 0, "step_in_epoch": 8}, "rows": 128, "seconds": 1.25,
        "skipped_steps": 1, "loss_scale": {"scale": 65536.0, "growth_tracker": 7},
        "loss_since_logged": {"sum": 1.5, "count": 2}, "loss": {"sum": 12.25, "count": 8},
        "best": {"metric": 0.75, "step": 4, "checkpoint": 4},
        "pending": {"evaluate": False, "save": True}, "recipe": recipe,
        "digests": [{"of": "train_dataset", "path": "train.jsonl", "sha256": digest},
                    {"of": "tokenizer", "path": "model", "sha256": digest}],
    })
    dump("trainer_state/good.json", {
        "best_global_step": None, "best_metric": None, "best_model_checkpoint": None, "epoch": 0.75,
        "eval_steps": 4, "global_step": 8, "is_hyper_param_search": False,
        "is_local_process_zero": True, "is_world_process_zero": True,
        "log_history": [
            {"epoch": 0.5, "grad_norm": 2.5, "learning_rate": 2e-05, "loss": 1.25, "step": 4},
            {"epoch": 0.75, "eval_tiny_cosine_ndcg@10": 0.5, "step": 8}],
        "logging_steps": 4, "max_steps": 12, "num_train_epochs": 1, "save_steps": 4,
        "stateful_callbacks": {}, "total_flos": 0, "train_batch_size": 16,
        "trial_name": None, "trial_params": None,
    })


def recipes():
    dump("recipe/full.json", {
        "$schema": "recipe.schema.json", "name": "n", "notes": ["a", "b"],
        "model": {"path": "m", "max_seq_length": 64, "dropout": 0.1, "pooling": "cls",
                  "normalize": True},
        "train_dataset": {"qa": {"path": ["a.jsonl", "b.jsonl"], "columns": ["x", "y"], "limit": 9},
                          "titles": {"path": "t.jsonl"}},
        "loss": {"qa": {"name": "MultipleNegativesRankingLoss", "scale": 20},
                 "titles": {"name": "CachedMultipleNegativesRankingLoss", "mini_batch_size": 8}},
        "args": {"output_dir": "o", "max_steps": 100, "num_train_epochs": 3.5, "warmup_steps": 0.1,
                 "learning_rate": 2e-5, "weight_decay": 0.01, "lr_scheduler_type": "cosine",
                 "per_device_train_batch_size": 16, "gradient_accumulation_steps": 2,
                 "save_strategy": "steps", "save_steps": 0.25, "eval_strategy": "no",
                 "logging_steps": 10, "bf16": True, "seed": 42, "deepspeed": None,
                 "accelerator_config": "{'split_batches': False}", "report_to": [],
                 "prompts": {"qa": {"x": "query: "}, "titles": "t: "}},
        "runtime": {"threads": 2, "memory": "1.5GiB", "store": "s"},
    })


if __name__ == "__main__":
    tokenizers()
    tensors()
    rows()
    states()
    recipes()
