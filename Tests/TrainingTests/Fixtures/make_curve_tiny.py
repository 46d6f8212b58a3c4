"""Makes curve-<name>.json: fifty steps of sentence-transformers' own trainer on a tiny model.

    python make_curve_tiny.py                           the runs in RUNS
    python make_curve_tiny.py MODEL_DIRECTORY… FOLDER   other models, by hand; see TrainingRunTests
    python make_curve_tiny.py --guide DIRECTORY MODEL_DIRECTORY… FOLDER    with CachedGISTEmbedLoss

Triplets with prompts, weight decay, warm-up and no_duplicates, over several epochs, with dropout 0
and one thread. Beside it:

- curve-tiny.train.jsonl: the rows; a step's `batch` counts them from 0.
- curve-tiny-beir/: a retrieval task in BEIR's layout; `evaluations` are what
  InformationRetrievalEvaluator finds on it before, in the middle and at the end.
- curve-tiny-bert.trainer_state.json: what the trainer left in its last checkpoint.

`near_ties` counts what rounding may put in another order: the metrics are held to that, too.
`float64` repeats loss and grad_norm with the same run in float64: how far float32 is from it says
what another float32 implementation can be held to. `parameters` has, by the checkpoint's names, the
norm of each parameter at the end and how far it moved. The key biases are left out of it: their
gradient is zero but for rounding, which AdamW blows up to whole steps; nothing depends on them.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import FIXTURES, bert_of, load_model, numbers, versions, write_json, write_jsonl

import torch
from recorded_training import largest_difference, make_loss, train
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator
from texts import UGLY_TEXTS, retrieval, triplets

PROMPTS = {"anchor": "query: ", "positive": "passage: ", "negative": "passage: "}
ARGUMENTS = {
    "max_steps": 50,
    "per_device_train_batch_size": 16,
    "learning_rate": 1e-3,
    "warmup_ratio": 0.1,
    "weight_decay": 0.01,
    "batch_sampler": "no_duplicates",
    "seed": 42,
    "prompts": PROMPTS,
}
RANKING = {"name": "MultipleNegativesRankingLoss", "scale": 20.0}
# Random guides find all texts alike: by these margins they leave out about half.
GUIDED = {"name": "CachedGISTEmbedLoss", "temperature": 0.05, "margin": -0.01}
# The run's name, the model, the loss as a recipe has it; the guide is a model of the tests, too.
RUNS = [
    ("tiny-bert", "tiny-bert", RANKING),
    ("tiny-xlmr", "tiny-xlmr", RANKING),
    ("tiny-bert-xlmrtok", "tiny-bert-xlmrtok", RANKING),
    # The guide has the student's vocabulary and reads its ids.
    ("guided", "tiny-xlmr", {**GUIDED, "guide": "tiny-bert-xlmrtok", "mini_batch_size": 5}),
    # The guide has another vocabulary and reads the text that the student's ids stand for.
    (
        "guided-decoded",
        "tiny-bert",
        {
            **GUIDED,
            "guide": "tiny-xlmr",
            "margin_strategy": "relative",
            "margin": -0.003,
            "contrast_anchors": False,
        },
    ),
    (
        "guided-uncached",
        "tiny-xlmr",
        {**GUIDED, "name": "GISTEmbedLoss", "guide": "tiny-bert", "margin": -0.04},
    ),
    (
        "all-directions",
        "tiny-bert",
        {
            "name": "CachedMultipleNegativesRankingLoss",
            "directions": ["query_to_doc", "query_to_query", "doc_to_query", "doc_to_doc"],
            "hardness_mode": "all_negatives",
            "hardness_strength": 2.0,
            "mini_batch_num_tokens": 300,
        },
    ),
]


def write_beir(folder):
    corpus, queries, relevant = retrieval()
    write_jsonl(
        folder / "corpus.jsonl", [{"_id": i, "title": "", "text": t} for i, t in corpus.items()]
    )
    write_jsonl(folder / "queries.jsonl", [{"_id": i, "text": t} for i, t in queries.items()])
    lines = [f"{q}\t{p}\t1\n" for q, passages in relevant.items() for p in passages]
    (folder / "qrels").mkdir(exist_ok=True)
    (folder / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(lines))


class CountingEvaluator(InformationRetrievalEvaluator):
    """The evaluator; it counts the near ties at every call."""

    def __call__(self, model, *positional, **named):
        self.near_ties = [*getattr(self, "near_ties", []), near_ties(model)]
        return super().__call__(model, *positional, **named)


def make_evaluator():
    corpus, queries, relevant = retrieval()
    return CountingEvaluator(
        queries,
        corpus,
        {query: set(passages) for query, passages in relevant.items()},
        name="tiny",
        write_csv=False,
        query_prompt="query: ",
        corpus_prompt="passage: ",
    )


def near_ties(model):
    """How many passages score within 1e-6, rounding, of the one that answers the query."""
    corpus, queries, relevant = retrieval()
    ids = list(corpus)
    passages = model.encode(list(corpus.values()), prompt="passage: ", convert_to_tensor=True)
    questions = model.encode(list(queries.values()), prompt="query: ", convert_to_tensor=True)
    scores = questions.double() @ passages.double().T
    answers = [ids.index(relevant[query][0]) for query in queries]
    own = scores[range(len(answers)), answers]
    return int(((scores - own[:, None]).abs() < 1e-6).sum()) - len(answers)


def run(folder, block, dtype, threads, rows, evaluating=None, evaluator=None):
    torch.set_num_threads(threads)
    model = load_model(folder, dropout=0.0, dtype=dtype)
    guide = load_model(FIXTURES / block["guide"], dtype=dtype) if "guide" in block else None
    loss = make_loss(block, model, guide)
    before = {name: p.detach().clone() for name, p in bert_of(model).named_parameters()}
    steps, trainer = train(model, rows, {**ARGUMENTS, **(evaluating or {})}, evaluator, loss)
    return model, before, steps, trainer


def make_curve(folder, output, block=RANKING):
    """Writes `output` and, where the model is that of the tests, the trainer's state."""
    rows = triplets()
    texts = [rows[0]["anchor"], rows[100]["positive"], *UGLY_TEXTS[:3]]
    evaluator = make_evaluator()
    untrained = load_model(folder)
    evaluations = {"0": evaluator(untrained)}
    evaluating = {
        "eval_strategy": "steps",
        "eval_steps": 25,
        "save_strategy": "steps",
        "save_steps": 25,
    }
    model, before, steps, trainer = run(folder, block, torch.float32, 1, rows, evaluating, evaluator)
    for entry in trainer.state.log_history:
        if "eval_runtime" in entry:
            metrics = {
                k.removeprefix("eval_"): v for k, v in entry.items() if k.startswith("eval_tiny")
            }
            evaluations[str(entry["step"])] = metrics
    assert evaluations["50"] == evaluator(model)
    if output == HERE / "curve-tiny-bert.json":
        (HERE / "curve-tiny-bert.trainer_state.json").write_text(trainer.saved_state)

    _, _, exact, _ = run(folder, block, torch.float64, 1, rows)
    _, _, two, _ = run(folder, block, torch.float32, 2, rows)
    assert [s["batch"] for s in exact] == [s["batch"] for s in steps]
    for name, other in [("float64", exact), ("two threads", two)]:
        for key in ("loss", "grad_norm"):
            by = [largest_difference(steps, other, key, count) for count in (20, 50)]
            print(f"{output.stem}, {name}: {key} differs by {by[0]:.1e} in 20 steps, {by[1]:.1e} in 50")

    def parameter(name, p):
        p, start = p.detach().double(), before[name].double()
        return {"norm": numbers(p.norm()), "moved": numbers((p - start).norm())}

    write_json(
        output,
        {
            "made_with": versions(seed=ARGUMENTS["seed"], threads=1),
            "model": folder.name if folder.parent == FIXTURES else str(folder),
            "loss": block,
            "args": ARGUMENTS,
            "dropout": 0.0,
            "warmup_steps": trainer.args.get_warmup_steps(ARGUMENTS["max_steps"]),
            "steps": [
                {
                    **{
                        k: numbers(v) if isinstance(v, torch.Tensor) else v for k, v in step.items()
                    },
                    "float64": {k: numbers(other[k]) for k in ("loss", "grad_norm")},
                }
                for step, other in zip(steps, exact)
            ],
            "texts": texts,
            "embeddings": {
                "0": numbers(untrained.encode(texts, convert_to_tensor=True)),
                "50": numbers(model.encode(texts, convert_to_tensor=True)),
            },
            "evaluations": evaluations,
            "near_ties": dict(zip(["0", "25", "50"], evaluator.near_ties)),
            "parameters": {
                name: parameter(name, p)
                for name, p in bert_of(model).named_parameters()
                if not name.endswith(".key.bias")
            },
        },
    )


def main():
    if len(sys.argv) > 1:
        block = RANKING
        if sys.argv[1] == "--guide":
            block = {**GUIDED, "guide": str(Path(sys.argv[2]).resolve())}
            del sys.argv[1:3]
        *models, target = map(Path, sys.argv[1:])
        target.mkdir(parents=True, exist_ok=True)
        for folder in models:
            make_curve(folder.resolve(), target / f"curve-{folder.name}.json", block)
        return
    write_jsonl(HERE / "curve-tiny.train.jsonl", triplets())
    write_beir(HERE / "curve-tiny-beir")
    for name, model, block in RUNS:
        make_curve(FIXTURES / model, HERE / f"curve-{name}.json", block)


if __name__ == "__main__":
    main()
