"""Makes schedules.json: learning rates at every step, and how many steps a run has.

    python make_schedules.py

`schedules`: transformers' `get_scheduler`, the rate that step 1, 2, … is taken with (float64).
`runs`: what sentence-transformers' trainer makes of rows, batch size, epochs and so on: batches and
optimizer steps per epoch, epochs begun, all steps, warm-up steps. An `error` stands in their place
where the trainer refuses.
"""

import itertools
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import TINY_BERT, load_model, numbers, versions, write_json

import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from transformers import get_scheduler

SCHEDULES = ["linear", "cosine", "constant", "constant_with_warmup"]
# Base rate, warm-up steps, all steps, steps taken. The last goes past the end.
LENGTHS = [(2e-5, 0, 10, 10), (1e-3, 3, 20, 20), (5e-5, 10, 10, 10), (1e-3, 1, 7, 9)]


def rates(name, base, warmup, total, taken):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
    scheduler = get_scheduler(name, optimizer, warmup, total)
    result = []
    for _ in range(taken):
        result.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return result


# Rows and arguments; what is not given is the trainer's default but for the batch size.
RUNS = [
    *(
        (rows, {"dataloader_drop_last": drop, "gradient_accumulation_steps": accumulation})
        for rows, drop, accumulation in itertools.product([96, 100, 113], [False, True], [1, 2, 3])
    ),
    (100, {"num_train_epochs": 1}),
    (100, {"num_train_epochs": 0.5}),
    (100, {"num_train_epochs": 2.3, "gradient_accumulation_steps": 2}),
    (100, {"num_train_epochs": 0.01}),
    (240, {"num_train_epochs": 1.15, "batch_sampler": "no_duplicates"}),
    (100, {"max_steps": 5}),
    (100, {"max_steps": 7}),
    (100, {"max_steps": 50, "num_train_epochs": 1}),
    (100, {"max_steps": 50, "gradient_accumulation_steps": 4}),
    (3, {}),
    (3, {"gradient_accumulation_steps": 4}),
    (3, {"dataloader_drop_last": True}),
    (1, {"per_device_train_batch_size": 1}),
    (100, {"warmup_ratio": 0.1}),
    (100, {"warmup_ratio": 0.05, "num_train_epochs": 1}),
    (100, {"warmup_ratio": 0.3, "max_steps": 50}),
    (100, {"warmup_ratio": 0.0}),
    (100, {"warmup_ratio": 1.0}),  # 1 and above is a number of steps, even here
    (100, {"warmup_steps": 4}),
    (100, {"warmup_steps": 400}),
    (100, {"warmup_steps": 0.1}),
    (100, {"warmup_steps": 2.7}),
    (100, {"warmup_steps": 4, "warmup_ratio": 0.5}),
    # 0.07 * 100 is 7.000000000000001 in binary, so that its ceiling is 8.
    (1600, {"warmup_ratio": 0.07, "num_train_epochs": 1}),
]


def steps_of(model, rows, arguments, scratch):
    """Runs the trainer's own methods up to the first step."""
    arguments = {"per_device_train_batch_size": 16, **arguments}
    case = {"rows": rows, "arguments": arguments}
    try:
        trainer = SentenceTransformerTrainer(
            model=model,
            args=SentenceTransformerTrainingArguments(
                output_dir=scratch, report_to="none", **arguments
            ),
            train_dataset=Dataset.from_dict(
                {name: [f"{name} {row}" for row in range(rows)] for name in ("anchor", "positive")}
            ),
            loss=MultipleNegativesRankingLoss(model),
        )
        batches = trainer.get_train_dataloader()
        epochs, updates, _, _, _, _, steps = trainer.set_initial_training_values(
            trainer.args, batches
        )
    except ValueError as error:
        return {**case, "error": str(error)}
    return {
        **case,
        "batches_per_epoch": len(batches),
        "steps_per_epoch": updates,
        "epochs": epochs,
        "max_steps": steps,
        "warmup_steps": trainer.args.get_warmup_steps(steps),
    }


def main():
    model = load_model(TINY_BERT)
    with tempfile.TemporaryDirectory() as scratch:
        runs = [steps_of(model, rows, arguments, scratch) for rows, arguments in RUNS]
    for run in runs:
        print(run)
    schedules = [
        {
            "lr_scheduler_type": name,
            "learning_rate": numbers(base),
            "warmup_steps": warmup,
            "max_steps": total,
            "rates": [numbers(rate) for rate in rates(name, base, warmup, total, taken)],
        }
        for name in SCHEDULES
        for base, warmup, total, taken in LENGTHS
    ]
    write_json(
        HERE / "schedules.json", {"made_with": versions(), "schedules": schedules, "runs": runs}
    )


if __name__ == "__main__":
    main()
