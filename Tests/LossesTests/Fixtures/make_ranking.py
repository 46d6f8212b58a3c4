"""Makes ranking.json and ranking_options.json: MultipleNegativesRankingLoss of given embeddings.

    python make_ranking.py

ranking.json has the default directions, without hardness. Each case has `columns` (anchors, positives, negatives…: each [B][D], float32), the loss and the
gradient of every column, computed by sentence-transformers' class in float64 (`loss`, `gradients`),
and the same in float32 as it trains (`float32`).

ranking_options.json has the other arguments. `inputs` are embeddings by name; each case names its
input and its arguments and has the loss and the gradients, computed in float64, and `round_off`,
the largest difference of a gradient that the same class computes in float32. The values are those
of `CachedMultipleNegativesRankingLoss` too, which is checked here. `refused` are arguments that the
class refuses.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import numbers, versions, write_json

import torch
from sentence_transformers.sentence_transformer.losses import (
    CachedMultipleNegativesRankingLoss,
    MultipleNegativesRankingLoss,
)
from sentence_transformers.util import cos_sim, dot_score

SEED = 3


def embeddings(generator, columns, rows, width, length=1.0):
    """Rows of about the given length that share a direction, as an encoder's do."""
    shared = torch.randn(width, generator=generator)
    values = torch.randn(columns, rows, width, generator=generator) + shared
    return length * torch.nn.functional.normalize(values, dim=-1)


def cases():
    generator = torch.Generator().manual_seed(SEED)

    def case(name, columns, scale, similarity=cos_sim):
        return {"name": name, "columns": columns, "scale": scale, "similarity_fct": similarity}

    pairs = embeddings(generator, 2, 4, 8)
    yield case("pairs, cosine, scale 20", pairs, 20.0)
    yield case("pairs, cosine, scale 1", pairs, 1.0)
    yield case("pairs, dot, scale 1", embeddings(generator, 2, 5, 7, length=3.0), 1.0, dot_score)
    triplets = embeddings(generator, 3, 5, 8)
    yield case("triplets, cosine, scale 20", triplets, 20.0)
    yield case("triplets, dot, scale 20", triplets, 20.0, dot_score)
    yield case("two negatives, cosine, scale 100", embeddings(generator, 4, 6, 8), 100.0)

    # A batch of one: without negatives there is nothing to learn, with one there is.
    single = embeddings(generator, 3, 1, 8)
    yield case("one pair", single[:2], 20.0)
    yield case("one triplet", single, 20.0)

    # Cosine normalizes, whatever the lengths; dot does not.
    mixed = embeddings(generator, 3, 4, 8) * torch.tensor([1e-3, 1.0, 10.0, 1e3])[:, None]
    yield case("lengths from 1e-3 to 1e3, cosine, scale 20", mixed, 20.0)

    # Rows that hardly differ: the softmax of nearly equal scores, and of one that wins by far.
    near = embeddings(generator, 1, 1, 8) + 1e-4 * torch.randn(3, 6, 8, generator=generator)
    yield case("near-equal rows, cosine, scale 100", near, 100.0)
    own = embeddings(generator, 1, 6, 8)
    found = own + 1e-3 * torch.randn(2, 6, 8, generator=generator)
    yield case("positives all but equal to their anchors, scale 100", found, 100.0)
    # exp() of these scores alone would overflow.
    far = embeddings(generator, 2, 4, 8, length=30.0)
    yield case("scores in the thousands, dot, scale 10", far, 10.0, dot_score)
    # Equal rows tie exactly.
    tied = embeddings(generator, 3, 4, 8)
    tied[1, 2], tied[2, 0] = tied[1, 0], tied[1, 1]
    yield case("equal candidates, cosine, scale 20", tied, 20.0)
    # More rows and a width that no vector register divides.
    yield case("9 rows of width 17, scale 20", embeddings(generator, 3, 9, 17), 20.0)


def evaluate(case, dtype):
    columns = [column.to(dtype).requires_grad_() for column in case["columns"]]
    loss = MultipleNegativesRankingLoss(torch.nn.Identity(), case["scale"], case["similarity_fct"])
    value = loss.compute_loss_from_embeddings(columns, None)
    value.backward()
    return {
        "loss": numbers(value),
        "gradients": [numbers(column.grad) for column in columns],
    }, value


DEFAULTS = {
    "scale": 20.0,
    "similarity_fct": "cos_sim",
    "directions": ["query_to_doc"],
    "partition_mode": "joint",
    "hardness_mode": None,
    "hardness_strength": 0.0,
}
SIMILARITIES = {"cos_sim": cos_sim, "dot_score": dot_score}


def option_inputs():
    generator = torch.Generator().manual_seed(SEED + 1)
    return {
        "pairs": embeddings(generator, 2, 7, 8),
        "triplets": embeddings(generator, 3, 6, 8, length=1.5),
        "three negatives": embeddings(generator, 5, 5, 8),
        "one triplet": embeddings(generator, 3, 1, 8),
    }


def option_cases():
    def case(name, **arguments):
        return {"input": name, "arguments": {**DEFAULTS, **arguments}}

    others = ["query_to_query", "doc_to_query", "doc_to_doc"]
    every = ["query_to_doc", *others]
    for subset in range(1, 8):
        chosen = ["query_to_doc", *(d for i, d in enumerate(others) if subset >> i & 1)]
        yield case("triplets", directions=chosen)
    both = ["query_to_doc", "doc_to_query"]
    for name in ["pairs", "three negatives"]:
        yield case(name, directions=every)
        yield case(name, directions=every, similarity_fct="dot_score", scale=2.0)
        yield case(name, directions=both, partition_mode="per_direction")
        yield case(name, partition_mode="per_direction")
    yield case("one triplet", directions=every)
    for mode in ["in_batch_negatives", "hard_negatives", "all_negatives"]:
        for name, strength in [("pairs", 9.0), ("triplets", 5.0), ("three negatives", 5.0)]:
            yield case(name, hardness_mode=mode, hardness_strength=strength)
        yield case("triplets", hardness_mode=mode)  # without strength
        more = {"hardness_mode": mode, "hardness_strength": 3.0}
        yield case("triplets", directions=every, scale=5.0, **more)
        yield case("triplets", directions=both, partition_mode="per_direction", **more)
        yield case("triplets", similarity_fct="dot_score", scale=1.0, **more)
    yield case("triplets", hardness_strength=5.0)  # without a mode


def option_loss(arguments, cls=MultipleNegativesRankingLoss):
    arguments = {**arguments, "similarity_fct": SIMILARITIES[arguments["similarity_fct"]]}
    return cls(torch.nn.ModuleList([torch.nn.Identity()]), **arguments)


def option_values(columns, arguments, dtype):
    columns = [column.to(dtype).requires_grad_() for column in columns]
    value = option_loss(arguments).compute_loss_from_embeddings(columns, None)
    value.backward()
    again = [column.detach().clone().requires_grad_() for column in columns]
    cached = option_loss(arguments, CachedMultipleNegativesRankingLoss)
    cached.mini_batch_size = 4
    cached.calculate_loss([[column] for column in again]).backward()
    gradients = torch.stack([column.grad for column in columns])
    torch.testing.assert_close(
        torch.stack([column.grad for column in again]), gradients, rtol=1e-4, atol=1e-6
    )
    return value.detach(), gradients


def refused():
    """Arguments by which the class says that they are wrong."""
    for arguments in [
        {"scale": 0.0},
        {"scale": -1.0},
        {"directions": []},
        {"directions": ["doc_to_query"]},
        {"directions": ["query_to_query", "doc_to_doc"]},
        {"directions": ["query_to_doc", "query_to_query"], "partition_mode": "per_direction"},
        {"directions": ["query_to_doc", "doc_to_doc"], "partition_mode": "per_direction"},
        {"hardness_mode": "all_negatives", "hardness_strength": -0.5},
        {"hardness_strength": -0.5},
    ]:
        arguments = {**DEFAULTS, **arguments}
        try:
            option_loss(arguments)
        except ValueError as error:
            yield {"arguments": arguments, "peer": str(error)}
        else:
            raise AssertionError(f"not refused: {arguments}")


def options():
    given, results = option_inputs(), []
    for case in option_cases():
        columns = given[case["input"]]
        value, gradients = option_values(columns, case["arguments"], torch.float64)
        _, single = option_values(columns, case["arguments"], torch.float32)
        print(f"{case['input']} {case['arguments']}: {value.item():.6g}")
        results.append(
            {
                **case,
                "loss": numbers(value),
                "gradients": numbers(gradients.float()),
                "round_off": numbers((gradients - single).abs().max().float()),
            }
        )
    return {
        "made_with": versions(seed=SEED + 1),
        "inputs": {name: {"columns": numbers(columns)} for name, columns in given.items()},
        "cases": results,
        "refused": list(refused()),
    }


def main():
    results = []
    for case in cases():
        (exact, loss), (single, _) = evaluate(case, torch.float64), evaluate(case, torch.float32)
        print(f"{case['name']}: {loss.item():.6g}")
        results.append(
            {
                "name": case["name"],
                "scale": case["scale"],
                "similarity_fct": case["similarity_fct"].__name__,
                "columns": [numbers(column) for column in case["columns"]],
                **exact,
                "float32": single,
            }
        )
    write_json(HERE / "ranking.json", {"made_with": versions(seed=SEED), "cases": results})
    write_json(HERE / "ranking_options.json", options())


if __name__ == "__main__":
    main()
