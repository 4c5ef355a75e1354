"""The convolutional network of src/sgd/networks/convolutional.ts in PyTorch, with what the paper leaves open as choices."""

import torch
from torch import nn
from torch.nn import functional

FILTERS = [16, 32, 64]
CONVOLUTIONS_PER_GROUP = 4


class Convolution(nn.Module):
    """A convolution of 3 × 3 without bias."""

    def __init__(self, inputs: int, outputs: int, stride: int, padding: str) -> None:
        super().__init__()
        # Over images of even size. TensorFlow's 'same' pads a stride of 2 at the bottom and right alone.
        self.at_both_sides = stride == 1 or padding == "both sides"
        self.convolution = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=int(self.at_both_sides), bias=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.convolution(images if self.at_both_sides else functional.pad(images, (0, 1, 0, 1)))


class Shortcut(nn.Module):
    """What is added to the output of a block whose shape differs from its input's (He et al. 2016, section 3.3)."""

    def __init__(self, inputs: int, outputs: int, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.channels = outputs - inputs
        if kind == "projection":  # option B
            self.projection = nn.Conv2d(inputs, outputs, 1, stride=2, bias=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if self.kind == "projection":
            return self.projection(images)
        if self.kind == "first pixels":
            small = images[:, :, ::2, ::2]
        elif self.kind == "second pixels":
            small = images[:, :, 1::2, 1::2]
        elif self.kind == "averages":
            small = functional.avg_pool2d(images, 2)
        elif self.kind == "none":  # over blocks of one shape alone
            return images.new_zeros(())
        else:
            raise ValueError(f'there is no shortcut "{self.kind}"')
        return functional.pad(small, (0, 0, 0, 0, 0, self.channels))


class Block(nn.Module):
    """Two convolutions and the shortcut over them."""

    def __init__(self, inputs: int, outputs: int, stride: int, choices) -> None:
        super().__init__()
        self.first = Convolution(inputs, outputs, stride, choices.padding)
        self.second = Convolution(outputs, outputs, 1, choices.padding)
        self.shortcut = Shortcut(inputs, outputs, choices.shortcut) if stride == 2 else nn.Identity()
        self.addition = choices.addition

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features = self.second(functional.relu(self.first(images)))
        if self.addition == "after ReLU":
            return functional.relu(features) + self.shortcut(images)
        return functional.relu(features + self.shortcut(images))


class Network(nn.Module):
    """cnn+res: a convolution, three groups of two blocks, the average over all pixels, a linear layer."""

    def __init__(self, choices) -> None:
        super().__init__()
        self.stem = Convolution(3, FILTERS[0], 1, choices.padding)
        blocks = []
        inputs = FILTERS[0]
        for group, outputs in enumerate(FILTERS):
            for position in range(CONVOLUTIONS_PER_GROUP // 2):
                stride = 2 if group > 0 and position == 0 else 1
                blocks.append(Block(inputs, outputs, stride, choices))
                inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.linear = nn.Linear(inputs, 10, bias=False)
        initialise(self, choices.initialisation)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features = self.blocks(functional.relu(self.stem(images)))
        return self.linear(features.mean(dim=(2, 3)))


INITIALISATIONS = {
    "Glorot uniform": nn.init.xavier_uniform_,
    "Glorot normal": nn.init.xavier_normal_,
    "He normal": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
}


def initialise(network: nn.Module, initialisation: str) -> None:
    """Draws the weights from PyTorch's random stream; "PyTorch" leaves those of its own layers."""
    if initialisation == "PyTorch":
        return
    for weight in network.parameters():
        INITIALISATIONS[initialisation](weight)


def build(choices, seed: int) -> Network:
    """The network at its initial point."""
    torch.manual_seed(seed)
    return Network(choices).to(memory_format=torch.channels_last)
