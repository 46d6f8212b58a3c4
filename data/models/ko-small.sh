#!/usr/bin/env bash
# Makes ko-small: a small BERT with random weights and a tokenizer for the Korean package
# descriptions.
#
#   ko-small.sh
#
# The tokenizer is a WordPiece of 6,000 pieces, learnt from data/apt-descriptions/ko/train.jsonl by
# Hugging Face's tokenizers, which pip fetches into a folder of its own. Later runs do nothing.

set -euo pipefail

fail() {
  echo "ko-small: $*" >&2
  exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")"
ktrain=../../.build/release/ktrain
texts=../apt-descriptions/ko/train.jsonl
[[ ! -f ko-small/model.safetensors ]] || { echo "data/models/ko-small is up to date" >&2; exit; }
[[ ! -e ko-small ]] || fail "$PWD/ko-small has no model.safetensors; remove the folder and try again"
[[ -f $texts ]] || fail "$texts is missing; run data/apt-descriptions/make.sh first"
[[ -x $ktrain ]] || fail "$ktrain is missing; run swift build -c release first"
python3 -m pip --version > /dev/null 2>&1 || fail "pip is missing: apt-get install python3-pip"

work=$(mktemp -d "$PWD/.work-XXXXXX")
trap 'rm -rf "$work"' EXIT
PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 \
  python3 -m pip install --quiet --no-deps --target "$work/packages" tokenizers==0.23.3 >&2 ||
  fail "pip could not fetch tokenizers; is its index reachable?"

mkdir "$work/shape"
PYTHONPATH="$work/packages" python3 - "$texts" "$work/shape" << 'END'
import json
import pathlib
import sys

from tokenizers import BertWordPieceTokenizer

rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
folder = pathlib.Path(sys.argv[2])
tokenizer = BertWordPieceTokenizer(strip_accents=False, lowercase=True)
tokenizer.train_from_iterator(
    [text for row in rows for text in row.values()], vocab_size=6000, min_frequency=2,
    show_progress=False)
tokenizer.save(str(folder / "tokenizer.json"))
config = {
    "model_type": "bert", "architectures": ["BertModel"],
    "vocab_size": tokenizer.get_vocab_size(), "hidden_size": 256, "num_hidden_layers": 4,
    "num_attention_heads": 4, "intermediate_size": 1024, "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
    "max_position_embeddings": 256, "type_vocab_size": 2, "initializer_range": 0.02,
    "layer_norm_eps": 1e-12, "pad_token_id": tokenizer.token_to_id("[PAD]"),
}
(folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
(folder / "tokenizer_config.json").write_text(
    json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True,
                "strip_accents": False, "model_max_length": 256}, indent=2) + "\n")
END
"$ktrain" model random "$work/shape" "$work/model" --max-seq-length 128 >&2
mv "$work/model" ko-small
