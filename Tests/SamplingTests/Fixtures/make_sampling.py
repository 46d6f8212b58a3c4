"""Makes sampling.json: torch's random numbers, and the batches sentence-transformers trains on.

The batches are recorded in `SentenceTransformerTrainer.training_step`, so that everything between
the arguments and the model takes part: the sampler, accelerate's replacement of it, the epochs, and
the trainer's own cut at its number of steps. Run with torch 2.13, sentence-transformers 6.2:

    python make_sampling.py > sampling.json

`--legacy FILE` names sampler.py of sentence-transformers 3.3.1 (from its wheel), whose
NoDuplicatesBatchSampler gives the batches of the sequential order.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import random
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"

import accelerate
import datasets
import numpy as np
import sentence_transformers
import tokenizers
import torch
import transformers
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.base.sampler import NoDuplicatesBatchSampler
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import StaticEmbedding

SEED = 20240611
EPOCHS = 3


# Seeds stand in the fixture as strings: some are larger than the integers of JSON readers.
def generator_cases():
    cases = []
    for seed in [0, 1, 42, 2**32 - 1, 2**32 + 42, 2**63 + 5]:
        draw = torch.Generator().manual_seed(seed)
        # A random int64 is 64 bits of the generator without the sign bit, an int32 32 without it.
        longs = torch.empty(400, dtype=torch.int64).random_(generator=draw).tolist()
        ints = torch.empty(4, dtype=torch.int32).random_(generator=draw).tolist()
        cases.append({
            "seed": str(seed), "skipped64": 396, "random63": longs[396:], "random31": ints})
    return cases


def permutation_cases():
    cases = []
    for seed, counts in [(42, [0, 1, 2, 3, 10]), (7, [100]), (2**32 + 42, [10]), (3, [700, 5])]:
        draw = torch.Generator().manual_seed(seed)
        rows = [torch.randperm(n, generator=draw, dtype=torch.int32).tolist() for n in counts]
        cases.append({"seed": str(seed), "counts": counts, "permutations": rows})
    return cases


def inside_out(seed, count):
    """The form of torch's randperm for 214,748,364 rows and more, on few rows.

    Transcribed from TensorFactories.cpp, for a real one takes 860 MB; that torch and our code agree
    at 214,748,363 and 214,748,364 rows was checked once by the digest of the whole permutation.
    """
    words = np.random.MT19937()
    words._legacy_seeding(seed)
    rows = []
    for i in range(count):
        high, low = (int(word) for word in words.random_raw(2))
        z = (high << 32 | low) % (i + 1)
        rows.append(i)
        rows[i] = rows[z]
        rows[z] = i
    return rows


def python_samples():
    """Four draws of Python's random.sample after a seed, by each of its two algorithms."""
    cases = []
    for seed, count, population in [
        (0, 3, 10), (1, 5, 21), (2, 5, 22), (42, 21, 85), (42, 21, 86), (7, 22, 277), (7, 22, 278),
        (2**32 - 1, 4, 9), (2**32, 4, 9), (2**40 + 3, 4, 100_000), (2**64 - 1, 40, 1000),
        (5, 1, 1), (5, 0, 0),
    ]:
        random.seed(seed)
        drawn = [random.sample(range(population), count) for _ in range(4)]
        cases.append({
            "seed": str(seed), "count": count, "population": population, "drawn": drawn})
    return cases


def text_columns(rows, columns, distinct, rng):
    """Columns of texts that often meet again, in their own column, in another, or in their row."""
    return [
        [
            f"text {rng.randrange(distinct)}" if rng.random() < 0.7 else f"own {c} {r}"
            for r in range(rows)
        ]
        for c in range(columns)
    ]


def ids_of(columns):
    known = {}
    return [[known.setdefault(text, len(known)) for text in column] for column in columns]


class Recorder(SentenceTransformerTrainer):
    """A trainer that writes down the rows of each batch it trains on and computes nothing."""

    def training_step(self, model, inputs, num_items_in_batch=None):
        self.steps[-1].append(inputs["rows"])
        return torch.zeros(())


class Epochs(transformers.TrainerCallback):
    def __init__(self, trainer):
        self.trainer = trainer

    def on_epoch_begin(self, *_, **__):
        self.trainer.steps.append([])


def small_model():
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    return SentenceTransformer(modules=[StaticEmbedding(words, embedding_dim=2)], device="cpu")


def trained_batches(columns, sampler, batch_size, drop_last, seed, data_seed=None):
    """The rows of every step of three epochs, and the advertised number of batches per epoch."""
    length, epochs = trained([columns], sampler, None, batch_size, drop_last, seed, data_seed)
    return length, [[[row for _, row in batch] for batch in epoch] for epoch in epochs]


def trained(sets, sampler, multi_sampler, batch_size, drop_last, seed, data_seed=None):
    """As trained_batches for one or several data sets: each row as (data set, row)."""
    data = {
        f"set {index}": datasets.Dataset.from_list([dict(zip("abcdef", t)) for t in zip(*columns)])
        for index, columns in enumerate(sets)}
    # The row's number must reach training_step, but neither the sampler nor the tokenizer.
    numbers = {}
    for index, rows in enumerate(data.values()):
        for number, row in enumerate(rows):
            assert tuple(row.values()) not in numbers, "rows must differ to be told apart"
            numbers[tuple(row.values())] = (index, number)

    model = small_model()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        trainer = Recorder(
            model=model,
            args=SentenceTransformerTrainingArguments(
                output_dir=folder, num_train_epochs=EPOCHS, per_device_train_batch_size=batch_size,
                dataloader_drop_last=drop_last, batch_sampler=sampler, seed=seed,
                **({"multi_dataset_batch_sampler": multi_sampler} if multi_sampler else {}),
                data_seed=data_seed, report_to="none", save_strategy="no", logging_strategy="no",
                disable_tqdm=True, use_cpu=True, max_grad_norm=0.0),
            train_dataset=datasets.DatasetDict(data) if multi_sampler else data["set 0"],
            loss=MultipleNegativesRankingLoss(model))
        collator = type(trainer.data_collator)

        class CollatorWithRows(collator):
            def __call__(self, features):
                batch = super().__call__(features)
                names = "abcdef"[:len(sets[0])]
                batch["rows"] = [numbers[tuple(row[c] for c in names)] for row in features]
                return batch

        trainer.data_collator.__class__ = CollatorWithRows
        trainer.steps = []
        trainer.add_callback(Epochs(trainer))
        trainer.train()
        length = len(trainer._train_dataloader)
    return length, trainer.steps


def several(rng):
    """Batches from several data sets of unequal sizes, by both samplers."""
    cases = []
    for sizes, distinct, batch_size, drop_last, seed, sampler in [
        ([50, 23, 8], 1000, 8, False, 42, "batch_sampler"),  # the last: one full batch
        ([50, 23, 8], 1000, 8, True, 42, "batch_sampler"),
        ([16, 5, 32], 1000, 4, False, 7, "batch_sampler"),
        ([50, 23, 8], 1000, 8, False, 42, "no_duplicates"),
        ([90, 61], 40, 8, False, 42, "no_duplicates"),  # more batches than the length
        ([90, 61, 75], 34, 10, True, 3, "no_duplicates"),  # extra passes that meet
        ([60, 90, 40], 5, 14, True, 9, "no_duplicates"),  # fewer batches than the length
        ([60, 33], 40, 8, True, 5, "no_duplicates_hashed"),
        ([30], 1000, 8, False, 1, "batch_sampler"),
    ]:
        sets = []
        for index, rows in enumerate(sizes):
            texts = text_columns(rows, 2, distinct, rng)
            keys = set()
            for r in range(rows):  # a row's last text tells it from all others where need be
                texts[0][r] = f"{index} {texts[0][r]}"
                while (texts[0][r], texts[1][r]) in keys:
                    texts[1][r] = f"own {len(keys)} {rng.randrange(10**6)}"
                keys.add((texts[0][r], texts[1][r]))
            sets.append(texts)
        for multi_sampler in ["proportional", "round_robin"]:
            length, epochs = trained(sets, sampler, multi_sampler, batch_size, drop_last, seed)
            epochs = [
                [[batch[0][0], [row for _, row in batch]] for batch in epoch] for epoch in epochs]
            cases.append({
                "multi_sampler": multi_sampler, "sampler": sampler, "batch_size": batch_size,
                "drop_last": drop_last, "seed": str(seed), "length": length,
                "text_ids": [ids_of(texts) for texts in sets], "epochs": epochs})
    return cases


def full_of_conflicts(rng):
    """A column of one text only, and batches larger than the number of distinct texts."""
    cases = []
    for kind, rows, batch_size, drop_last in [
        ("one text", 12, 4, False), ("one text", 12, 4, True),
        ("few texts", 60, 40, False), ("few texts", 60, 40, True), ("two passes", 70, 10, True),
        ("two passes", 70, 10, False),
    ]:
        own = [f"row {r}" for r in range(rows)]
        if kind == "one text":
            texts = [["the same"] * rows, own]
        else:
            distinct = 24 if kind == "few texts" else 13
            texts = [[f"text {rng.randrange(distinct)}" for _ in range(rows)], own]
        length, epochs = trained_batches(texts, "no_duplicates", batch_size, drop_last, 42)
        cases.append({
            "batch_size": batch_size, "drop_last": drop_last, "seed": "42", "data_seed": None,
            "sampler": "no_duplicates", "text_ids": ids_of(texts), "length": length,
            "epochs": epochs})
    return cases


def legacy_batches(path, columns, batch_size, drop_last, seed):
    """Epochs of the sampler of a release before 3.4.0, read straight from its sampler.py."""
    specification = importlib.util.spec_from_file_location("legacy_sampler", path)
    legacy = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(legacy)
    data = datasets.Dataset.from_list([dict(zip("abcdef", texts)) for texts in zip(*columns)])
    sampler = legacy.NoDuplicatesBatchSampler(
        data, batch_size=batch_size, drop_last=drop_last, generator=torch.Generator(), seed=seed)
    epochs = []
    for epoch in range(2):
        sampler.set_epoch(epoch)
        epochs.append(list(sampler))
    return len(sampler), epochs


def barely_filled(rng):
    """Epochs of the sampler alone, of which some cannot fill a single batch and others can.

    The trainer stops at the first epoch without a batch, so it would not show the others.
    """
    texts = text_columns(40, 2, 14, rng)
    data = datasets.Dataset.from_list([dict(zip("ab", row)) for row in zip(*texts)])
    for batch_size in range(40, 1, -1):
        sampler = NoDuplicatesBatchSampler(
            data, batch_size, True, generator=torch.Generator(), seed=0)
        epochs = []
        for epoch in range(12):
            sampler.set_epoch(epoch)
            epochs.append(list(sampler))
        if 3 <= sum(len(epoch) > 0 for epoch in epochs) <= 9:
            return {
                "batch_size": batch_size, "drop_last": True, "seed": "0", "sampler": "alone",
                "text_ids": ids_of(texts), "length": len(sampler), "epochs": epochs}
    raise AssertionError("no such batch size")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--legacy", required=True)
    legacy = arguments.parse_args().legacy
    rng = random.Random(SEED)

    default = []
    for rows, batch_size, drop_last, seed, data_seed in [
        (50, 8, False, 42, None), (50, 8, True, 42, None), (48, 8, False, 7, None),
        (5, 8, False, 1, None), (30, 4, False, 42, 1000), (30, 4, False, 42, 0),
    ]:
        columns = [[f"row {r}" for r in range(rows)], [f"other {r}" for r in range(rows)]]
        length, epochs = trained_batches(
            columns, "batch_sampler", batch_size, drop_last, seed, data_seed)
        default.append({
            "count": rows, "batch_size": batch_size, "drop_last": drop_last, "seed": str(seed),
            "data_seed": None if data_seed is None else str(data_seed),
            "length": length, "epochs": epochs})

    no_duplicates = []
    for rows, columns, distinct, batch_size, drop_last, seed, data_seed, sampler in [
        (60, 2, 1000, 8, False, 42, None, "no_duplicates"),  # few conflicts
        (120, 2, 60, 8, False, 42, None, "no_duplicates"),  # many: more batches than the length
        (120, 2, 60, 8, True, 42, None, "no_duplicates"),  # many, dropped: a second pass
        (120, 3, 90, 16, True, 5, None, "no_duplicates"),  # a hard negative as well
        (90, 2, 30, 20, True, 11, None, "no_duplicates"),  # too few after all three passes
        (90, 2, 12, 60, True, 11, None, "no_duplicates"),  # no full batch at all: no step
        (60, 2, 40, 8, False, 42, 1000, "no_duplicates"),  # data_seed has no effect here
        (60, 2, 40, 8, False, 42, None, "no_duplicates_hashed"),
        (5, 1, 5, 8, False, 3, None, "no_duplicates"),
    ]:
        texts = text_columns(rows, columns, distinct, rng)
        if columns == 1:
            texts.append([f"only {r}" for r in range(rows)])
        keys = set()
        for r in range(rows):  # make the rows distinct, as `trained_batches` needs them
            while tuple(column[r] for column in texts) in keys:
                texts[-1][r] = f"own {len(keys)} {rng.randrange(10**6)}"
            keys.add(tuple(column[r] for column in texts))
        length, epochs = trained_batches(texts, sampler, batch_size, drop_last, seed, data_seed)
        no_duplicates.append({
            "batch_size": batch_size, "drop_last": drop_last, "seed": str(seed),
            "data_seed": data_seed, "sampler": sampler, "text_ids": ids_of(texts),
            "length": length, "epochs": epochs})

    no_duplicates.append(barely_filled(rng))

    sequential = []
    for rows, columns, distinct, batch_size, drop_last in [
        (60, 2, 1000, 8, False), (60, 2, 1000, 8, True),
        (100, 2, 60, 8, False), (100, 3, 80, 8, True),
    ]:
        texts = text_columns(rows, columns, distinct, rng)
        length, epochs = legacy_batches(legacy, texts, batch_size, drop_last, 42)
        sequential.append({
            "batch_size": batch_size, "drop_last": drop_last, "seed": "42",
            "text_ids": ids_of(texts), "length": length, "epochs": epochs})

    no_duplicates += full_of_conflicts(rng)

    fixture = {
        "made_by": "make_sampling.py",
        "versions": {
            "torch": torch.__version__, "sentence_transformers": sentence_transformers.__version__,
            "transformers": transformers.__version__, "accelerate": accelerate.__version__,
            "sequential": "sentence_transformers 3.3.1 on Python " + sys.version.split()[0]},
        "seed": SEED,
        "generator": generator_cases(),
        "permutations": permutation_cases(),
        "inside_out": [
            {"seed": str(s), "count": n, "permutation": inside_out(s, n)}
            for s, n in [(42, 300), (9, 2)]
        ],
        "default": default,
        "no_duplicates": no_duplicates,
        "sequential": sequential,
        "several": several(rng),
        "python_samples": python_samples(),
    }
    print("{")
    for index, (key, value) in enumerate(fixture.items()):
        end = "" if index == len(fixture) - 1 else ","
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in value)
            print(f"{json.dumps(key)}: [\n{lines}\n]{end}")
        else:
            print(f"{json.dumps(key)}: {json.dumps(value)}{end}")
    print("}")


main()
