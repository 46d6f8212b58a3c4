"""Makes matryoshka.json: MatryoshkaLoss around several losses of given embeddings, value and gradient.

    python make_matryoshka.py

Inputs, cases and tolerances are as in make_gist.py, whose embeddings these are, of 8 dimensions. `arguments` has
the inner loss as a recipe has it and the dimensions. Where the inner loss has a cached form, it must
give the same value and gradient.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import numbers, versions, write_json

import torch
from make_gist import SEED, Given, inputs
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.util import dot_score


class Sized(Given):
    """A model whose embeddings are given, and as wide as MatryoshkaLoss wants to know."""

    def get_embedding_dimension(self):
        return 8


def inner(block, cached, models):
    arguments = {k: v for k, v in block.items() if k not in ("name", "similarity_fct")}
    if "similarity_fct" in block:
        arguments["similarity_fct"] = dot_score
    if "directions" in block:
        arguments["directions"] = tuple(block["directions"])
    if cached:
        arguments["mini_batch_size"] = 4
    guided = "GIST" in block["name"]
    name = ("Cached" if cached else "") + block["name"]
    return getattr(losses, name)(*models[: 2 if guided else 1], **arguments)


def evaluate(given, arguments, dtype, cached):
    models = Sized("student"), Sized("guide")
    columns = [column.to(dtype).requires_grad_() for column in given["columns"]]
    guides = [column.to(dtype) for column in given["guide"]]
    named = {k: arguments[k] for k in ("matryoshka_dims", "matryoshka_weights")}
    loss = losses.MatryoshkaLoss(models[0], inner(arguments["loss"], cached, models), **named)
    if cached:
        # What the hook of the cached loss does: the decorated calculate_loss, of leaves.
        extra = ([[g] for g in guides],) if "GIST" in arguments["loss"]["name"] else ()
        value = loss.loss.calculate_loss([[c] for c in columns], *extra, with_backward=True)
    else:
        # Every dimension passes through the model's forward, which gives a fresh dictionary.
        value = loss([{"student": c, "guide": g} for c, g in zip(columns, guides)], None)
        value.backward()
    return value.detach(), torch.stack([column.grad for column in columns])


RANKING = {"name": "MultipleNegativesRankingLoss", "scale": 20.0}
GUIDED = {"name": "GISTEmbedLoss", "temperature": 0.05}
CASES = [
    ("pairs", RANKING, [8, 4, 2], None),
    ("triplets", RANKING, [2, 8, 5], [0.5, 1, 2]),
    ("three negatives", RANKING, [3], [0.7]),
    ("triplets", {**RANKING, "similarity_fct": "dot_score"}, [8, 3], None),
    ("pairs", {**RANKING, "directions": ["query_to_doc", "query_to_query", "doc_to_query",
                                         "doc_to_doc"]}, [8, 4], [1, 0.25]),
    ("pairs", GUIDED, [8, 4], None),
    ("triplets", {**GUIDED, "margin_strategy": "relative", "margin": 0.1}, [6, 2, 1], [3, 1, 1]),
    ("one triplet", RANKING, [8, 4], None),
    ("triplets", RANKING, [4, 4, 8], [1, -0.5, 0]),
]


def main():
    given, results = inputs(), []
    for name, block, dimensions, weights in CASES:
        arguments = {"loss": block, "matryoshka_dims": dimensions, "matryoshka_weights": weights}
        value, gradients = evaluate(given[name], arguments, torch.float64, False)
        again, same = evaluate(given[name], arguments, torch.float64, True)
        torch.testing.assert_close(again, value)
        torch.testing.assert_close(same, gradients)
        _, single = evaluate(given[name], arguments, torch.float32, False)
        results.append({
            "input": name, "arguments": arguments, "loss": numbers(value),
            "gradients": numbers(gradients.float()),
            "round_off": numbers((gradients - single).abs().max().float())})
    used = {result["input"] for result in results}
    write_json(HERE / "matryoshka.json", {
        "made_with": versions(seed=SEED),
        "inputs": {name: {key: numbers(value) for key, value in values.items()}
                   for name, values in given.items() if name in used},
        "cases": results})


if __name__ == "__main__":
    main()
