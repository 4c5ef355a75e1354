"""How far a float32 gradient is from float64 in PyTorch, and how much of that are ReLUs whose input is within rounding of 0.

usage: python bench/float32-gradients.py [MINIBATCHES]   needs PyTorch; a minibatch takes some seconds
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "python" / "tests"))
import paper_networks  # noqa: E402

rectify = torch.nn.functional.relu


class Relus:
    """What the ReLUs do: record which inputs are open, count those that are open here and not there, or take the recorded ones."""

    def __init__(self) -> None:
        self.open: list[torch.Tensor] = []
        self.mode = "record"
        self.flips = 0
        self.largest = 0.0

    def start(self, mode: str) -> None:
        self.mode, self.at = mode, 0

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        if self.mode == "record":
            self.open.append(x.detach() > 0)
            return rectify(x)
        known = self.open[self.at]
        self.at += 1
        if self.mode == "take":
            return x * known.to(x.dtype)
        differs = (x.detach() > 0) != known
        self.flips += int(differs.sum())
        if differs.any():
            self.largest = max(self.largest, float(x.detach()[differs].abs().max()))
        return rectify(x)


def architecture(residual: bool, normalised: bool) -> dict:
    normalisation = {"epsilon": 1e-5, "momentum": 0.9} if normalised else False
    return {"kind": "convolutional", "stem": 16, "filters": [16, 32, 64], "convolutionsPerGroup": 4, "kernelSize": 3, "residual": residual, "batchNorm": normalisation}


def gradient(network: torch.nn.Module, images: torch.Tensor, labels: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    network.to(dtype).zero_grad()
    torch.nn.functional.cross_entropy(network(images.to(dtype)), labels).backward()
    return torch.cat([p.grad.double().flatten() for p in network.parameters()])


def difference(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a - b).norm() / b.norm())


torch.set_num_threads(1)
for name, residual, normalised in (("cnn", False, False), ("cnn+bn", False, True), ("cnn+res+bn", True, True)):
    for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else 2):
        torch.manual_seed(seed)
        network = paper_networks.network_of(architecture(residual, normalised), (32, 32, 3), 10)
        for kernel in (p for p in network.parameters() if p.dim() > 1):
            torch.nn.init.xavier_uniform_(kernel)
        images, labels = torch.rand(64, 32, 32, 3), torch.randint(0, 10, (64,))
        paper_networks.functional.relu = relus = Relus()
        relus.start("record")
        single = gradient(network, images, labels, torch.float32)
        relus.start("count")
        double = gradient(network, images, labels, torch.float64)
        relus.start("take")
        same = gradient(network, images, labels, torch.float64)
        total = sum(mask.numel() for mask in relus.open)
        print(
            f"{name} {seed}: float32 to float64 {difference(single, double):.1e}, with the same ReLUs open {difference(single, same):.1e}; "
            f"{relus.flips} of {total} differ, with inputs up to {relus.largest:.1e}",
            flush=True,
        )
        paper_networks.functional.relu = rectify
