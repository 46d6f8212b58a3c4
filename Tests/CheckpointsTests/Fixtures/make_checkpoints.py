"""Makes the fixtures of CheckpointsTests with the official safetensors library and torch.

    python make_checkpoints.py

library.safetensors   one tensor of every dtype that torch writes; what it holds is in library.json
sharded/              a model in two shards and its index, as transformers lays it out
conversions.json      numbers of each floating type and their single-precision bits
"""

import hashlib
import json
import pathlib

import numpy as np
import safetensors
import torch
from safetensors.torch import save_file

here = pathlib.Path(__file__).parent
made_with = {"safetensors": safetensors.__version__, "torch": torch.__version__,
             "numpy": np.__version__, "seed": 20}
generator = torch.Generator().manual_seed(20)


def bits(tensor):
    """The bits of a tensor in single precision, as torch converts it."""
    return tensor.to(torch.float32).contiguous().view(torch.int32).flatten().tolist()


def normal(*shape):
    return torch.randn(*shape, generator=generator)


tensors = {
    "weight": normal(3, 5),
    "a.bias": normal(7),
    "half": normal(2, 3).half(),
    "z.half": normal(3).half(),
    "brain": normal(4).bfloat16(),
    "double": normal(3).double() / 3,
    "scalar": torch.tensor(1.5),
    "empty": torch.zeros(0, 3),
    "ids": torch.arange(5),
    "ids32": torch.arange(3, dtype=torch.int32),
    "ids16": torch.arange(3, dtype=torch.int16),
    "signed": torch.arange(-3, 2, dtype=torch.int8),
    "bytes": torch.arange(3, dtype=torch.uint8),
    "mask": torch.tensor([True, False, True]),
    "f8": torch.tensor([1.0, -2.0]).to(torch.float8_e4m3fn),
    "complex": torch.tensor([1 + 2j]),
    "caf\u00e9": normal(2),  # one letter in two spellings: two names
    "cafe\u0301": normal(2),
    'quote "\\\n': normal(1),
}
save_file(tensors, here / "library.safetensors", metadata={"format": "pt"})

data = (here / "library.safetensors").read_bytes()
header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
listing = []
for name, entry in header.items():
    if name == "__metadata__":
        continue
    begin, end = entry["data_offsets"]
    start = 8 + int.from_bytes(data[:8], "little")
    item = {"name": name, "dtype": entry["dtype"], "shape": entry["shape"],
            "sha256": hashlib.sha256(data[start + begin:start + end]).hexdigest()}
    if entry["dtype"] in ("F32", "F16", "BF16", "F64"):
        item["float_bits"] = bits(tensors[name])
    listing.append(item)
(here / "library.json").write_text(
    json.dumps({"made_with": made_with, "sha256": hashlib.sha256(data).hexdigest(),
                "tensors": listing}, indent=1) + "\n")

# Conversions. NaNs are compared as NaNs: their payload depends on the processor's instructions.
every = np.arange(65536, dtype=np.uint16)
half = every.view(np.float16).astype(np.float32)
brain = (every.astype(np.uint32) << 16).view(np.float32)
assert np.array_equal(torch.from_numpy(every.view(np.int16)).view(torch.bfloat16).float().numpy(),
                      brain, equal_nan=True)


def digest(values):
    """SHA-256 of little-endian single-precision numbers, every NaN written as 0x7FC00000."""
    words = values.view(np.uint32).copy()
    words[np.isnan(values)] = 0x7FC00000
    return hashlib.sha256(words.astype("<u4").tobytes()).hexdigest()


tie = 1 + 2.0**-24  # halfway between two single-precision numbers
doubles = np.array([0.0, -0.0, 1 / 3, tie, -tie, 1 + 3 * 2.0**-24, np.nextafter(tie, 2),
                    2.0**-149, 2.0**-150, 1.5 * 2.0**-150, 2.0**-126 * (1 - 2.0**-25),
                    3.4028235677973366e38, 3.4028235677973362e38, -1e300, np.inf, -np.inf])
with np.errstate(over="ignore", under="ignore"):
    singles = doubles.astype(np.float32)
assert np.array_equal(torch.from_numpy(doubles).float().numpy(), singles)
(here / "conversions.json").write_text(json.dumps({
    "made_with": made_with,
    "every_half_sha256": digest(half),
    "every_brain_sha256": digest(brain),
    "double_bits": doubles.view(np.int64).tolist(),
    "single_bits": singles.view(np.int32).tolist(),
}, indent=1) + "\n")

# A sharded model.
sharded = here / "sharded"
sharded.mkdir(exist_ok=True)
shards = [{"embeddings.weight": normal(4, 2), "layer.0.weight": normal(2, 2)},
          {"layer.1.weight": normal(2, 2), "layer.1.bias": normal(2)}]
names = [f"model-{i + 1:05}-of-00002.safetensors" for i in range(2)]
for shard, name in zip(shards, names):
    save_file(shard, sharded / name, metadata={"format": "pt"})
total = sum(t.numel() * 4 for shard in shards for t in shard.values())
weight_map = {key: name for shard, name in zip(shards, names) for key in shard}
(sharded / "model.safetensors.index.json").write_text(
    json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}, indent=2) + "\n")
(here / "sharded.json").write_text(json.dumps(
    {"made_with": made_with,
     "float_bits": {key: bits(t) for shard in shards for key, t in shard.items()}}, indent=1) + "\n")
