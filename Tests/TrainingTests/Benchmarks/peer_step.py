"""Measures training steps of sentence-transformers: the peer's half of the step benchmark.

    python peer_step.py --model MODEL --data TRAIN.jsonl [--batches ROWS.json] [--batch-size 128]
                        [--steps 5] [--threads 2] [--seed 42] [--max-seq-length 256]
                        [--dropout P] [--mini-batch-size N] [--precision fp32]

With `--precision bf16` the model's forward pass runs under autocast, as the trainer's `bf16` has it;
fp16 is fp32 on a CPU, as it is there. A step is tokenization, MultipleNegativesRankingLoss (or, with
`--mini-batch-size`, its cached form) forward and backward with the model's own dropout unless another
is given, clipping, and fused AdamW, as the trainer does it on a CPU; the trainer's bookkeeping is left
out, in its favour. One more step goes first and is not counted. Batches are the
lists of row numbers in ROWS.json (the first is the warm-up), or, without it, rows shuffled by the
seed.

Prints one JSON object on one line: tokens per second without (`real`) and with (`padded`) padding,
the median of the seconds of a step and of its tokenization, the peak of resident memory of the
whole process, and what torch's matrix product reaches on this machine with as many threads.
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

from reference import load_model, versions

import torch
from sentence_transformers.sentence_transformer.losses import (
    CachedMultipleNegativesRankingLoss,
    MultipleNegativesRankingLoss,
)


def product_speed(rows, inner, columns, seconds=1.0):
    """The best of repeated float32 products `[rows, inner] · [inner, columns]`, in GFLOP/s."""
    a, b = torch.randn(rows, inner), torch.randn(inner, columns)
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - begun)
    return 2 * rows * inner * columns / best / 1e9


class TokenCounter:
    """Counts what goes through the transformer, padding apart."""

    def __init__(self, model):
        self.real = self.padded = 0
        # On the module around it: the transformer's own `forward` is called past its hooks.
        model[0].register_forward_pre_hook(self.count)

    def count(self, module, arguments):
        features = arguments[0]
        self.real += int(features["attention_mask"].sum())
        self.padded += features["input_ids"].numel()


def read_rows(path):
    with open(path, encoding="utf-8") as lines:
        return [list(json.loads(line).values()) for line in lines if line.strip()]


def make_batches(options, count):
    """Steps + 1 lists of row numbers."""
    if options.batches:
        batches = json.loads(options.batches.read_text())[: options.steps + 1]
    else:
        order = torch.randperm(
            count, generator=torch.Generator().manual_seed(options.seed)
        ).tolist()
        size = options.batch_size
        starts = range(0, size * (options.steps + 1), size)
        batches = [order[start : start + size] for start in starts]
    if len(batches) <= options.steps or len(batches[-1]) == 0:
        raise SystemExit(f"too few batches for {options.steps} steps and a warm-up: {len(batches)}")
    return batches


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, required=True, help="sentence-transformers directory")
    parser.add_argument("--data", type=Path, required=True, help="JSONL; columns by position")
    parser.add_argument("--batches", type=Path, help="JSON: a list of row numbers for each batch")
    parser.add_argument("--batch-size", type=int, default=128, help="without --batches")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--max-seq-length", type=int, default=256)
    parser.add_argument("--dropout", type=float, help="default: the model's own")
    parser.add_argument("--mini-batch-size", type=int, help="the cached loss, in such mini-batches")
    parser.add_argument("--precision", choices=["fp32", "bf16", "fp16"], default="fp32")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    products = {
        "1024x1024x1024": round(product_speed(1024, 1024, 1024), 1),
        "8192x384x1536": round(product_speed(8192, 384, 1536), 1),
    }
    rows = read_rows(options.data)
    batches = make_batches(options, len(rows))
    model = load_model(options.model, dropout=options.dropout)
    model.max_seq_length = options.max_seq_length
    model.train()
    counter = TokenCounter(model)
    if options.mini_batch_size:
        loss = CachedMultipleNegativesRankingLoss(model, mini_batch_size=options.mini_batch_size)
    else:
        loss = MultipleNegativesRankingLoss(model)
    optimizer = torch.optim.AdamW(loss.parameters(), lr=2e-5, weight_decay=0.0, fused=True)

    times, tokenization, first = [], [], None
    for batch in batches:
        begun = time.perf_counter()
        features = [model.preprocess(list(texts)) for texts in zip(*(rows[row] for row in batch))]
        tokenized = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16"):
            value = loss(features, None)
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        times.append(time.perf_counter() - begun)
        tokenization.append(tokenized - begun)
        first = first or (counter.real, counter.padded)
    real, padded = counter.real - first[0], counter.padded - first[1]
    seconds = sum(times[1:])
    print(
        json.dumps(
            {
                "batch_size": len(batches[-1]),
                "steps": options.steps,
                "threads": torch.get_num_threads(),
                "real_tokens_per_second": round(real / seconds, 1),
                "padded_tokens_per_second": round(padded / seconds, 1),
                "real_tokens": real,
                "padded_tokens": padded,
                "seconds_per_step": round(statistics.median(times[1:]), 4),
                "tokenization_seconds_per_step": round(statistics.median(tokenization[1:]), 4),
                "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "torch_gemm_gflops": products,
                "versions": versions(),
            }
        )
    )


if __name__ == "__main__":
    main()
