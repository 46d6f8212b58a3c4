"""Makes distillation.json: MarginMSELoss and DistillKLDivLoss of given embeddings and labels, alone and
in a MatryoshkaLoss, value and gradient.

    python make_distillation.py

`inputs` are embeddings by name: `columns` (queries, then documents: each [B][8], float32) and the
labels by name: a number or a list of numbers for each row. Each case names its input, its labels, the
arguments as a recipe has them and, computed in float64, the loss and the gradient of every column;
`round_off` is the largest difference of a gradient that the same class computes in float32.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import numbers, versions, write_json

import torch
from make_gist import student
from make_matryoshka import Sized
from sentence_transformers import util
from sentence_transformers.sentence_transformer import losses

SEED = 23
SIMILARITIES = ["pairwise_dot_score", "pairwise_cos_sim", "pairwise_euclidean_sim",
                "pairwise_manhattan_sim"]


def inputs():
    generator = torch.Generator().manual_seed(SEED)

    def random(columns, rows):
        scores = torch.randn(rows, columns - 1, generator=generator)
        return {
            "columns": student(generator, columns, rows),
            "scores": scores,
            "margins": torch.randn(rows, columns - 2, generator=generator),
            "far": 40 * scores,
        }

    given = {"triplets": random(3, 7), "three negatives": random(5, 5), "one row": random(4, 1)}
    # One margin a row need not be a list.
    given["triplets"]["margin"] = torch.randn(7, generator=generator)
    # Texts that are equal, and embeddings of zeros.
    equal = random(4, 6)
    columns = equal["columns"]
    columns[1, 0] = columns[0, 0]
    columns[2, 1] = columns[0, 1]
    columns[2, 2] = columns[1, 2]
    columns[3, 3] = 0.0
    columns[0, 4] = 0.0
    given["equal texts"] = equal
    return given


def make_loss(block, model):
    arguments = {k: v for k, v in block.items() if k != "name"}
    if "similarity_fct" in arguments:
        arguments["similarity_fct"] = getattr(util, arguments["similarity_fct"])
    if "loss" in arguments:
        arguments["loss"] = make_loss(arguments["loss"], model)
    return getattr(losses, block["name"])(model, **arguments)


def evaluate(given, labels, block, dtype):
    columns = [column.to(dtype).requires_grad_() for column in given["columns"]]
    loss = make_loss(block, Sized("student"))
    # Every dimension of a MatryoshkaLoss passes through the model's forward.
    value = loss([{"student": column} for column in columns], given[labels].to(dtype))
    value.backward()
    return value.detach(), torch.stack([column.grad for column in columns])


MARGIN = {"name": "MarginMSELoss"}
DIVERGENCE = {"name": "DistillKLDivLoss"}


def cases():
    for name in ("triplets", "three negatives", "one row", "equal texts"):
        for similarity in SIMILARITIES:
            arguments = {"similarity_fct": similarity}
            for labels in ("margins", "scores"):
                yield name, labels, {**MARGIN, **arguments}
            yield name, "scores", {**DIVERGENCE, **arguments}
    yield "triplets", "margin", MARGIN
    yield "three negatives", "scores", {**DIVERGENCE, "temperature": 2.5}
    yield "triplets", "scores", {
        **DIVERGENCE, "temperature": 0.5, "student_temperature": 0.05, "teacher_temperature": 1.5}
    yield "three negatives", "far", DIVERGENCE
    yield "equal texts", "far", {**DIVERGENCE, "teacher_temperature": 0.25}
    for inner, labels in ((MARGIN, "margins"), (MARGIN, "scores"), (DIVERGENCE, "scores")):
        yield "three negatives", labels, {
            "name": "MatryoshkaLoss", "loss": inner, "matryoshka_dims": [8, 4, 2],
            "matryoshka_weights": [1, 0.5, 2]}


def main():
    given, results = inputs(), []
    for name, labels, block in cases():
        value, gradients = evaluate(given[name], labels, block, torch.float64)
        _, single = evaluate(given[name], labels, block, torch.float32)
        results.append({
            "input": name, "labels": labels, "arguments": block, "loss": numbers(value),
            "gradients": numbers(gradients.float()),
            "round_off": numbers((gradients - single).abs().max().float())})
    write_json(HERE / "distillation.json", {
        "made_with": versions(seed=SEED),
        "inputs": {name: {key: numbers(value) for key, value in values.items()}
                   for name, values in given.items()},
        "cases": results})


if __name__ == "__main__":
    main()
