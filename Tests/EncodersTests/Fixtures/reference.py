"""What the scripts that make fixtures share: versions, number formats, files.

The references come from sentence-transformers 6.2, on a CPU build of torch 2.13:
`pip install sentence-transformers==6.2.0 transformers==5.23.0 datasets accelerate`.
"""

import json
import os
import platform
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import torch

FIXTURES = Path(__file__).resolve().parent
TESTS = FIXTURES.parents[1]
TINY_BERT = FIXTURES / "tiny-bert"


def versions(**more):
    """The versions of what made a fixture, and anything else worth recording (seed, threads)."""
    import sentence_transformers
    import tokenizers
    import transformers

    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "sentence_transformers": sentence_transformers.__version__,
        "tokenizers": tokenizers.__version__,
        **more,
    }


class Number(float):
    """A number that is written with just the digits its type needs to be read back exactly."""

    def __new__(cls, value, digits):
        number = super().__new__(cls, value)
        number.text = f"%.{digits}g" % value
        return number

    def __repr__(self):
        return self.text


def numbers(values):
    """A tensor, array or scalar as nested lists for JSON: 9 digits for float32, 17 for float64."""
    array = (
        values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)
    )
    if array.dtype.kind in "iub":
        return array.tolist()
    digits = 9 if array.dtype == np.float32 else 17
    if array.ndim == 0:
        return Number(array.item(), digits)
    return [numbers(row) for row in array]


def _encode(value, depth):
    """JSON with one member of an object a line, and lists of numbers on one line."""
    if isinstance(value, Number):
        return value.text
    pad, inner = " " * depth, " " * (depth + 1)
    if isinstance(value, dict) and value:
        members = [f"{inner}{json.dumps(k)}: {_encode(v, depth + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(members) + f"\n{pad}}}"
    if isinstance(value, (list, tuple)) and any(
        isinstance(v, (list, tuple, dict, str)) for v in value
    ):
        return "[\n" + ",\n".join(inner + _encode(v, depth + 1) for v in value) + f"\n{pad}]"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_encode(v, depth) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def write_json(path, value):
    """Writes a fixture; numbers from `numbers` keep their digits."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_encode(value, 0) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def write_jsonl(path, rows):
    """Writes one object a line."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
    )


def load_model(folder, dropout=0.0, dtype=torch.float32):
    """The model of a directory, on the CPU; dropout `None` leaves what config.json says."""
    from sentence_transformers import SentenceTransformer

    names = ["hidden_dropout_prob", "attention_probs_dropout_prob"]
    config = {} if dropout is None else dict.fromkeys(names, dropout)
    model = SentenceTransformer(
        str(folder), device="cpu", model_kwargs={"dtype": dtype}, config_kwargs=config
    )
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout) and dropout is not None:
            assert module.p == dropout, (module, dropout)
    return model


def bert_of(model):
    """The transformers model inside: its parameters carry the checkpoint's names."""
    return model[0].model


def relative_distance(found, reference):
    """‖found − reference‖ / ‖reference‖ over tensors or arrays, in double."""
    found = torch.as_tensor(found).double().flatten()
    reference = torch.as_tensor(reference).double().flatten()
    return ((found - reference).norm() / reference.norm()).item()
