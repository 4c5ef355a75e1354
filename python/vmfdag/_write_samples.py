"""Writes the sums as the stage ``sample`` does."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Mapping, Sequence

from ._replacing import replacing
from ._safetensors import Tensor, write_tensors
from .statistics import DirectionalSamples


def write_samples(
    path: Path,
    samples: DirectionalSamples,
    *,
    batch_size: int | None = None,
    cosines: Sequence[float] | None = None,
    groups: Mapping[str, DirectionalSamples] | None = None,
) -> None:
    tensors = {
        "norms": _float64(samples.norms),
        "resultant": _float64([samples.resultant]),
        "meanGradientNorm": _float64([samples.mean_gradient_norm]),
        "jackknifeProducts": _float64(samples.jackknife_products),
        "dimension": _dimension(samples.dimension),
    }
    if batch_size is not None:
        tensors["batchSize"] = _dimension(batch_size)
    if cosines is not None:
        tensors["consecutiveCosines"] = _float64(cosines)
    for name, group in (groups or {}).items():
        tensors.update({f"groups/{name}/{quantity}": tensor for quantity, tensor in _group(group).items()})
    with replacing(path) as part:
        write_tensors(part, tensors)


def _group(samples: DirectionalSamples) -> dict[str, Tensor]:
    """The names are those of stages/support/group-tensors.ts."""
    return {
        "norms": _float64(samples.norms),
        "meanGradientNorm": _float64([samples.mean_gradient_norm]),
        "resultant": _float64([samples.resultant]),
        "directions": _dimension(len(samples.norms)),
        "dimension": _dimension(samples.dimension),
    }


def _float64(values: Sequence[float]) -> Tensor:
    return Tensor("F64", (len(values),), struct.pack(f"<{len(values)}d", *values))


def _dimension(value: int) -> Tensor:
    # The stage `estimate` reads any number that JavaScript has, and a 64-bit integer is none.
    return Tensor("I32", (1,), struct.pack("<i", value)) if value < 2**31 else _float64([value])
