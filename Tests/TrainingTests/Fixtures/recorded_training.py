"""Trains with sentence-transformers' own trainer and keeps every step in full precision.

Used by the scripts that make training curves. What is kept of a step: the rows of its batch, the
loss, and the norm of the gradient and the learning rate as the trainer logs them (transformers 5.23
does not round what it logs).
"""

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import bert_of

import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer import losses
from transformers import TrainerCallback


class EpochStart(TrainerCallback):
    """Tells the trainer that an epoch begins."""

    def __init__(self, trainer):
        self.trainer = trainer

    def on_epoch_begin(self, args, state, control, **kwargs):
        self.trainer.steps_of_epoch = 0


class RecordingTrainer(SentenceTransformerTrainer):
    """The trainer, with its batches and losses kept; it computes nothing of its own."""

    def __init__(self, *positional, **named):
        super().__init__(*positional, **named)
        self.add_callback(EpochStart(self))
        self.drawn = []  # the rows of every batch of the current epoch, drawn ahead of the steps
        self.batches = []  # the rows of every step
        self.losses = []
        self.first_gradients = {}  # of step 1, before clipping, by the checkpoint's names

    def get_batch_sampler(self, *positional, **named):
        sampler = super().get_batch_sampler(*positional, **named)
        dataset = positional[0] if positional else named["dataset"]
        if len(dataset) != len(self.train_dataset):  # that of an evaluation
            return sampler
        trainer = self

        class RecordingSampler(type(sampler)):
            def __iter__(self):
                trainer.drawn = []
                for rows in super().__iter__():
                    trainer.drawn.append(list(rows))
                    yield rows

        sampler.__class__ = RecordingSampler
        return sampler

    def training_step(self, model, inputs, num_items_in_batch=None):
        rows = self.drawn[self.steps_of_epoch]
        self.steps_of_epoch += 1
        self.check_tokens(rows, inputs)
        loss = super().training_step(model, inputs, num_items_in_batch)
        assert model.training
        self.batches.append(rows)
        self.losses.append(loss)
        if len(self.losses) == 1:
            named = bert_of(self.model).named_parameters()
            self.first_gradients = {n: p.grad.clone() for n, p in named if p.grad is not None}
        return loss

    def check_tokens(self, rows, inputs):
        """Holds if the batch that the trainer passes is made of the rows that we believe it is."""
        data = self.train_dataset[rows]
        for name in self.train_dataset.column_names:
            if name in self.data_collator.valid_label_columns:
                assert torch.equal(inputs["label"], torch.tensor(data[name])), (name, rows)
                continue
            prompt = (self.args.prompts or {}).get(name)
            expected = self.model.preprocess(data[name], prompt=prompt)["input_ids"]
            assert torch.equal(inputs[f"{name}_input_ids"], expected), (name, rows)


def make_loss(block, model, guide=None):
    """The loss that a recipe's block names: a class and its constructor's arguments."""
    arguments = {key: value for key, value in block.items() if key not in ("name", "guide")}
    if "directions" in arguments:
        arguments["directions"] = tuple(arguments["directions"])
    positional = [model] if guide is None else [model, guide]
    return getattr(losses, block["name"])(*positional, **arguments)


def train(model, rows, arguments, evaluator=None, loss=None, evaluated=None):
    """Trains `model`, with MultipleNegativesRankingLoss unless told otherwise; returns the steps and
    the trainer.

    A step is `{"step", "epoch", "batch", "loss", "grad_norm", "learning_rate"}`; loss and norm are
    tensors of the model's precision. `evaluated` are the rows of eval_loss. `trainer.saved_state` is
    the text of the last checkpoint's trainer_state.json, or None if there is none.
    """
    with tempfile.TemporaryDirectory() as scratch:
        trainer = RecordingTrainer(
            model=model,
            args=SentenceTransformerTrainingArguments(
                **{
                    "output_dir": scratch,
                    "logging_steps": 1,
                    "save_strategy": "no",
                    "report_to": "none",
                    "disable_tqdm": True,
                    "use_cpu": True,
                    **arguments,
                }
            ),
            train_dataset=Dataset.from_list(rows),
            eval_dataset=Dataset.from_list(evaluated) if evaluated else None,
            loss=loss or losses.MultipleNegativesRankingLoss(model),
            evaluator=evaluator,
        )
        trainer.train()
        last = Path(scratch) / f"checkpoint-{trainer.state.global_step}" / "trainer_state.json"
        trainer.saved_state = last.read_text() if last.exists() else None
    logged = [entry for entry in trainer.state.log_history if "grad_norm" in entry]
    assert len(logged) == len(trainer.losses) == trainer.state.global_step
    dtype = trainer.losses[0].dtype
    steps = []
    for entry, batch, loss in zip(logged, trainer.batches, trainer.losses):
        # The trainer sums losses in float32, whatever the model computes in.
        assert entry["loss"] == loss.float().item()
        steps.append(
            {
                "step": entry["step"],
                "epoch": entry["epoch"],
                "batch": batch,
                "loss": loss,
                "grad_norm": torch.tensor(entry["grad_norm"], dtype=dtype),
                "learning_rate": torch.tensor(entry["learning_rate"], dtype=torch.float64),
            }
        )
    return steps, trainer


def largest_difference(found, reference, key, steps):
    """The largest relative difference of `key` over the first `steps` steps."""
    pairs = list(zip(found, reference))[:steps]
    return max(abs(a[key].item() / b[key].item() - 1) for a, b in pairs)
