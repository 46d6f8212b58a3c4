"""Repeats a finished run of ktrain with sentence-transformers, and prints both side by side.

    python peer_run.py RUN_DIR… [--threads 2] [--device cpu] [--output RESULTS.jsonl]

Each RUN_DIR is one that `ktrain fit` has written: recipe.json in it says what is trained on what, the
end of log.jsonl what came of it. The peer gets the same model, rows, loss, arguments and seed, its own
trainer, and its own evaluator on the same directory after the last step. Of recipes those are
understood that have one data set of JSONL, a ranking or a GIST loss, and no clusters.

Prints a JSON object a line: the metrics of both, and the seconds of both from the first step to the
last; with evaluations left out on the peer's side, which has one less. With `--device cuda` the peer
is repeated faster, for its metrics; its seconds are then another machine's.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import torch
from datasets import Dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

# The arguments of a resolved recipe that the peer is given as they are.
ARGUMENTS = [
    "num_train_epochs", "max_steps", "per_device_train_batch_size", "gradient_accumulation_steps",
    "learning_rate", "weight_decay", "adam_beta1", "adam_beta2", "adam_epsilon", "max_grad_norm",
    "lr_scheduler_type", "warmup_ratio", "warmup_steps", "bf16", "fp16", "seed", "data_seed",
    "batch_sampler", "dataloader_drop_last", "prompts",
]  # fmt: skip


def rows(settings):
    """The data set of a recipe."""
    names = settings["columns"]
    columns = {}
    with open(settings["path"], encoding="utf-8") as file:
        for number, line in enumerate(file):
            if settings.get("limit") is not None and number == settings["limit"]:
                break
            row = json.loads(line)
            for name in names or list(row):
                columns.setdefault(name, []).append(row[name])
    return Dataset.from_dict(columns)


def loss(model, settings):
    """The peer's loss of the same name, with the same arguments."""
    settings = dict(settings)
    kind = getattr(losses, settings.pop("name"))
    settings.pop("guide_input", None)
    if "guide" in settings:
        settings["guide"] = SentenceTransformer(settings["guide"], device=model.device)
    for name in ["similarity_fct", "directions"]:
        settings.pop(name, None)  # the recipes here have the defaults
    return kind(model, **{name: value for name, value in settings.items() if value is not None})


def evaluator(settings):
    """The peer's evaluator on the same directory."""
    path = Path(settings["path"])

    def texts(file):
        lines = (json.loads(line) for line in open(path / file, encoding="utf-8"))
        return {row["_id"]: (row.get("title", "") + " " + row["text"]).strip() for row in lines}

    relevant = {}
    split = settings.get("split") or "test"
    with open(path / "qrels" / f"{split}.tsv", encoding="utf-8") as file:
        next(file)
        for line in file:
            query, document, score = line.split("\t")
            if int(score) > 0:
                relevant.setdefault(query, set()).add(document)
    return InformationRetrievalEvaluator(
        texts("queries.jsonl"), texts("corpus.jsonl"), relevant, name=settings["name"],
        write_csv=False,
    )  # fmt: skip


def repeat(directory, threads, device):
    """Trains once more what a directory holds."""
    recipe = json.loads((directory / "recipe.json").read_text(encoding="utf-8"))
    if recipe.get("clusters") is not None:
        sys.exit(f"{directory}: sentence-transformers has no batches from clusters")
    log = [json.loads(line) for line in open(directory / "log.jsonl", encoding="utf-8")]
    ours = {}
    for entry in log:
        ours.update({k[5:]: v for k, v in entry.items() if k.startswith("eval_")})
    seconds = log[-1]["train_runtime"]

    torch.set_num_threads(threads)
    model = SentenceTransformer(recipe["model"]["path"], device=device)
    if recipe["model"].get("max_seq_length") is not None:
        model.max_seq_length = recipe["model"]["max_seq_length"]
    arguments = {k: recipe["args"][k] for k in ARGUMENTS if recipe["args"].get(k) is not None}
    if not arguments.get("warmup_steps"):
        arguments.pop("warmup_steps", None)
    with tempfile.TemporaryDirectory() as output:
        trainer = SentenceTransformerTrainer(
            model=model,
            args=SentenceTransformerTrainingArguments(
                output_dir=output, use_cpu=device == "cpu", report_to=[], save_strategy="no",
                logging_steps=50, **arguments,
            ),
            train_dataset=rows(recipe["train_dataset"]),
            loss=loss(model, recipe["loss"]),
        )  # fmt: skip
        begun = time.perf_counter()
        trainer.train()
        spent = time.perf_counter() - begun
    found = {}
    for settings in recipe["evaluators"]:
        found.update(evaluator(settings)(model))
    wanted = ["ndcg@10", "recall@10", "mrr@10"]
    pick = lambda all: {k: all[k] for k in sorted(all) if any(k.endswith(w) for w in wanted)}
    return {
        "run": str(directory), "ktrain": pick(ours), "peer": pick(found),
        "ktrain_seconds": round(seconds, 1), "peer_seconds": round(spent, 1),
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directories", nargs="+", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", help="where the peer trains, such as cuda")
    parser.add_argument("--output", type=Path, help="also append the lines to this file")
    arguments = parser.parse_args()
    for directory in arguments.directories:
        line = json.dumps(repeat(directory, arguments.threads, arguments.device))
        print(line, flush=True)
        if arguments.output:
            with open(arguments.output, "a", encoding="utf-8") as file:
                file.write(line + "\n")


if __name__ == "__main__":
    main()
