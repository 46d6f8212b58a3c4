"""Makes the fixtures of RetrievalTests with sentence-transformers' InformationRetrievalEvaluator.

    python make_retrieval.py

The model is a stand-in that returns planted embeddings. Their elements are small integers, and for
cosine similarity their lengths powers of two, so that every score is exact in single precision and
equal scores are equal whatever the order of summation.

Each <case>.json holds ids, embeddings, judgments and cutoffs, and what the evaluator made of them:
the metrics in its order, its primary metric, its CSV file after two evaluations, and for each score
function and query the ids that it retrieved.
"""

import json
import logging
import pathlib
import random
import tempfile

import numpy as np
import sentence_transformers
import torch
from sentence_transformers import util
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

logging.disable(logging.WARNING)
here = pathlib.Path(__file__).parent
SEED = 62
made_with = {"sentence_transformers": sentence_transformers.__version__,
             "torch": torch.__version__, "numpy": np.__version__, "seed": SEED}
random.seed(SEED)
FUNCTIONS = {"cosine": util.cos_sim, "dot": util.dot_score}


class Planted:
    """A model whose texts are keys of a table of embeddings."""

    similarity_fn_name = "cosine"
    similarity = staticmethod(util.cos_sim)

    def __init__(self, table):
        self.table = table
        self.model_card_data = self

    def set_evaluation_metrics(self, *args):
        pass

    def encode(self, texts, **kwargs):
        return torch.tensor([self.table[text] for text in texts], dtype=torch.float32)

    encode_query = encode_document = encode


def signs(width, lengths=(1, 2, 4)):
    """A vector of 1, 4 or 16 elements ±1 times a power of two: its length is a power of two."""
    count = random.choice([n for n in (1, 4, 16) if n <= width])
    vector = [0] * width
    scale = random.choice(lengths)
    for index in random.sample(range(width), count):
        vector[index] = random.choice((-1, 1)) * scale
    return vector


def make(case, queries, corpus, relevant, name="", functions=("cosine", "dot"), chunk=50000,
         main=None, cutoffs={}):
    """Runs the evaluator; queries and corpus map ids to embeddings."""
    table = {("q", key): value for key, value in queries.items()}
    table |= {("d", key): value for key, value in corpus.items()}
    model = Planted(table)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        evaluator = InformationRetrievalEvaluator(
            {key: ("q", key) for key in queries}, {key: ("d", key) for key in corpus},
            {key: set(ids) for key, ids in relevant.items()},
            corpus_chunk_size=chunk, name=name, main_score_function=main, write_predictions=True,
            score_functions={f: FUNCTIONS[f] for f in functions}, **cutoffs)
        metrics = evaluator(model, output_path=folder)
        assert evaluator(model, output_path=folder, epoch=0.5, steps=10) == metrics
        csv = (pathlib.Path(folder) / evaluator.csv_file).read_text(encoding="utf-8")
        stem = f"Information-Retrieval_evaluation{'_' if name else ''}{name}_predictions"
        rankings = {}
        for function in functions:
            lines = (pathlib.Path(folder) / f"{stem}_{function}.jsonl").read_text().splitlines()
            rankings[function] = [
                [hit["corpus_id"] for hit in json.loads(line)["results"]] for line in lines]
    fixture = {
        "made_with": made_with, "name": name, "functions": list(functions), "chunk": chunk,
        "main": main, "cutoffs": cutoffs,
        "query_ids": list(queries), "queries": list(queries.values()),
        "corpus_ids": list(corpus), "corpus": list(corpus.values()),
        "relevant": [[key, ids] for key, ids in relevant.items()],
        "evaluated": evaluator.queries_ids, "csv_file": evaluator.csv_file, "csv": csv,
        "primary_metric": evaluator.primary_metric,
        "metrics": [[key, value] for key, value in metrics.items()], "rankings": rankings,
    }
    text = json.dumps(fixture)
    for key in ('"query_ids"', '"queries"', '"corpus_ids"', '"corpus"', '"relevant"', '"evaluated"',
                '"csv_file"', '"metrics"', '"rankings"'):
        text = text.replace(f", {key}:", f",\n{key}:")
    (here / f"{case}.json").write_text(text + "\n")


def judge(queries, corpus, most, missing=0.0):
    """Up to `most` relevant documents for each query, mostly among the nearest, and for some
    queries one more that the corpus does not have."""
    relevant = {}
    for query in queries:
        near = sorted(corpus, key=lambda key: -np.dot(queries[query], corpus[key]))[:2 * most]
        ids = random.sample(near + random.sample(list(corpus), most // 2), random.randint(1, most))
        relevant[query] = ids + [f"gone-{query}"] * (random.random() < missing)
    return relevant


# Fewer documents than k (100 for MAP), many ties, chunks of 7; qrels with documents that the corpus
# lacks, queries without relevant documents or with nothing but such documents, unknown queries.
queries = {str(i): signs(16) for i in range(14)}
corpus = {str(i): signs(16) for i in range(60)}
relevant = judge({key: queries[key] for key in list(queries)[:10]}, corpus, 6, missing=0.5)
relevant |= {"10": [], "11": ["gone"], "12": ["3", "gone", "also gone"], "unknown": ["1", "2"]}
relevant = dict(sorted(relevant.items(), reverse=True))  # the order must not matter
make("few_documents", queries, corpus, relevant, name="dev", chunk=7)

# Ties at the k-th place, k = 5, in one chunk and across chunks of 6, which are larger than k.
queries = {f"q{i}": signs(4, (1,)) for i in range(20)}
corpus = {str(i): signs(4, (1,)) for i in random.sample(range(1000), 40)}
small = {"accuracy_at_k": [1, 3], "precision_recall_at_k": [5, 1, 2], "mrr_at_k": [2, 4],
         "ndcg_at_k": [5, 3], "map_at_k": [4, 5]}
relevant = judge(queries, corpus, 8, missing=0.2)
make("boundary_ties", queries, corpus, relevant, chunk=6, cutoffs=small, functions=("dot", "cosine"))
make("one_chunk", queries, corpus, relevant, cutoffs=small, functions=("cosine",), main="cosine",
     name="q")
# Chunks smaller than k.
make("small_chunks", queries, corpus, relevant, cutoffs=small, functions=("dot",), chunk=3, name="x_")

# Every score equal: the order is that of the ids, by code point. The last two differ in UTF-16.
ids = ["10", "2", "1", "a", "B", "\u00e9", "e\u0301", "z", "\u1112\u1161\u11ab", "\ud55c", " ", "-1",
       "\uffee", "\U0001f600"]
make("ids", {"q": [1, 1, 1, 1], "r": [2, 0, 0, 0]}, {key: [1, 1, 1, 1] for key in ids},
     {"q": ["\u00e9", "10"], "r": ["e\u0301", "\ud55c"]}, chunk=4, name="ids",
     cutoffs={"map_at_k": [9, 20], "ndcg_at_k": [1, 4]})

# Fewer documents than any cutoff but 1 and 3, to show by what precision, nDCG and MAP divide.
queries = {f"q{i}": signs(4) for i in range(5)}
corpus = {f"d{i}": signs(4) for i in range(4)}
relevant = {"q0": ["d0", "d1", "d2", "d3"], "q1": ["d2"], "q2": ["d1", "d3", "gone"],
            "q3": ["d0", "gone 1", "gone 2", "gone 3", "gone 4", "gone 5", "gone 6"], "q4": ["d3"]}
make("tiny", queries, corpus, relevant, name="tiny", chunk=3)

# Enough queries for numpy's pairwise summation to show, and dot products with few ties.
queries = {f"q{i}": [random.randint(-9, 9) for _ in range(6)] for i in range(300)}
corpus = {f"d{i}": [random.randint(-9, 9) for _ in range(6)] for i in range(150)}
make("many_queries", queries, corpus, judge(queries, corpus, 5, missing=0.1), functions=("dot",),
     chunk=64, name="many", cutoffs={"map_at_k": [20], "ndcg_at_k": [20, 10], "mrr_at_k": [3, 10]})
