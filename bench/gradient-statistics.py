"""What GradientStatistics adds to a training step of the paper's networks on the CPU, in per cent.

usage: python bench/gradient-statistics.py [--network cnn] [--steps 20] [--threads 1] [--groups]

The fastest step and the fastest ``take()`` count: other programs on the machine only ever add time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "python/tests")]

import torch  # noqa: E402
from paper_networks import network_of  # noqa: E402

from vmfdag.torch import GradientStatistics  # noqa: E402

FULLY_CONNECTED = {"kind": "fully-connected", "hidden": [800], "batchNorm": False}
CONVOLUTIONAL = {
    "kind": "convolutional",
    "stem": 16,
    "filters": [16, 32, 64],
    "convolutionsPerGroup": 4,
    "kernelSize": 3,
    "residual": False,
    "batchNorm": False,
}
NORMALISED = {"batchNorm": {"epsilon": 1e-5, "momentum": 0.9}}
NETWORKS = {
    "fnn": (FULLY_CONNECTED, (28, 28, 1)),
    "dfnn": ({**FULLY_CONNECTED, "hidden": [800, 800, 800]}, (28, 28, 1)),
    "cnn": (CONVOLUTIONAL, (32, 32, 3)),
    "cnn+res+bn": ({**CONVOLUTIONAL, **NORMALISED, "residual": True}, (32, 32, 3)),
}

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--network", choices=NETWORKS, default="cnn")
options.add_argument("--steps", type=int, default=20)
options.add_argument("--threads", type=int, default=1)
options.add_argument("--groups", action="store_true", help="each parameter is a group too")
chosen = options.parse_args()

torch.set_num_threads(chosen.threads)
torch.manual_seed(1)
architecture, image = NETWORKS[chosen.network]
model = network_of(architecture, image, 10)
statistics = GradientStatistics(model, "parameter" if chosen.groups else None)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
images, labels = torch.rand(64, *image), torch.randint(0, 10, (64,))


def step() -> "tuple[float, float]":
    """Milliseconds of the step itself, and of what is added to it."""
    begin = time.perf_counter()
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(images), labels).backward()
    middle = time.perf_counter()
    statistics.take()
    taken = time.perf_counter()
    optimizer.step()
    added = taken - middle
    return 1000 * (time.perf_counter() - begin - added), 1000 * added


for _ in range(3):
    step()
steps, takes = map(min, zip(*(step() for _ in range(chosen.steps))))
result = {
    "network": chosen.network,
    "dimension": statistics.samples().dimension,
    "threads": chosen.threads,
    "stepMs": round(steps, 2),
    "takeMs": round(takes, 2),
    "overheadPercent": round(100 * takes / steps, 1),
}
print(json.dumps(result))
