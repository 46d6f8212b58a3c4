"""Measures retrieval beside sentence-transformers' InformationRetrievalEvaluator on the same vectors.

    python peer_eval.py --ktrain .build/release/ktrain [--documents 100000] [--queries 5000]
                        [--dimension 384] [--threads 2] [--rounds 3] [--seed 0]

Queries are documents' vectors with noise, so that the right document is found often but not always. The
peer gets the vectors from a model that only looks them up, and its time is that of the evaluator's call;
ktrain's is that of the whole command `eval VECTORS BEIR`, reading the BEIR directory and the vectors
included. Both sides in turn, each in a process of its own.

Prints a table of medians and one JSON object: seconds, peaks of resident memory, and the largest
difference between the metrics.
"""

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))


def make(options, folder):
    """A BEIR directory and its vectors."""
    import numpy

    generator = numpy.random.default_rng(options.seed)
    corpus = generator.standard_normal((options.documents, options.dimension)).astype("float32")
    right = generator.integers(0, options.documents, options.queries)
    noise = generator.standard_normal((options.queries, options.dimension)).astype("float32")
    level = generator.uniform(1, 6, (options.queries, 1)).astype("float32")
    (folder / "vectors").mkdir()
    numpy.save(folder / "vectors/corpus.npy", corpus)
    numpy.save(folder / "vectors/queries.npy", corpus[right] + level * noise)
    (folder / "qrels").mkdir()
    with open(folder / "corpus.jsonl", "w") as file:
        for index in range(options.documents):
            file.write(json.dumps({"_id": f"d{index}", "text": f"document {index}"}) + "\n")
    with open(folder / "queries.jsonl", "w") as file:
        for index in range(options.queries):
            file.write(json.dumps({"_id": f"q{index}", "text": f"query {index}"}) + "\n")
    with open(folder / "qrels/test.tsv", "w") as file:
        file.write("query-id\tcorpus-id\tscore\n")
        for index, document in enumerate(right):
            file.write(f"q{index}\td{document}\t1\n")


class LookUp:
    """A model whose texts end in the number of their vector."""

    similarity_fn_name = "cosine"

    def __init__(self, folder):
        import numpy
        import torch
        from sentence_transformers.util import cos_sim

        self.similarity = cos_sim
        self.vectors = {
            name: torch.from_numpy(numpy.load(folder / f"vectors/{name}.npy")) for name in ("queries", "corpus")
        }

    def look_up(self, name, texts):
        return self.vectors[name][[int(text.rsplit(" ", 1)[1]) for text in texts]]

    def encode_query(self, texts, **kwargs):
        return self.look_up("queries", texts)

    def encode_document(self, texts, **kwargs):
        return self.look_up("corpus", texts)


def peer(options):
    """The peer's side: prints JSON."""
    import torch
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    from reference import versions

    torch.set_num_threads(options.threads)
    folder = Path(options.peer)

    def texts(name):
        with open(folder / f"{name}.jsonl") as lines:
            return {row["_id"]: row["text"] for row in map(json.loads, lines)}

    relevant = {}
    for line in (folder / "qrels/test.tsv").read_text().splitlines()[1:]:
        query, document, _ = line.split("\t")
        relevant.setdefault(query, set()).add(document)
    evaluator = InformationRetrievalEvaluator(
        texts("queries"), texts("corpus"), relevant, write_csv=False, show_progress_bar=False)
    evaluator.store_metrics_in_model_card_data = lambda *arguments: None
    model = LookUp(folder)
    begun = time.perf_counter()
    metrics = evaluator(model)
    seconds = time.perf_counter() - begun
    print(json.dumps({
        "seconds": seconds, "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "metrics": {key: float(value) for key, value in metrics.items()}, "versions": versions()}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ktrain", type=Path, default=Path(".build/release/ktrain"))
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=5_000)
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        return peer(options)
    options.ktrain = options.ktrain.resolve()

    from peer_encode import run

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        make(options, folder)
        rounds = []
        for index in range(options.rounds):
            seconds, peak, output = run(
                [options.ktrain, "eval", folder / "vectors", folder, "--json", "--threads", options.threads])
            ours = {"seconds": seconds, "peak_rss_mib": peak,
                    "metrics": next(iter(json.loads(output).values()))}
            _, _, output = run(
                [sys.executable, __file__, "--peer", folder, "--threads", options.threads])
            rounds.append({"ktrain": ours, "peer": json.loads(output.splitlines()[-1])})
            print(f"round {index + 1} of {options.rounds}", file=sys.stderr)
    medians = {name: {key: statistics.median(found[name][key] for found in rounds)
                      for key in ("seconds", "peak_rss_mib")} for name in rounds[0]}
    ours, theirs = (rounds[0][name]["metrics"] for name in ("ktrain", "peer"))
    difference = max(abs(ours[key] - theirs[key]) for key in theirs)
    print(f"{options.documents:,} documents, {options.queries:,} queries, {options.dimension} wide\n")
    print(f"{'':8}{'seconds':>10}{'peak MiB':>10}")
    for name, row in medians.items():
        print(f"{name:8}{row['seconds']:10.2f}{row['peak_rss_mib']:10,.0f}")
    ratio = medians["peer"]["seconds"] / medians["ktrain"]["seconds"]
    print(f"{ratio:.2f}×, metrics at most {difference:.1e} apart (nDCG@10 {theirs['cosine_ndcg@10']:.4f})")
    print(json.dumps({"medians": medians, "ratio": ratio, "largest_difference": difference,
                      "threads": options.threads, "versions": rounds[0]["peer"]["versions"]}))


if __name__ == "__main__":
    main()
