"""Makes ranking.json: MultipleNegativesRankingLoss of given embeddings, value and gradient.

    python make_ranking.py

Each case has `columns` (anchors, positives, negatives…: each [B][D], float32), the loss and the
gradient of every column, computed by sentence-transformers' class in float64 (`loss`, `gradients`),
and the same in float32 as it trains (`float32`).
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import numbers, versions, write_json

import torch
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
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


if __name__ == "__main__":
    main()
