"""Makes halves.json: fp32 numbers and what they are when rounded to fp16 and to bf16, as bits.

    python make_halves.py

fp16 by numpy, bf16 by torch. The numbers: those around every place where rounding changes its mind
(ties, the ends of the normal and subnormal ranges, the overflow to infinity), and random bits.
NaNs are left out: their payload is nobody's contract.
"""

import json
from pathlib import Path

import numpy
import torch

SEED = 5
rng = numpy.random.default_rng(SEED)


def near(bits):
    """The numbers whose bits are around these, of both signs."""
    return [(b + d) | sign for b in bits for d in (-1, 0, 1) for sign in (0, 1 << 31)]


# Ties and their neighbours: halfway between two fp16 or two bf16 numbers, the lower one odd or even.
fp16_ties = [(e << 23) | (m << 13) | 0x1000 for e in (113, 127, 141, 142) for m in (0, 1, 2, 0x3FF)]
fp16_subnormal_ties = [int(numpy.float32((2 * i + 1) * 2.0**-25).view(numpy.uint32)) for i in range(6)]
bf16_ties = [(m << 16) | 0x8000 for m in (1, 2, 0x3F80, 0x3F81, 0x7F7E, 0x7F7F, 0x0080, 0x007F)]
ends = [int(numpy.float32(x).view(numpy.uint32)) for x in (65504, 65519.996, 65520, 65536, 3.4e38)]
ends += [int(numpy.float32(x).view(numpy.uint32)) for x in (2.0**-14, 2.0**-24, 2.0**-25, 2.0**-26)]
ends += [1, 2, 0x00800000, 0x3F800000, 0x7F7FFFFF]
bits = [0, 1 << 31, 0x7F800000, 0xFF800000]
bits += near(fp16_ties + fp16_subnormal_ties + bf16_ties + ends)
bits += [int(b) for b in rng.integers(0, 2**32, 300)]  # of any exponent
bits += [int(b) for b in rng.normal(size=300).astype(numpy.float32).view(numpy.uint32)]
x = numpy.array(bits, dtype=numpy.uint32).view(numpy.float32)
x = x[~numpy.isnan(x)]

with numpy.errstate(over="ignore"):
    fp16 = x.astype(numpy.float16).view(numpy.uint16)
bf16 = torch.from_numpy(x).to(torch.bfloat16).view(torch.int16).numpy().view(numpy.uint16)
fixture = {
    "versions": {"numpy": numpy.__version__, "torch": torch.__version__},
    "seed": SEED,
    "fp32": x.view(numpy.uint32).tolist(),
    "fp16": fp16.tolist(),
    "bf16": bf16.tolist(),
}
path = Path(__file__).resolve().parent / "halves.json"
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
