"""The streaming sums of one group of parameters (src/sgd/statistics/accumulator.ts, GradientAccumulator), on the devices of the parameters."""

from __future__ import annotations

import math
from typing import Optional, Sequence

import torch

from .statistics import DirectionalSamples

#: Of one parameter; None where the loss did not depend on it.
Gradient = Optional[torch.Tensor]


class GradientSums:
    """S1 = Σ ĝ_i and S = Σ x_i in float64, ‖ĝ_i‖, and ⟨x_i, S⟩ of a second pass.

    The sign of a gradient is that of ∇f rather than ĝ = −∇f: no statistic depends on it.
    """

    def __init__(self, parameters: Sequence[torch.Tensor]) -> None:
        self.dimension = sum(_real(parameter).numel() for parameter in parameters)
        self._gradient = [_zeros(parameter) for parameter in parameters]
        self._direction = [_zeros(parameter) for parameter in parameters]
        self.norms: list[float] = []
        self.products: list[float] = []

    @torch.no_grad()
    def add(self, gradients: Sequence[Gradient], norm: float, scale: float) -> None:
        for gradient, total, direction in zip(gradients, self._gradient, self._direction):
            if gradient is not None:
                total.add_(gradient, alpha=1 / scale)
                direction.add_(gradient, alpha=1 / norm)
        self.norms.append(norm / abs(scale))

    @torch.no_grad()
    def product(self, gradients: Sequence[Gradient]) -> float:
        """⟨g, S⟩"""
        return product_of(gradients, self._direction)

    def samples(self) -> DirectionalSamples:
        count = len(self.norms)
        return DirectionalSamples(
            dimension=self.dimension,
            norms=tuple(self.norms),
            resultant=norm_of(self._direction),
            mean_gradient_norm=norm_of(self._gradient) / count if count else math.nan,
            jackknife_products=tuple(self.products),
        )


class ConsecutiveCosines:
    """⟨x_i, x_{i+1}⟩ of gradients that are taken one after the other. One gradient is kept."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self._previous: Sequence[Gradient] | None = None

    @torch.no_grad()
    def add(self, gradients: Sequence[Gradient], norm: float) -> None:
        directions = [None if gradient is None else gradient / norm for gradient in gradients]
        if self._previous is not None:
            self.values.append(product_of(directions, self._previous))
        self._previous = directions


def check_norm(norm: float, index: int, group: str | None) -> None:
    if 0 < norm < math.inf:
        return
    place = f"the gradient of minibatch {index} (counted from 0)" + (f" in the group {group!r}" if group else "")
    if norm == 0:
        raise ValueError(f"{place} is zero, so it has no direction. Sample at an earlier epoch, with larger minibatches, or leave the group out.")
    raise ValueError(f"{place} is not finite, so it has no direction. The weights have diverged: train with a smaller learning rate.")


@torch.no_grad()
def double_of(gradient: Gradient) -> Gradient:
    """In float64, where squares of float32 values neither overflow nor underflow, on the device of the sums."""
    if gradient is None:
        return None
    dense = gradient.detach()
    dense = dense.to_dense() if dense.is_sparse else dense
    return _real(dense).to(device=_device(gradient), dtype=torch.float64)


@torch.no_grad()
def norm_of(tensors: Sequence[Gradient]) -> float:
    return math.sqrt(math.fsum(_numbers([torch.dot(each.flatten(), each.flatten()) for each in tensors if each is not None])))


@torch.no_grad()
def product_of(tensors: Sequence[Gradient], others: Sequence[Gradient]) -> float:
    """⟨g, h⟩"""
    pairs = [(g.flatten(), h.flatten()) for g, h in zip(tensors, others) if g is not None and h is not None]
    return math.fsum(_numbers([torch.dot(g, h) for g, h in pairs])) if pairs else 0.0


def _numbers(scalars: Sequence[torch.Tensor]) -> list[float]:
    """One transfer for each device: a GPU would wait at each number otherwise."""
    devices = {scalar.device for scalar in scalars}
    return [number for device in devices for number in torch.stack([s for s in scalars if s.device == device]).tolist()]


def _zeros(parameter: torch.Tensor) -> torch.Tensor:
    return torch.zeros_like(_real(parameter), dtype=torch.float64, device=_device(parameter), requires_grad=False)


def _device(tensor: torch.Tensor) -> torch.device:
    # Apple's GPUs have no float64.
    return torch.device("cpu") if tensor.device.type == "mps" else tensor.device


def _real(tensor: torch.Tensor) -> torch.Tensor:
    return torch.view_as_real(tensor.detach()) if tensor.is_complex() else tensor
