"""Makes loss_scaler.json: the scale and the growth tracker of torch's GradScaler after each of many
steps, some of which overflow.

    python make_loss_scaler.py
"""

import json
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
CASES = {
    "accelerate's numbers": ({}, 4100, {3, 4, 5, 2300, 2301, 4099}),
    "short interval": ({"init_scale": 8.0, "growth_interval": 3}, 40, {0, 7, 8, 20, 21, 33}),
    "other factors": (
        {"init_scale": 100.0, "growth_factor": 1.5, "backoff_factor": 0.3, "growth_interval": 2},
        30,
        {5, 11, 12},
    ),
    "the largest scale": ({"init_scale": 2.0**125, "growth_interval": 1}, 8, set()),
    "the smallest scale": ({"init_scale": 1e-38, "growth_interval": 5}, 30, set(range(25))),
}


def states(options, steps, overflows):
    scaler = torch.amp.GradScaler("cpu", **options)
    parameter = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([parameter], lr=0.0)
    result = []
    for step in range(steps):
        scaler.scale(torch.zeros(()))  # makes the state on first use
        parameter.grad = torch.tensor([float("inf") if step in overflows else 1.0])
        scaler.step(optimizer)
        scaler.update()
        state = scaler.state_dict()
        result.append([state["scale"], state["_growth_tracker"]])
    return result


def main():
    cases = []
    for name, (options, steps, overflows) in CASES.items():
        found = states(options, steps, overflows)
        # Of a long run the steps around the changes are enough.
        kept = [
            step
            for step in range(steps)
            if steps < 100 or step == 0 or found[step][0] != found[step - 1][0] or step % 400 == 0
        ]
        cases.append(
            {
                "name": name,
                "options": options,
                "steps": steps,
                "overflows": sorted(overflows),
                "after": {str(step): found[step] for step in kept},
            }
        )
    text = json.dumps({"torch": torch.__version__, "cases": cases}, indent=1)
    (HERE / "loss_scaler.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
