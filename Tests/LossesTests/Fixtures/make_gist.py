"""Makes gist.json: GISTEmbedLoss of given embeddings, value and gradient.

    python make_gist.py          # with sentence-transformers 6: gist.json
    python make_gist.py          # with sentence-transformers 5: gist_5.json

The values are those of `CachedGISTEmbedLoss.calculate_loss`, and, where there are two or three
columns, of `GISTEmbedLoss` too, which must be the same. Version 5 is what `relative_pre_6` means:
it ran as "relative" there.

`inputs` are embeddings by name: `columns` (anchors, positives, negatives…: each [B][8], float32)
and `guide` (each [B][6]). Each case names its input, the arguments and, computed in float64, the
loss and the gradient of every column; `round_off` is the largest difference of a gradient that the
same class computes in float32.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import numbers, versions, write_json

import sentence_transformers
import torch
from sentence_transformers.losses import CachedGISTEmbedLoss, GISTEmbedLoss
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

SEED = 11
VERSION = int(sentence_transformers.__version__.split(".")[0])


class Given(torch.nn.Module):
    """A model whose embeddings are given: a column of them is the features of a column."""

    max_seq_length = 8

    def __init__(self, name):
        super().__init__()
        self.name = name
        words = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
        self.tokenizer = PreTrainedTokenizerFast(tokenizer_object=words)

    def __getitem__(self, index):
        return self

    def forward(self, features):
        return {"sentence_embedding": features[self.name]}


def student(generator, columns, rows):
    """Rows of many lengths that share a direction, as an encoder's do."""
    shared = torch.randn(8, generator=generator)
    values = torch.randn(columns, rows, 8, generator=generator) + shared
    return values * (0.5 + torch.rand(columns, rows, 1, generator=generator))


def guide(generator, columns, rows, likeness):
    """Rows near their anchor's, so that some negatives are above the positive and some below."""
    anchors = torch.randn(rows, 6, generator=generator) + 0.7
    noise = torch.randn(columns - 1, rows, 6, generator=generator) / likeness
    return torch.cat([anchors[None], anchors + noise])


def inputs():
    generator = torch.Generator().manual_seed(SEED)

    def random(columns, rows, likeness=1.0):
        return {
            "columns": student(generator, columns, rows),
            "guide": guide(generator, columns, rows, likeness),
        }

    given = {
        "pairs": random(2, 9),
        "triplets": random(3, 7),
        "three negatives": random(5, 5),
        "pairs whose guide disagrees": random(2, 8, likeness=0.2),
        "close triplets": random(3, 12, likeness=2.5),
        "one triplet": random(3, 1),
    }

    # Equal texts have equal embeddings: 0 and 3 share the positive, 1 and 2 the anchor, 4's anchor
    # is its positive, 5's anchor is 0's positive, 2's negative its own positive.
    equal = random(3, 6, likeness=2.0)
    for values in equal.values():
        values[1, 3] = values[1, 0]
        values[0, 2] = values[0, 1]
        values[1, 4] = values[0, 4]
        values[0, 5] = values[1, 0]
        values[2, 2] = values[1, 2]
    given["equal texts"] = equal

    # Cosines of 0, 1/2, 1 and their opposites without any rounding: ties with every margin of 1/2.
    axis = torch.eye(6)
    half = torch.tensor([1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    ties = random(3, 6)
    ties["guide"] = torch.stack(
        [
            torch.stack([axis[0], axis[0], axis[1], half, axis[4], half]),
            torch.stack([axis[0], half, -axis[1], axis[2], axis[5], half]),
            torch.stack([half, axis[0], -half, axis[3], axis[4], axis[0]]),
        ]
    )
    given["exact ties"] = ties

    # A row of zeros has the cosine 0 with everything.
    zeros = random(2, 5)
    zeros["guide"][1, 2] = 0.0
    zeros["guide"][0, 4] = 0.0
    given["zeros in the guide"] = zeros
    return given


def cases(given):
    strategies = ["absolute", "relative"] if VERSION >= 6 else ["relative"]

    def case(name, **arguments):
        arguments = {
            "temperature": 0.05,
            "margin_strategy": "absolute",
            "margin": 0.0,
            "contrast_anchors": True,
            "contrast_positives": True,
            **arguments,
        }
        return {"input": name, "arguments": arguments}

    for name in given:
        for strategy in strategies:
            for margin in [0.0, 0.5] if name == "exact ties" else [0.0, 0.1]:
                if strategy == "absolute" or margin != 0.0:
                    yield case(name, margin_strategy=strategy, margin=margin)
    if VERSION < 6:
        return
    for name in ["pairs", "triplets", "three negatives"]:
        for anchors, positives in [(True, False), (False, True), (False, False)]:
            for strategy, margin in [("absolute", 0.05), ("relative", 0.2)]:
                yield case(
                    name,
                    contrast_anchors=anchors,
                    contrast_positives=positives,
                    margin_strategy=strategy,
                    margin=margin,
                )
    for temperature in [0.01, 1.0]:
        yield case("triplets", temperature=temperature)
        yield case("pairs", temperature=temperature, margin_strategy="relative", margin=0.05)
    yield case("triplets", margin=-0.2)
    yield case("three negatives", margin_strategy="relative", margin=-0.3)
    yield case("pairs", margin=5.0)  # nothing but the positive is left


def evaluate(given, arguments, dtype):
    models = Given("student"), Given("guide")
    columns = [column.to(dtype).requires_grad_() for column in given["columns"]]
    guides = [column.to(dtype) for column in given["guide"]]
    # Mini-batches of four rows, which divide few of the batches.
    cached = CachedGISTEmbedLoss(*models, mini_batch_size=4, **arguments)
    value = cached.calculate_loss([[c] for c in columns], [[g] for g in guides])
    value.backward()
    gradients = [column.grad for column in columns]
    if len(columns) <= 3:
        again = [column.detach().clone().requires_grad_() for column in columns]
        features = [{"student": c, "guide": g} for c, g in zip(again, guides)]
        plain = GISTEmbedLoss(*models, **arguments)(features, None)
        plain.backward()
        near = {"rtol": 1e-4, "atol": 1e-5} if dtype == torch.float32 else {}
        torch.testing.assert_close(plain, value, **near)
        torch.testing.assert_close([column.grad for column in again], gradients, **near)
    return value.detach(), torch.stack(gradients)


def main():
    given, results = inputs(), []
    for case in cases(given):
        embeddings = given[case["input"]]
        value, gradients = evaluate(embeddings, case["arguments"], torch.float64)
        single, single_gradients = evaluate(embeddings, case["arguments"], torch.float32)
        assert torch.isclose(value, single.double(), rtol=1e-4, atol=1e-5), case
        print(f"{case['input']} {case['arguments']}: {value.item():.6g}")
        if VERSION < 6:
            case["arguments"]["margin_strategy"] = "relative_pre_6"
        results.append(
            {
                **case,
                "loss": numbers(value),
                "gradients": numbers(gradients.float()),
                "round_off": numbers((gradients - single_gradients).abs().max().float()),
            }
        )
    used = {case["input"] for case in results}
    write_json(
        HERE / ("gist.json" if VERSION >= 6 else f"gist_{VERSION}.json"),
        {
            "made_with": versions(seed=SEED),
            "inputs": {
                name: {key: numbers(value) for key, value in values.items()}
                for name, values in given.items()
                if name in used
            },
            "cases": results,
        },
    )


if __name__ == "__main__":
    main()
