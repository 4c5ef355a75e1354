"""The networks of the paper in PyTorch, with the weights of the stages `init` and `train` (src/sgd/networks)."""

from __future__ import annotations

import re
from typing import Any, Mapping

import torch
from torch import nn
from torch.nn import functional


def network_of(architecture: Mapping[str, Any], image: "tuple[int, int, int]", classes: int) -> nn.Module:
    """:param image: height, width, channels"""
    if architecture["kind"] == "fully-connected":
        return FullyConnected(architecture, image[0] * image[1] * image[2], classes)
    return Convolutional(architecture, image[2], classes)


def load_weights(network: nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """:param weights: by their names in vmfdag; kernels are [inputs, outputs] or [height, width, inputs, outputs]"""
    with torch.no_grad():
        for name, module in network.named_modules():
            layer = re.sub(r"(__|[.])(norm|kernel)$", "", name).replace("__", "/")
            if isinstance(module, nn.Linear):
                module.weight.copy_(weights[f"{layer}/kernel"].T)
            elif isinstance(module, nn.Conv2d):
                module.weight.copy_(weights[f"{layer}/kernel"].permute(3, 2, 0, 1))
            elif isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.weight.copy_(weights[f"{layer}/gamma"])
                module.bias.copy_(weights[f"{layer}/beta"])


def _norm(kind: Any, architecture: Mapping[str, Any], size: int) -> nn.Module:
    chosen = architecture["batchNorm"]
    return kind(size, eps=chosen["epsilon"], momentum=1 - chosen["momentum"]) if chosen else nn.Identity()


class FullyConnected(nn.Module):
    def __init__(self, architecture: Mapping[str, Any], inputs: int, classes: int) -> None:
        super().__init__()
        self.names = []
        for index, units in enumerate(architecture["hidden"], 1):
            self.names.append(f"hidden{index}")
            self.add_module(self.names[-1], nn.Linear(inputs, units, bias=False))
            self.add_module(f"{self.names[-1]}__norm", _norm(nn.BatchNorm1d, architecture, units))
            inputs = units
        self.logits = nn.Linear(inputs, classes, bias=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """:param images: [m, height, width, channels], in [0, 1]"""
        x = images.flatten(1)
        for name in self.names:
            x = functional.relu(self.get_submodule(f"{name}__norm")(self.get_submodule(name)(x)))
        return self.logits(x)


class Convolution(nn.Module):
    """Padded as TensorFlow's 'same': with the surplus of a stride at the bottom and the right."""

    def __init__(self, architecture: Mapping[str, Any], inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        size = architecture["kernelSize"]
        before = (size - stride) // 2
        # The same on all sides costs no copy of the images.
        inside = before if size - stride == 2 * before else 0
        self.padding = None if inside else (before, size - stride - before) * 2
        self.kernel = nn.Conv2d(inputs, outputs, size, stride, inside, bias=False)
        self.norm = _norm(nn.BatchNorm2d, architecture, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.kernel(functional.pad(x, self.padding) if self.padding else x))


class Convolutional(nn.Module):
    def __init__(self, architecture: Mapping[str, Any], channels: int, classes: int) -> None:
        super().__init__()
        self.residual = architecture["residual"]
        self.stem = Convolution(architecture, channels, architecture["stem"], 1)
        self.names = []
        inputs = architecture["stem"]
        for group, outputs in enumerate(architecture["filters"], 1):
            for position in range(1, architecture["convolutionsPerGroup"] + 1):
                self.names.append(f"group{group}__convolution{position}")
                self.add_module(self.names[-1], Convolution(architecture, inputs, outputs, 2 if group > 1 and position == 1 else 1))
                inputs = outputs
        self.logits = nn.Linear(inputs, classes, bias=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """:param images: [m, height, width, channels], in [0, 1]"""
        x = functional.relu(self.stem(images.permute(0, 3, 1, 2).contiguous()))
        span = 2 if self.residual else 1
        for at in range(0, len(self.names), span):
            y = x
            for offset in range(span):
                y = functional.relu(y) if offset else y
                y = self.get_submodule(self.names[at + offset])(y)
            x = functional.relu(y + _shortcut(x, y) if self.residual else y)
        return self.logits(x.mean((2, 3)))


def _shortcut(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Option A of He et al. 2016: every second pixel, and zeros for the new channels."""
    stride = -(-x.shape[2] // y.shape[2])
    return functional.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, y.shape[1] - x.shape[1]))
