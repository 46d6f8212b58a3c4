"""Makes mining.json with sentence-transformers' mine_hard_negatives on tiny-bert.

    python make_mining.py > mining.json

Rows are questions and passages of ../../EncodersTests/Fixtures/texts.py, some questions with two
passages, one pair twice. Each case holds the command line's options, the rows that came back, with
texts as indices into `texts` and scores to seven digits, and what the function printed. Questions
are left out for which two passages, or a passage and a threshold, are nearer than 2e-5 in cosine,
so that rounding decides nothing.
"""

import contextlib
import io
import json
import os
import random
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
FIXTURES = Path(__file__).parents[2] / "EncodersTests" / "Fixtures"
sys.path.insert(0, str(FIXTURES))

import numpy as np
import sentence_transformers
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.util import mine_hard_negatives
from texts import facts

SEED = 7
NEAR = 2e-5
PROMPTS = {"query_prompt": "query: ", "corpus_prompt": "passage: "}

CASES = [
    {},
    {"relative_margin": 0.02, "output_format": "n-tuple", "num_negatives": 2},
    {"relative_margin": 0.005, "output_format": "n-tuple", "output_scores": True, "corpus": True},
    {"max_score": 0.945, "output_format": "labeled-list", **PROMPTS},
    {"absolute_margin": 0.01, "output_format": "labeled-list", "output_scores": True,
     "num_negatives": 4},
    {"sampling_strategy": "random", "range_min": 1, "range_max": 9, "output_format": "labeled-pair",
     "corpus": True},
    {"min_score": 0.93, "output_format": "labeled-pair", "output_scores": True, "num_negatives": 2},
    {"output_scores": True, "num_negatives": 1, "range_min": 2, **PROMPTS},
    {"include_positives": True, "num_negatives": 5, "output_scores": True},
]


def cosines(model, questions, passages, options):
    """In double precision from the model's embeddings, `[questions, passages]`."""
    unit = []
    for texts, prompt in [(questions, "query_prompt"), (passages, "corpus_prompt")]:
        rows = model.encode(texts, prompt=options.get(prompt, "")).astype(np.float64)
        unit.append(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    return unit[0] @ unit[1].T


def clear(model, pairs, passages):
    """The questions of which rounding decides nothing, in any of the cases."""
    questions = list(dict.fromkeys(pair[0] for pair in pairs))
    left = set(questions)
    for options in CASES:
        scores = cosines(model, questions, passages, options)
        for question, row in zip(questions, scores):
            own = min(row[passages.index(p)] for q, p in pairs if q == question)
            bounds = [options.get("max_score"), options.get("min_score")]
            if "absolute_margin" in options:
                bounds.append(own - options["absolute_margin"])
            if "relative_margin" in options:
                bounds.append(own - abs(own) * options["relative_margin"])
            points = sorted([*row, *(bound for bound in bounds if bound is not None)])
            if np.diff(points).min() < NEAR:
                left.discard(question)
    return left


def main():
    model = SentenceTransformer(str(FIXTURES / "tiny-bert"), device="cpu")
    chosen = facts()[::8]
    passages = [fact["passage"] for fact in chosen]
    pairs = []
    for index, fact in enumerate(chosen):
        for number, question in enumerate(fact["questions"]):
            pairs.append((question, fact["passage"]))
            if number == 1:
                pairs.append((question, passages[index - 1]))
    kept = clear(model, pairs, passages)
    pairs = [pair for pair in pairs if pair[0] in kept]
    pairs.append(pairs[1])
    texts = list(dict.fromkeys([text for pair in pairs for text in pair] + passages))
    place = {text: index for index, text in enumerate(texts)}

    def indices(value):
        if isinstance(value, list):
            return [indices(element) for element in value]
        if isinstance(value, float):
            return round(value, 7)
        return place[value] if isinstance(value, str) else value

    cases = []
    for options in CASES:
        arguments = dict(options)
        if arguments.pop("corpus", False):
            arguments["corpus"] = passages
        data = Dataset.from_dict({"question": [p[0] for p in pairs], "passage": [p[1] for p in pairs]})
        random.seed(SEED)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            mined = mine_hard_negatives(data, model, **arguments)
        lines = printed.getvalue().splitlines()
        cases.append({
            "options": options, "columns": mined.column_names,
            "rows": [indices(list(row.values())) for row in mined],
            "printed": lines[next(i for i, l in enumerate(lines) if l.startswith("Metric")):]})

    fixture = {
        "made_by": "make_mining.py", "seed": SEED,
        "versions": {"sentence_transformers": sentence_transformers.__version__,
                     "torch": torch.__version__},
        "texts": texts, "pairs": [[place[text] for text in pair] for pair in pairs],
        "corpus": [place[text] for text in passages]}
    print(json.dumps(fixture, ensure_ascii=False)[:-1])
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    print(f', "cases": [\n{lines}\n]')
    print("}")


main()
