"""Makes curve-distillation.json: fifty steps of sentence-transformers' own trainer with losses that
follow a teacher, on tiny BERT.

    python make_curve_distillation.py

Each run has the loss as a recipe has it, the rows with their labels, the steps as make_curve_tiny.py
has them, and `eval_loss` on the rows after those before, in the middle and at the end. The rows are
triplets of curve-tiny.train.jsonl, some with a second negative; the teacher's scores are random.
Dropout is 0, one thread, float32.
"""

import random
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
for tests in ["EncodersTests", "LossesTests"]:
    sys.path.insert(0, str(HERE.parents[1] / tests / "Fixtures"))

from reference import TINY_BERT, load_model, numbers, versions, write_json

import torch
from make_curve_tiny import ARGUMENTS, PROMPTS
from make_distillation import make_loss
from recorded_training import train
from texts import triplets

ROWS, EVALUATED = 96, 20
EVALUATING = {"eval_strategy": "steps", "eval_steps": 25, "eval_on_start": True,
              "per_device_eval_batch_size": 8}
# name, loss, the labels' column, how many documents a row has, whether labels are all their scores
RUNS = [
    ("margins", {"name": "MarginMSELoss"}, "label", 2, False),
    ("scores", {"name": "MarginMSELoss", "similarity_fct": "pairwise_cos_sim"}, "scores", 3, True),
    ("divergence", {"name": "DistillKLDivLoss", "temperature": 0.5}, "labels", 3, True),
    ("dimensions", {"name": "MatryoshkaLoss", "loss": {"name": "DistillKLDivLoss",
                    "student_temperature": 0.2}, "matryoshka_dims": [32, 8]}, "score", 2, True),
]


def labelled(column, documents, is_raw):
    """Rows with the column of labels first, where it must not count for a place."""
    generator = random.Random(ARGUMENTS["seed"])
    rows = triplets()[: ROWS + EVALUATED]
    result = []
    for place, row in enumerate(rows):
        scores = [round(generator.uniform(-1, 3), 3) for _ in range(documents)]
        labels = scores if is_raw else scores[0] - scores[1]
        row = {column: labels, **row}
        if documents == 3:
            row["negative_2"] = rows[(place + 31) % len(rows)]["negative"]
        result.append(row)
    return result


def run(name, block, column, documents, is_raw):
    torch.set_num_threads(1)
    rows = labelled(column, documents, is_raw)
    model = load_model(TINY_BERT, dropout=0.0)
    prompts = {**PROMPTS, "negative_2": "passage: "}
    arguments = {**ARGUMENTS, **EVALUATING, "prompts": prompts}
    steps, trainer = train(
        model, rows[:ROWS], arguments, loss=make_loss(block, model), evaluated=rows[ROWS:])
    evaluations = {str(entry["step"]): entry["eval_loss"] for entry in trainer.state.log_history
                   if "eval_loss" in entry}
    return {
        "name": name, "loss": block, "args": arguments, "rows": rows, "trained": ROWS,
        "steps": [{k: numbers(v) if isinstance(v, torch.Tensor) else v for k, v in step.items()}
                  for step in steps],
        "evaluations": evaluations,
    }


def main():
    write_json(HERE / "curve-distillation.json", {
        "made_with": versions(seed=ARGUMENTS["seed"], threads=1),
        "model": TINY_BERT.name, "runs": [run(*one) for one in RUNS]})


if __name__ == "__main__":
    main()
