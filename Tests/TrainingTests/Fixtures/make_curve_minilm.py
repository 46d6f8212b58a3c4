"""Records a training run of sentence-transformers on a real model, to compare ktrain's run with.

    python make_curve_minilm.py run MODEL TRAIN.jsonl CURVE.json [--threads 2] [--weights FILE] …
    python make_curve_minilm.py compare CURVE.json REFERENCE.json

For all-MiniLM-L6-v2 and the quickstart's rows; run by hand, no test reads what it writes.
MultipleNegativesRankingLoss, batch 32, 200 steps, dropout 0, float32, no_duplicates, seed 42.
`run` writes the format of curve-tiny-bert.json: per step the rows of the batch, loss, grad_norm and
learning rate. `compare` takes two such files (two runs of the peer that differ in threads say what
rounding alone does) and prints how far apart they are.
"""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import bert_of, load_model, numbers, relative_distance, versions, write_json

import torch
from recorded_training import train
from safetensors.torch import save_file

TEXTS = 64  # how many of the first rows' first texts are embedded at the end


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run(options):
    torch.set_num_threads(options.threads)
    with open(options.train, encoding="utf-8") as lines:
        rows = [json.loads(line) for line, _ in zip(lines, range(options.rows))]
    arguments = {
        "max_steps": options.steps,
        "per_device_train_batch_size": options.batch_size,
        "learning_rate": 2e-5,
        "warmup_ratio": 0.1,
        "batch_sampler": "no_duplicates",
        "seed": 42,
    }
    model = load_model(options.model, dropout=0.0)
    model.max_seq_length = options.max_seq_length
    begun = time.monotonic()
    steps, trainer = train(model, rows, arguments)
    seconds = time.monotonic() - begun
    print(f"{seconds / len(steps):.2f} s per step")
    if options.gradients:
        save_file(trainer.first_gradients, options.gradients, metadata={"format": "pt"})
    if options.weights:
        weights = {name: p.detach() for name, p in bert_of(model).named_parameters()}
        save_file(weights, options.weights, metadata={"format": "pt"})
    texts = [next(iter(row.values())) for row in rows[:TEXTS]]
    write_json(
        options.output,
        {
            "made_with": versions(
                seed=42,
                threads=options.threads,
                seconds_per_step=seconds / len(steps),
                model_sha256=digest(options.model / "model.safetensors"),
                train_sha256=digest(options.train),
            ),
            "loss": {"name": "MultipleNegativesRankingLoss", "scale": 20.0},
            "args": arguments,
            "dropout": 0.0,
            "max_seq_length": options.max_seq_length,
            "rows": len(rows),
            "columns": list(rows[0]),
            "warmup_steps": trainer.args.get_warmup_steps(options.steps),
            "steps": [
                {k: numbers(v) if isinstance(v, torch.Tensor) else v for k, v in step.items()}
                for step in steps
            ],
            "texts": texts,
            "embeddings": {
                str(options.steps): numbers(model.encode(texts, convert_to_tensor=True))
            },
        },
    )


def compare(options):
    found, reference = (json.loads(path.read_text()) for path in (options.curve, options.reference))
    pairs = list(zip(found["steps"], reference["steps"]))
    print("same batches:", all(a["batch"] == b["batch"] for a, b in pairs))
    print("same rates:", all(a["learning_rate"] == b["learning_rate"] for a, b in pairs))
    for count in sorted({20, len(pairs)}):
        for key in ("loss", "grad_norm"):
            apart = [abs(a[key] / b[key] - 1) for a, b in pairs[:count]]
            print(f"{key}: at most {max(apart):.2e} in {count} steps, {apart[-1]:.2e} at the last")
    for step in found["embeddings"]:
        a = torch.tensor(found["embeddings"][step], dtype=torch.float64)
        b = torch.tensor(reference["embeddings"][step], dtype=torch.float64)
        cosine = torch.nn.functional.cosine_similarity(a, b).min()
        distance = relative_distance(a, b)
        print(f"embeddings at step {step}: distance {distance:.2e}, 1 - cosine {1 - cosine:.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)
    record = commands.add_parser("run", help="train and record")
    record.add_argument("model", type=Path, help="sentence-transformers directory")
    record.add_argument(
        "train", type=Path, help="JSONL; anchor, positive and negatives by position"
    )
    record.add_argument("output", type=Path, help="the curve, JSON")
    record.add_argument("--rows", type=int, default=10_000, help="rows to use, from the first")
    record.add_argument("--steps", type=int, default=200)
    record.add_argument("--batch-size", type=int, default=32)
    record.add_argument("--max-seq-length", type=int, default=64)
    record.add_argument("--threads", type=int, default=2)
    record.add_argument("--gradients", type=Path, help="safetensors: the gradients of step 1")
    record.add_argument("--weights", type=Path, help="safetensors: the weights after the last step")
    record.set_defaults(command=run)
    comparison = commands.add_parser("compare", help="how far apart two curves are")
    comparison.add_argument("curve", type=Path)
    comparison.add_argument("reference", type=Path)
    comparison.set_defaults(command=compare)
    options = parser.parse_args()
    options.command(options)


if __name__ == "__main__":
    main()
