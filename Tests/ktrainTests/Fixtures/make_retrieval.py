"""Makes retrieval.json with sentence-transformers on tiny-bert and the texts of curve-tiny-beir.

    python make_retrieval.py > retrieval.json

It has the nearest passages of some questions by `semantic_search` with cosine, whole and cut to 12
dimensions; the metrics of `InformationRetrievalEvaluator` with `truncate_dim`; and the vectors of a few
texts by `encode` with `truncate_dim` and `normalize_embeddings`. Questions are left out whose neighbours
are nearer to one another than 1e-5, so that rounding decides nothing.
"""

import json
import sys
from pathlib import Path

TESTS = Path(__file__).parents[2]
sys.path.insert(0, str(TESTS / "EncodersTests/Fixtures"))

from reference import TINY_BERT, load_model, numbers, versions

from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator
from sentence_transformers.util import semantic_search

BEIR = TESTS / "TrainingTests/Fixtures/curve-tiny-beir"
COUNT, TRUNCATED, NEAR = 4, 12, 1e-5
PROMPTS = {"query_prompt": "query: ", "corpus_prompt": "passage: "}


def rows(name):
    with open(BEIR / f"{name}.jsonl", encoding="utf-8") as lines:
        return {row["_id"]: row["text"] for row in map(json.loads, lines)}


def searches(model, queries, corpus, dimension):
    encode = lambda texts, prompt: model.encode(
        texts, prompt=PROMPTS[prompt], truncate_dim=dimension, convert_to_tensor=True)
    ids = list(corpus)
    found = semantic_search(
        encode(list(queries), "query_prompt"), encode(list(corpus.values()), "corpus_prompt"),
        top_k=COUNT + 1)
    cases = []
    for query, hits in zip(queries, found):
        scores = [hit["score"] for hit in hits]
        if min(a - b for a, b in zip(scores, scores[1:])) < NEAR:
            continue
        cases.append({"query": query, "ids": [ids[hit["corpus_id"]] for hit in hits[:COUNT]],
                      "scores": scores[:COUNT]})
    return cases[:6]


def main():
    model = load_model(TINY_BERT)
    queries, corpus = rows("queries"), rows("corpus")
    relevant = {}
    for line in (BEIR / "qrels/test.tsv").read_text().splitlines()[1:]:
        query, document, score = line.split("\t")
        if int(score) > 0:
            relevant.setdefault(query, set()).add(document)
    evaluations = {
        str(dimension): InformationRetrievalEvaluator(
            queries, corpus, relevant, truncate_dim=dimension, write_csv=False, **PROMPTS)(model)
        for dimension in (TRUNCATED, None)
    }
    texts = list(corpus.values())[:5]
    print(json.dumps({
        "made_with": versions(), "top_k": COUNT, "truncate_dim": TRUNCATED, "prompts": PROMPTS,
        "searches": {str(dimension): searches(model, list(queries.values()), corpus, dimension)
                     for dimension in (None, TRUNCATED)},
        "evaluations": {name: {key: float(value) for key, value in metrics.items()}
                        for name, metrics in evaluations.items()},
        "texts": texts,
        "vectors": numbers(model.encode(
            texts, truncate_dim=TRUNCATED, normalize_embeddings=True)),
    }, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
