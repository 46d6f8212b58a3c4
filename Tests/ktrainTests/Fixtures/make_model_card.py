"""Writes peer-card.md: the card that sentence-transformers itself writes for a run that
ModelCardTests repeats, and checks cards of ktrain's own with the hub's library.

    python make_model_card.py
    python make_model_card.py --check final/README.md…     nothing is written; needs no network

The run: tiny-bert without dropout, the first hundred rows of curve-tiny.train.jsonl, twelve steps of
MultipleNegativesRankingLoss, evaluated on curve-tiny-beir. The card names the versions that made it.
What it takes at random, the texts of the widget and of the example, the test leaves out.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = ""
HERE = Path(__file__).resolve().parent
TESTS = HERE.parents[1]
DATA = TESTS / "TrainingTests/Fixtures"


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def make():
    sys.path.insert(0, str(TESTS / "EncodersTests/Fixtures"))
    from datasets import Dataset
    from reference import FIXTURES, load_model
    from sentence_transformers import (
        SentenceTransformerTrainer, SentenceTransformerTrainingArguments, losses)
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    beir = DATA / "curve-tiny-beir"
    corpus = {row["_id"]: row["text"] for row in lines(beir / "corpus.jsonl")}
    queries = {row["_id"]: row["text"] for row in lines(beir / "queries.jsonl")}
    relevant = {}
    for line in (beir / "qrels/test.tsv").read_text().splitlines()[1:]:
        query, passage, _ = line.split("\t")
        relevant.setdefault(query, set()).add(passage)
    evaluator = InformationRetrievalEvaluator(
        queries, corpus, relevant, name="tiny-dev", query_prompt="query: ", write_csv=False)
    with tempfile.TemporaryDirectory() as scratch:
        model = load_model(FIXTURES / "tiny-bert", dropout=0.0)
        arguments = SentenceTransformerTrainingArguments(
            output_dir=scratch, max_steps=12, per_device_train_batch_size=16, learning_rate=1e-3,
            warmup_steps=0.1, weight_decay=0.01, batch_sampler="no_duplicates",
            logging_steps=3, eval_strategy="steps", eval_steps=6, save_strategy="no",
            report_to="none", use_cpu=True, disable_tqdm=True)
        SentenceTransformerTrainer(
            model=model, args=arguments,
            train_dataset=Dataset.from_list(lines(DATA / "curve-tiny.train.jsonl")[:100]),
            loss=losses.MultipleNegativesRankingLoss(model), evaluator=evaluator).train()
        model.save(scratch + "/final")
        card = Path(scratch, "final", "README.md").read_text(encoding="utf-8")
    (HERE / "peer-card.md").write_text(card, encoding="utf-8")


def check(path):
    """Reads a card as the hub's library does; raises if it is not whole."""
    from huggingface_hub import ModelCard
    from huggingface_hub.repocard_data import model_index_to_eval_results

    card = ModelCard.load(path)
    data = card.data.to_dict()
    assert card.text.lstrip().startswith("# "), "no title"
    for key in ("tags", "pipeline_tag", "library_name"):
        assert data.get(key), f"no {key}"
    assert all(isinstance(tag, str) for tag in data["tags"]), data["tags"]
    for entry in data.get("widget") or []:
        texts = [entry["source_sentence"], *entry["sentences"]]
        assert all(isinstance(text, str) and text for text in texts), entry
    results = card.data.eval_results or []
    if "model-index" in data:
        name, again = model_index_to_eval_results(data["model-index"])
        assert again == results and name == card.data.model_name
        assert results, "an empty model-index"
    for result in results:
        assert isinstance(result.metric_value, (int, float)), result
        result.unique_identifier
    # What it would write is what it has read.
    assert ModelCard(str(card)).data.to_dict() == data
    print(f"{path}: {len(data['tags'])} tags, {len(results)} results, {len(card.text):,} characters")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        for argument in sys.argv[2:]:
            check(argument)
    else:
        make()
