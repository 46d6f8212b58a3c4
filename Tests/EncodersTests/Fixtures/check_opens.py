"""Does a model directory open elsewhere, and does it compute there what ktrain computes?

    ktrain encode MODEL texts.jsonl --field text --output vectors.jsonl
    python check_opens.py MODEL texts.jsonl vectors.jsonl

Loads MODEL with the installed sentence-transformers, and its transformer alone with transformers'
AutoModel, encodes the texts with both and prints the smallest cosine to the given vectors. Exit
status 1 if one is below 0.999999, or if AutoModel finds a weight missing or left over. Run by hand,
under every version that matters (5.1.2 with transformers 4, 6.2); it needs nothing but
sentence-transformers.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import sentence_transformers
import torch
import transformers
from sentence_transformers import SentenceTransformer
from transformers import AutoModel, AutoTokenizer


def read_jsonl(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def vector(line):
    """A line of vectors: an array, or an object with one array of numbers among its members."""
    arrays = [line] if isinstance(line, list) else [v for v in line.values() if isinstance(v, list)]
    if len(arrays) != 1:
        raise SystemExit(f"expected one vector a line, found {len(arrays)} arrays in {line}")
    return arrays[0]


def encode_plainly(folder, model, texts, batch_size=32):
    """AutoModel's last hidden state, then the directory's own pooling and what follows it."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    transformer, info = AutoModel.from_pretrained(folder, output_loading_info=True)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if info[kind]:
            raise SystemExit(f"AutoModel: {kind}: {sorted(info[kind])}")
    transformer.eval()
    pieces = []
    for start in range(0, len(texts), batch_size):
        features = tokenizer(
            texts[start : start + batch_size],
            padding=True,
            truncation=True,
            max_length=model.max_seq_length,
            return_tensors="pt",
        )
        with torch.no_grad():
            states = transformer(**features).last_hidden_state
            values = {"token_embeddings": states, "attention_mask": features["attention_mask"]}
            for module in list(model)[1:]:
                values = module(values)
        pieces.append(values["sentence_embedding"])
    return torch.cat(pieces)


def report(name, found, expected):
    if found.shape != expected.shape:
        raise SystemExit(
            f"{name}: {tuple(found.shape)} numbers, the file has {tuple(expected.shape)}"
        )
    cosine = torch.nn.functional.cosine_similarity(found.double(), expected, dim=-1)
    lengths = found.double().norm(dim=-1) / expected.norm(dim=-1)
    off = (lengths - 1).abs().max().item()
    worst = cosine.argmin().item()
    print(
        f"{name}: smallest cosine {cosine[worst]:.9f} (text {worst}), lengths differ by {off:.1e}"
    )
    return cosine[worst].item()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("texts", type=Path, help="JSONL of objects")
    parser.add_argument("vectors", type=Path, help="JSONL, one vector a line, in the texts' order")
    parser.add_argument("--field", default="text", help="the member of a line that is the text")
    parser.add_argument("--prompt", default="", help="goes before every text")
    parser.add_argument("--least", type=float, default=0.999999)
    options = parser.parse_args()

    texts = [options.prompt + line[options.field] for line in read_jsonl(options.texts)]
    expected = torch.tensor([vector(line) for line in read_jsonl(options.vectors)]).double()
    folder = str(options.model)
    model = SentenceTransformer(folder, device="cpu")
    found = model.encode(texts, convert_to_tensor=True)
    cosines = [
        report(f"sentence-transformers {sentence_transformers.__version__}", found, expected),
        report(
            f"AutoModel of transformers {transformers.__version__}",
            encode_plainly(folder, model, texts),
            expected,
        ),
    ]
    sys.exit(0 if min(cosines) >= options.least else 1)


if __name__ == "__main__":
    main()
