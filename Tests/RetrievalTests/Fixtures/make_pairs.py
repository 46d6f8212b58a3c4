"""Makes pairs.json with sentence-transformers' TripletEvaluator and EmbeddingSimilarityEvaluator.

    python make_pairs.py

The model is a stand-in that returns given embeddings in double precision, so that what the evaluators
compute does not depend on an order of summation; their elements are single-precision numbers, as an
encoder's are. In the planted cases they are small integers and the lengths powers of two, so that
there are many ties, which are exact; in the others they are random.

Each case has the evaluator's class and arguments, the number of the embeddings of its columns in
`inputs`, and what it made of them: the metrics in its order, its primary metric, its CSV file after two evaluations. `correlations`
has scipy's coefficients of lists of numbers. `sequential` is what SequentialEvaluator makes of three
of the evaluators.
"""

import json
import logging
import pathlib
import random
import tempfile
import warnings

import numpy as np
import scipy
import sentence_transformers
import torch
from scipy.stats import pearsonr, spearmanr
from sentence_transformers.sentence_transformer.evaluation import (
    EmbeddingSimilarityEvaluator, SequentialEvaluator, TripletEvaluator)

logging.disable(logging.WARNING)
warnings.simplefilter("ignore")
here = pathlib.Path(__file__).parent
SEED = 63
random.seed(SEED)
generator = np.random.default_rng(SEED)


class Given:
    """A model whose texts are pairs of a column and a row."""

    def __init__(self, columns, similarity="cosine"):
        self.columns = [np.asarray(column, np.float64) for column in columns]
        self.similarity_fn_name = similarity
        self.model_card_data = self

    def set_evaluation_metrics(self, *args):
        pass

    def encode(self, texts, truncate_dim=None, **kwargs):
        return np.stack([self.columns[column][row] for column, row in texts])[:, :truncate_dim]

    encode_query = encode_document = encode


def planted(rows, width=16):
    """Vectors of 1, 4 or 16 elements ±1 times a power of two: their lengths are powers of two."""
    vectors = np.zeros((rows, width), np.float32)
    for vector in vectors:
        places = random.sample(range(width), random.choice([1, 4, 16]))
        vector[places] = [random.choice((-1, 1)) for _ in places]
        vector *= random.choice((1, 2, 4))
    return vectors


def drawn(rows, width=12):
    shared = generator.normal(size=(1, width))
    return (generator.normal(size=(rows, width)) + shared).astype(np.float32)


def run(evaluator, model):
    with tempfile.TemporaryDirectory() as folder:
        metrics = evaluator(model, output_path=folder)
        again = evaluator(model, output_path=folder, epoch=0.5, steps=10)
        assert json.dumps(again) == json.dumps(metrics)
        csv = (pathlib.Path(folder) / evaluator.csv_file).read_bytes().decode()
    return {
        "csv_file": evaluator.csv_file, "csv": csv, "primary_metric": evaluator.primary_metric,
        "metrics": [[key, value if value == value else None] for key, value in metrics.items()],
    }


def texts(columns):
    return [[(place, row) for row in range(len(column))] for place, column in enumerate(columns)]


def triplet(columns, similarity="cosine", **arguments):
    evaluator = TripletEvaluator(*texts(columns), **arguments)
    return {"class": "TripletEvaluator", "arguments": arguments, "similarity": similarity,
            "input": keep(columns), **run(evaluator, Given(columns, similarity))}


def similarity(columns, scores, similarity="cosine", **arguments):
    evaluator = EmbeddingSimilarityEvaluator(*texts(columns), scores, **arguments)
    return {"class": "EmbeddingSimilarityEvaluator", "arguments": arguments,
            "similarity": similarity, "input": keep(columns),
            "scores": list(scores), **run(evaluator, Given(columns, similarity))}


INPUTS = []


def keep(columns):
    """The number of the input among those of the file."""
    columns = [column.tolist() for column in columns]
    if columns not in INPUTS:
        INPUTS.append(columns)
    return INPUTS.index(columns)


ALL = ["cosine", "dot", "euclidean", "manhattan"]


def main():
    exact = [planted(60) for _ in range(3)]
    exact[2][:7] = exact[1][:7]  # the negative is the positive: not told right
    exact[0][50] = 0
    loose = [drawn(41) for _ in range(3)]
    cases = [
        triplet(exact, name="dev"),
        triplet(exact, similarity="dot"),
        triplet(exact, similarity_fn_names=ALL, margin=0.25, name="all"),
        triplet(exact, similarity_fn_names=["manhattan", "dot"],
                margin={"manhattan": 2, "dot": -1}),
        triplet(exact, main_similarity_function="euclidean", name="main"),
        triplet(exact, main_similarity_function="dot", similarity_fn_names=["cosine", "dot"]),
        triplet(loose, similarity_fn_names=ALL, name="drawn"),
        triplet(loose, truncate_dim=3, name="short"),
        triplet([c[:3] for c in exact], name="few"),
    ]
    marks = [random.choice((0, 1, 2, 3, 4, 5)) / 5 for _ in range(60)]
    numbers = generator.normal(size=41).tolist()
    cases += [
        similarity(exact[:2], marks, name="sts"),
        similarity(exact[:2], marks, similarity_fn_names=ALL, name="all"),
        similarity(exact[:2], [int(5 * m) for m in marks], similarity="euclidean"),
        similarity(exact[:2], marks, main_similarity="dot", similarity_fn_names=["dot", "cosine"]),
        similarity(exact[:2], marks, main_similarity="manhattan"),
        similarity(loose[:2], numbers, similarity_fn_names=ALL, name="drawn"),
        similarity(loose[:2], numbers, truncate_dim=5),
        similarity([c[:2] for c in loose[:2]], [0.1, 0.4], name="two"),
        similarity([np.ones((4, 8), np.float32)] * 2, [1, 2, 3, 4], name="constant"),
    ]
    lists = [
        ([1, 2, 3, 4, 5], [2, 2, 2, 7, 1]), ([1, 1, 2, 2], [4, 3, 3, 4]),
        ([0.0, 1e-9, 1.0], [3, 2, 1]), ([1e200, 2e200, 4e200], [1, 2, 3]), ([3, 1], [2, 5]),
        ([1, 1, 1], [1, 2, 3]),
        (generator.integers(0, 6, 300).tolist(), generator.normal(size=300).tolist()),
        (generator.integers(0, 6, 300).tolist(), generator.integers(0, 9, 300).tolist()),
    ]
    correlations = []
    for one, other in lists:
        values = [float(f(one, other)[0]) for f in (pearsonr, spearmanr)]
        correlations.append([one, other, *(v if v == v else None for v in values)])

    evaluators = [
        TripletEvaluator(*texts(exact), name="t", similarity_fn_names=["cosine", "dot"]),
        EmbeddingSimilarityEvaluator(*texts(exact[:2]), marks, name="s"),
        TripletEvaluator(*texts(exact), name="u"),
    ]
    sequential = SequentialEvaluator(evaluators)(Given(exact))
    fixture = {
        "made_with": {
            "sentence_transformers": sentence_transformers.__version__, "torch": torch.__version__,
            "scipy": scipy.__version__, "numpy": np.__version__, "seed": SEED},
        "correlations": correlations, "sequential": list(map(list, sequential.items())),
        "inputs": INPUTS, "cases": cases,
    }
    text = json.dumps(fixture)
    for key in ('"correlations"', '"sequential"', '"cases"', '"inputs"', '"scores"', '"csv_file"'):
        text = text.replace(f", {key}:", f",\n{key}:")
    (here / "pairs.json").write_text(text.replace('}, {"class"', '},\n{"class"') + "\n")


main()
