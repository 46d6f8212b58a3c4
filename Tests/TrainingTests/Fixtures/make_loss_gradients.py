"""Makes loss_gradients.json: every loss with its options on tiny models, and all their gradients.

    python make_loss_gradients.py

Losses of sentence-transformers 6.2 on one batch, dropout 0, in float64: the value, and of every
parameter's gradient the norm and one projection, sum_k g_k w_k with w_k = (k * 2654435761 mod 2^32) /
2^31 - 1. Students and guides with one vocabulary, and with two. `spread` is the least distance of a
guide's similarity from its threshold: far above rounding, so that it is clear which candidates count.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import FIXTURES, bert_of, load_model, numbers, versions, write_json

import torch
from recorded_training import make_loss
from texts import triplets

ROWS = triplets()[3::47]  # six rows from all over
for i, row in enumerate(ROWS):
    row["negative_2"] = ROWS[(i + 2) % len(ROWS)]["positive"]
PAIRS, TRIPLETS = ["anchor", "positive"], ["anchor", "positive", "negative"]
QUADS = [*TRIPLETS, "negative_2"]
ALL = ["query_to_doc", "query_to_query", "doc_to_query", "doc_to_doc"]
MODELS = [("tiny-xlmr", "tiny-bert-xlmrtok"), ("tiny-bert", "tiny-xlmr")]


def ranking():
    for cached in ("", "Cached"):
        name = f"{cached}MultipleNegativesRankingLoss"
        yield PAIRS, {"name": name}
        yield QUADS, {"name": name, "scale": 7.0, "directions": ALL}
        two_ways = ["query_to_doc", "doc_to_query"]
        yield TRIPLETS, {"name": name, "directions": two_ways, "partition_mode": "per_direction"}
        for mode in ("in_batch_negatives", "hard_negatives", "all_negatives"):
            yield QUADS, {"name": name, "hardness_mode": mode, "hardness_strength": 3.0}
    yield QUADS, {"name": "CachedMultipleNegativesRankingLoss", "mini_batch_size": 2}
    yield QUADS, {"name": "CachedMultipleNegativesRankingLoss", "mini_batch_num_tokens": 70}


def guided(guide):
    for cached in ("", "Cached"):
        start = {"name": f"{cached}GISTEmbedLoss", "guide": guide, "temperature": 0.05}
        for strategy in ("absolute", "relative"):
            for margin in (0.0, -0.01, 0.004):
                options = {"margin_strategy": strategy, "margin": margin}
                yield (PAIRS if margin < 0 else TRIPLETS), {**start, **options}
        for anchors, positives in ((False, True), (True, False), (False, False)):
            options = {"contrast_anchors": anchors, "contrast_positives": positives}
            yield TRIPLETS, {**start, "margin": -0.01, **options}
    yield QUADS, {**start, "margin": -0.005, "mini_batch_size": 2}


def gradients(student, block, columns):
    model = load_model(FIXTURES / student, dropout=0.0, dtype=torch.float64)
    model.train()
    guide = None
    if "guide" in block:
        guide = load_model(FIXTURES / block["guide"], dtype=torch.float64)
    loss = make_loss(block, model, guide)
    value = loss([model.preprocess([row[name] for row in ROWS]) for name in columns], None)
    value.backward()
    named = bert_of(model).named_parameters()
    return value, {name: p.grad for name, p in named if p.grad is not None}


def spread(student, block, columns):
    """How far the guide's similarities are from the thresholds, at least."""
    model, guide = load_model(FIXTURES / student), load_model(FIXTURES / block["guide"])
    texts = [[row[name] for row in ROWS] for name in columns]
    if model.tokenizer.get_vocab() != guide.tokenizer.get_vocab():
        ids = [model.preprocess(column)["input_ids"] for column in texts]
        texts = [model.tokenizer.batch_decode(rows, skip_special_tokens=True) for rows in ids]
    vectors = [guide.encode(column, convert_to_tensor=True).double() for column in texts]
    vectors = [torch.nn.functional.normalize(v, dim=1) for v in vectors]
    own = (vectors[0] * vectors[1]).sum(1)
    margin = block.get("margin", 0.0)
    margin = margin * own.abs() if block.get("margin_strategy") == "relative" else margin
    threshold = (own - margin)[:, None]
    anchors, positives = vectors[0] @ vectors[0].T, vectors[1] @ vectors[1].T
    distances = [anchors - threshold, positives - threshold]
    for candidates in vectors[1:]:
        distances.append(vectors[0] @ candidates.T - threshold)
    distances[2] = distances[2][~torch.eye(len(ROWS), dtype=torch.bool)]
    return min(d.abs().min().item() for d in distances)


def weights(count):
    k = torch.arange(count, dtype=torch.int64)
    return (k * 2654435761 % 2**32).double() / 2**31 - 1


def main():
    cases = []
    for student, guide in MODELS:
        for columns, block in [*ranking(), *guided(guide)]:
            value, found = gradients(student, block, columns)
            case = {"model": student, "columns": columns, "loss": block, "value": numbers(value)}
            if "guide" in block:
                case["spread"] = float(f"{spread(student, block, columns):.1e}")
            case["gradients"] = {
                name: [
                    numbers(g.norm()),
                    numbers((g.flatten() * weights(g.numel())).sum()),
                ]
                for name, g in found.items()
                if not name.endswith(".key.bias")  # zero but for rounding
            }
            cases.append(case)
    print(len(cases), "cases; least spread", min(c.get("spread", 1) for c in cases))
    print("values", [round(float(c["value"]), 3) for c in cases])
    write_json(
        HERE / "loss_gradients.json",
        {"made_with": versions(), "rows": ROWS, "cases": cases},
    )


if __name__ == "__main__":
    main()
