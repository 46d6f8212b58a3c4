"""Makes adamw.json: ten steps of AdamW as sentence-transformers 6.2 takes them on a CPU.

    python make_adamw.py

torch's fused AdamW (the default, `adamw_torch_fused`) with the default betas and epsilon, one group
with weight decay and one without, the learning rate from transformers' linear schedule with
warm-up, and `clip_grad_norm_` before each step. Every step has its learning rate, gradients before
clipping, their norm, and the parameters after it: float32 as the peer has them, and float64 (the
same steps in float64, not fused). The moments after the last step follow. `groups` names what the
trainer decays and what not in tiny-bert.
"""

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EncodersTests/Fixtures"))

from reference import TINY_BERT, load_model, numbers, versions, write_json

import torch
from transformers import get_scheduler

SEED = 4
STEPS, WARMUP, LEARNING_RATE, WEIGHT_DECAY, MAX_GRAD_NORM = 10, 3, 0.05, 0.1, 1.0

# Name, shape, whether decayed. The table's rows get a gradient now and then, as an embedding's do.
PARAMETERS = [
    ("dense.weight", (3, 5), True),
    ("table.weight", (6, 2), True),
    ("dense.bias", (3,), False),
    ("LayerNorm.weight", (1,), False),
]


def make_gradients():
    generator = torch.Generator().manual_seed(SEED)
    initial = [torch.randn(shape, generator=generator) for _, shape, _ in PARAMETERS]
    steps = []
    for step in range(STEPS):
        # Norms from about 0.1 to 10: some steps are clipped, some not.
        size = 10 ** (2 * torch.rand((), generator=generator) - 1.6)
        gradients = [size * torch.randn(shape, generator=generator) for _, shape, _ in PARAMETERS]
        gradients[1] = gradients[1] * (torch.arange(6) % 4 == step % 4)[:, None]
        gradients[1][5] = 0  # a row that is never used: only the decay moves it
        steps.append(gradients)
    return initial, steps


def run(initial, steps, dtype, fused):
    parameters = [torch.nn.Parameter(value.to(dtype, copy=True)) for value in initial]
    decayed = [p for p, (_, _, decay) in zip(parameters, PARAMETERS) if decay]
    others = [p for p, (_, _, decay) in zip(parameters, PARAMETERS) if not decay]
    optimizer = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": WEIGHT_DECAY},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=LEARNING_RATE,
        betas=(0.9, 0.999),
        eps=1e-8,
        fused=fused,
    )
    scheduler = get_scheduler("linear", optimizer, WARMUP, STEPS)
    trace = []
    for gradients in steps:
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient.to(dtype, copy=True)  # clipping scales it in place
        norm = torch.nn.utils.clip_grad_norm_(parameters, MAX_GRAD_NORM)
        learning_rate = optimizer.param_groups[0]["lr"]
        optimizer.step()
        scheduler.step()
        trace.append((learning_rate, norm, [p.detach().clone() for p in parameters]))
    return trace, [optimizer.state[p] for p in parameters]


def groups():
    """The trainer's two groups on tiny-bert: the checkpoint's names, in the optimizer's order."""
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    model = load_model(TINY_BERT)
    with tempfile.TemporaryDirectory() as scratch:
        trainer = SentenceTransformerTrainer(
            model=model,
            args=SentenceTransformerTrainingArguments(
                output_dir=scratch, weight_decay=WEIGHT_DECAY, report_to="none"
            ),
            train_dataset=Dataset.from_dict({"anchor": ["a"], "positive": ["b"]}),
            loss=MultipleNegativesRankingLoss(model),
        )
        optimizer = trainer.create_optimizer()
    assert type(optimizer) is torch.optim.AdamW and optimizer.defaults["fused"]
    assert (optimizer.defaults["betas"], optimizer.defaults["eps"]) == ((0.9, 0.999), 1e-8)
    names = {id(p): name.removeprefix("0.model.") for name, p in model.named_parameters()}
    decayed, others = optimizer.param_groups
    assert (decayed["weight_decay"], others["weight_decay"]) == (WEIGHT_DECAY, 0.0)
    return {
        "decay": [names[id(p)] for p in decayed["params"]],
        "no_decay": [names[id(p)] for p in others["params"]],
    }


def main():
    initial, steps = make_gradients()
    single, state = run(initial, steps, torch.float32, fused=True)
    double, _ = run(initial, steps, torch.float64, fused=False)
    apart = max(
        (a.double() - b).abs().max().item()
        for (_, _, ps), (_, _, qs) in zip(single, double)
        for a, b in zip(ps, qs)
    )
    print(f"float32 is at most {apart:.1e} from float64")
    write_json(
        HERE / "adamw.json",
        {
            "made_with": versions(seed=SEED),
            "betas": [0.9, 0.999],
            "eps": 1e-8,
            "learning_rate": LEARNING_RATE,
            "weight_decay": WEIGHT_DECAY,
            "max_grad_norm": MAX_GRAD_NORM,
            "warmup_steps": WARMUP,
            "parameters": [
                {
                    "name": name,
                    "decay": decay,
                    "shape": list(shape),
                    "initial": numbers(value.flatten()),
                }
                for (name, shape, decay), value in zip(PARAMETERS, initial)
            ],
            "steps": [
                {
                    "learning_rate": numbers(learning_rate),
                    "gradients": [numbers(gradient.flatten()) for gradient in gradients],
                    "grad_norm": numbers(norm),
                    "after": [numbers(p.flatten()) for p in after],
                    "after_float64": [numbers(p.flatten()) for p in exact],
                }
                for gradients, (learning_rate, norm, after), (_, _, exact) in zip(
                    steps, single, double
                )
            ],
            "exp_avg": [numbers(s["exp_avg"].flatten()) for s in state],
            "exp_avg_sq": [numbers(s["exp_avg_sq"].flatten()) for s in state],
            "groups": groups(),
        },
    )


if __name__ == "__main__":
    main()
