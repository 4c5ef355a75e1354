"""A command stage as a test runs it: GradientStatistics of a network of the paper at given weights and minibatches."""

from __future__ import annotations

import re

import torch
from paper_networks import load_weights, network_of

import vmfdag
from vmfdag.torch import GradientStatistics, sampling

torch.set_num_threads(1)
train = vmfdag.load("train")
images = torch.from_numpy(train["images"])
labels = torch.from_numpy(train["labels"]).long()
network = network_of(vmfdag.params.model, tuple(images.shape[1:]), vmfdag.params.classes)
load_weights(network, {name: torch.from_numpy(values) for name, values in vmfdag.load("weights").items()})
# In double precision: what a float32 computation is compared with.
network.double()
minibatches = list(torch.from_numpy(vmfdag.load("minibatches")["indices"].astype("int64")))


def loss(indices: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(network(images[indices].double() / 255), labels[indices])


def group(name: str) -> str:
    """The groups of stages/support/parameter-groups.ts, except for the normalisation of all layers."""
    module = name.rsplit(".", 1)[0]
    layer = re.sub(r"(__|[.])(norm|kernel)$", "", module).replace("__", "/")
    return f"{layer}/{'normalisation' if module.endswith('norm') else 'kernel'}"


statistics = GradientStatistics(network, group, batch_size=vmfdag.params.batchSize)
with sampling(network):
    found = statistics.measure(minibatches, loss, jackknife=vmfdag.params.jackknifeSamples, progress=vmfdag.progress)
statistics.write(vmfdag.output("samples"))
noise = {**statistics.noise().to_json(), "effectiveDimension": statistics.effective_dimension()}
vmfdag.save("statistics", {**found.to_json(), **noise})
