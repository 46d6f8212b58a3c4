"""Makes the gradients of one batch on the tiny models, dropout 0, by sentence-transformers' own loss.

    python make_gradients.py

- gradients-triplets.safetensors: MultipleNegativesRankingLoss, scale 20, cosine, triplets; the
  model as it stands (mean pooling, Normalize).
- gradients-pairs.safetensors: the same loss, scale 0.5, dot product, pairs; CLS pooling without
  Normalize (tiny-bert-cls).
- gradients-xlmr.safetensors, gradients-bert-xlmrtok.safetensors: as the first, on those models, with
  texts that spell out special tokens: PyTorch gives the row of `pad_token_id` no gradient.

Tensors are named by the checkpoint; parameters without a gradient (the pooler) are left out. They
are computed in float64 and stored as float32, so that they carry no rounding of their own.
gradients.json has each case's rows, its loss and the norm of the whole gradient, in float64 and as
the peer has them in float32, and per tensor how far the peer's float32 gradient is from the one
stored, ‖difference‖ / ‖stored‖. The key biases stand apart: they add the same number to every score
of a softmax row, so their gradient is zero, and what float32 has there is rounding; the largest
norm of it is `zero_gradients.largest_norm`.
"""

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import bert_of, load_model, numbers, relative_distance, versions, write_json

import torch
from layouts import assemble
from make_tiny_bert import VARIANTS
from make_tiny_xlmr import SPECIAL_TEXTS
from safetensors.torch import save_file
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.util import cos_sim, dot_score
from texts import triplets

TRIPLETS = {
    "columns": ["anchor", "positive", "negative"],
    "scale": 20.0,
    "similarity_fct": cos_sim,
}
CASES = {
    "triplets": {"model": "tiny-bert", "variant": "native", **TRIPLETS},
    "pairs": {
        "model": "tiny-bert",
        "variant": "cls",
        "columns": ["anchor", "positive"],
        "scale": 0.5,
        "similarity_fct": dot_score,
    },
    "xlmr": {"model": "tiny-xlmr", "variant": "native", **TRIPLETS},
    "bert-xlmrtok": {"model": "tiny-bert-xlmrtok", "variant": "native", **TRIPLETS},
}


def gradients(folder, rows, case, dtype):
    """Loss, gradient norm and gradients by name of one step in `dtype`."""
    model = load_model(folder, dropout=0.0, dtype=dtype)
    model.train()
    loss = MultipleNegativesRankingLoss(model, case["scale"], case["similarity_fct"])
    features = [model.preprocess([row[name] for row in rows]) for name in case["columns"]]
    value = loss(features, None)
    value.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), float("inf"))
    named = bert_of(model).named_parameters()
    return value, norm, {name: p.grad for name, p in named if p.grad is not None}


def main():
    ordinary = triplets()[::29]  # nine rows from all over
    special = [
        {"anchor": text, "positive": SPECIAL_TEXTS[i - 1], "negative": ordinary[i]["negative"]}
        for i, text in enumerate(SPECIAL_TEXTS)
    ]
    cases = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, case in CASES.items():
            rows = ordinary if case["model"] == "tiny-bert" else ordinary[:5] + special
            variant = VARIANTS[case["variant"]]
            folder = assemble(case["model"], variant, Path(scratch) / name)
            loss, norm, single = gradients(folder, rows, case, torch.float32)
            exact_loss, exact_norm, double = gradients(folder, rows, case, torch.float64)
            zero = {key: single[key].norm() for key in single if key.endswith(".key.bias")}
            stored = {key: gradient.float() for key, gradient in double.items()}
            apart = {
                key: relative_distance(single[key], stored[key])
                for key in stored
                if key not in zero
            }
            save_file(stored, HERE / f"gradients-{name}.safetensors", metadata={"format": "pt"})
            cases[name] = {
                "model": case["model"],
                "variant": case["variant"],
                "rows": [{key: row[key] for key in case["columns"]} for row in rows],
                "scale": case["scale"],
                "similarity_fct": case["similarity_fct"].__name__,
                "loss": numbers(exact_loss),
                "grad_norm": numbers(exact_norm),
                "float32": {
                    "loss": numbers(loss),
                    "grad_norm": numbers(norm),
                    "distance": {key: float(f"{by:.1e}") for key, by in apart.items()},
                },
                "zero_gradients": {
                    "names": list(zero),
                    "largest_norm": numbers(max(zero.values())),
                },
            }
            print(name, loss.item(), norm.item(), "worst distance", max(apart.values()))
    write_json(
        HERE / "gradients.json",
        {"made_with": versions(threads=torch.get_num_threads()), "cases": cases},
    )


if __name__ == "__main__":
    main()
