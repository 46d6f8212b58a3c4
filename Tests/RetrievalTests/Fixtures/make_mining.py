"""Makes mining.json with sentence-transformers' mine_hard_negatives.

    python make_mining.py > mining.json

The model is a stand-in that returns planted embeddings. Texts are "q3" and "d7", the index of the
query or document, so that the data set that comes back can be read as indices. Each case holds the
options, the rows and what the function printed. No two cosines of a query are nearer than 2e-6 to
each other or to a threshold, so that rounding decides nothing.
"""

import contextlib
import io
import json
import os
import random

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import sentence_transformers
import torch
from datasets import Dataset
from sentence_transformers import util

SEED = 815
QUERIES, DOCUMENTS, WIDTH = 14, 45, 7


class Planted:
    device = torch.device("cpu")
    similarity = staticmethod(util.cos_sim)
    similarity_pairwise = staticmethod(util.pairwise_cos_sim)

    def __init__(self, queries, documents):
        self.tables = {"q": queries, "d": documents}

    def encode(self, texts, **kwargs):
        rows = np.stack([self.tables[text[0]][int(text[1:])] for text in texts])
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    encode_query = encode_document = encode


def index(text):
    return int(text[1:])


def rows_of(data, output_format):
    """The rows as {query, documents, labels or None, scores or None}."""
    rows = []
    for row in data:
        documents = row["d"] if isinstance(row["d"], list) else [row["d"]]
        documents += [row[c] for c in data.column_names if c.startswith("negative")]
        scores = row.get("scores", row.get("score"))
        labels = row.get("labels", row.get("label"))
        wrap = lambda value: value if isinstance(value, list) or value is None else [value]
        rows.append([index(row["q"]), [index(d) for d in documents], wrap(labels), wrap(scores)])
    return rows


def main():
    numbers = np.random.default_rng(SEED)
    documents = numbers.normal(size=(DOCUMENTS, WIDTH)).round(2).astype(np.float32)
    own = [[2 * q] + ([2 * q + 1, 40 + q % 5] if q % 4 == 0 else []) for q in range(QUERIES)]
    queries = np.stack([
        documents[o].mean(0) + 0.8 * numbers.normal(size=WIDTH) for o in own])
    queries[5] -= 3 * documents[own[5][0]]  # a positive with a negative cosine
    queries = queries.round(2).astype(np.float32)
    model = Planted(queries, documents)
    pairs = [(f"q{q}", f"d{d}") for q in range(QUERIES) for d in own[q]]
    pairs.append(pairs[0])  # counts for the largest number of positives, and nothing else
    corpus = [f"d{d}" for d in range(DOCUMENTS)]
    unit = [x.astype(np.float64) / np.linalg.norm(x.astype(np.float64), axis=1, keepdims=True)
            for x in (queries, documents)]
    cosines = unit[0] @ unit[1].T
    assert np.diff(np.sort(cosines)).min() > 2e-6

    cases = []
    formats = ["triplet", "n-tuple", "labeled-pair", "labeled-list"]
    options = [{}, {"num_negatives": 1}, {"range_min": 3, "num_negatives": 4},
               {"range_max": 6, "num_negatives": 5}, {"range_min": 2, "range_max": 40},
               {"absolute_margin": 0.1}, {"relative_margin": 0.05}, {"relative_margin": 0.4},
               {"max_score": 0.3, "min_score": -0.1}, {"min_score": 0.35},
               {"absolute_margin": 0.05, "relative_margin": 0.2, "max_score": 0.5,
                "min_score": 0.1, "range_min": 1, "range_max": 20},
               {"relative_margin": 1.5},
               {"max_score": -0.9999},
               {"include_positives": True, "num_negatives": 6},
               {"include_positives": True, "num_negatives": 4, "max_score": 0.9},
               {"sampling_strategy": "random", "range_max": 12},
               {"sampling_strategy": "random", "range_max": 44, "num_negatives": 7, "range_min": 2},
               {"sampling_strategy": "random", "range_max": 30, "num_negatives": 3, "range_min": 1},
               {"sampling_strategy": "random", "relative_margin": 0.5, "range_max": 9,
                "num_negatives": 4}]
    smallest = np.array([cosines[q, own[q]].min() for q in range(QUERIES)])
    for number, chosen in enumerate(options):
        for bound in [v for k, v in chosen.items() if k.endswith("_score")]:
            assert np.abs(cosines - bound).min() > 2e-6
        thresholds = [
            smallest - chosen.get("absolute_margin", 9),
            smallest - np.abs(smallest) * chosen.get("relative_margin", 9)]
        for threshold in thresholds:
            assert np.abs(cosines - threshold[:, None]).min() > 2e-6
        for place, output_format in enumerate(formats):
            if number > 3 and (number + place) % 4:
                continue  # every format with the first ones, then one after the other
            seed = 1000 * number + place + (2**40 if number == 16 else 0)
            for output_scores in [True, False]:
                random.seed(seed)
                printed = io.StringIO()
                with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
                    mined = util.mine_hard_negatives(
                        Dataset.from_dict({"q": [p[0] for p in pairs], "d": [p[1] for p in pairs]}),
                        model, corpus=corpus, output_format=output_format,
                        output_scores=output_scores, **chosen)
                rows = rows_of(mined, output_format)
                if output_scores:
                    scored = rows
            # Labels and scores of labeled formats exclude each other in one data set.
            assert [r[:2] for r in rows] == [r[:2] for r in scored]
            rows = [[a[0], a[1], b[2], [round(s, 7) for s in a[3]]] for a, b in zip(scored, rows)]
            lines = printed.getvalue().splitlines()
            cases.append({
                "options": {**chosen, "output_format": output_format}, "seed": seed, "rows": rows,
                "printed": lines[next(i for i, l in enumerate(lines) if l.startswith("Metric")):]})

    fixture = {
        "made_by": "make_mining.py", "seed": SEED,
        "versions": {"sentence_transformers": sentence_transformers.__version__,
                     "torch": torch.__version__, "numpy": np.__version__},
        "queries": queries.astype(float).round(2).tolist(),
        "documents": documents.astype(float).round(2).tolist(),
        "positives": [[index(p[1]) for p in pairs if p[0] == f"q{q}"] for q in range(QUERIES)]}
    print(json.dumps(fixture)[:-1])
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    print(f', "cases": [\n{lines}\n]')
    print("}")


main()
