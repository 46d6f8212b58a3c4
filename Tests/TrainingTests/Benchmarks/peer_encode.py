"""Measures encoding beside sentence-transformers: both sides in turn, each in a process of its own.

    python peer_encode.py --ktrain .build/release/ktrain --model MODEL --data TRAIN.jsonl
                          [--texts 20000] [--threads 2] [--rounds 3] [--batch-sizes 8 16 32 64 128]

The texts are the first of the columns of a JSONL file, row after row. The peer's `encode` has the best
of its batch sizes, found on a tenth of the texts; its time is that of the call alone, without reading
texts and model. ktrain's is that of the whole command, from its start to the file of vectors, in fp32
and in bf16. Tokens are real ones: padding is not counted.

Prints a table of medians and one JSON object: tokens a second, peaks of resident memory, and the least
cosine of a text's vectors, fp32 to the peer's and bf16 to fp32.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))


def peer(options):
    """The peer's side: encodes texts.json, prints JSON, and leaves its vectors in peer.npy."""
    import numpy
    import torch

    from reference import load_model, versions

    torch.set_num_threads(options.threads)
    folder = Path(options.peer)
    texts = json.loads((folder / "texts.json").read_text())
    model = load_model(options.model)
    model.eval()
    real = sum(len(model.tokenizer(text, truncation=True, max_length=model.max_seq_length).input_ids)
               for text in texts)
    sizes = options.batch_sizes
    if len(sizes) > 1:
        sample = texts[:: max(1, len(texts) // max(200, len(texts) // 10))]
        times = {}
        for size in sizes:
            begun = time.perf_counter()
            model.encode(sample, batch_size=size)
            times[size] = time.perf_counter() - begun
        sizes = [min(times, key=times.get)]
    begun = time.perf_counter()
    vectors = model.encode(texts, batch_size=sizes[0])
    seconds = time.perf_counter() - begun
    numpy.save(folder / "peer.npy", vectors)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": seconds, "real_tokens": real, "batch_size": sizes[0],
                      "peak_rss_mib": memory, "versions": versions()}))


def run(command):
    """Runs a command; its seconds, its peak of resident memory in MiB, and what it printed."""
    script = (
        "import json, resource, subprocess, sys, time\n"
        "begun = time.perf_counter()\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)\n"
        "seconds = time.perf_counter() - begun\n"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024\n"
        "print(json.dumps([done.returncode, seconds, peak, done.stdout.decode()]))\n"
    )
    # A process between the two, so that the peak is that of this command alone.
    done = subprocess.run([sys.executable, "-c", script, *map(str, command)], stdout=subprocess.PIPE)
    status, seconds, peak, output = json.loads(done.stdout)
    if status != 0:
        raise SystemExit(f"status {status} from {command}")
    return seconds, peak, output


def cosines(one, other):
    """The least and the mean cosine of the rows of two files."""
    import numpy

    a, b = (numpy.load(path).astype("float64") for path in (one, other))
    rows = (a * b).sum(1) / numpy.linalg.norm(a, axis=1) / numpy.linalg.norm(b, axis=1)
    return [float(rows.min()), float(rows.mean())]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--ktrain", type=Path, default=Path(".build/release/ktrain"))
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[8, 16, 32, 64, 128])
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        return peer(options)
    options.ktrain = options.ktrain.resolve()

    texts = []
    with open(options.data, encoding="utf-8") as lines:
        for line in lines:
            texts += [text for text in json.loads(line).values() if isinstance(text, str)]
            if len(texts) >= options.texts:
                break
    texts = texts[: options.texts]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "texts.json").write_text(json.dumps(texts))
        (folder / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        sizes, rounds = options.batch_sizes, []
        for index in range(options.rounds):
            found = {}
            for name, flags in (("fp32", []), ("bf16", ["--bf16"])):
                seconds, peak, _ = run(
                    [options.ktrain, "encode", options.model, folder / "texts.jsonl",
                     "--field", "text", "--threads", options.threads,
                     "--output", folder / f"{name}.npy", *flags])
                found[name] = {"seconds": seconds, "peak_rss_mib": peak}
            _, _, output = run(
                [sys.executable, __file__, "--peer", folder, "--model", options.model,
                 "--threads", options.threads, "--batch-sizes", *sizes])
            found["peer"] = json.loads(output.splitlines()[-1])
            sizes = [found["peer"]["batch_size"]]
            rounds.append(found)
            print(f"round {index + 1} of {options.rounds}", file=sys.stderr)
        agreement = {"fp32_to_peer": cosines(folder / "fp32.npy", folder / "peer.npy"),
                     "bf16_to_fp32": cosines(folder / "bf16.npy", folder / "fp32.npy")}
    tokens = rounds[0]["peer"]["real_tokens"]
    medians = {name: {key: statistics.median(found[name][key] for found in rounds)
                      for key in ("seconds", "peak_rss_mib")} for name in rounds[0]}
    print(f"{len(texts):,} texts, {tokens:,} tokens, the peer's best batch size {sizes[0]}\n")
    print(f"{'':6}{'tokens/s':>10}{'seconds':>10}{'peak MiB':>10}{'to peer':>10}")
    for name, row in medians.items():
        ratio = medians["peer"]["seconds"] / row["seconds"]
        print(f"{name:6}{tokens / row['seconds']:10,.0f}{row['seconds']:10.2f}"
              f"{row['peak_rss_mib']:10,.0f}{ratio:9.2f}×")
    print(json.dumps({"texts": len(texts), "real_tokens": tokens, "threads": options.threads,
                      "medians": medians, "least_and_mean_cosine": agreement,
                      "versions": rounds[0]["peer"]["versions"]}))


if __name__ == "__main__":
    main()
