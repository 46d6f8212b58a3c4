"""Records which checkpoints transformers' trainer keeps, and which it takes for the best.

    python make_best_checkpoints.py best_checkpoints.json

A model of one weight, evaluations with metrics that are made up, and after each step the checkpoints
that are there and the fields best_* of the newest one's trainer_state.json.
"""

import itertools
import json
import os
import pathlib
import random
import sys
import tempfile

os.environ["CUDA_VISIBLE_DEVICES"] = ""
import torch
import transformers
from transformers import Trainer, TrainerCallback, TrainingArguments

transformers.logging.set_verbosity_error()


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x, labels=None):
        return {"loss": (self.weight * x).sum() ** 2}


class Scripted(Trainer):
    metrics = []

    def evaluate(self, *args, **kwargs):
        metrics = {"eval_m": self.metrics[self.state.global_step - 1]}
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class Record(TrainerCallback):
    def __init__(self):
        self.rows = []

    def on_step_end(self, args, state, control, **kwargs):
        self.rows.append(listing(args.output_dir))


def listing(directory):
    return sorted(int(p.name.split("-")[1]) for p in pathlib.Path(directory).glob("checkpoint-*"))


def run(metrics, **arguments):
    with tempfile.TemporaryDirectory() as directory:
        record = Record()
        trainer = Scripted(
            model=Model(),
            args=TrainingArguments(
                directory, max_steps=len(metrics), per_device_train_batch_size=1, eval_strategy="steps",
                eval_steps=1, report_to="none", disable_tqdm=True, metric_for_best_model="m",
                logging_strategy="no", use_cpu=True, **arguments,
            ),
            train_dataset=[{"x": torch.ones(1), "labels": 0}] * 4, eval_dataset=[{"x": torch.ones(1)}],
            callbacks=[record],
        )
        trainer.metrics = metrics
        trainer.train()
        # on_step_end comes before the step's save: the rows belong to the steps before.
        kept = record.rows[1:] + [listing(directory)]
        state = trainer.state
        best = state.best_model_checkpoint
        return {
            "metrics": metrics, "args": arguments, "kept": kept, "best_metric": state.best_metric,
            "best_global_step": state.best_global_step,
            "best_model_checkpoint": int(best.rsplit("-", 1)[1]) if best else None,
        }


def main():
    generator = random.Random(7)
    cases = []
    for strategy, limit, greater, load in itertools.product(
        ["steps", "best", "no"], [None, 1, 2, 3], [True, False], [False, True]
    ):
        if strategy == "no" and (load or limit):
            continue
        metrics = [generator.choice([0.1, 0.2, 0.3, 0.4, 0.5]) for _ in range(9)]
        arguments = {"save_strategy": strategy, "greater_is_better": greater}
        if strategy == "steps":
            arguments["save_steps"] = generator.choice([1, 2])
        if limit:
            arguments["save_total_limit"] = limit
        if load:
            arguments["load_best_model_at_end"] = True
        cases.append(run(metrics, **arguments))
    lines = ",\n".join(json.dumps(case) for case in cases)
    with open(sys.argv[1], "w") as file:
        file.write(f'{{"transformers": "{transformers.__version__}", "cases": [\n{lines}\n]}}\n')


main()
