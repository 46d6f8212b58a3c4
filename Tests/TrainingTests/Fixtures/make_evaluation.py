"""Makes evaluation.json: what sentence-transformers' trainer evaluates on eval_dataset and with
several evaluators, before and in the middle of a short training of a tiny model.

    python make_evaluation.py

Each run has the recipe's `eval_dataset` (rows of evaluation-rows.csv from and to), the arguments, the
loss or losses, the sizes of the batches of one evaluation with their losses, and the log's entries of
evaluations. The rows to train on are those of curve-tiny.train.jsonl, without dropout, in float32 on
one thread. evaluation-rows.csv and evaluation-pairs.tsv are written here as well; `evaluators` has
the metrics of TripletEvaluator and EmbeddingSimilarityEvaluator on them.
"""

import csv
import random
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import FIXTURES, load_model, numbers, versions, write_json

import torch
from datasets import Dataset, DatasetDict
from recorded_training import make_loss
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.evaluation import (
    EmbeddingSimilarityEvaluator, TripletEvaluator)
from texts import triplets

SEED = 42
PROMPTS = {"anchor": "query: ", "positive": "passage: ", "negative": "passage: "}
ARGUMENTS = {"max_steps": 4, "per_device_train_batch_size": 16, "learning_rate": 1e-3, "seed": SEED,
             "batch_sampler": "no_duplicates", "eval_strategy": "steps", "eval_steps": 2,
             "eval_on_start": True}
RANKING = {"name": "MultipleNegativesRankingLoss", "scale": 20.0}
GUIDED = {"name": "CachedGISTEmbedLoss", "temperature": 0.05, "margin": -0.01,
          "guide": "tiny-bert-xlmrtok", "mini_batch_size": 5}
MATRYOSHKA = {"name": "MatryoshkaLoss", "loss": RANKING, "matryoshka_dims": [32, 8],
              "matryoshka_weights": [1, 0.5]}
# name, model, loss, eval_dataset as ranges of rows, further arguments
RUNS = [
    ("one", "tiny-bert", RANKING, [0, 45], {"per_device_eval_batch_size": 16, "prompts": PROMPTS}),
    ("whole batches", "tiny-bert", RANKING, [0, 32], {"per_device_eval_batch_size": 16}),
    ("default sampler", "tiny-bert", RANKING, [0, 45],
     {"per_device_eval_batch_size": 8, "batch_sampler": "batch_sampler", "data_seed": 7}),
    ("drop last", "tiny-bert", RANKING, [0, 45],
     {"per_device_eval_batch_size": 16, "dataloader_drop_last": True}),
    ("many conflicts", "tiny-bert", RANKING, [40, 80], {"per_device_eval_batch_size": 4}),
    ("guided", "tiny-xlmr", GUIDED, [0, 30], {"per_device_eval_batch_size": 12}),
    ("several", "tiny-bert", RANKING, {"near": [0, 20], "far": [20, 50]},
     {"per_device_eval_batch_size": 8, "prompts": PROMPTS}),
    ("matryoshka", "tiny-bert", MATRYOSHKA, [0, 40], {"per_device_eval_batch_size": 16}),
]


def evaluation_rows():
    """The last triplets, some with texts that need quotes; rows 40 to 80 share a few texts."""
    random.seed(SEED)
    rows = [dict(row) for row in triplets()[-60:]]
    for place, row in enumerate(rows):
        if place % 5 == 0:
            row["anchor"] = f'{row["anchor"]}, "so"\nto say'
    few = rows[:7]
    for place in range(40, 60):
        rows[place] = {**random.choice(few), "negative": f"negative {place // 2}"}
    rows += [{**random.choice(few), "positive": f"positive {place}"} for place in range(20)]
    return rows


def write_table(path, rows, delimiter, end):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter, lineterminator=end)
        writer.writeheader()
        writer.writerows(rows)


class Recorder(SentenceTransformerTrainer):
    """The trainer; it keeps the batches of the first evaluation."""

    recorded = None

    def evaluate(self, *positional, **named):
        self.recorded = [] if self.recorded is None else self.recorded
        return super().evaluate(*positional, **named)

    def prediction_step(self, model, inputs, *positional, **named):
        result = super().prediction_step(model, inputs, *positional, **named)
        if self.state.global_step == 0:
            size = len(next(v for k, v in inputs.items() if k.endswith("input_ids")))
            self.recorded.append([size, numbers(result[0])])
        return result


def loss_of(block, model):
    if block["name"] == "MatryoshkaLoss":
        from sentence_transformers.sentence_transformer.losses import MatryoshkaLoss
        named = {k: v for k, v in block.items() if k not in ("name", "loss")}
        return MatryoshkaLoss(model, make_loss(block["loss"], model), **named)
    guide = load_model(FIXTURES / block["guide"]) if "guide" in block else None
    return make_loss(block, model, guide)


def run(name, folder, block, ranges, more, rows, evaluators=None):
    torch.set_num_threads(1)
    model = load_model(FIXTURES / folder, dropout=0.0)

    def data(part):
        return Dataset.from_list(rows[part[0]:part[1]])

    several = isinstance(ranges, dict)
    with tempfile.TemporaryDirectory() as scratch:
        arguments = {**ARGUMENTS, **more}
        trainer = Recorder(
            model=model,
            args=SentenceTransformerTrainingArguments(
                output_dir=scratch, save_strategy="no", report_to="none", disable_tqdm=True,
                use_cpu=True, logging_steps=1, **arguments),
            train_dataset=Dataset.from_list(triplets()[:96]),
            eval_dataset=DatasetDict({k: data(v) for k, v in ranges.items()}) if several
            else data(ranges) if ranges else None,
            loss=loss_of(block, model), evaluator=evaluators)
        trainer.train()
    entries = {}
    for entry in trainer.state.log_history:
        values = {k: v for k, v in entry.items() if k.startswith("eval_")
                  and not k.endswith(("_runtime", "_per_second", "_preparation_time"))}
        if values:
            entries.setdefault(str(entry["step"]), {}).update(values)
    steps = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return {"name": name, "model": folder, "loss": block, "eval_dataset": ranges, "args": arguments,
            "batches": trainer.recorded, "losses": steps, "evaluations": entries}


def main():
    rows = evaluation_rows()
    write_table(HERE / "evaluation-rows.csv", rows, ",", "\r\n")
    random.seed(SEED)
    pairs = [{"sentence1": row["anchor"], "sentence2": row["positive" if place % 3 else "negative"],
              "score": random.choice([0, 0.2, 0.4, 1])} for place, row in enumerate(rows[:30])]
    write_table(HERE / "evaluation-pairs.tsv", pairs, "\t", "\n")
    results = [run(*one, rows) for one in RUNS]
    columns = [[row[key] for row in rows[:40]] for key in ("anchor", "positive", "negative")]
    evaluators = [
        EmbeddingSimilarityEvaluator(*[[p[k] for p in pairs] for k in pairs[0]], name="sts",
                                     similarity_fn_names=["cosine", "manhattan"]),
        TripletEvaluator(*columns, name="triplets", margin=0.01),
    ]
    results.append(run("evaluators", "tiny-bert", RANKING, [0, 20],
                       {"per_device_eval_batch_size": 8}, rows, evaluators))
    write_json(HERE / "evaluation.json", {"made_with": versions(seed=SEED, threads=1),
                                          "runs": results})


if __name__ == "__main__":
    main()
