"""Measures the loss stage of sentence-transformers' CachedGISTEmbedLoss: the peer's half of
`ktrain bench loss`.

    python peer_loss.py --rows 4096 [--dimension 384] [--mini-batch-size 32] [--repetitions 1]
                        [--threads 2]

Value and gradients of the cached loss on made-up embeddings of student and guide, by the loss's own
`calculate_loss_and_cache_gradients`, as between its two passes over the texts. Prints one JSON
object on one line: the median of the seconds and the peak of resident memory.
"""

import argparse
import json
import resource
import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import TINY_BERT, load_model, versions

import torch
from sentence_transformers.sentence_transformer.losses import CachedGISTEmbedLoss


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--mini-batch-size", type=int, default=32)
    parser.add_argument("--repetitions", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)

    # The models are there to construct the loss; no text is embedded.
    model = load_model(TINY_BERT)
    loss = CachedGISTEmbedLoss(
        model, model, temperature=0.01, margin=0.05, mini_batch_size=options.mini_batch_size
    )

    def embeddings():
        common = torch.rand(options.rows, options.dimension) * 2 - 1
        columns = []
        for _ in range(4):
            own = torch.rand(options.rows, options.dimension) * 2 - 1
            columns.append(list((common + 3 * own).split(options.mini_batch_size)))
        return columns[:2], columns[2:]

    seconds = []
    for _ in range(options.repetitions):
        student, guide = embeddings()
        for column in student:
            for part in column:
                part.requires_grad_()
        begun = time.perf_counter()
        value, _ = loss.calculate_loss_and_cache_gradients(student, guide)
        seconds.append(time.perf_counter() - begun)
    print(
        json.dumps(
            {
                "rows": options.rows,
                "dimension": options.dimension,
                "seconds": statistics.median(seconds),
                "loss": value.item(),
                "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                **versions(threads=options.threads),
            }
        )
    )


if __name__ == "__main__":
    main()
