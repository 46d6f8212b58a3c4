"""Writes training_arguments_<version>.json: the names, types and defaults of
SentenceTransformerTrainingArguments, and of the constructors of the losses and evaluators that a
recipe can name, as the installed sentence-transformers has them.

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
and each constructor its parameters with their defaults, functions by their names; parameters
without default (model, guide, the texts) are left out.
"""

import dataclasses
import enum
import inspect
import json
import platform
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

import sentence_transformers
import transformers
from sentence_transformers import SentenceTransformerTrainingArguments, evaluation, losses

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
    return field.type.__name__ if isinstance(field.type, type) else str(field.type)


def parameters(constructor):
    return {
        name: parameter.default
        for name, parameter in inspect.signature(constructor).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }


def name_of(function):
    return function.__name__


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

constructors = {
    constructor.__name__: parameters(constructor)
    for constructor in [
        losses.MultipleNegativesRankingLoss,
        losses.CachedMultipleNegativesRankingLoss,
        losses.GISTEmbedLoss,
        losses.CachedGISTEmbedLoss,
        evaluation.InformationRetrievalEvaluator,
    ]
}

version = sentence_transformers.__version__
fixture = {
    "made_by": Path(__file__).name,
    "python": platform.python_version(),
    "sentence_transformers": version,
    "transformers": transformers.__version__,
}
rows = ",\n".join("    " + json.dumps(argument) for argument in arguments)
columns = ",\n".join(
    f"    {json.dumps(name)}: {json.dumps(value, default=name_of)}"
    for name, value in constructors.items()
)
head = json.dumps(fixture, indent=2)[:-2]
path = Path(__file__).with_name(f"training_arguments_{version}.json")
path.write_text(
    f'{head},\n  "arguments": [\n{rows}\n  ],\n  "constructors": {{\n{columns}\n  }}\n}}\n'
)
print(path.name, len(arguments), "arguments")
