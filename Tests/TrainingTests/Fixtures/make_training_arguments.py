"""Writes training_arguments_<version>.json: the names, types and defaults of
SentenceTransformerTrainingArguments as the installed sentence-transformers has them.

    python make_training_arguments.py

Run once for each release whose model cards a recipe must accept; the committed files come from
sentence-transformers 6.2.0 with transformers 5.23.0, 4.1.0 with 4.51.3 and 3.0.1 with 4.41.2.
Nothing here is random.

Each argument has
    name     as a user writes it
    type     as the dataclass annotates it
    default  as JSON, of the dataclass field
    card     the text after the colon in a model card's list of all hyperparameters;
             null if the card leaves the argument out
"""

import dataclasses
import enum
import json
import platform
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

import sentence_transformers
import transformers
from sentence_transformers import SentenceTransformerTrainingArguments

# What the model card of every release leaves out: where a run wrote, how it logged, and secrets.
NOT_ON_CARDS = {
    "output_dir", "logging_dir", "logging_strategy", "logging_first_step", "logging_steps",
    "evaluation_strategy", "eval_steps", "eval_delay", "save_strategy", "save_steps",
    "save_total_limit", "metric_for_best_model", "greater_is_better", "report_to",
    "do_train", "do_eval", "run_name", "hub_token", "push_to_hub_token",
}


def default(field):
    value = None
    if field.default is not dataclasses.MISSING:
        value = field.default
    elif field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    return value.value if isinstance(value, enum.Enum) else value


def type_name(field):
    return getattr(field.type, "__name__", None) or str(field.type)


shown = SentenceTransformerTrainingArguments(output_dir="unused").to_dict()
arguments = [
    {
        "name": field.name,
        "type": type_name(field),
        "default": default(field),
        "card": None if field.name in NOT_ON_CARDS else str(shown[field.name]),
    }
    for field in dataclasses.fields(SentenceTransformerTrainingArguments)
    if field.init and not field.name.startswith("_")
]

version = sentence_transformers.__version__
fixture = {
    "made_by": Path(__file__).name,
    "python": platform.python_version(),
    "sentence_transformers": version,
    "transformers": transformers.__version__,
    "arguments": arguments,
}
lines = ",\n".join("    " + json.dumps(argument) for argument in fixture.pop("arguments"))
head = json.dumps(fixture, indent=2)[:-2]
path = Path(__file__).with_name(f"training_arguments_{version}.json")
path.write_text(f'{head},\n  "arguments": [\n{lines}\n  ]\n}}\n')
print(path.name, len(arguments), "arguments")
